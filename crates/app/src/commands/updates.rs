//! New versions of the program.

use std::sync::Arc;

use usher_domain::Failure;

use super::{CommandContext, Events};
use crate::view::{UpdateProgress, UpdatesView};

pub(super) async fn updates(context: &CommandContext) -> Result<UpdatesView, Failure> {
    context.app.updates.view()
}

pub(super) async fn check_for_updates(context: &CommandContext) -> Result<UpdatesView, Failure> {
    context.app.updates.check().await?;
    context.app.updates.view()
}

pub(super) async fn set_automatic_updates(
    context: &CommandContext,
    on: bool,
) -> Result<UpdatesView, Failure> {
    context.app.updates.set_automatic(on).await?;
    context.app.updates.view()
}

pub(super) async fn install_update(
    context: &CommandContext,
    version: String,
    events: Events<UpdateProgress>,
) -> Result<(), Failure> {
    context.app.updates.install(&version, Arc::new(move |progress| events.emit(progress))).await
}

pub(super) async fn cancel_update(context: &CommandContext) -> Result<(), Failure> {
    context.app.updates.cancel();
    Ok(())
}
