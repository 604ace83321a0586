//! Local dates and times, and the lengths of a plan's windows.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use usher_domain::{UnixTime, UsageWindow};

use crate::{Language, messages as m};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Formats the local date and time.
pub fn moment(language: Language, time: UnixTime) -> String {
    moment_in(language, time, TimeZone::system())
}

/// Adds the name of the zone where the time alone misleads: in an hour that comes twice, and where the zone of this computer
/// is unknown.
fn moment_in(language: Language, time: UnixTime, zone: TimeZone) -> String {
    let Ok(at) = Timestamp::from_second(time.0) else { return m::seconds(language, time.0) };
    let is_unknown = zone.is_unknown();
    let at = at.to_zoned(if is_unknown { TimeZone::UTC } else { zone });
    let is_ambiguous = at.time_zone().to_ambiguous_zoned(at.datetime()).is_ambiguous();
    let moment = at.strftime(&m::time_moment(language, weekday(language, &at))).to_string();
    if is_ambiguous || is_unknown {
        m::time_moment_in_zone(language, moment, at.strftime("%Z"))
    } else {
        moment
    }
}

/// Formats a local time in the middle of a sentence: with its day, unless that is today.
pub fn moment_from(language: Language, time: UnixTime, now: UnixTime) -> String {
    moment_from_in(language, time, now, &TimeZone::system())
}

fn moment_from_in(language: Language, time: UnixTime, now: UnixTime, zone: &TimeZone) -> String {
    let local = |time: UnixTime| Timestamp::from_second(time.0).map(|at| at.to_zoned(zone.clone()));
    let (Ok(at), Ok(now)) = (local(time), local(now)) else {
        return m::notification_later(language).to_owned();
    };
    // Without a known zone the time alone would mislead.
    let clock = at.strftime(if zone.is_unknown() { "%H:%M UTC" } else { "%H:%M" });
    if at.date() == now.date() {
        return m::notification_today_moment(language, clock);
    }
    at.strftime(&m::notification_day_moment(language, weekday(language, &at), clock)).to_string()
}

fn weekday(language: Language, at: &Zoned) -> &'static str {
    match at.weekday().to_monday_one_offset() {
        1 => m::weekday_1(language),
        2 => m::weekday_2(language),
        3 => m::weekday_3(language),
        4 => m::weekday_4(language),
        5 => m::weekday_5(language),
        6 => m::weekday_6(language),
        _ => m::weekday_7(language),
    }
}

/// Returns the name of a plan's window by its length: "5-hour window".
pub fn window(language: Language, window: &UsageWindow) -> String {
    let seconds = window.window_seconds;
    let Some(meter) = &window.meter else {
        return match seconds {
            604_800 => m::window_weekly(language).to_owned(),
            86_400 => m::window_daily(language).to_owned(),
            _ if seconds.is_multiple_of(DAY) => m::window_days(language, seconds / DAY),
            _ if seconds.is_multiple_of(HOUR) => m::window_hours(language, seconds / HOUR),
            _ => m::window_minutes(language, seconds.div_ceil(MINUTE)),
        };
    };
    match seconds {
        604_800 => m::window_weekly_of(language, meter),
        86_400 => m::window_daily_of(language, meter),
        _ if seconds.is_multiple_of(DAY) => m::window_days_of(language, seconds / DAY, meter),
        _ if seconds.is_multiple_of(HOUR) => m::window_hours_of(language, seconds / HOUR, meter),
        _ => m::window_minutes_of(language, seconds.div_ceil(MINUTE), meter),
    }
}

/// Returns the length of a window of so many seconds, for a narrow column: "5-hour".
pub fn window_length(language: Language, seconds: u64) -> String {
    match seconds {
        604_800 => m::window_length_weekly(language).to_owned(),
        86_400 => m::window_length_daily(language).to_owned(),
        _ if seconds.is_multiple_of(DAY) => m::window_length_days(language, seconds / DAY),
        _ if seconds.is_multiple_of(HOUR) => m::window_length_hours(language, seconds / HOUR),
        _ => m::window_length_minutes(language, seconds.div_ceil(MINUTE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 November 2026, 1:30 in New York, where the clocks go back at 2:00.
    const FIRST: i64 = 1_793_511_000;

    fn new_york() -> TimeZone {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
    }

    #[test]
    fn moment_that_misleads_names_its_zone() {
        let moment = |time, zone| moment_in(Language::English, UnixTime(time), zone);
        assert_eq!(moment(FIRST, new_york()), "Sun 01 Nov 2026, 01:30 EDT");
        assert_eq!(moment(FIRST + 3600, new_york()), "Sun 01 Nov 2026, 01:30 EST");
        assert_eq!(moment(FIRST + 7200, new_york()), "Sun 01 Nov 2026, 02:30");
        assert_eq!(moment(FIRST, TimeZone::unknown()), "Sun 01 Nov 2026, 05:30 UTC");
    }

    #[test]
    fn moment_has_the_form_of_its_language() {
        let all = Language::ALL.map(|language| moment_in(language, UnixTime(FIRST + 7200), new_york()));
        let expected = [
            "Sun 01 Nov 2026, 02:30",
            "So., 01.11.2026, 02:30",
            "dim. 01/11/2026 02:30",
            "dom, 01/11/2026, 02:30",
            "2026/11/01(日) 02:30",
            "2026/11/01周日 02:30",
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn moment_has_its_day_unless_that_is_today() {
        let zone = TimeZone::posix("CET-1").unwrap();
        // 29 November 2026, 23:00 in this zone.
        let now = UnixTime(1_795_989_600);
        let moment = |time, zone: &TimeZone| moment_from_in(Language::English, time, now, zone);
        assert_eq!(moment(now.plus(1800), &zone), "at 23:30");
        assert_eq!(moment(now.plus(3600), &zone), "on Mon 30 Nov, 00:00");
        assert_eq!(moment(now, &TimeZone::unknown()), "at 22:00 UTC");
        assert_eq!(moment(UnixTime(i64::MAX), &zone), "later");
        let german = moment_from_in(Language::German, now.plus(3600), now, &zone);
        assert_eq!(german, "am Mo., 30.11., um 00:00");
    }

    #[test]
    fn window_is_named_by_its_length() {
        let name = |seconds, meter: Option<&str>| {
            let meter = meter.map(str::to_owned);
            let of = UsageWindow { window_seconds: seconds, used_percent: 0.0, resets_at: None, meter };
            window(Language::English, &of)
        };
        assert_eq!(name(18_000, None), "5-hour window");
        assert_eq!(name(604_800, None), "weekly window");
        assert_eq!(name(2 * 604_800, None), "14-day window");
        assert_eq!(name(900, Some("codex-mini")), "15-minute codex-mini window");
        assert_eq!(window_length(Language::French, 18_000), "5 h");
    }
}
