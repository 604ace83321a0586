//! The pause that an error message names.

/// Parses the pause, in seconds, from a message like "Please try again in 11.5s" (protocol §10, `rate_limit_exceeded`).
///
/// The one place where the text of a message is read: it may only set a pause, never decide what kind of error this is
/// (protocol §10.1).
pub(crate) fn retry_after_in_message(message: &str) -> Option<i64> {
    let lower = message.to_ascii_lowercase();
    let (_, rest) = lower.split_once("try again in ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = rest.split_at(end);
    let number: f64 = number.parse().ok()?;
    let unit: String = unit.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let seconds = match unit.as_str() {
        "ms" => number / 1000.0,
        "s" | "second" | "seconds" => number,
        "m" | "minute" | "minutes" => number * 60.0,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a short pause; the cast saturates")]
    let seconds = seconds.ceil() as i64;
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::retry_after_in_message;

    #[test]
    fn retry_after_in_message_is_rounded_up() {
        let rows = [
            ("Rate limit reached. Please try again in 11.054s. Visit", Some(12)),
            ("Try again in 28ms.", Some(1)),
            ("try again in 3 seconds", Some(3)),
            ("try again in 2m", Some(120)),
            ("try again in 6m0s", Some(360)),
            ("try again in a while", None),
            ("try again in 5", None),
            ("try again later", None),
        ];
        for (message, seconds) in rows {
            assert_eq!(retry_after_in_message(message), seconds, "{message}");
        }
    }
}
