//! How many requests of each pass there are at once, whatever they ask for and however far they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use parking_lot::Mutex;

/// Requests by the id of their pass.
#[derive(Clone, Default)]
pub(crate) struct PassLimiter(Arc<Mutex<HashMap<String, usize>>>);

/// One request's place in it, until this is dropped.
pub(crate) struct PassPermit {
    limiter: PassLimiter,
    pass: String,
}

impl PassLimiter {
    /// A seat for one more request with the pass `id`; nothing when it has `most`.
    pub(crate) fn try_acquire(&self, id: &str, most: usize) -> Option<PassPermit> {
        let mut taken = self.lock();
        let of_pass = taken.entry(id.to_owned()).or_default();
        if *of_pass >= most {
            return None;
        }
        *of_pass += 1;
        drop(taken);
        Some(PassPermit { limiter: self.clone(), pass: id.to_owned() })
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock()
    }
}

impl Drop for PassPermit {
    fn drop(&mut self) {
        if let Entry::Occupied(mut of_pass) = self.limiter.lock().entry(std::mem::take(&mut self.pass)) {
            *of_pass.get_mut() -= 1;
            if *of_pass.get() == 0 {
                of_pass.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pass_limiter_permits_are_per_pass_and_released() {
        let crowd = PassLimiter::default();
        let seats = [crowd.try_acquire("a", 2), crowd.try_acquire("a", 2), crowd.try_acquire("b", 2)];
        assert!(seats.iter().all(Option::is_some));
        assert!(crowd.try_acquire("a", 2).is_none());
        drop(seats);
        assert!(crowd.try_acquire("a", 1).is_some());
        assert!(crowd.lock().is_empty(), "who has none is forgotten");
    }
}
