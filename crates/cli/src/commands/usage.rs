//! `usher usage`: prints how much of the plan is used.

use usher_app::{App, Target};
use usher_domain::{ExitStatus, Failure, Plan};

use crate::output::Output;
use crate::output::json::UsageDocument;
use crate::output::time_format;

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let usage = app.usage.fetch(target).await?;
    output.document(&UsageDocument::from(&usage));
    output.text(format!("Plan: {}", usage.plan.as_ref().map_or("unknown".into(), Plan::display_name)));
    for window in &usage.windows {
        let label = time_format::window_label(window);
        output.text(format!("  {label} window: {}", time_format::window_use(window, app.now())));
    }
    if usage.windows.is_empty() && usage.credits.is_none() && usage.limit_reached.is_none() {
        output.text("  OpenAI reported no limits that Usher can read.");
    }
    if let Some(credits) = usage.credits.as_ref().filter(|credits| credits.has_credits) {
        let balance = credits.balance.as_deref().unwrap_or("unknown");
        output.text(if credits.unlimited {
            "  Credits: unlimited".to_owned()
        } else {
            format!("  Credits: {balance}")
        });
    }
    if let Some(limit) = &usage.limit_reached {
        let until =
            limit.resets_at.map(|at| format!(" until {}", time_format::moment(at))).unwrap_or_default();
        output.text(format!("  Limit reached{until}: {}", limit.reason));
    }
    Ok(ExitStatus::Success)
}
