//! The computer's own clock.

use std::time::{SystemTime, UNIX_EPOCH};

use usher_domain::UnixTime;
use usher_domain::ports::Clock;

/// Reads the system's time of day.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others are given")]
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
