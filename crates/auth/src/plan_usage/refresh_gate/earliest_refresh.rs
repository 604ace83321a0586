//! `earliest_refresh_at` of a token response, whose unit no page names (siwc §7.3).

use jiff::Timestamp;
use serde_json::Value;
use usher_domain::UnixTime;

/// A smaller number is no time of today in seconds: it would be in the year 2001.
const MIN_SECONDS: i64 = 1_000_000_000;
/// A number from here on is in milliseconds: as seconds it would be in the year 5138.
const MIN_MILLISECONDS: i64 = 100_000_000_000;
const MILLISECONDS: i64 = 1000;

/// When the server accepts a refresh, as its response has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarliestRefresh {
    /// Absent or `null`: there is no gate.
    NotGiven,
    /// At this time of the server's clock.
    At(UnixTime),
    /// In a form that is not known. There is a gate, and it has to be guessed.
    Unreadable,
}

impl EarliestRefresh {
    /// Parses the field: Unix seconds, Unix milliseconds, or ISO 8601 with an offset; also numbers as text.
    ///
    /// What is not clearly a time of today is [`Unreadable`](Self::Unreadable), never early: a duration taken for a time
    /// would open the gate at once.
    pub fn parse(field: Option<&Value>) -> Self {
        match field {
            None | Some(Value::Null) => Self::NotGiven,
            Some(Value::Number(number)) => Self::from_number(&number.to_string()),
            Some(Value::String(text)) => match text.trim().parse::<Timestamp>() {
                Ok(time) => Self::from_milliseconds(time.as_millisecond(), time.subsec_nanosecond()),
                Err(_) => Self::from_number(text.trim()),
            },
            Some(_) => Self::Unreadable,
        }
    }

    fn from_number(text: &str) -> Self {
        let whole = text.parse::<i64>().ok().or_else(|| whole_above(text.parse().ok()?));
        match whole {
            Some(seconds) if (MIN_SECONDS..MIN_MILLISECONDS).contains(&seconds) => {
                Self::At(UnixTime(seconds))
            }
            Some(milliseconds) if milliseconds >= MIN_MILLISECONDS => {
                Self::from_milliseconds(milliseconds, 0)
            }
            _ => Self::Unreadable,
        }
    }

    /// Rounds up: a part of a second earlier is too early.
    fn from_milliseconds(milliseconds: i64, nanoseconds: i32) -> Self {
        let rest = i64::from(milliseconds % MILLISECONDS != 0 || nanoseconds != 0);
        let seconds = milliseconds / MILLISECONDS + rest;
        if (MIN_SECONDS..MIN_MILLISECONDS).contains(&seconds) {
            Self::At(UnixTime(seconds))
        } else {
            Self::Unreadable
        }
    }
}

/// Returns the whole number at or above a finite one.
fn whole_above(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is then no time of today")]
    number.is_finite().then(|| number.ceil() as i64)
}
