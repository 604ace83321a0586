//! Counts the responses of each account.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::accounts::Membership;

/// The number of responses, by identity.
#[derive(Default)]
pub(crate) struct Meters(Mutex<HashMap<(&'static str, &'static str), u32>>);

impl Meters {
    pub(super) fn count_response(&self, membership: Membership) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(membership.identity()).or_default() += 1;
    }

    pub(super) fn responses(&self, membership: Membership) -> u32 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&membership.identity())
            .copied()
            .unwrap_or_default()
    }
}
