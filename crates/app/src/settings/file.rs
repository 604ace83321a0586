//! Reads and replaces the settings file, and stores a copy of its last valid text.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use usher_auth::{HomeLock, make_private_folder, replace_locked_file};
use usher_domain::{ErrorCode, Failure};

use super::{ProviderKeys, Settings};
use crate::context::blocking;

pub(super) const FILE: &str = "config.toml";
/// The copy of the last valid text.
const LAST_GOOD: &str = "config.last-good.toml";
/// Limits what is read: settings are a few kilobytes, and parsing a far larger file would take seconds.
const MAX_BYTES: u64 = 1024 * 1024;
const TOO_LARGE: &str = "which is larger than 1 MiB, too large for settings";
/// Limits a chain of links, as operating systems do.
const MAX_LINKS: usize = 40;

/// The settings file of one home.
pub(crate) struct SettingsFile {
    path: PathBuf,
    last_good: PathBuf,
    lock: HomeLock,
    provider_keys: ProviderKeys,
}

impl SettingsFile {
    /// Returns the file in `folder`, with the copy of its last valid text in `data`.
    pub(crate) fn new(folder: &Path, data: &Path, provider_keys: ProviderKeys) -> Self {
        let (path, last_good) = (folder.join(FILE), data.join(LAST_GOOD));
        Self { path, last_good, lock: HomeLock::new(data), provider_keys }
    }

    /// Returns the settings in force.
    ///
    /// While the file is invalid these are the last valid ones; without a file everything has its default. Fails when
    /// the file is invalid and there is no valid copy.
    pub(crate) fn read(&self) -> Result<Settings, Failure> {
        blocking(|| match self.load() {
            Ok((text, settings)) => {
                self.save_copy_if_current(&text);
                Ok(settings)
            }
            Err(error) => {
                let copy = read_text(&self.last_good).ok().flatten();
                match copy.and_then(|text| Settings::parse(&text, self.provider_keys).ok()) {
                    Some(last_good) => Ok(last_good.in_place_of(error)),
                    None => Err(error),
                }
            }
        })
    }

    /// Applies `change` to the current file and replaces it.
    ///
    /// The caller holds the home's lock.
    pub(crate) fn update(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        blocking(|| {
            let (_, mut settings) = self.load()?;
            change(&mut settings)?;
            self.replace_text(&settings.render())
        })
    }

    /// Replaces the text of the file. The caller holds the home's lock.
    pub(super) fn replace_text(&self, text: &str) -> Result<(), Failure> {
        check_size(text).map_err(|why| self.failure(&format!("{why}; nothing was changed")))?;
        write(&self.path, text.as_bytes())?;
        self.save_copy(text);
        Ok(())
    }

    pub(crate) fn provider_keys(&self) -> ProviderKeys {
        self.provider_keys
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns when the file was last written; `None` when there is none.
    pub(crate) fn modified(&self) -> Option<std::time::SystemTime> {
        fs::metadata(&self.path).ok()?.modified().ok()
    }

    /// Reads and parses the file.
    fn load(&self) -> Result<(String, Settings), Failure> {
        let text = read_text(&self.path).map_err(|why| self.failure(&why))?.unwrap_or_default();
        let settings = Settings::parse(&text, self.provider_keys).map_err(|why| self.failure(&why))?;
        Ok((text, settings))
    }

    /// Stores `text` as the last valid one, if the file still has it.
    ///
    /// Without this check a slow reader would restore an older text over a newer copy. While somebody else holds the
    /// lock nothing is done: a writer stores its own text.
    fn save_copy_if_current(&self, text: &str) {
        let copy = read_text(&self.last_good);
        let copy = copy.as_ref().map(Option::as_deref).unwrap_or_default();
        if copy.unwrap_or_default() == text {
            return;
        }
        let Ok(_guard) = self.lock.acquire_blocking(Duration::ZERO) else { return };
        if read_text(&self.path).is_ok_and(|now| now.unwrap_or_default() == text) {
            self.save_copy(text);
        }
    }

    /// Stores `text` as the last valid one. The caller holds the home's lock.
    ///
    /// A failure is only logged: nothing needs the copy yet.
    fn save_copy(&self, text: &str) {
        if let Err(error) = replace(&self.last_good, text.as_bytes()) {
            tracing::warn!(%error, "the settings were read, and no copy of them could be kept");
        }
    }

    pub(super) fn failure(&self, why: &str) -> Failure {
        Failure::new(ErrorCode::SettingsUnusable, format!("{}, {why}", self.path.display()))
    }
}

/// Refuses a text that could not be read again.
pub(crate) fn check_size(text: &str) -> Result<(), &'static str> {
    if text.len() as u64 > MAX_BYTES { Err(TOO_LARGE) } else { Ok(()) }
}

