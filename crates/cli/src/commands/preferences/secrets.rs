//! `usher preferences secrets`: where secrets are kept, and moving them.

use usher_app::view::{SecretsMoveView, SecretsPlace, SecretsView};
use usher_app::{App, SecretsTarget};
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use crate::confirm::{declined, is_confirmed, is_interactive};
use crate::language::language;
use crate::new_passphrase::new_passphrase;
use crate::output::{Output, shown_cause};
use crate::stdin;

pub(super) fn show(app: &App, output: Output) -> ExitStatus {
    let secrets = app.preferences.secrets();
    output.text(match secrets.place {
        None => m::secrets_nothing_kept(language()).to_owned(),
        Some(place) => m::secrets_place_line(language(), &secrets.file, described(place)),
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
        let typed = stdin::passphrase(m::secrets_ask_current)?;
        app.preferences.unlock_secrets(typed).await?;
    }
    let before = app.preferences.secrets();
    output.lines(consequences(&before, place));
    if let Some(process) = before.gateway.filter(|_| place == SecretsPlace::Passphrase) {
        output.warning(m::secrets_gateway_lacks(language(), process));
    }
    if !yes && !is_confirmed(m::preferences_ask_import(language()))? {
        return Err(declined());
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

fn described(place: SecretsPlace) -> &'static str {
    let text = match place {
        SecretsPlace::Keyring => m::secrets_keyring,
        SecretsPlace::Passphrase => m::secrets_by_passphrase,
        SecretsPlace::File => m::secrets_file,
    };
    text(language())
}

/// Returns what a move to `place` means, for the person who is asked.
fn consequences(before: &SecretsView, place: SecretsPlace) -> [String; 2] {
    let now = before.place.filter(|_| before.exists).map_or(m::secrets_nothing_yet(language()), described);
    let then = match place {
        SecretsPlace::Keyring => m::secrets_then_keyring,
        SecretsPlace::Passphrase => m::secrets_then_passphrase,
        SecretsPlace::File => m::secrets_then_file,
    };
    [m::secrets_now(language(), now), then(language()).to_owned()]
}

fn report(moved: &SecretsMoveView, output: Output) {
    output.text(match (moved.moved, moved.from) {
        (false, _) => m::secrets_nothing_to_move(language(), described(moved.place)),
        (true, Some(SecretsPlace::Passphrase)) if moved.place == SecretsPlace::Passphrase => {
            m::secrets_passphrase_changed(language()).to_owned()
        }
        (true, _) => m::secrets_moved(language(), described(moved.place)),
    });
    for left in &moved.left_over {
        let reason = shown_cause(&left.reason);
        output.warning(match left.place {
            SecretsPlace::Keyring => m::secrets_old_key_in_keyring(language(), reason),
            SecretsPlace::Passphrase | SecretsPlace::File => m::secrets_old_key_in_file(language(), reason),
        });
        output.hint(m::secrets_hint_old_key(language()));
    }
    if let Some(why) = &moved.background {
        output.warning(m::secrets_background_lacks(language(), why));
        output.hint(m::secrets_hint_background(language()));
    }
    if moved.moved && moved.place == SecretsPlace::Passphrase {
        output.hint(m::secrets_hint_passphrase(language()));
    }
}

fn bad_usage(cause: &str) -> Failure {
    Failure::new(ErrorCode::BadUsage, cause)
}
