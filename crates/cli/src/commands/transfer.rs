//! `usher transfer`: moves settings and sign-ins to another computer.

use std::path::Path;

use serde::Serialize;
use usher_app::App;
use usher_app::view::{
    NotMovedReason, StayingAccountView, TransferAccountView, TransferContentsView, TransferReceivedView,
};
use usher_domain::{ErrorCode, ExitStatus, Failure, Passphrase, ProviderId};
use usher_text::{list, messages as m};

use super::preferences::import_lines;
use crate::args::TransferCommand;
use crate::confirm::{declined, is_confirmed, is_interactive, require_terminal};
use crate::language::{Text, language};
use crate::new_passphrase::{new_passphrase, no_terminal_for_passphrase};
use crate::output::Output;
use crate::output::columns::{padded, widest};
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
            output.lines(records_lines(m::transfer_record_leaves, &preview.accounts, &preview.keys));
            output.lines(staying_lines(&preview.stays));
            confirm_export(yes)?;
        }
        new_passphrase(passphrase_stdin)?
    };
    let sent = app.transfer.send(file, passphrase, sign_ins).await?;
    output.text(m::transfer_written(language(), &sent.file));
    output.lines(records_lines(m::transfer_record_left, &sent.accounts, &sent.keys));
    let has_left = !sent.accounts.is_empty() || !sent.keys.is_empty();
    if has_left {
        output.lines(staying_lines(&sent.stays));
        output.text(m::transfer_left_unusable(language()));
    }
    let hint = if has_left { m::transfer_hint_file_back } else { m::transfer_hint_file };
    output.hint(hint(language()));
    output.document(&sent);
    Ok(ExitStatus::Success)
}

fn confirm_export(yes: bool) -> Result<(), Failure> {
    if yes || is_confirmed(m::transfer_ask_export(language()))? { Ok(()) } else { Err(declined()) }
}

async fn import(app: &App, file: &Path, wanted: Import, output: Output) -> Result<ExitStatus, Failure> {
    if !wanted.dry_run && !wanted.yes {
        require_terminal()?;
    }
    let opened = app.transfer.open(file, passphrase(wanted.passphrase_stdin)?).await?;
    let contents = opened.view.clone();
    if let Some(failure) = contents.settings_failure.clone().filter(|_| !wanted.no_settings) {
        return Err(failure.into());
    }
    output.lines(records_lines(m::transfer_record_moves_here, &contents.accounts, &contents.keys));
    output.lines(
        contents.replaces.iter().map(|name| {
            record_line(m::transfer_record_replaces, &m::transfer_record_is_here(language(), name))
        }),
    );
    if !wanted.no_settings {
        output.lines(import_lines(&contents.settings));
    }
    if wanted.dry_run {
        output.document(&ImportDocument { contents: &contents, received: None });
        return Ok(ExitStatus::Success);
    }
    if !wanted.yes && !is_confirmed(m::transfer_ask_import(language()))? {
        return Err(declined());
    }
    let received = app.transfer.take_over(opened, !wanted.no_settings, wanted.replace).await?;
    let has_arrived = !received.accounts.is_empty() || !received.keys.is_empty();
    let taken_over = if has_arrived { m::transfer_taken_over_here } else { m::transfer_taken_over };
    output.text(taken_over(language()));
    if let Some(left) = &received.left_file {
        output.warning(m::transfer_file_remains(language(), left));
    }
    output.document(&ImportDocument { contents: &contents, received: Some(received) });
    Ok(ExitStatus::Success)
}

async fn cancel(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    let taken_back = match app.transfer.cancel(yes).await {
        Err(failure) if failure.code == ErrorCode::TransferUnusable && !yes && is_interactive() => {
            if !is_confirmed(m::transfer_ask_lost(language()))? {
                return Err(failure);
            }
            app.transfer.cancel(true).await?
        }
        taken_back => taken_back?,
    };
    output.text(m::transfer_taken_back_line(language(), u64::from(taken_back)));
    output.document(&CancelDocument { taken_back });
    Ok(ExitStatus::Success)
}

/// The words in front of a record: its column is as wide as the longest.
const FATES: [Text; 5] = [
    m::transfer_record_leaves,
    m::transfer_record_left,
    m::transfer_record_moves_here,
    m::transfer_record_replaces,
    m::transfer_record_stays,
];

fn record_line(fate: Text, record: &str) -> String {
    let cells = widest(FATES.map(|fate| fate(language()))) + 2;
    format!("{}{record}", padded(fate(language()), cells))
}

fn records_lines(fate: Text, accounts: &[TransferAccountView], keys: &[ProviderId]) -> Vec<String> {
    let account = |one: &TransferAccountView| {
        let parts: Vec<String> = std::iter::once(one.name.clone()).chain(one.email.clone()).collect();
        record_line(fate, &list(language(), &parts))
    };
    let key = |provider: &ProviderId| record_line(fate, &m::transfer_record_key(language(), provider));
    accounts.iter().map(account).chain(keys.iter().map(key)).collect()
}

fn staying_lines(stays: &[StayingAccountView]) -> impl Iterator<Item = String> {
    stays.iter().map(|one| {
        let why = match one.reason {
            NotMovedReason::OfThisComputer => m::transfer_why_of_this_computer,
            NotMovedReason::Ended => m::transfer_why_ended,
            NotMovedReason::RefreshInterrupted => m::transfer_why_interrupted,
            NotMovedReason::OtherAddress => m::transfer_why_address,
        };
        record_line(m::transfer_record_stays, &why(language(), &one.name))
    })
}

/// Reads the passphrase of a file, from a terminal or standard input.
fn passphrase(from_stdin: bool) -> Result<Passphrase, Failure> {
    if !from_stdin && !is_interactive() {
        return Err(no_terminal_for_passphrase());
    }
    stdin::passphrase(m::transfer_ask_passphrase)
}
