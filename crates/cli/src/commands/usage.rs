//! `usher usage`: prints how much of the plan is used.

use std::fmt::Display;

use usher_app::{App, Target};
use usher_domain::{ExitStatus, Failure, Plan, ResetCredits, UnixTime};
use usher_text::{messages as m, window as window_name};

use crate::language::language;
use crate::output::{Output, json::UsageDocument, limit_name, time_format};

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let began = app.now();
    let usage = app.usage.read(target).await?;
    output.document(&UsageDocument::from(&usage));
    let plan = usage.plan.as_ref().map_or_else(|| m::unknown(language()).into(), Plan::display_name);
    output.text(m::usage_plan(language(), plan));
    for window in &usage.windows {
        let share = time_format::share_used(window.used_percent, window.resets_at, app.now());
        output.text(format!("  {}", m::usage_limit(language(), window_name(language(), window), share)));
    }
    for limit in &usage.spend_limits {
        let share = time_format::share_used(limit.used_percent, limit.resets_at, app.now());
        output.text(format!("  {}", m::usage_limit(language(), limit_name(limit.scope), share)));
    }
    let has_limits = !usage.windows.is_empty() || !usage.spend_limits.is_empty();
    if !has_limits && usage.credits.is_none() && usage.limit_reached.is_none() {
        output.text(format!("  {}", m::usage_no_limits(language())));
    }
    if let Some(credits) = usage.credits.as_ref().filter(|credits| credits.has_credits) {
        match &credits.balance {
            _ if credits.unlimited => print_credits(m::usage_unlimited(language()), output),
            Some(balance) => print_credits(balance, output),
            None if has_limits => {}
            None => print_credits(m::unknown(language()), output),
        }
    }
    if let Some(line) =
        usage.reset_credits.as_ref().and_then(|credits| reset_credits_line(credits, app.now()))
    {
        output.text(format!("  {line}"));
    }
    if let Some(limit) = &usage.limit_reached {
        let line = match limit.resets_at {
            Some(at) => m::usage_limit_reached_until(language(), time_format::moment(at), &limit.reason),
            None => m::usage_limit_reached(language(), &limit.reason),
        };
        output.text(format!("  {line}"));
    }
    if usage.seen_at < began {
        output.text(m::usage_seen(language(), time_format::moment(usage.seen_at)));
    }
    Ok(ExitStatus::Success)
}

fn print_credits(balance: impl Display, output: Output) {
    output.text(format!("  {}", m::usage_credits(language(), balance)));
}

/// Returns the line about the resets in reserve; `None` where there are none.
fn reset_credits_line(credits: &ResetCredits, now: UnixTime) -> Option<String> {
    let next = credits.expire_at.iter().find(|expires| **expires > now);
    (credits.available > 0).then(|| match next {
        Some(at) => m::usage_resets_next(language(), credits.available, time_format::moment(*at)),
        None => m::usage_resets(language(), credits.available),
    })
}
