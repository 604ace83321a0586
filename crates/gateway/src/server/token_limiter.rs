//! How often a pass may ask for the access token.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the access tokens that each pass was given within the last minute.
#[derive(Default)]
pub(crate) struct TokenLimiter(Mutex<HashMap<String, VecDeque<Instant>>>);

impl TokenLimiter {
    /// Counts one more token for the pass `id`. Returns how long to wait when it already had `limit` of them.
    pub(crate) fn count(&self, id: &str, limit: usize) -> Result<(), Duration> {
        let mut given = self.0.lock();
        let now = Instant::now();
        // Only passes that exist come here, so there are few.
        given.retain(|_, times| {
            times.retain(|time| now.duration_since(*time) < MINUTE);
            !times.is_empty()
        });
        let times = given.entry(id.to_owned()).or_default();
        match times.front() {
            Some(first) if times.len() >= limit => Err(MINUTE.saturating_sub(now.duration_since(*first))),
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tokens_beyond_limit_wait_for_the_minute_to_end() {
        let limiter = TokenLimiter::default();
        assert!(limiter.count("a", 2).is_ok());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(limiter.count("a", 2).is_ok());
        assert_eq!(limiter.count("a", 2), Err(Duration::from_secs(50)));
        assert!(limiter.count("b", 2).is_ok(), "each pass has its own limit");
        tokio::time::advance(Duration::from_secs(50)).await;
        assert!(limiter.count("a", 2).is_ok());
        assert!(limiter.count("a", 2).is_err());
    }
}
