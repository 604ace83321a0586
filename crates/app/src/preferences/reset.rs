//! Settings back to their defaults, with a way back.

use std::path::{Path, PathBuf};

use usher_auth::LOCK_TIMEOUT;
use usher_domain::Failure;

use super::{Preferences, bad_usage};

impl Preferences {
    /// Gives every setting its default, and returns the file that the old ones are kept in; `None` where there were none.
    ///
    /// Sign-ins, keys and passes stay.
    pub async fn reset(&self) -> Result<Option<PathBuf>, Failure> {
        let _guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        let kept = self.context.settings.reset(self.context.clock.now().0)?;
        self.context.settings_replaced();
        Ok(kept)
    }

    /// Puts the settings back that [`Self::reset`] kept in `backup`, unless they were changed since.
    pub async fn undo_reset(&self, backup: &Path) -> Result<(), Failure> {
        let _guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        if !self.context.settings.is_backup(backup) {
            return Err(bad_usage(format!("{} holds no settings from before a reset", backup.display())));
        }
        self.context.settings.undo_reset(backup)?;
        self.context.settings_replaced();
        Ok(())
    }
}
