//! How many requests of each pass there are at once, whatever they ask for and however far they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

/// Requests by the id of their pass.
#[derive(Clone, Default)]
pub(crate) struct Crowd(Arc<Mutex<HashMap<String, usize>>>);

/// One request's place in it, until this is dropped.
pub(crate) struct Seat {
    crowd: Crowd,
    pass: String,
}

impl Crowd {
    /// A seat for one more request with the pass `id`; nothing when it has `most`.
    pub(crate) fn seat(&self, id: &str, most: usize) -> Option<Seat> {
        let mut taken = self.lock();
        let of_pass = taken.entry(id.to_owned()).or_default();
        if *of_pass >= most {
            return None;
        }
        *of_pass += 1;
        drop(taken);
        Some(Seat { crowd: self.clone(), pass: id.to_owned() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
        // A number is changed in one step, so a panic elsewhere cannot have left half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut of_pass) = self.crowd.lock().entry(std::mem::take(&mut self.pass)) {
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
    fn each_pass_has_its_own_seats_and_they_come_free() {
        let crowd = Crowd::default();
        let seats = [crowd.seat("a", 2), crowd.seat("a", 2), crowd.seat("b", 2)];
        assert!(seats.iter().all(Option::is_some));
        assert!(crowd.seat("a", 2).is_none());
        drop(seats);
        assert!(crowd.seat("a", 1).is_some());
        assert!(crowd.lock().is_empty(), "who has none is forgotten");
    }
}
