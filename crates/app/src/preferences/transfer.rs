//! Settings as a file that another computer can read: never a secret.

use std::path::Path;

use toml_edit::Value;
use usher_auth::replace_file;
use usher_domain::{ErrorCode, Failure};

use super::{Preferences, bad_usage};
use crate::context::{blocking, run_blocking};
use crate::settings::{Settings, SettingsEntry, check_size, import_of, read_text};
use crate::view::{SettingChangeView, SettingsImportView};

/// The name of an exported file, to begin with.
pub const EXPORT_FILE: &str = "usher-settings.toml";

const TOO_MUCH: &str =
    "with these the settings would be larger than 1 MiB, too large for settings; nothing was changed";

/// A file of settings that was read, and what it would change.
#[derive(Debug, Clone)]
pub struct SettingsImport {
    entries: Vec<SettingsEntry>,
    /// What it would change, as the person sees it.
    pub view: SettingsImportView,
}

impl Preferences {
    /// Returns the settings as the text of a file, without secrets and without what this version does not know.
    pub fn exported(&self) -> Result<String, Failure> {
        Ok(blocking(|| self.context.read_settings())?.export())
    }

    /// Writes the settings to a file that the person chose. Only this user can read it.
    pub async fn export_to(&self, path: &Path) -> Result<(), Failure> {
        let text = self.exported()?;
        let path = path.to_owned();
        run_blocking(move || {
            replace_file(&path, text.as_bytes(), None).map_err(|error| {
                Failure::new(ErrorCode::SettingsUnusable, format!("{}: {error}", path.display()))
            })
        })
        .await
    }

    /// Reads a file of settings, and returns what it would change. Nothing changes yet.
    ///
    /// A file with a secret in it is refused.
    pub fn read_import(&self, path: &Path) -> Result<SettingsImport, Failure> {
        let refused = |why: String| bad_usage(format!("{}, {why}; nothing was changed", path.display()));
        let text = blocking(|| read_text(path)).map_err(refused)?;
        let text = text.ok_or_else(|| refused("which is not there".into()))?;
        self.read_import_text(&text, &path.display().to_string())
    }

    /// Reads the text of a file of settings, which is in `place`.
    pub(crate) fn read_import_text(&self, text: &str, place: &str) -> Result<SettingsImport, Failure> {
        let refused = |why: String| bad_usage(format!("{place}, {why}; nothing was changed"));
        check_size(text).map_err(|why| refused(why.to_owned()))?;
        let (entries, unused) = import_of(text, self.context.settings.provider_keys()).map_err(refused)?;
        self.import_by(entries, unused)
    }

    /// Reads a file of settings for a person to look at, and keeps what was read for [`Self::import_kept`].
    pub(crate) fn keep_import(&self, path: &Path) -> Result<SettingsImportView, Failure> {
        let import = self.read_import(path)?;
        let view = import.view.clone();
        *self.import.lock() = Some(import);
        Ok(view)
    }

    /// Imports what the person looked at last.
    pub(crate) async fn import_kept(&self) -> Result<(), Failure> {
        let import = self.import.lock().take();
        let import = import.ok_or_else(|| bad_usage("no file of settings was looked at".into()))?;
        self.import(import).await
    }

    /// Takes the settings of a file over, as its preview showed. Fails without a change where they were changed since.
    pub async fn import(&self, import: SettingsImport) -> Result<(), Failure> {
        let SettingsImport { entries, view } = import;
        self.change(|settings| {
            let now = SettingsImportView { unused: view.unused.clone(), ..changes(settings, &entries) };
            if now != view {
                return Err(bad_usage(
                    "the settings were changed meanwhile, so nothing was imported; look at the changes again"
                        .into(),
                ));
            }
            entries.iter().try_for_each(|entry| settings.put(entry))
        })
        .await
    }

    /// Returns what `entries` would change. Those that could not be used here are left out, with the reason in `unused`.
    fn import_by(
        &self,
        mut entries: Vec<SettingsEntry>,
        mut unused: Vec<String>,
    ) -> Result<SettingsImport, Failure> {
        let read = || blocking(|| self.context.read_settings());
        let settings = read()?;
        if let Some(error) = settings.file_error() {
            return Err(error.clone());
        }
        let mut imported = read()?;
        entries.iter().try_for_each(|entry| imported.put(entry))?;
        check_size(&imported.render()).map_err(|_| bad_usage(TOO_MUCH.into()))?;
        entries.retain(|entry| {
            let failure = blocking(|| imported.unusable(entry));
            unused.extend(failure.iter().map(|failure| format!("`{}`: {}", entry.key(), failure.cause)));
            failure.is_none()
        });
        let view = SettingsImportView { unused, ..changes(&settings, &entries) };
        Ok(SettingsImport { entries, view })
    }
}

/// Returns what `entries` would change of `settings`.
fn changes(settings: &Settings, entries: &[SettingsEntry]) -> SettingsImportView {
    let current = settings.entries();
    let old = |entry: &SettingsEntry| current.iter().find(|one| one.path == entry.path);
    let mut view = SettingsImportView::default();
    for entry in entries {
        let new = shown(&entry.value);
        match old(entry).map(|old| shown(&old.value)) {
            Some(old) if old == new => view.same += 1,
            old => view.changes.push(SettingChangeView { key: entry.key(), old, new }),
        }
    }
    let is_in_file = |one: &&SettingsEntry| !entries.iter().any(|entry| entry.path == one.path);
    view.left_alone = current.iter().filter(is_in_file).map(SettingsEntry::key).collect();
    view
}

/// Returns a value as it is written, without the comments around it.
fn shown(value: &Value) -> String {
    let mut plain = value.clone();
    plain.decor_mut().clear();
    plain.as_str().map_or_else(|| plain.to_string(), str::to_owned)
}
