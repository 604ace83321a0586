//! The texts of the tray that are more than one message.

use usher_domain::{ErrorCode, UnixTime, UsageWindow};
use usher_text::messages as m;
use usher_text::{Language, list, percent};

use crate::panel::TrayPanel;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The name of the program, which is the same in each language.
pub(crate) const TITLE: &str = "Usher";

/// Returns the panels that have no entry of their own.
pub(crate) fn panels(language: Language) -> [(&'static str, TrayPanel); 4] {
    [
        (m::accounts_title(language), TrayPanel::Accounts),
        (m::tray_gateway(language), TrayPanel::Gateway),
        (m::tools_title(language), TrayPanel::Tools),
        (m::activity_title(language), TrayPanel::Activity),
    ]
}

pub(crate) fn account(language: Language, name: &str, email: Option<&str>) -> String {
    match email {
        Some(email) if email != name => m::tray_account_with_email(language, name, email),
        _ => name.to_owned(),
    }
}

/// Returns who pays for what tools do, where that is not a plan.
pub(crate) fn payer(language: Language, provider: &str, paid_by: &str) -> String {
    if paid_by == "key" {
        m::tray_paid_by_key(language, provider)
    } else {
        m::tray_paid_by_service(language, provider)
    }
}

pub(crate) fn model(language: Language, name: Option<&str>) -> String {
    name.map_or_else(|| m::tray_model(language).to_owned(), |name| m::tray_model_of(language, name))
}

pub(crate) fn account_menu(language: Language, name: Option<&str>) -> String {
    name.map_or_else(|| m::tray_account(language).to_owned(), |name| m::tray_account_of(language, name))
}

/// Returns how much of each window is used, as last seen. What was seen before its reset says nothing of the time that runs
/// now.
pub(crate) fn usage(language: Language, windows: &[UsageWindow], now: UnixTime) -> Option<String> {
    let one = |window: &UsageWindow| {
        let label = window_label(language, window);
        match window.resets_at {
            Some(at) if at <= now => m::tray_reset(language, &label),
            _ => m::tray_used(language, &label, percent(language, window.used_percent)),
        }
    };
    let all: Vec<String> = windows.iter().map(one).collect();
    (!all.is_empty()).then(|| list(language, &all))
}

fn window_label(language: Language, window: &UsageWindow) -> String {
    let length = match window.window_seconds {
        604_800 => m::tray_window_weekly(language).to_owned(),
        86_400 => m::tray_window_daily(language).to_owned(),
        seconds if seconds.is_multiple_of(DAY) => m::tray_window_days(language, seconds / DAY),
        seconds if seconds.is_multiple_of(HOUR) => m::tray_window_hours(language, seconds / HOUR),
        seconds => m::tray_window_minutes(language, seconds.div_ceil(MINUTE)),
    };
    match &window.meter {
        Some(meter) => m::tray_window_of(language, &length, meter),
        None => length,
    }
}

/// Returns what needs the person, as one short line; `account` is the one in use.
pub(crate) fn attention(language: Language, code: ErrorCode, account: Option<&str>) -> String {
    match (code, account) {
        (code, Some(name)) if code.requires_sign_in() => m::tray_sign_in_of(language, name),
        (code, None) if code.requires_sign_in() => m::tray_sign_in(language).to_owned(),
        (ErrorCode::UsageLimitReached, Some(name)) => m::tray_limit_of(language, name),
        (ErrorCode::UsageLimitReached, None) => m::tray_limit(language).to_owned(),
        (ErrorCode::PortBusy, _) => m::tray_port(language).to_owned(),
        (code, _) => m::failure_title(language, code).trim_end_matches(['.', '。']).to_owned(),
    }
}
