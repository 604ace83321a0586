//! Reads what another program wrote, and changes nothing by it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use usher_domain::{ErrorCode, UnixTime};
use zeroize::Zeroizing;

use super::types::{ExternalProgram, ExternalReadError};

/// These files are a few kilobytes; anything far larger is none of them.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Most of these programs write in place, Codex too (protocol §6), so a file may be met half-written. A write is
/// over long before this.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What a file held, and when it was last written.
pub(super) struct FileContent<T> {
    pub(super) content: T,
    pub(super) modified: Option<UnixTime>,
}

/// What `parse` makes of the file at `path`; nothing when there is no such file. What cannot be parsed is
/// read once more before it is called so.
pub(super) fn read<T>(
    program: ExternalProgram,
    path: &Path,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Result<Option<FileContent<T>>, ExternalReadError> {
    for last in [false, true] {
        let Some((bytes, modified)) = bytes(program, path)? else { return Ok(None) };
        match parse(&bytes) {
            Some(content) => return Ok(Some(FileContent { content, modified })),
            None if last => break,
            None => std::thread::sleep(AGAIN_AFTER),
        }
    }
    Err(foreign(program, path))
}

/// The files of `folder` that `wanted` takes by their names, in order; none when there is no such folder.
pub(super) fn list(
    program: ExternalProgram,
    folder: &Path,
    wanted: fn(&str) -> bool,
) -> Result<Vec<PathBuf>, ExternalReadError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_nothing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(failed(program, folder, &error)),
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut paths: Vec<_> =
        names.filter(|name| name.to_str().is_some_and(wanted)).map(|name| folder.join(name)).collect();
    paths.sort();
    Ok(paths)
}

/// A file that is there and is not what `program` writes. Never says what it holds instead.
pub(super) fn foreign(program: ExternalProgram, path: &Path) -> ExternalReadError {
    ExternalReadError::new(
        program,
        path,
        ErrorCode::MalformedAnswer,
        format!("it is not what {program} writes"),
    )
}

type Bytes = (Zeroizing<Vec<u8>>, Option<UnixTime>);

fn bytes(program: ExternalProgram, path: &Path) -> Result<Option<Bytes>, ExternalReadError> {
    let refused = |why: &str| Err(ExternalReadError::new(program, path, ErrorCode::MalformedAnswer, why));
    // Asked before it is opened: opening a pipe waits for its other end.
    let data = match std::fs::metadata(path) {
        Ok(data) => data,
        Err(error) if is_nothing(&error) => return Ok(None),
        Err(error) => return Err(failed(program, path, &error)),
    };
    if !data.is_file() {
        return refused("it is not a file");
    }
    // Room for all of it at once, so that no part stays behind where a growing buffer was.
    let room = usize::try_from(data.len().min(MAX_FILE_BYTES)).unwrap_or_default() + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_nothing(&error) => return Ok(None),
        Err(error) => return Err(failed(program, path, &error)),
    };
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(program, path, &error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return refused("it is larger than 1 MiB");
    }
    Ok(Some((bytes, data.modified().ok().and_then(unix_time))))
}

/// Whether there is nothing at a path, as opposed to something that cannot be read.
fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn failed(program: ExternalProgram, path: &Path, error: &io::Error) -> ExternalReadError {
    ExternalReadError::new(
        program,
        path,
        ErrorCode::StoreUnavailable,
        format!("it could not be read: {error}"),
    )
}

fn unix_time(time: SystemTime) -> Option<UnixTime> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok().map(UnixTime)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn file_half_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, "{\"half\":").unwrap();
        let times = Cell::new(0);
        let parse = |bytes: &[u8]| {
            times.set(times.get() + 1);
            // Its program goes on writing while the first half is looked at.
            std::fs::write(&path, "{}").unwrap();
            (bytes == b"{}").then_some(())
        };
        assert!(matches!(read(ExternalProgram::Codex, &path, parse), Ok(Some(_))));
        assert_eq!(times.get(), 2);
    }

    #[test]
    fn file_still_invalid_is_read_twice_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        std::fs::write(&path, "broken").unwrap();
        let times = Cell::new(0);
        let trouble = read(ExternalProgram::Codex, &path, |_| {
            times.set(times.get() + 1);
            None::<()>
        });
        assert_eq!(trouble.err().map(|trouble| trouble.code), Some(ErrorCode::MalformedAnswer));
        assert_eq!(times.get(), 2);
    }
}
