//! What was counted of requests.

use usher_domain::{ErrorCode, Failure};

use super::CommandContext;
use crate::activity::period::ActivityPeriod;
use crate::view::{ActivityFormat, ActivityView, shown_path};

pub(super) async fn activity(context: &CommandContext, days: u32) -> Result<ActivityView, Failure> {
    context.app.activity.read(&ActivityPeriod::Days(days)).await
}

pub(super) async fn export_activity(
    context: &CommandContext,
    days: u32,
    format: ActivityFormat,
) -> Result<String, Failure> {
    let name = match format {
        ActivityFormat::Csv => "activity.csv",
        ActivityFormat::Json => "activity.json",
    };
    let Some(file) = context.window.choose_file(name).await else {
        return Err(Failure::new(ErrorCode::Cancelled, "no file was chosen"));
    };
    context.app.activity.export(&ActivityPeriod::Days(days), format, &file).await?;
    Ok(shown_path(&file))
}

pub(super) async fn clear_activity(context: &CommandContext) -> Result<(), Failure> {
    context.app.activity.clear().await
}