/// Returns whether a file has too many bytes for settings.
pub(super) fn is_too_large(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() > MAX_BYTES)
}

/// Replaces a file. The failure says that nothing was changed. The caller holds the home's lock.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(path, bytes).map_err(|error| {
        let cause = format!("{}, which could not be written: {error}; nothing was changed", path.display());
        Failure::new(ErrorCode::SettingsUnusable, cause)
    })
}

/// Returns the text of a file, or `None` when there is no such file.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, String> {
    let Some(bytes) = read_bytes(path)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let (line, column) = super::line_and_column(&before, before.len());
        format!("line {line}, column {column}: the text is not in UTF-8")
    })
}

pub(super) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: &io::Error| format!("which could not be read: {error}");
    // Checked before it is opened: opening a pipe blocks until its other end is open.
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    if !metadata.is_file() {
        return Err("which is not a file".into());
    }
    let mut bytes = Vec::new();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(TOO_LARGE.into());
    }
    Ok(Some(bytes))
}

/// Replaces a file atomically.
///
/// A link stays a link, for people who keep their settings in one place: its target is replaced, and keeps its
/// permissions.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = resolve_links(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    let old = fs::metadata(&path).ok();
    // Replacing only needs write permission of the folder, and would ignore that the file is read-only.
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    replace_locked_file(&path, bytes, old.map(|old| old.permissions()))
}

/// Returns the target of a chain of links, which need not exist.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new(".")).join(next);
    }
    Err(io::Error::other("its links form a loop"))
}

#[cfg(test)]
mod tests {
    use crate::providers::kinds::{CHATGPT, settings_keys};

    use super::*;

