//! Days and periods, by the calendar of this computer.
//!
//! A request belongs to the day that the calendar showed when it came, and stays there: the day is kept as a date without a
//! time zone, so that neither travelling nor summer time moves what is past.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};
use usher_domain::{ErrorCode, Failure, UnixTime};

use crate::state::KeptDays;

/// How many days counts are kept, unless the settings say fewer.
pub(crate) const KEPT_DAYS: u32 = 90;

/// Which days are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityPeriod {
    /// The last days, today included.
    Days(u32),
    /// From one date to another, both included. Absent: from the first that is kept, or to today.
    Range {
        /// `2026-11-01`.
        from: Option<String>,
        /// `2026-11-30`.
        to: Option<String>,
    },
}

/// Returns the day at which `time` falls here, now.
pub(crate) fn day_of(time: UnixTime) -> String {
    today(time).to_string()
}

/// Returns the date of `now`.
pub(crate) fn today(now: UnixTime) -> Date {
    // Only a clock that is thousands of years off is outside of the range.
    let now = Timestamp::from_second(now.0).unwrap_or_default();
    now.to_zoned(TimeZone::system()).date()
}

/// Returns the first of `days` days that end with `last`.
pub(crate) fn days_before(last: Date, days: u32) -> String {
    first_of(last, days).to_string()
}

/// Returns which days are kept at `now`, if that is `days` of them.
pub(crate) fn kept_days(days: u32, now: UnixTime) -> KeptDays {
    let today = today(now);
    KeptDays {
        today: today.to_string(),
        oldest: days_before(today, days),
        long_ago: days_before(today, KEPT_DAYS),
    }
}

fn first_of(last: Date, days: u32) -> Date {
    last.saturating_sub(Span::new().days(i64::from(days.clamp(1, KEPT_DAYS)) - 1))
}

/// Returns all dates of a period, oldest first. Never empty.
pub(crate) fn dates_of(period: &ActivityPeriod, now: UnixTime) -> Result<Vec<String>, Failure> {
    let today = today(now);
    let (from, to) = match period {
        ActivityPeriod::Days(days) if (1..=KEPT_DAYS).contains(days) => (first_of(today, *days), today),
        ActivityPeriod::Days(days) => {
            return Err(bad(format!("{days} days: counts are kept for {KEPT_DAYS} days")));
        }
        ActivityPeriod::Range { from, to } => {
            let to = to.as_deref().map_or(Ok(today), date)?;
            (from.as_deref().map_or(Ok(first_of(to, KEPT_DAYS)), date)?, to)
        }
    };
    if from > to {
        return Err(bad(format!("the period ends before it begins: {from} to {to}")));
    }
    if from < first_of(to, KEPT_DAYS) {
        return Err(bad(format!("{from} to {to} is longer than the {KEPT_DAYS} days that counts are kept")));
    }
    Ok(from.series(1.day()).take_while(|date| *date <= to).map(|date| date.to_string()).collect())
}

fn date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| {
        let text = usher_domain::redact(text);
        bad(format!("{text:?} is not a date; write it as year, month and day: 2026-11-30"))
    })
}

fn bad(cause: String) -> Failure {
    Failure::new(ErrorCode::BadUsage, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon, so that it is the same day in most zones.
    const NOW: UnixTime = UnixTime(1_795_953_600);

    fn range(from: &str, to: &str) -> Result<Vec<String>, String> {
        let (from, to) = (Some(from.to_owned()), Some(to.to_owned()));
        dates_of(&ActivityPeriod::Range { from, to }, NOW).map_err(|failure| failure.cause)
    }

    #[test]
    fn dates_of_a_period_are_all_days_of_the_calendar() {
        // The clocks go back on 25 October 2026 in Europe, and on 1 November in America: such a day is one day.
        let autumn = range("2026-10-24", "2026-11-02").unwrap();
        assert_eq!((autumn.len(), autumn[1].as_str(), autumn[8].as_str()), (10, "2026-10-25", "2026-11-01"));
        let last = dates_of(&ActivityPeriod::Days(7), NOW).unwrap();
        assert_eq!((last.len(), last.last()), (7, Some(&day_of(NOW))));
        assert_eq!(dates_of(&ActivityPeriod::Days(90), NOW).unwrap().len(), 90);
        assert_eq!(range("2026-11-29", "2026-11-29").unwrap(), ["2026-11-29"]);
    }

    #[test]
    fn wrong_dates_are_explained() {
        for (from, to, part) in [
            ("2026-02-30", "2026-03-01", "is not a date"),
            ("yesterday", "2026-03-01", "is not a date"),
            ("2026-11-02", "2026-11-01", "ends before it begins"),
            ("2020-01-01", "2026-11-01", "longer than the 90 days"),
        ] {
            assert!(range(from, to).unwrap_err().contains(part), "{from} {to}");
        }
        assert!(dates_of(&ActivityPeriod::Days(0), NOW).is_err());
        assert!(dates_of(&ActivityPeriod::Days(91), NOW).is_err());
    }
}
