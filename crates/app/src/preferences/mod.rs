//! What the person chose for the program itself.

mod files;
mod named;
mod network;
mod reset;
mod secrets;
mod transfer;

use std::sync::Arc;

use parking_lot::Mutex;
use usher_domain::Failure;

use crate::activity::period::KEPT_DAYS;
use crate::context::{Context, blocking, run_blocking};
use crate::settings::Settings;
use crate::start_at_login::StartAtLogin;
use crate::view::PreferencesView;

pub use self::files::HomeFile;
pub use self::named::{Preference, PreferenceView};
pub(crate) use self::reset::ResetSettings;
pub use self::secrets::SecretsTarget;
pub use self::transfer::{EXPORT_FILE, SettingsImport};

/// The preferences of the home.
pub struct Preferences {
    start_at_login: StartAtLogin,
    /// The file that the person looks at before it is imported.
    import: Mutex<Option<SettingsImport>>,
    context: Arc<Context>,
}

impl Preferences {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { start_at_login: StartAtLogin::new(Arc::clone(&context)), import: Mutex::default(), context }
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
            activity_days: settings.activity_days(),
            hide_personal_data: settings.hides_personal_data(),
            renew_unused: settings.renew_unused(),
            network: self.network_view(&settings),
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

    /// Chooses for how many days counts of requests are kept, and deletes those that are older now; 0 keeps none.
    pub async fn set_activity_days(&self, days: u32) -> Result<(), Failure> {
        if days > KEPT_DAYS {
            return Err(bad_usage(format!("{days} days: counts are kept for at most {KEPT_DAYS} days")));
        }
        self.context.change_settings(move |settings| settings.set_activity_days(days)).await?;
        let context = Arc::clone(&self.context);
        run_blocking(move || context.delete_old_activity(days)).await
    }

    /// Chooses whether sign-ins of accounts that are not used are renewed.
    pub async fn set_renew_unused(&self, on: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_renew_unused(on)).await
    }

    /// Chooses whether names and e-mail addresses are left out of what is shown.
    pub async fn set_hide_personal_data(&self, hide: bool) -> Result<(), Failure> {
        self.context.change_settings(move |settings| settings.set_hides_personal_data(hide)).await
    }

    async fn change(&self, change: impl FnOnce(&mut Settings) -> Result<(), Failure>) -> Result<(), Failure> {
        self.context.change_settings(change).await
    }

    #[cfg(all(test, target_os = "linux"))]
    pub(crate) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }
}

fn bad_usage(cause: String) -> Failure {
    Failure::new(usher_domain::ErrorCode::BadUsage, cause)
}
