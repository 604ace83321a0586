//! Times as the protocol has them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Seconds since 1970-01-01 UTC: the unit of `exp`, `reset_at` and `resets_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// Returns this time plus `seconds`, which may be negative.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Returns the seconds from `earlier` to this time; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
