//! Every text of the tray, in one place.

use usher_domain::{ErrorCode, UnixTime, UsageWindow};

pub(crate) const TITLE: &str = "Usher";
pub(crate) const OPEN: &str = "Open Usher";
pub(crate) const GATEWAY: &str = "Gateway";
pub(crate) const GATEWAY_OF_OTHER: &str = "Gateway (run by another process)";
pub(crate) const GATEWAY_ON: &str = "Gateway on";
pub(crate) const GATEWAY_OFF: &str = "Gateway off";
pub(crate) const STOP: &str = "Stop everything";
pub(crate) const ALLOW: &str = "Allow again";
pub(crate) const STOPPED: &str = "Everything was stopped: all passes are locked";
pub(crate) const QUIT: &str = "Quit Usher";
pub(crate) const NO_ACCOUNT: &str = "Not signed in";
pub(crate) const UNREADABLE: &str = "The sign-ins cannot be read";
/// After an account whose sign-in passes cannot use.
pub(crate) const ONLY_USHER: &str = "for Usher only, not for tools";

pub(crate) fn account(name: &str, email: Option<&str>) -> String {
    match email {
        Some(email) if email != name => format!("{name} ({email})"),
        _ => name.to_owned(),
    }
}

/// Returns who pays for what tools do, where that is not a plan.
pub(crate) fn payer(provider: &str, paid_by: &str) -> String {
    if paid_by == "key" {
        format!("{provider}, billed per token")
    } else {
        format!("{provider}, on the service’s terms")
    }
}

pub(crate) fn model(name: Option<&str>) -> String {
    name.map_or_else(|| "Model".to_owned(), |name| format!("Model: {name}"))
}

pub(crate) fn account_menu(name: Option<&str>) -> String {
    name.map_or_else(|| "Account".to_owned(), |name| format!("Account: {name}"))
}

/// Returns how much of each window is used, as last seen. What was seen before its reset says nothing of the time that runs
/// now.
pub(crate) fn usage(windows: &[UsageWindow], now: UnixTime) -> Option<String> {
    let one = |window: &UsageWindow| {
        let label = usher_app::window_label(window);
        match window.resets_at {
            Some(at) if at <= now => format!("{label} reset"),
            _ => format!("{label} {:.0}% used", window.used_percent),
        }
    };
    let all: Vec<String> = windows.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

pub(crate) fn failed(action: &str, cause: &str) -> String {
    format!("{action} failed: {cause}")
}

/// Returns what needs the person, as one short line; `account` is the one in use.
pub(crate) fn attention(code: ErrorCode, account: Option<&str>) -> String {
    let whose = |what: &str| account.map_or_else(|| what.to_owned(), |name| format!("{what}: {name}"));
    match code {
        code if code.requires_sign_in() => whose("Sign in again"),
        ErrorCode::UsageLimitReached => whose("Limit reached"),
        ErrorCode::StoreLocked => "The keyring is locked".to_owned(),
        ErrorCode::PortBusy => "The port of the gateway is in use".to_owned(),
        ErrorCode::Locked => STOPPED.to_owned(),
        ErrorCode::SettingsUnusable => "The settings file cannot be used".to_owned(),
        _ => "Usher needs your attention".to_owned(),
    }
}
