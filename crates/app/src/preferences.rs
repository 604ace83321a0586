//! What the person chose for the program itself.

use std::sync::Arc;

use usher_domain::Failure;

use crate::context::{Context, blocking};
use crate::start_at_login::StartAtLogin;
use crate::view::PreferencesView;

/// The preferences of the home.
pub struct Preferences {
    start_at_login: StartAtLogin,
    context: Arc<Context>,
}

impl Preferences {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { start_at_login: StartAtLogin::new(Arc::clone(&context)), context }
    }

    /// Returns what the person chose.
    pub fn view(&self) -> Result<PreferencesView, Failure> {
        let settings = blocking(|| self.context.read_settings())?;
        Ok(PreferencesView {
            keep_running: settings.keep_running(),
            start_at_login: blocking(|| self.start_at_login.is_on()),
            // Only there is a service that reports the screen.
            lock_with_screen: cfg!(target_os = "linux").then(|| settings.lock_with_screen()),
            notifications: settings.notifications(),
        })
    }

    /// Chooses whether the gateway goes on when the window is closed.
    pub async fn set_keep_running(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_keep_running(on)).await
    }

    /// Returns whether all passes are locked while the screen is; `None` while the settings cannot be read.
    pub fn locks_with_screen(&self) -> Option<bool> {
        blocking(|| self.context.read_settings()).ok().map(|settings| settings.lock_with_screen())
    }

    /// Chooses whether all passes are locked while the screen is.
    pub async fn set_lock_with_screen(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_lock_with_screen(on)).await
    }

    /// Chooses whether the person is notified of limits and resets.
    pub async fn set_notifications(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_notifications(on)).await
    }

    /// Chooses whether the system starts Usher when this user logs in.
    pub fn set_start_at_login(&self, on: bool) -> Result<(), Failure> {
        blocking(|| self.start_at_login.set(on))?;
        self.context.changed();
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }
}
