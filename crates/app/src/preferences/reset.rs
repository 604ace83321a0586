//! Settings back to their defaults, with a way back.

use std::path::{Path, PathBuf};

use usher_auth::LOCK_TIMEOUT;
use usher_domain::Failure;

use super::{Preferences, bad_usage};

/// What was there before a reset.
pub struct ResetSettings {
    /// The file that the old settings are kept in; `None` where there were none.
    pub backup: Option<PathBuf>,
    /// Whether the system started Usher at login.
    pub started_at_login: bool,
}

impl Preferences {
    /// Gives every setting its default, and switches start at login off. Returns what it was.
    ///
    /// Sign-ins, keys and passes stay.
    pub async fn reset(&self) -> Result<ResetSettings, Failure> {
        let _guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        // First: when it fails nothing has changed.
        let started_at_login = self.start_at_login.is_on() == Some(true);
        if started_at_login {
            self.set_start_at_login(false)?;
        }
        let reset = self.context.settings.reset(self.context.clock.now().0);
        if let (Err(failure), true) = (&reset, started_at_login) {
            tracing::info!(cause = %failure, "nothing is reset, and start at login is switched on again");
            self.set_start_at_login(true)?;
        }
        let backup = reset?;
        self.context.settings_replaced();
        Ok(ResetSettings { backup, started_at_login })
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
