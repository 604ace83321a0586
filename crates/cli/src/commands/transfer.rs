//! `usher transfer`: moves settings and sign-ins to another computer.

use std::path::Path;

use serde::Serialize;
use usher_app::App;
use usher_app::view::{
    NotMovedReason, StayingAccountView, TransferAccountView, TransferContentsView, TransferReceivedView,
};
use usher_domain::{ErrorCode, ExitStatus, Failure, Passphrase, ProviderId};

use super::preferences::import_lines;
use crate::args::TransferCommand;
use crate::confirm::{confirmed, is_interactive, require_terminal};
use crate::output::Output;
use crate::stdin;

#[derive(Serialize)]
struct ImportDocument<'a> {
    contents: &'a TransferContentsView,
    /// What was taken over; nothing with `--dry-run`.
    received: Option<TransferReceivedView>,
}

#[derive(Serialize)]
struct CancelDocument {
    taken_back: u32,
}

/// What the person asked for beside the file.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command")]
struct Import {
    dry_run: bool,
    no_settings: bool,
    replace: bool,
    passphrase_stdin: bool,
    yes: bool,
}

pub(crate) async fn run(app: &App, command: &TransferCommand, output: Output) -> Result<ExitStatus, Failure> {
    match *command {
        TransferCommand::Export { ref file, sign_ins, passphrase_stdin, yes } => {
            export(app, file, sign_ins, passphrase_stdin, yes, output).await
        }
        TransferCommand::Import { ref file, dry_run, no_settings, replace, passphrase_stdin, yes } => {
            let wanted = Import { dry_run, no_settings, replace, passphrase_stdin, yes };
            import(app, file, wanted, output).await
        }
        TransferCommand::Cancel { yes } => cancel(app, yes, output).await,
    }
}

async fn export(
    app: &App,
    file: &Path,
    sign_ins: bool,
    passphrase_stdin: bool,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if sign_ins && !yes {
        require_terminal()?;
    }
    let preview = app.transfer.preview().await?;
    let passphrase = if preview.interrupted.is_some() {
        // It ends the move that was interrupted, whose file is sealed already.
        Passphrase::new("")
    } else {
        if sign_ins {
            output.lines(records_lines("leaves", &preview.accounts, &preview.keys));
            output.lines(staying_lines(&preview.stays));
            confirm_export(yes)?;
        }
        new_passphrase(passphrase_stdin)?
    };
    let sent = app.transfer.send(file, passphrase, sign_ins).await?;
    output.text(format!("Written to {}. It opens once, with the passphrase.", sent.file));
    output.lines(records_lines("left", &sent.accounts, &sent.keys));
    let has_left = !sent.accounts.is_empty() || !sent.keys.is_empty();
    if has_left {
        output.lines(staying_lines(&sent.stays));
        output.text("What has left cannot be used on this computer any more.");
    }
    output.hint(format!(
        "Move the file to the other computer, do not copy it, and run `usher transfer import FILE` there{}.",
        if has_left { "; the same command here takes everything back until then" } else { "" }
    ));
    output.document(&sent);
    Ok(ExitStatus::Success)
}

fn confirm_export(yes: bool) -> Result<(), Failure> {
    let question = "Move these to the file? They cannot be used on this computer afterwards. [y/N] ";
    if yes || confirmed(question)? { Ok(()) } else { Err(nothing_changed()) }
}

async fn import(app: &App, file: &Path, wanted: Import, output: Output) -> Result<ExitStatus, Failure> {
    if !wanted.dry_run && !wanted.yes {
        require_terminal()?;
    }
    let opened = app.transfer.open(file, passphrase(wanted.passphrase_stdin)?).await?;
    let contents = opened.view.clone();
    output.lines(records_lines("moves here", &contents.accounts, &contents.keys));
    output.lines(contents.replaces.iter().map(|name| format!("replaces    {name}, which is here already")));
    if !wanted.no_settings {
        output.lines(import_lines(&contents.settings));
    }
    if wanted.dry_run {
        output.document(&ImportDocument { contents: &contents, received: None });
        return Ok(ExitStatus::Success);
    }
    let question = "Take this over? The file opens nowhere any more then. [y/N] ";
    if !wanted.yes && !confirmed(question)? {
        return Err(nothing_changed());
    }
    let received = app.transfer.take_over(opened, !wanted.no_settings, wanted.replace).await?;
    let has_arrived = !received.accounts.is_empty() || !received.keys.is_empty();
    output.text(if has_arrived {
        "Taken over. This computer is the one that uses it now."
    } else {
        "Taken over."
    });
    if let Some(left) = &received.left_file {
        output.warning(format!("{left} could not be deleted; delete it, it still has what was moved"));
    }
    output.document(&ImportDocument { contents: &contents, received: Some(received) });
    Ok(ExitStatus::Success)
}

async fn cancel(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    let taken_back = match app.transfer.cancel(yes).await {
        Err(failure) if failure.code == ErrorCode::TransferUnusable && !yes && is_interactive() => {
            let question = "The file is not where it was written. Does nobody have it? Then the sign-ins can be used here \
                            again. [y/N] ";
            if !confirmed(question)? {
                return Err(failure);
            }
            app.transfer.cancel(true).await?
        }
        taken_back => taken_back?,
    };
    output.text(format!("Taken back: {taken_back} sign-ins are in use here again."));
    output.document(&CancelDocument { taken_back });
    Ok(ExitStatus::Success)
}

fn records_lines(what: &str, accounts: &[TransferAccountView], keys: &[ProviderId]) -> Vec<String> {
    let account = |one: &TransferAccountView| match &one.email {
        Some(email) => format!("{what:<12}{}, {email}", one.name),
        None => format!("{what:<12}{}", one.name),
    };
    let key = |provider: &ProviderId| format!("{what:<12}the key of {provider}");
    accounts.iter().map(account).chain(keys.iter().map(key)).collect()
}

fn staying_lines(stays: &[StayingAccountView]) -> impl Iterator<Item = String> {
    stays.iter().map(|one| {
        let why = match one.reason {
            NotMovedReason::OfThisComputer => "Continue with ChatGPT belongs to this computer; sign in there again",
            NotMovedReason::Ended => "this sign-in has ended",
            NotMovedReason::RefreshInterrupted => {
                "a refresh of it was interrupted; use it once, for example with `usher usage`, then it can be moved"
            }
            NotMovedReason::OtherAddress => "it was made at another address than the one in use now",
        };
        format!("{:<12}{}: {why}", "stays", one.name)
    })
}

/// Reads the passphrase of a file, from a terminal or standard input.
fn passphrase(from_stdin: bool) -> Result<Passphrase, Failure> {
    if !from_stdin && !is_interactive() {
        let cause = "there is no terminal to type the passphrase on; add --passphrase-stdin";
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    stdin::secret("the passphrase")
}

/// Reads a new passphrase. One that is typed is asked for twice, because nobody sees it.
fn new_passphrase(from_stdin: bool) -> Result<Passphrase, Failure> {
    let first = passphrase(from_stdin)?;
    if is_interactive() && !first.matches(&stdin::secret("the passphrase again")?) {
        return Err(Failure::new(ErrorCode::BadUsage, "the two passphrases differ; nothing was changed"));
    }
    Ok(first)
}

fn nothing_changed() -> Failure {
    Failure::new(ErrorCode::Cancelled, "nothing was changed")
}
