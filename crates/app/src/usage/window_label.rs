//! The names of a plan's windows.

use usher_domain::UsageWindow;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Returns the name of a usage window by its length: "5-hour", "weekly".
pub fn window_label(window: &UsageWindow) -> String {
    let length = window_length(window.window_seconds);
    match &window.meter {
        Some(meter) => format!("{length} {meter}"),
        None => length,
    }
}

/// Returns the name of a window of so many seconds.
pub fn window_length(seconds: u64) -> String {
    match seconds {
        604_800 => "weekly".to_owned(),
        86_400 => "daily".to_owned(),
        _ if seconds.is_multiple_of(DAY) => format!("{}-day", seconds / DAY),
        _ if seconds.is_multiple_of(HOUR) => format!("{}-hour", seconds / HOUR),
        _ => format!("{}-minute", seconds.div_ceil(MINUTE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_label_names_its_length() {
        let label = |seconds, meter: Option<&str>| {
            let meter = meter.map(str::to_owned);
            window_label(&UsageWindow { window_seconds: seconds, used_percent: 0.0, resets_at: None, meter })
        };
        assert_eq!(label(18_000, None), "5-hour");
        assert_eq!(label(604_800, None), "weekly");
        assert_eq!(label(2 * 604_800, None), "14-day");
        assert_eq!(label(900, Some("codex-mini")), "15-minute codex-mini");
    }
}
