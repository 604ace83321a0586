//! Parsers for the values of single arguments.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use jiff::{Span, SpanRelativeTo, Unit};
use usher_app::{RestoreIfSilent, SILENCE_MINUTES};

/// Parses a loopback address. Any other address would open the gateway to the network.
pub(super) fn loopback(text: &str) -> Result<IpAddr, String> {
    match text {
        "127.0.0.1" | "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        "::1" | "[::1]" => Ok(Ipv6Addr::LOCALHOST.into()),
        _ => Err("the gateway only listens on this computer: use 127.0.0.1, ::1 or localhost".into()),
    }
}

/// Parses a duration such as `30d`, `12h` or `1w 2d` into seconds. A day has 24 hours.
pub(super) fn seconds(text: &str) -> Result<i64, String> {
    let wrong = |_| "give a duration, for example 12h, 30d or 6 weeks".to_owned();
    let span: Span = text.parse().map_err(wrong)?;
    let total = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).map_err(wrong)?;
    #[expect(clippy::cast_possible_truncation, reason = "spans end far below what an i64 holds")]
    let seconds = total as i64;
    if seconds > 0 { Ok(seconds) } else { Err("the duration must be longer than zero".into()) }
}

/// Parses a share that can be left: 0 to 99 percent, with or without the sign.
pub(super) fn percent(text: &str) -> Result<u8, String> {
    let percent = text.trim_end_matches('%').trim_end().parse().ok().filter(|percent| *percent < 100);
    percent.ok_or_else(|| "give a percentage from 0 to 99, for example 30".to_owned())
}

/// The longest time in minutes: a day.
const MAX_MINUTES: f64 = 1440.0;

/// Parses a number of minutes, also a part of one.
pub(super) fn minutes(text: &str) -> Result<Duration, String> {
    let minutes: f64 = text.parse().unwrap_or_default();
    if minutes > 0.0 && minutes <= MAX_MINUTES {
        return Ok(Duration::from_secs_f64(minutes * 60.0));
    }
    Err(format!("give a number of minutes, up to {MAX_MINUTES}"))
}

/// Parses for how many minutes the gateway may be silent before files come back.
pub(super) fn silence(text: &str) -> Result<RestoreIfSilent, String> {
    if text == "off" {
        return Ok(RestoreIfSilent::Never);
    }
    let minutes = text.parse::<u32>().ok().filter(|minutes| SILENCE_MINUTES.contains(minutes));
    let (first, last) = (SILENCE_MINUTES.start(), SILENCE_MINUTES.end());
    minutes.map(RestoreIfSilent::After).ok_or_else(|| format!("give {first} to {last} minutes, or off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_become_a_duration() {
        assert_eq!(minutes("15"), Ok(Duration::from_secs(900)));
        assert_eq!(minutes("0.05"), Ok(Duration::from_secs(3)));
        for text in ["", "soon", "0", "-1", "1441", "inf", "NaN"] {
            assert!(minutes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn duration_text_becomes_seconds() {
        assert_eq!(seconds("30d"), Ok(30 * 86_400));
        assert_eq!(seconds("12h"), Ok(12 * 3_600));
        assert_eq!(seconds("1w 2d"), Ok(9 * 86_400));
        for text in ["", "soon", "0s", "-1d", "30"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
