//! Formats times and durations for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usher_domain::UnixTime;

/// Formats a duration given in milliseconds as seconds.
pub(crate) fn seconds(milliseconds: u64) -> String {
    let tenths = milliseconds.saturating_add(50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// Says how much of a window or a limit is used. What was seen before its reset says nothing of the time that runs now.
pub(crate) fn share_used(used_percent: f64, resets_at: Option<UnixTime>, now: UnixTime) -> String {
    match resets_at {
        Some(at) if at <= now => format!("has been reset since it was seen, {}", moment(at)),
        Some(at) => format!("{used_percent:.0}% used, resets {}", moment(at)),
        None => format!("{used_percent:.0}% used"),
    }
}

/// Formats the local date and time.
pub(crate) fn moment(time: UnixTime) -> String {
    moment_in(time, TimeZone::system())
}

/// Adds the name of the zone where the time alone misleads: in an hour that comes twice, and where the zone of this computer
/// is unknown.
fn moment_in(time: UnixTime, zone: TimeZone) -> String {
    let Ok(at) = Timestamp::from_second(time.0) else { return format!("{} s", time.0) };
    let is_unknown = zone.is_unknown();
    let at = at.to_zoned(if is_unknown { TimeZone::UTC } else { zone });
    let is_ambiguous = at.time_zone().to_ambiguous_zoned(at.datetime()).is_ambiguous();
    let format = if is_ambiguous || is_unknown { "%a %d %b %Y, %H:%M %Z" } else { "%a %d %b %Y, %H:%M" };
    at.strftime(format).to_string()
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

    #[test]
    fn moment_that_misleads_names_its_zone() {
        let zone = || TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
        // 1 November 2026, when the clocks in New York go back at 2:00.
        let first = 1_793_511_000;
        assert_eq!(moment_in(UnixTime(first), zone()), "Sun 01 Nov 2026, 01:30 EDT");
        assert_eq!(moment_in(UnixTime(first + 3600), zone()), "Sun 01 Nov 2026, 01:30 EST");
        assert_eq!(moment_in(UnixTime(first + 7200), zone()), "Sun 01 Nov 2026, 02:30");
        assert_eq!(moment_in(UnixTime(first), TimeZone::unknown()), "Sun 01 Nov 2026, 05:30 UTC");
    }
}
