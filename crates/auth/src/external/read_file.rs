//! Reads files of other programs without changing them.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use usher_domain::{ErrorCode, UnixTime};
use zeroize::Zeroizing;

use crate::platform::private_file::open_regular;

use super::types::{ExternalProgram, ExternalReadError};

/// Limits the size of a file: these are a few kilobytes, so a far larger one is something else.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
/// Delay before a file is read again. Most of these programs write in place, Codex too (protocol §6), so a file may be
/// half-written. A write takes far less than this.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// The parsed content of a file, and when it was last written.
pub(super) struct FileContent<T> {
    pub(super) content: T,
    pub(super) modified: Option<UnixTime>,
}

/// Reads and parses the file at `path`; `None` if there is no such file. If parsing fails, the file is read once more.
pub(super) fn read<T>(
    program: ExternalProgram,
    path: &Path,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Result<Option<FileContent<T>>, ExternalReadError> {
    for last in [false, true] {
        let Some((bytes, modified)) = bytes(program, path)? else { return Ok(None) };
        // An editor may have put a mark before the text.
        match parse(bytes.strip_prefix(UTF8_MARK).unwrap_or(&bytes)) {
            Some(content) => return Ok(Some(FileContent { content, modified })),
            None if last => return Err(unreadable(program, path, &bytes)),
            None => std::thread::sleep(RETRY_DELAY),
        }
    }
    Err(foreign(program, path))
}

/// Returns the error for content that cannot be parsed, with what is wrong if that can be seen.
fn unreadable(program: ExternalProgram, path: &Path, bytes: &[u8]) -> ExternalReadError {
    let why = if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        "it is saved as UTF-16; save it as UTF-8"
    } else if bytes.contains(&0) {
        "it is damaged: it has zero bytes"
    } else if bytes.trim_ascii().is_empty() {
        "it is empty"
    } else {
        return foreign(program, path);
    };
    let cause = format!("{why}, or sign in to {program} again");
    ExternalReadError::new(program, path, ErrorCode::MalformedAnswer, cause)
}

/// Reads and parses each file at `paths`. Those that cannot be parsed are read once more, all after one delay: a folder
/// of thousands of broken files must not keep a command waiting.
pub(super) fn read_all<T>(
    program: ExternalProgram,
    paths: Vec<PathBuf>,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Vec<(PathBuf, Result<FileContent<T>, ExternalReadError>)> {
    let (mut done, mut left) = (Vec::new(), paths);
    for last in [false, true] {
        let mut unparsed = Vec::new();
        for path in left {
            match bytes(program, &path) {
                Ok(None) => {}
                Ok(Some((bytes, modified))) => match parse(&bytes) {
                    Some(content) => done.push((path, Ok(FileContent { content, modified }))),
                    None if last => done.push((path.clone(), Err(unreadable(program, &path, &bytes)))),
                    None => unparsed.push(path),
                },
                Err(error) => done.push((path, Err(error))),
            }
        }
        if unparsed.is_empty() {
            break;
        }
        std::thread::sleep(RETRY_DELAY);
        left = unparsed;
    }
    done.sort_by(|(one, _), (other, _)| one.cmp(other));
    done
}

/// Lists the files of `folder` whose names match, in order; none if there is no such folder.
pub(super) fn list(
    program: ExternalProgram,
    folder: &Path,
    matches: fn(&str) -> bool,
) -> Result<Vec<PathBuf>, ExternalReadError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(failed(program, folder, &error)),
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut paths: Vec<_> =
        names.filter(|name| name.to_str().is_some_and(matches)).map(|name| folder.join(name)).collect();
    paths.sort();
    Ok(paths)
}

/// Returns the error for a file that is not in the format of `program`. It reveals nothing of the content.
pub(super) fn foreign(program: ExternalProgram, path: &Path) -> ExternalReadError {
    ExternalReadError::new(
        program,
        path,
        ErrorCode::MalformedAnswer,
        format!("it is not what {program} writes; sign in to {program} again"),
    )
}

type Bytes = (Zeroizing<Vec<u8>>, Option<UnixTime>);

fn bytes(program: ExternalProgram, path: &Path) -> Result<Option<Bytes>, ExternalReadError> {
    let rejected = |why: &str| Err(ExternalReadError::new(program, path, ErrorCode::MalformedAnswer, why));
    // Checked before opening, because opening a pipe waits for its other end.
    let data = match std::fs::metadata(path) {
        Ok(data) => data,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(failed(program, path, &error)),
    };
    if !data.is_file() {
        return rejected("it is not a file");
    }
    // Allocated at full size: a buffer that grows leaves copies of the secret in freed memory.
    let capacity = usize::try_from(data.len().min(MAX_FILE_BYTES)).unwrap_or_default() + 64;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    let file = match open_regular(path) {
        Ok(file) => file,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(failed(program, path, &error)),
    };
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(program, path, &error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return rejected("it is larger than 1 MiB");
    }
    Ok(Some((bytes, data.modified().ok().and_then(unix_time))))
}

/// Returns whether an error means that the path does not exist, as opposed to a failed read.
fn is_missing(error: &io::Error) -> bool {
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
            // Its program goes on writing while the first half is parsed.
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
        let error = read(ExternalProgram::Codex, &path, |_| {
            times.set(times.get() + 1);
            None::<()>
        });
        assert_eq!(error.err().map(|error| error.code), Some(ErrorCode::MalformedAnswer));
        assert_eq!(times.get(), 2);
    }

    #[test]
    fn file_in_another_encoding_is_read_or_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        std::fs::write(&path, b"\xef\xbb\xbf{}").unwrap();
        assert!(matches!(read(ExternalProgram::Pi, &path, parse), Ok(Some(_))));
        let rows: [(&[u8], &str); 5] = [
            (b"\xff\xfe{\0}\0", "UTF-16"),
            (b"\xfe\xff\0{\0}", "UTF-16"),
            (b"\0\0\0\0", "zero bytes"),
            (b" \n", "it is empty"),
            (b"[", "it is not what pi writes"),
        ];
        for (content, why) in rows {
            std::fs::write(&path, content).unwrap();
            let error = read(ExternalProgram::Pi, &path, parse).err().unwrap();
            assert!(error.cause.contains(why) && error.cause.ends_with("sign in to pi again"), "{error}");
        }
    }
}
