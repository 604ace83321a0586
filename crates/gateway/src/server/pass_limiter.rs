//! Per-pass concurrency limit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use parking_lot::Mutex;

/// Counts running requests by the id of their pass.
#[derive(Clone, Default)]
pub(crate) struct PassLimiter(Arc<Mutex<HashMap<String, usize>>>);

/// A permit for one running request, released on drop.
pub(crate) struct PassPermit {
    limiter: PassLimiter,
    pass: String,
}

impl PassLimiter {
    /// Returns a permit for one more request with the pass `id`, or `None` when it already has `limit`.
    pub(crate) fn try_acquire(&self, id: &str, limit: usize) -> Option<PassPermit> {
        let mut counts = self.lock();
        let count = counts.entry(id.to_owned()).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(PassPermit { limiter: self.clone(), pass: id.to_owned() })
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock()
    }
}

impl Drop for PassPermit {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.limiter.lock().entry(std::mem::take(&mut self.pass)) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pass_limiter_permits_are_per_pass_and_released() {
        let limiter = PassLimiter::default();
        let permits = [limiter.try_acquire("a", 2), limiter.try_acquire("a", 2), limiter.try_acquire("b", 2)];
        assert!(permits.iter().all(Option::is_some));
        assert!(limiter.try_acquire("a", 2).is_none());
        drop(permits);
        assert!(limiter.try_acquire("a", 1).is_some());
        assert!(limiter.lock().is_empty(), "passes without requests are removed");
    }
}
