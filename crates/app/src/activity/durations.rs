//! How long something took, counted in classes instead of kept one by one, so that any period has a median.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Classes in a doubling: a reported value differs from the true one by at most 4.5 %.
const CLASSES_PER_DOUBLING: f64 = 8.0;

/// Counts of durations in milliseconds, by class. A class is an eighth of a doubling wide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Durations(BTreeMap<u8, u64>);

impl Durations {
    /// Counts a duration.
    pub(crate) fn add(&mut self, milliseconds: u64) {
        *self.0.entry(class_of(milliseconds)).or_default() += 1;
    }

    /// Adds all counts of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (class, count) in &other.0 {
            *self.0.entry(*class).or_default() += count;
        }
    }

    /// Returns the duration that `share` of all, from 0 to 1, do not exceed (nearest rank), in milliseconds; `None`
    /// without any.
    pub(crate) fn quantile(&self, share: f64) -> Option<u64> {
        let all: u64 = self.0.values().sum();
        let rank = (as_f64(all) * share).ceil().max(1.0);
        let mut counted = 0;
        let class = self.0.iter().find(|(_, count)| {
            counted += **count;
            as_f64(counted) >= rank
        });
        class.map(|(class, _)| middle_of(*class))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a logarithm of a u64 is below 512/8"
)]
fn class_of(milliseconds: u64) -> u8 {
    let class = (as_f64(milliseconds.max(1)).log2() * CLASSES_PER_DOUBLING).floor();
    class.min(f64::from(u8::MAX)) as u8
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "2^32 at most, and positive")]
fn middle_of(class: u8) -> u64 {
    ((f64::from(class) + 0.5) / CLASSES_PER_DOUBLING).exp2().round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "counts and milliseconds are far below 2^52")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_known_within_a_class() {
        let mut durations = Durations::default();
        assert_eq!(durations.quantile(0.5), None);
        (1..=1000).for_each(|milliseconds| durations.add(milliseconds));
        for (share, exact) in [(0.5, 500.0), (0.95, 950.0), (0.0, 1.0), (1.0, 1000.0)] {
            let reported = as_f64(durations.quantile(share).unwrap());
            assert!((reported / exact - 1.0).abs() < 0.05, "{share}: {reported}, exactly {exact}");
        }
        let mut slow = Durations::default();
        for milliseconds in [0, 60_000, u64::MAX] {
            slow.add(milliseconds);
        }
        assert_eq!(slow.quantile(0.0), Some(1), "less than a millisecond");
        slow.merge(&durations);
        assert!(as_f64(slow.quantile(0.5).unwrap()) < 530.0, "those of both");
    }
}
