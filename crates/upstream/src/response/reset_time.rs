//! The times at which windows of a plan and limits start again, and what cannot be such a time.

use usher_domain::UnixTime;

const DAY: i64 = 24 * 60 * 60;
/// The longest window that is believed, and the furthest reset of a limit whose window is not known.
const MAX_LENGTH: i64 = 366 * DAY;
/// How far behind the server's clock a reset may be: times of one reset differ by seconds.
const PAST_TOLERANCE: i64 = 120;
/// As seconds this is the year 5138, as milliseconds 1973.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Returns the time of a number of seconds, or of milliseconds; `None` for one that is no time.
pub(crate) fn time(number: i64) -> Option<UnixTime> {
    let seconds = if number >= FIRST_MILLISECONDS { number / 1000 } else { number };
    (seconds > 0).then_some(UnixTime(seconds))
}

/// Returns the length of a window in seconds; `None` for one that no window can have.
pub(crate) fn length(seconds: i64) -> Option<u64> {
    u64::try_from(seconds).ok().filter(|_| (1..=MAX_LENGTH).contains(&seconds))
}

/// Returns the reset of a window of `length` seconds as seen at `now`; `None` for one that cannot be: over already, or
/// later than the length and a day.
///
/// A window without a reset counts as running. With a wrong one it would count as reset, or as used up for years.
pub(crate) fn of_window(at: UnixTime, length: Option<u64>, now: Option<UnixTime>) -> Option<UnixTime> {
    let is_over = now.is_some_and(|now| now.since(at) > PAST_TOLERANCE);
    within(at, length, now).filter(|_| !is_over)
}

/// Returns the reset of a limit as seen at `now`; `None` for one that is further ahead than any window is long.
pub(crate) fn of_limit(at: UnixTime, now: Option<UnixTime>) -> Option<UnixTime> {
    within(at, None, now)
}

fn within(at: UnixTime, length: Option<u64>, now: Option<UnixTime>) -> Option<UnixTime> {
    let length = length.and_then(|length| i64::try_from(length).ok()).unwrap_or(MAX_LENGTH);
    let is_too_late = now.is_some_and(|now| at.since(now) > length.saturating_add(DAY));
    (!is_too_late).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_795_000_000);

    #[test]
    fn reset_that_cannot_be_is_not_known() {
        let reset = |after: i64| {
            let at = of_window(NOW.plus(after), Some(18_000), Some(NOW));
            at.map(|at| at.since(NOW))
        };
        for after in [-PAST_TOLERANCE, 0, 18_000, 18_000 + DAY] {
            assert_eq!(reset(after), Some(after));
        }
        for after in [-NOW.0, -PAST_TOLERANCE - 1, 18_001 + DAY, i64::MAX] {
            assert_eq!(reset(after), None, "{after}");
        }
        assert_eq!(of_limit(NOW.plus(MAX_LENGTH + DAY), Some(NOW)), Some(NOW.plus(MAX_LENGTH + DAY)));
        assert_eq!(of_limit(NOW.plus(MAX_LENGTH + DAY + 1), Some(NOW)), None);
        assert_eq!(of_limit(UnixTime(i64::MAX), None), Some(UnixTime(i64::MAX)), "nothing to compare with");
    }

    #[test]
    fn times_are_seconds_or_milliseconds() {
        let rows =
            [(1_795_839_318, Some(1_795_839_318)), (1_795_839_318_000, Some(1_795_839_318)), (0, None)];
        for (number, seconds) in rows.into_iter().chain([(-5, None), (i64::MIN, None)]) {
            assert_eq!(time(number), seconds.map(UnixTime), "{number}");
        }
    }

    #[test]
    fn length_that_no_window_can_have_is_none() {
        let lengths = [-1, 0, 1, 604_800, MAX_LENGTH, MAX_LENGTH + 1, i64::MAX].map(length);
        let year = MAX_LENGTH.unsigned_abs();
        assert_eq!(lengths, [None, None, Some(1), Some(604_800), Some(year), None, None]);
    }
}
