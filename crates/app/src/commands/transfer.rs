//! Moves of settings and sign-ins to another computer.

use usher_domain::{ErrorCode, Failure, Passphrase};

use super::CommandContext;
use crate::transfer::TRANSFER_FILE;
use crate::view::{
    TransferContentsView, TransferPreviewView, TransferReceivedView, TransferSentView, shown_path,
};

pub(super) async fn preview_transfer(context: &CommandContext) -> Result<TransferPreviewView, Failure> {
    context.app.transfer.preview().await
}

pub(super) async fn send_transfer(
    context: &CommandContext,
    passphrase: String,
    with_sign_ins: bool,
) -> Result<TransferSentView, Failure> {
    let passphrase = Passphrase::new(passphrase);
    let Some(file) = context.window.choose_file(TRANSFER_FILE).await else { return Err(nothing_chosen()) };
    context.app.transfer.send(&file, passphrase, with_sign_ins).await
}

pub(super) async fn end_transfer(context: &CommandContext) -> Result<TransferSentView, Failure> {
    context.app.transfer.end_interrupted().await
}

pub(super) async fn cancel_transfer(context: &CommandContext, confirmed: bool) -> Result<u32, Failure> {
    context.app.transfer.cancel(confirmed).await
}

pub(super) async fn choose_transfer(context: &CommandContext) -> Result<String, Failure> {
    let file = context.window.choose_existing_file().await?.ok_or_else(nothing_chosen)?;
    let shown = shown_path(&file);
    context.app.transfer.keep_chosen(file);
    Ok(shown)
}

pub(super) async fn open_transfer(
    context: &CommandContext,
    passphrase: String,
) -> Result<TransferContentsView, Failure> {
    context.app.transfer.open_kept(Passphrase::new(passphrase)).await
}

pub(super) async fn take_transfer(
    context: &CommandContext,
    with_settings: bool,
) -> Result<TransferReceivedView, Failure> {
    context.app.transfer.take_over_kept(with_settings).await
}

fn nothing_chosen() -> Failure {
    Failure::new(ErrorCode::Cancelled, "no file was chosen")
}
