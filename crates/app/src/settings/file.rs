//! The settings file on the disk: found, read within bounds, written whole, and what it said last kept beside the state.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use usher_auth::{HomeLock, replace_file};
use usher_domain::{ErrorCode, Failure};

use super::Settings;
use crate::context::blocking;

pub(super) const FILE: &str = "config.toml";
/// The copy of what could last be read.
const LAST_GOOD: &str = "config.last-good.toml";
/// Settings are a few kilobytes; what is far larger is something else, and would be read for seconds.
const MAX_BYTES: u64 = 1024 * 1024;
/// As many links in a row as systems follow themselves.
const MAX_LINKS: usize = 40;

/// The settings file of one home.
pub(crate) struct SettingsFile {
    path: PathBuf,
    last_good: PathBuf,
    lock: HomeLock,
}

impl SettingsFile {
    /// The file in `folder`, with the copy of what could last be read in `data`.
    pub(crate) fn new(folder: &Path, data: &Path) -> Self {
        Self { path: folder.join(FILE), last_good: data.join(LAST_GOOD), lock: HomeLock::new(data) }
    }

    /// What is in force: what the file says, or, while it cannot be read, what it said last. A missing file says
    /// nothing, so everything has its default. Fails when the file cannot be read and was never seen whole.
    pub(crate) fn read(&self) -> Result<Settings, Failure> {
        blocking(|| match self.now() {
            Ok((text, settings)) => {
                self.remember_if_unchanged(&text);
                Ok(settings)
            }
            Err(broken) => {
                let before = read_text(&self.last_good).ok().flatten();
                let before =
                    before.and_then(|text| Settings::parse(&text).ok()).ok_or_else(|| broken.clone())?;
                Ok(before.standing_in_for(broken))
            }
        })
    }

    /// Changes some keys of the file as it is now. The caller holds the home's lock.
    pub(crate) fn update(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        blocking(|| {
            let (_, mut settings) = self.now()?;
            change(&mut settings)?;
            let text = settings.text();
            replace(&self.path, text.as_bytes()).map_err(|error| {
                self.unusable(&format!("which could not be written: {error}; nothing was changed"))
            })?;
            self.remember(&text);
            Ok(())
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// When the file was last written; nothing when there is none.
    pub(crate) fn modified(&self) -> Option<std::time::SystemTime> {
        fs::metadata(&self.path).ok()?.modified().ok()
    }

    /// What the file says, and its text.
    fn now(&self) -> Result<(String, Settings), Failure> {
        let text = read_text(&self.path).map_err(|why| self.unusable(&why))?.unwrap_or_default();
        let settings = Settings::parse(&text).map_err(|why| self.unusable(&why))?;
        Ok((text, settings))
    }

    /// Keeps what was read whole, unless it is kept already or has been overtaken: whoever reads slowly would else put an
    /// older text back. A writer that is at work keeps its own.
    fn remember_if_unchanged(&self, text: &str) {
        let known = read_text(&self.last_good);
        let known = known.as_ref().map(Option::as_deref).unwrap_or_default();
        if known.unwrap_or_default() == text {
            return;
        }
        let Ok(_guard) = self.lock.acquire_blocking(Duration::ZERO) else { return };
        if read_text(&self.path).is_ok_and(|now| now.unwrap_or_default() == text) {
            self.remember(text);
        }
    }

    /// Not being able to costs nothing now, so it is only noted. The home's lock is held.
    fn remember(&self, text: &str) {
        if let Err(error) = replace(&self.last_good, text.as_bytes()) {
            tracing::warn!(%error, "the settings were read, and no copy of them could be kept");
        }
    }

    fn unusable(&self, why: &str) -> Failure {
        Failure::new(ErrorCode::SettingsUnusable, format!("{}, {why}", self.path.display()))
    }
}

/// The text of a file, or why there is none to be had; nothing when there is no such file.
fn read_text(path: &Path) -> Result<Option<String>, String> {
    let Some(bytes) = read_bytes(path)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let (line, column) = super::place(&before, before.len());
        format!("line {line}, column {column}: the text is not in UTF-8")
    })
}

fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: &io::Error| format!("which could not be read: {error}");
    // Asked before it is opened: opening a pipe waits for its other end.
    let data = match fs::metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    if !data.is_file() {
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
        return Err("which is larger than 1 MiB, so these are no settings".into());
    }
    Ok(Some(bytes))
}

