//! Formats times and durations for people.

use usher_domain::UnixTime;
use usher_text::{decimal, messages as m, percent};

use crate::language::language;

/// Formats a duration given in milliseconds as seconds.
pub(crate) fn seconds(milliseconds: u64) -> String {
    // In tenths first: half of one is rounded up.
    let tenths = milliseconds.saturating_add(50) / 100;
    #[expect(clippy::cast_precision_loss, reason = "seconds for people")]
    let seconds = tenths as f64 / 10.0;
    m::seconds(language(), decimal(language(), seconds))
}

/// Says how much of a window or a limit is used. What was seen before its reset says nothing of the time that runs now.
pub(crate) fn share_used(used_percent: f64, resets_at: Option<UnixTime>, now: UnixTime) -> String {
    let used = percent(language(), used_percent);
    match resets_at {
        Some(at) if at <= now => m::share_was_reset(language(), moment(at)),
        Some(at) => m::share_used_until(language(), used, moment(at)),
        None => m::share_used(language(), used),
    }
}

/// Formats the local date and time.
pub(crate) fn moment(time: UnixTime) -> String {
    usher_text::moment(language(), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_used_after_its_reset_is_not_shown_as_used_up() {
        let share = |resets_at| share_used(100.0, Some(UnixTime(resets_at)), UnixTime(50));
        assert!(share(50).starts_with("has been reset"));
        assert!(share(51).starts_with("100% used, resets "));
    }
}
