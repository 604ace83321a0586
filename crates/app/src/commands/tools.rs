//! Tools of this computer.

use usher_domain::Failure;

use super::CommandContext;
use crate::tools::{RestoreIfSilent, ToolOptions};
use crate::view::{SignInCopiesView, ToolPreview, ToolTrialView, ToolUndone, ToolView};

pub(super) async fn tools_list(context: &CommandContext) -> Result<Vec<ToolView>, Failure> {
    context.app.tools.list().await
}

pub(super) async fn tools_preview(
    context: &CommandContext,
    tool: String,
    make_default: bool,
) -> Result<ToolPreview, Failure> {
    let options = ToolOptions { make_default, ..ToolOptions::default() };
    context.app.tools.preview(&tool, &options).await
}

pub(super) async fn tools_connect(
    context: &CommandContext,
    tool: String,
    make_default: bool,
    restore_after: Option<u32>,
    token: String,
) -> Result<ToolView, Failure> {
    let restore_if_silent = restore_after.map(RestoreIfSilent::After).unwrap_or_default();
    let options = ToolOptions { make_default, restore_if_silent, ..ToolOptions::default() };
    context.app.tools.connect(&tool, &options, &token).await
}

pub(super) async fn tools_restore_if_silent(
    context: &CommandContext,
    tool: String,
    minutes: Option<u32>,
) -> Result<ToolView, Failure> {
    context.app.tools.restore_if_silent(&tool, minutes).await
}

pub(super) async fn tools_copies(context: &CommandContext) -> Result<SignInCopiesView, Failure> {
    context.app.tools.copies().await
}

pub(super) async fn tools_try(context: &CommandContext, tool: String) -> Result<ToolTrialView, Failure> {
    context.app.tools.try_out(&tool).await
}

pub(super) async fn tools_disconnect(context: &CommandContext, tool: String) -> Result<ToolUndone, Failure> {
    context.app.tools.disconnect(&tool).await
}

pub(super) async fn tools_restore(context: &CommandContext) -> Result<Vec<ToolUndone>, Failure> {
    context.app.tools.restore().await
}