/// Whole or not at all, as with every file of ours. A link, as people have who keep their settings in one place,
/// stays a link: what it leads to is replaced, and keeps its rights.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = end_of_links(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let old = fs::metadata(&path).ok();
    // Replacing needs a right to the folder only, and would pass over what the person has said of the file.
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is protected against writing"));
    }
    replace_file(&path, bytes, old.map(|old| old.permissions()))
}

/// Where a link leads to, also when there is nothing yet.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new(".")).join(next);
    }
    Err(io::Error::other("its links lead round in a circle"))
}

#[cfg(test)]
mod tests {
    use usher_domain::ProviderId;

    use super::*;

    fn home() -> (tempfile::TempDir, SettingsFile, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path(), &folder.path().join("data"));
        let path = folder.path().join(FILE);
        (folder, file, path)
    }

    fn switch_off(file: &SettingsFile) -> Result<(), Failure> {
        file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false))
    }

    fn is_off(file: &SettingsFile) -> bool {
        !file.read().unwrap().enabled(&ProviderId::Chatgpt)
    }

    /// Each way in which a file can be no settings, with the words for it.
    #[test]
    fn while_the_file_cannot_be_read_what_it_said_last_stays_in_force() {
        type Way = (&'static str, Box<dyn Fn(&Path)>);
        let put = |bytes: Vec<u8>| move |path: &Path| fs::write(path, &bytes).unwrap();
        let ways: Vec<Way> = vec![
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
        for (words, spoil) in ways {
            let (folder, file, path) = home();
            fs::write(&path, "[providers.chatgpt]\nenabled = false\n").unwrap();
            assert!(is_off(&file) && file.read().unwrap().broken().is_none());
            fs::remove_file(&path).unwrap();
            spoil(&path);
            // Another process, which never saw the file whole.
            let other = SettingsFile::new(folder.path(), &folder.path().join("data"));
            for file in [&file, &other] {
                assert!(is_off(file), "{words}");
                let broken = file.read().unwrap().broken().cloned().unwrap();
                assert!(broken.cause.contains(words), "{broken}");
                assert_eq!(broken.code, ErrorCode::SettingsUnusable);
                assert_eq!(switch_off(file).unwrap_err(), broken, "a refused change");
            }
        }
        let (_folder, file, path) = home();
        fs::write(&path, "[providers.chatgpt]\nenabled = false\n").unwrap();
        file.read().unwrap();
        fs::write(&path, "").unwrap();
        assert!(!is_off(&file), "an emptied file is no broken one");
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_column_and_left_alone() {
        let (_folder, file, path) = home();
        fs::write(&path, "version = 1\n[providers\n").unwrap();
        let refused = switch_off(&file).unwrap_err();
        assert!(refused.cause.contains("config.toml, line 2, column 11"), "{refused}");
        assert_eq!(fs::read_to_string(path).unwrap(), "version = 1\n[providers\n");
    }

    /// A reader that is slow comes to the copy when a writer is at work or has been.
    #[test]
    fn an_older_text_is_not_put_back_over_a_newer_copy() {
        let (folder, file, path) = home();
        fs::write(&path, "new = 2\n").unwrap();
        file.remember_if_unchanged("old = 1\n");
        let copy = folder.path().join("data").join(LAST_GOOD);
        assert!(!copy.exists(), "the file says something else by now");
        let guard = file.lock.acquire_blocking(Duration::ZERO).unwrap();
        file.remember_if_unchanged("new = 2\n");
        assert!(!copy.exists(), "whoever writes keeps it");
        drop(guard);
        file.read().unwrap();
        assert_eq!(fs::read_to_string(copy).unwrap(), "new = 2\n");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_its_file_keeps_its_rights() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, file, link) = home();
        let target = folder.path().join("dotfiles/elsewhere.toml");
        std::os::unix::fs::symlink("dotfiles/elsewhere.toml", &link).unwrap();
        // What it leads to is made, too.
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
    fn a_file_that_is_protected_is_not_written_over() {
        let (_folder, file, path) = home();
        fs::write(&path, "# mine\n").unwrap();
        let mut rights = fs::metadata(&path).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(&path, rights).unwrap();
        let refused = switch_off(&file).unwrap_err();
        assert!(refused.cause.contains("it is protected against writing; nothing was changed"), "{refused}");
        assert_eq!(fs::read_to_string(path).unwrap(), "# mine\n");
    }
}
