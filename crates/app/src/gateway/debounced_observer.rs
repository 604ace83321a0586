//! What answers say in passing, written down only when it says something new: a disk that is written to for each
//! request wears out, and makes requests wait (features, section 3, no. 51).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_domain::Usage;
use usher_upstream::Observer;

use crate::connection::recorder::Recorder;

/// How long what was written down stands, when only its times have moved.
const WRITE_INTERVAL: Duration = Duration::from_secs(60);

/// Hands on to `recorder` what is new, on a thread that may wait for the disk.
pub(super) struct DebouncedObserver {
    recorder: Arc<Recorder>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    usage: Option<(Usage, Instant)>,
    etag: Option<String>,
}

impl DebouncedObserver {
    pub(super) fn new(recorder: Recorder) -> Self {
        Self { recorder: Arc::new(recorder), last: Mutex::default() }
    }
}

impl Observer for DebouncedObserver {
    fn usage(&self, usage: Usage) {
        let mut last = self.last.lock();
        if last
            .usage
            .as_ref()
            .is_some_and(|(seen, at)| is_same_usage(seen, &usage) && at.elapsed() < WRITE_INTERVAL)
        {
            return;
        }
        last.usage = Some((usage.clone(), Instant::now()));
        let recorder = Arc::clone(&self.recorder);
        tokio::task::spawn_blocking(move || recorder.usage(usage));
    }

    fn models_etag(&self, etag: &str) {
        let mut last = self.last.lock();
        if last.etag.as_deref() == Some(etag) {
            return;
        }
        last.etag = Some(etag.to_owned());
        let (recorder, etag) = (Arc::clone(&self.recorder), etag.to_owned());
        tokio::task::spawn_blocking(move || recorder.models_etag(&etag));
    }
}

/// Times of reset are given as time left by some answers, and so differ by a second or two.
fn is_same_usage(one: &Usage, other: &Usage) -> bool {
    let percents = |usage: &Usage| -> Vec<(u64, u64)> {
        let windows = usage.windows.iter();
        windows.map(|window| (window.window_seconds, window.used_percent.to_bits())).collect()
    };
    one.plan == other.plan
        && percents(one) == percents(other)
        && one.limit_reached.is_some() == other.limit_reached.is_some()
}
