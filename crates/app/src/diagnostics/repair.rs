//! What the doctor can mend after a person's yes. Without it nothing is moved or changed.

use std::path::PathBuf;

use usher_domain::{ErrorCode, Failure};

use crate::diagnostics::doctor::Doctor;

/// Something that the doctor can mend.
#[derive(Debug, Clone)]
pub enum Repair {
    /// The store cannot be read, and a new one can be made once its files have other names.
    SetStoreAside {
        /// What is wrong.
        failure: Failure,
        /// The files that get other names.
        files: Vec<PathBuf>,
    },
}

impl Doctor {
    /// Returns what can be mended. Changes nothing.
    pub async fn repairs(&self) -> Result<Vec<Repair>, Failure> {
        let found = self.context.unreadable_store().await?;
        let store = found.map(|found| Repair::SetStoreAside { failure: found.failure, files: found.files });
        Ok(store.into_iter().collect())
    }

    /// Mends it, and returns what was done, for people.
    pub async fn repair(&self, repair: &Repair) -> Result<Vec<String>, Failure> {
        match repair {
            Repair::SetStoreAside { files, .. } => {
                let kept = self.context.set_unreadable_store_aside().await?;
                let renamed = files.iter().zip(&kept);
                Ok(renamed
                    .map(|(old, new)| format!("{} is kept as {}", old.display(), new.display()))
                    .collect())
            }
        }
    }

    /// Sets a damaged store aside, for the window: its text says that signing in does this. A store whose
    /// key is missing may be sound, and stays.
    pub(crate) async fn set_damaged_store_aside(&self) -> Result<(), Failure> {
        let found = self.context.unreadable_store().await.unwrap_or_default();
        if found.is_some_and(|found| found.failure.code == ErrorCode::StoreCorrupt) {
            self.context.set_unreadable_store_aside().await?;
        }
        Ok(())
    }
}
