//! How often what requests leave behind is written down. A disk that is written to for each request wears out, and makes
//! requests wait (features, section 3, no. 51); and after each write other processes read again what they show.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep_until};

/// How long after a write the next one may come.
const INTERVAL: Duration = Duration::from_secs(1);

/// Lets those who write what requests leave behind do so one after another, at most once a second.
#[derive(Default)]
pub(super) struct WritePace {
    /// When the last write ended.
    last: Mutex<Option<Instant>>,
}

/// A turn to write, which lasts until it is dropped.
pub(crate) struct WriteTurn<'a>(MutexGuard<'a, Option<Instant>>);

impl WritePace {
    /// Waits for a turn. Whoever waited longest has the next one.
    pub(super) async fn turn(&self) -> WriteTurn<'_> {
        let last = self.last.lock().await;
        if let Some(last) = *last {
            sleep_until(last + INTERVAL).await;
        }
        WriteTurn(last)
    }
}

impl Drop for WriteTurn<'_> {
    fn drop(&mut self) {
        *self.0 = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_once_a_second_and_at_once_after_a_pause() {
        let pace = WritePace::default();
        let begin = Instant::now();
        let mut at = Vec::new();
        for pause in [0, 0, 0, 5000, 300] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let _turn = pace.turn().await;
            at.push(begin.elapsed().as_millis());
        }
        assert_eq!(at, [0, 1000, 2000, 7000, 8000]);
    }
}
