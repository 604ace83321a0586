//! `usher preferences secrets`: where secrets are kept, and moving them.

use usher_app::view::{SecretsMoveView, SecretsPlace, SecretsView};
use usher_app::{App, SecretsTarget};
use usher_domain::{ErrorCode, ExitStatus, Failure, Passphrase};

use crate::confirm::{confirmed, is_interactive};
use crate::output::Output;
use crate::stdin;

pub(super) fn show(app: &App, output: Output) -> ExitStatus {
    let secrets = app.preferences.secrets();
    output.text(match secrets.place {
        None => "Nothing is kept yet; the first sign-in decides between keyring and file.".to_owned(),
        Some(place) => format!("{}: {}", secrets.file, described(place)),
    });
    output.document(&secrets);
    ExitStatus::Success
}

pub(super) async fn move_to(
    app: &App,
    place: SecretsPlace,
    passphrase_stdin: bool,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if passphrase_stdin && place != SecretsPlace::Passphrase {
        return Err(bad_usage("--passphrase-stdin is for `usher preferences secrets passphrase`"));
    }
    if app.preferences.needs_passphrase().await? && is_interactive() {
        let typed = stdin::passphrase("Passphrase of the secrets as they are now: ")?;
        app.preferences.unlock_secrets(typed).await?;
    }
    let before = app.preferences.secrets();
    output.lines(consequences(&before, place));
    if !yes && !confirmed("Change this? [y/N] ")? {
        return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
    }
    let passphrase = match place {
        SecretsPlace::Passphrase => Some(new_passphrase(passphrase_stdin)?),
        _ => None,
    };
    let moved = app.preferences.move_secrets(SecretsTarget::at(place, passphrase)?).await?;
    report(&moved, output);
    output.document(&moved);
    Ok(ExitStatus::Success)
}

/// Reads a new passphrase: once from a pipe, twice from a person.
fn new_passphrase(from_stdin: bool) -> Result<Passphrase, Failure> {
    if !is_interactive() {
        if from_stdin {
            return stdin::passphrase("");
        }
        return Err(bad_usage("there is no terminal to ask for the passphrase on; add --passphrase-stdin"));
    }
    let first = stdin::passphrase("New passphrase: ")?;
    let second = stdin::passphrase("The same again: ")?;
    if first.matches(&second) {
        Ok(first)
    } else {
        Err(bad_usage("the two passphrases differ; nothing was changed"))
    }
}

fn described(place: SecretsPlace) -> &'static str {
    match place {
        SecretsPlace::Keyring => "encrypted, key in the keyring",
        SecretsPlace::Passphrase => "encrypted, opened by a passphrase",
        SecretsPlace::File => "encrypted, key in a file beside it",
    }
}

/// Returns what a move to `place` means, for the person who is asked.
fn consequences(before: &SecretsView, place: SecretsPlace) -> [String; 2] {
    let now = before.place.filter(|_| before.exists).map_or("nothing is kept yet", described);
    let then = match place {
        SecretsPlace::Keyring => {
            "The key goes into the keyring: programs that run as you can use it while it is unlocked."
        }
        SecretsPlace::Passphrase => {
            "The key is derived from a passphrase that is saved nowhere: nobody can open the secrets without it, and \
             neither can you. Commands take it from USHER_PASSPHRASE."
        }
        SecretsPlace::File => {
            "The key lies in a file beside the secrets: whoever can read that folder, or a backup of it, has your sign-ins."
        }
    };
    [format!("Now: {now}."), then.to_owned()]
}

fn report(moved: &SecretsMoveView, output: Output) {
    output.text(match (moved.moved, moved.from) {
        (false, _) => format!("Nothing to move: {}.", described(moved.place)),
        (true, Some(SecretsPlace::Passphrase)) if moved.place == SecretsPlace::Passphrase => {
            "The passphrase is changed. All sign-ins, keys and passes are still there.".to_owned()
        }
        (true, _) => {
            format!("Moved: {}. All sign-ins, keys and passes are still there.", described(moved.place))
        }
    });
    for left in &moved.left_over {
        let place = match left.place {
            SecretsPlace::Keyring => "in the keyring",
            SecretsPlace::Passphrase | SecretsPlace::File => "in the file",
        };
        output.warning(format!("the old key {place} could not be removed: {}", left.reason));
        output.hint("It opens nothing any more, but an older copy of the secrets. Run the command again to remove it.");
    }
    if let Some(why) = &moved.background {
        output.warning(format!("the background process does not have the passphrase: {why}"));
        output.hint("End it with `usher background --quit`, and start it with USHER_PASSPHRASE set.");
    }
    if moved.moved && moved.place == SecretsPlace::Passphrase {
        output.hint("Set USHER_PASSPHRASE for commands from now on. What starts by itself cannot open the secrets without it.");
    }
}

fn bad_usage(cause: &str) -> Failure {
    Failure::new(ErrorCode::BadUsage, cause)
}