    fn home() -> (tempfile::TempDir, SettingsFile, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path(), &folder.path().join("data"), settings_keys);
        let path = folder.path().join(FILE);
        (folder, file, path)
    }

    fn switch_off(file: &SettingsFile) -> Result<(), Failure> {
        file.update(|settings| settings.set_enabled(&CHATGPT, false))
    }

    fn is_off(file: &SettingsFile) -> bool {
        !file.read().unwrap().enabled(&CHATGPT)
    }

    /// Each way in which a file can be invalid, with the text of its error.
    #[test]
    fn invalid_file_leaves_the_last_valid_settings_in_force() {
        type Case = (&'static str, Box<dyn Fn(&Path)>);
        let put = |bytes: Vec<u8>| move |path: &Path| fs::write(path, &bytes).unwrap();
        let cases: Vec<Case> = vec![
            ("line 1, column 19: ", Box::new(put(b"[providers.chatgpt\n".to_vec()))),
            ("line 2, column 6: the text is not in UTF-8", Box::new(put(b"\na = \"\xff\"\n".to_vec()))),
            ("which is larger than 1 MiB", Box::new(put(b"# so long\n".repeat(200_000)))),
            ("which is not a file", Box::new(|path| fs::create_dir(path).unwrap())),
            #[cfg(unix)]
            ("which could not be read", Box::new(|path| std::os::unix::fs::symlink(path, path).unwrap())),
            #[cfg(unix)]
            (
                "which is not a file",
                Box::new(|path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap()),
            ),
        ];
        for (expected, invalidate) in cases {
            let (folder, file, path) = home();
            fs::write(&path, "[providers.chatgpt]\nenabled = false\n").unwrap();
            assert!(is_off(&file) && file.read().unwrap().file_error().is_none());
            fs::remove_file(&path).unwrap();
            invalidate(&path);
            // Another process, which has never read a valid file.
            let other = SettingsFile::new(folder.path(), &folder.path().join("data"), settings_keys);
            for file in [&file, &other] {
                assert!(is_off(file), "{expected}");
                let error = file.read().unwrap().file_error().cloned().unwrap();
                assert!(error.cause.contains(expected), "{error}");
                assert_eq!(error.code, ErrorCode::SettingsUnusable);
                assert_eq!(switch_off(file).unwrap_err(), error, "a refused change");
            }
        }
        let (_folder, file, path) = home();
        fs::write(&path, "[providers.chatgpt]\nenabled = false\n").unwrap();
        file.read().unwrap();
        fs::write(&path, "").unwrap();
        assert!(!is_off(&file), "an empty file is valid");
    }

    #[test]
    fn invalid_toml_is_reported_with_line_and_column_and_not_changed() {
        let (_folder, file, path) = home();
        fs::write(&path, "version = 1\n[providers\n").unwrap();
        let refused = switch_off(&file).unwrap_err();
        assert!(refused.cause.contains("config.toml, line 2, column 11"), "{refused}");
        assert_eq!(fs::read_to_string(path).unwrap(), "version = 1\n[providers\n");
    }

    /// A slow reader reaches the copy while another process writes, or after it.
    #[test]
    fn older_text_does_not_replace_a_newer_copy() {
        let (folder, file, path) = home();
        fs::write(&path, "new = 2\n").unwrap();
        file.save_copy_if_current("old = 1\n");
        let copy = folder.path().join("data").join(LAST_GOOD);
        assert!(!copy.exists(), "the file has another text by now");
        let guard = file.lock.acquire_blocking(Duration::ZERO).unwrap();
        file.save_copy_if_current("new = 2\n");
        assert!(!copy.exists(), "the writer stores it");
        drop(guard);
        file.read().unwrap();
        assert_eq!(fs::read_to_string(copy).unwrap(), "new = 2\n");
    }

    #[test]
    #[cfg(unix)]
    fn update_through_a_link_replaces_its_target_and_keeps_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, file, link) = home();
        let target = folder.path().join("dotfiles/usher.toml");
        std::os::unix::fs::symlink("dotfiles/usher.toml", &link).unwrap();
        // A target that is missing is created.
        for before in [None, Some(0o640)] {
            if let Some(mode) = before {
                fs::set_permissions(&target, fs::Permissions::from_mode(mode)).unwrap();
            }
            switch_off(&file).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert!(fs::read_to_string(&target).unwrap().contains("enabled = false"));
        }
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn update_removes_what_killed_processes_left() {
        let (folder, file, path) = home();
        let left = [
            path.with_file_name(".config.toml.tmp-4711-0"),
            folder.path().join("data/.config.last-good.toml.tmp-4711-0"),
        ];
        fs::create_dir_all(folder.path().join("data")).unwrap();
        for left in &left {
            fs::write(left, "half").unwrap();
        }
        switch_off(&file).unwrap();
        assert_eq!(left.map(|left| left.exists()), [false; 2]);
    }

    #[test]
    fn update_of_a_read_only_file_is_refused() {
        let (_folder, file, path) = home();
        fs::write(&path, "# mine\n").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let refused = switch_off(&file).unwrap_err();
        assert!(refused.cause.contains("it is read-only; nothing was changed"), "{refused}");
        assert_eq!(fs::read_to_string(path).unwrap(), "# mine\n");
    }
}
