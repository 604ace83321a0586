//! How much memory all requests together may take.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The unit in which memory is counted: a semaphore has at most 2^29 permits on a small computer.
const UNIT: usize = 1024;

/// Counts the memory that bodies of requests take.
#[derive(Clone)]
pub(crate) struct MemoryBudget(Arc<Semaphore>);

/// Memory that is counted until it is dropped.
pub(crate) struct MemoryShare {
    budget: MemoryBudget,
    permit: OwnedSemaphorePermit,
}

/// All of the budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BudgetUsedUp;

impl MemoryBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))))
    }

    /// Counts `bytes` more.
    pub(crate) fn share(&self, bytes: usize) -> Result<MemoryShare, BudgetUsedUp> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).map_err(|_| BudgetUsedUp)?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(units).map_err(|_| BudgetUsedUp)?;
        Ok(MemoryShare { budget: self.clone(), permit })
    }
}

impl MemoryShare {
    /// Counts `bytes` in all, if they are more than are counted now.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), BudgetUsedUp> {
        let more = bytes.div_ceil(UNIT).saturating_sub(self.permit.num_permits());
        self.permit.merge(self.budget.share(more * UNIT)?.permit);
        Ok(())
    }

    /// Counts `bytes` in all, if they are fewer than are counted now.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let fewer = self.permit.num_permits().saturating_sub(bytes.div_ceil(UNIT));
        drop(self.permit.split(fewer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_shared_and_returned() {
        let budget = MemoryBudget::new(8 * UNIT);
        let mut first = budget.share(1).unwrap();
        first.grow_to(5 * UNIT).unwrap();
        first.grow_to(2 * UNIT).unwrap();
        assert!(budget.share(3 * UNIT).is_ok() && budget.share(3 * UNIT + 1).is_err());
        assert_eq!(first.grow_to(9 * UNIT), Err(BudgetUsedUp));
        first.shrink_to(UNIT);
        let second = budget.share(7 * UNIT).unwrap();
        drop((first, second));
        assert!(budget.share(8 * UNIT).is_ok());
        assert!(budget.share(usize::MAX).is_err());
    }
}
