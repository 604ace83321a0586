//! Files that Usher puts where the system looks for them, beside those of others: only one with Usher's own line is replaced
//! or deleted.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use usher_auth::replace_file;
use usher_domain::{ErrorCode, Failure};

use crate::view::ServiceFile;

/// Limits what is read of a file that is at the place of ours.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A file, and the line by which Usher knows that it wrote it.
pub(crate) struct MarkedFile {
    pub(crate) path: PathBuf,
    pub(crate) marker: &'static str,
}

impl MarkedFile {
    /// Returns what is at the path. What cannot be read is somebody else's.
    pub(crate) fn state(&self) -> ServiceFile {
        match std::fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => ServiceFile::Missing,
            // A link is how a unit is masked, or kept with other settings: a write would go around that.
            Ok(data) if data.is_file() && self.read().is_some_and(|text| text.contains(self.marker)) => {
                ServiceFile::Own
            }
            _ => ServiceFile::Foreign,
        }
    }

    /// Returns the text; `None` where it cannot be read.
    pub(crate) fn read(&self) -> Option<String> {
        let mut text = String::new();
        File::open(&self.path).ok()?.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Writes the file completely or not at all, readable by everybody as these files are.
    pub(crate) fn write(&self, content: &str) -> Result<(), Failure> {
        let written = self.path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written = written.and_then(|()| replace_readable_by_all(&self.path, content.as_bytes()));
        written.map_err(|error| unusable(&self.path, &error))
    }

    /// Deletes the file.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        std::fs::remove_file(&self.path).map_err(|error| unusable(&self.path, &error))
    }
}

#[cfg(unix)]
fn replace_readable_by_all(path: &Path, content: &[u8]) -> std::io::Result<()> {
    replace_file(path, content, Some(std::os::unix::fs::PermissionsExt::from_mode(0o644)))
}

#[cfg(not(unix))]
fn replace_readable_by_all(path: &Path, content: &[u8]) -> std::io::Result<()> {
    replace_file(path, content, None)
}

/// Returns the failure of an operation on a file.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::ToolFileUnusable, format!("{}: {error}", path.display()))
}

/// Returns a path as text that such a file can hold.
pub(crate) fn text_of(path: &Path) -> Result<&str, Failure> {
    path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| {
        let cause = format!("{} has characters that a file of the system cannot have", path.display());
        Failure::new(ErrorCode::BadUsage, cause)
    })
}
