//! `usher usage`: prints how much of the plan is used.

use usher_app::{App, Target};
use usher_domain::{ExitStatus, Failure, Plan, ResetCredits, UnixTime};

use crate::output::Output;
use crate::output::json::UsageDocument;
use crate::output::time_format;

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let usage = app.usage.fetch(target).await?;
    output.document(&UsageDocument::from(&usage));
    output.text(format!("Plan: {}", usage.plan.as_ref().map_or("unknown".into(), Plan::display_name)));
    for window in &usage.windows {
        let label = usher_app::window_label(window);
        let share = time_format::share_used(window.used_percent, window.resets_at, app.now());
        output.text(format!("  {label} window: {share}"));
    }
    for limit in &usage.spend_limits {
        let share = time_format::share_used(limit.used_percent, limit.resets_at, app.now());
        output.text(format!("  {}: {share}", limit.scope.limit_name()));
    }
    let has_limits = !usage.windows.is_empty() || !usage.spend_limits.is_empty();
    if !has_limits && usage.credits.is_none() && usage.limit_reached.is_none() {
        output.text("  OpenAI reported no limits that Usher can read.");
    }
    if let Some(credits) = usage.credits.as_ref().filter(|credits| credits.has_credits) {
        match &credits.balance {
            _ if credits.unlimited => output.text("  Credits: unlimited"),
            Some(balance) => output.text(format!("  Credits: {balance}")),
            None if has_limits => {}
            None => output.text("  Credits: unknown"),
        }
    }
    if let Some(line) =
        usage.reset_credits.as_ref().and_then(|credits| reset_credits_line(credits, app.now()))
    {
        output.text(format!("  {line}"));
    }
    if let Some(limit) = &usage.limit_reached {
        let until =
            limit.resets_at.map(|at| format!(" until {}", time_format::moment(at))).unwrap_or_default();
        output.text(format!("  Limit reached{until}: {}", limit.reason));
    }
    Ok(ExitStatus::Success)
}

/// Returns the line about the resets in reserve; `None` where there are none.
fn reset_credits_line(credits: &ResetCredits, now: UnixTime) -> Option<String> {
    let next = credits.expire_at.iter().find(|expires| **expires > now);
    let expiry =
        next.map(|at| format!(", the next expires {}", time_format::moment(*at))).unwrap_or_default();
    (credits.available > 0).then(|| format!("Resets in reserve: {}{expiry}", credits.available))
}
