//! Checks and installs packages of new versions by the updater plugin's Rust side. The page has no right to it, and the plugin
//! asks no server: the core downloads, by its own rules for the network.

use std::sync::Arc;

use serde_json::Value;
use tauri::AppHandle;
use tauri_plugin_updater::{Update, UpdaterExt as _};
use url::Url;
use usher_app::{UpdateInstaller, UpdateOffer, UpdateSource};
use usher_domain::{ErrorCode, Failure};

/// The window's program, which can be replaced.
pub(crate) struct ShellUpdater(pub(crate) AppHandle);

impl ShellUpdater {
    pub(crate) fn of(app: &AppHandle) -> Arc<Self> {
        Arc::new(Self(app.clone()))
    }

    /// Returns the update of a list; `None` where it is not newer than this program.
    ///
    /// One that is restored from a list must be signed for the version that the list names, so that a list cannot pass an
    /// older package off as a newer one.
    fn update_of(&self, list: &Value, source: &UpdateSource) -> Result<Option<Update>, Failure> {
        // The plugin needs an address, and is never asked to go there.
        let nowhere = Url::parse("https://localhost/").expect("a constant address");
        let updater = self.0.updater_builder().pubkey(&source.public_key).endpoints(vec![nowhere]);
        let updater =
            updater.and_then(tauri_plugin_updater::UpdaterBuilder::build).map_err(|e| failed(&e))?;
        updater.restore_update(list.clone()).map_err(|error| {
            let cause = format!("the list of versions cannot be used: {error}");
            Failure::new(ErrorCode::MalformedAnswer, cause)
        })
    }

    fn offered(&self, offer: &UpdateOffer, source: &UpdateSource) -> Result<Update, Failure> {
        let update = self.update_of(&offer.list, source)?;
        update.ok_or_else(|| Failure::new(ErrorCode::UpdateFailed, "the version is not newer than this one"))
    }
}

impl UpdateInstaller for ShellUpdater {
    fn can_install(&self) -> bool {
        platform::can_install(&self.0)
    }

    fn read_list(&self, list: &Value, source: &UpdateSource) -> Result<Option<UpdateOffer>, Failure> {
        let update = self.update_of(list, source)?;
        Ok(update.map(|update| UpdateOffer {
            version: update.version,
            notes: update.body,
            package: update.download_url,
            list: update.raw_json,
        }))
    }

    fn check(&self, offer: &UpdateOffer, source: &UpdateSource, package: &[u8]) -> Result<(), Failure> {
        self.offered(offer, source)?.verify(package).map_err(|error| failed(&error))
    }

    fn install(&self, offer: &UpdateOffer, source: &UpdateSource, package: &[u8]) -> Result<(), Failure> {
        let update = self.offered(offer, source)?;
        update.verify(package).map_err(|error| failed(&error))?;
        platform::install(&self.0, &update, package)
    }

    fn restart(&self) {
        self.0.request_restart();
    }
}

fn failed(error: &tauri_plugin_updater::Error) -> Failure {
    Failure::new(ErrorCode::UpdateFailed, error.to_string())
}

/// Linux: an `AppImage` is one file of the person's; every other copy belongs to a package manager.
#[cfg(target_os = "linux")]
mod platform {
    use tauri::AppHandle;
    use tauri_plugin_updater::Update;
    use usher_app::{own_app_image, replace_program};
    use usher_domain::{ErrorCode, Failure};

    pub(super) fn can_install(_: &AppHandle) -> bool {
        own_app_image().is_some()
    }

    /// Replaces the file in one step. Not by the plugin, which moves the old one away first: a process that is killed
    /// then would leave none.
    pub(super) fn install(_: &AppHandle, _: &Update, package: &[u8]) -> Result<(), Failure> {
        let failed = |why: String| Failure::new(ErrorCode::UpdateFailed, why);
        let file = own_app_image().ok_or_else(|| failed("this program runs from no AppImage".into()))?;
        if !package.starts_with(b"\x7fELF") {
            return Err(failed("the package is no AppImage".into()));
        }
        replace_program(&file, package).map_err(|error| failed(format!("{}: {error}", file.display())))
    }
}

/// Windows and macOS: the plugin runs the installer, or replaces the bundle.
#[cfg(not(target_os = "linux"))]
mod platform {
    use tauri::AppHandle;
    use tauri::utils::config::BundleType;
    use tauri::utils::platform::bundle_type;
    use tauri_plugin_updater::Update;
    use usher_domain::Failure;

    pub(super) fn can_install(_: &AppHandle) -> bool {
        matches!(bundle_type(), Some(BundleType::Nsis | BundleType::App))
    }

    pub(super) fn install(_: &AppHandle, update: &Update, package: &[u8]) -> Result<(), Failure> {
        update.install(package).map_err(|error| super::failed(&error))
    }
}
