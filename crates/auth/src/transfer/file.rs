//! The transfer file: what leaves a home, sealed with a passphrase, or the note that it was opened.
//!
//! `{"usher_transfer":1,"id":"…","sealed":{…}}`, where `sealed` is what the store seals records as. Once it was opened:
//! `{"usher_transfer":1,"id":"…","opened":true}`, without any secret.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use usher_domain::{ErrorCode, Failure, Passphrase};

use super::payload::Payload;
use crate::platform::private_file::create_private;
use crate::store::file;
use crate::store::key::passphrase::{self, OpenError, PassphraseSeal};

/// The version of the format that this program writes and knows.
const VERSION: u32 = 1;
/// Limits what is read: the store, from which it comes, is no larger, and settings are at most a few kilobytes.
const MAX_BYTES: usize = 24 * 1024 * 1024;
/// The most bytes of a file beside the sealed payload.
const OVERHEAD_BYTES: usize = 256;
const MAX_ID_CHARS: usize = 64;

/// A transfer file, as it is on disk.
#[derive(Serialize, Deserialize)]
struct Envelope {
    usher_transfer: u32,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    opened: bool,
}

/// What a file is.
pub(super) enum TransferFile {
    /// Nobody has opened it.
    Sealed(SealedTransfer),
    /// It was opened, and has nothing in it any more.
    Opened {
        /// Which file it was.
        id: String,
    },
}

/// A file that nobody has opened yet.
pub(super) struct SealedTransfer {
    pub(super) id: String,
    sealed: Box<RawValue>,
}

impl TransferFile {
    /// Reads the file at `path`; `None` where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let Some(bytes) = file::read(path, MAX_BYTES)? else { return Ok(None) };
        Self::parse(&bytes).map(Some).map_err(|why| unusable(&format!("{}: {why}", path.display())))
    }

    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Version {
            usher_transfer: u32,
        }
        const FOREIGN: &str = "it is no transfer file of Usher, or was cut off";
        let version: Version = serde_json::from_slice(bytes).map_err(|_| FOREIGN)?;
        if version.usher_transfer > VERSION {
            return Err(NEWER);
        }
        let Envelope { id, sealed, opened, .. } = serde_json::from_slice(bytes).map_err(|_| FOREIGN)?;
        if id.len() > MAX_ID_CHARS {
            return Err(FOREIGN);
        }
        match sealed {
            _ if opened => Ok(Self::Opened { id }),
            Some(sealed) => Ok(Self::Sealed(SealedTransfer { id, sealed })),
            None => Err(FOREIGN),
        }
    }

    /// Returns whether it is the sealed file `id`.
    pub(super) fn is_sealed(&self, id: &str) -> bool {
        matches!(self, Self::Sealed(sealed) if sealed.id == id)
    }

    /// Returns whether it is the file `id` after it was opened.
    pub(super) fn is_opened(&self, id: &str) -> bool {
        matches!(self, Self::Opened { id: opened } if opened == id)
    }
}

const NEWER: &str = "it was made by a newer version of Usher; update this one";

impl SealedTransfer {
    /// Opens it.
    pub(super) fn open(&self, passphrase: &Passphrase) -> Result<Payload, Failure> {
        let plaintext =
            passphrase::open(self.sealed.get().as_bytes(), passphrase).map_err(|why| match why {
                OpenError::WrongPassphrase => Failure::new(
                    ErrorCode::PassphraseWrong,
                    "the transfer file was sealed with another passphrase; nothing was changed",
                ),
                OpenError::Newer => unusable(NEWER),
                OpenError::Damaged => {
                    unusable("the transfer file was changed or damaged; nothing was taken from it")
                }
            })?;
        Payload::from_bytes(&plaintext, &self.id)
            .ok_or_else(|| unusable("the transfer file holds what this version of Usher does not know"))
    }
}

/// Returns the bytes of the file `id` with `payload`.
pub(super) fn seal(seal: &PassphraseSeal, id: &str, payload: &[u8]) -> Result<Vec<u8>, Failure> {
    let line = String::from_utf8(seal.seal(payload)?).expect("a sealed file is text");
    let sealed =
        RawValue::from_string(line.trim_end().to_owned()).expect("a sealed file is one line of JSON");
    Ok(encode(&Envelope { usher_transfer: VERSION, id: id.to_owned(), sealed: Some(sealed), opened: false }))
}

/// Returns the most bytes of a file with a payload of `bytes`.
pub(super) fn len_of(bytes: usize) -> usize {
    passphrase::sealed_len(bytes) + OVERHEAD_BYTES
}

/// Writes the note that the file `id` was opened. What has come to lie at `path` meanwhile stays.
pub(super) fn write_note(path: &Path, id: &str) -> io::Result<()> {
    let note = encode(&Envelope { usher_transfer: VERSION, id: id.to_owned(), sealed: None, opened: true });
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created?.write_all(&note),
    }
}

/// Returns the name that a file has while one home takes it: only one process can rename it so.
pub(super) fn claimed_path(path: &Path, claim: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}.opening-{claim}"))
}

pub(super) fn unusable(why: &str) -> Failure {
    Failure::new(ErrorCode::TransferUnusable, why)
}

fn encode(envelope: &Envelope) -> Vec<u8> {
    let mut line =
        serde_json::to_vec(envelope).expect("a struct of text and numbers has no key that JSON lacks");
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text)
    }

    fn made(id: &str) -> Vec<u8> {
        let payload =
            format!(r#"{{"id":"{id}","made_at":1,"settings":"","active":null,"sign_ins":[],"keys":[]}}"#);
        seal(&PassphraseSeal::new(&passphrase("right passphrase")).unwrap(), id, payload.as_bytes()).unwrap()
    }

    fn open(bytes: &[u8], with: &str) -> Result<Payload, ErrorCode> {
        match TransferFile::parse(bytes) {
            Ok(TransferFile::Sealed(sealed)) => {
                sealed.open(&passphrase(with)).map_err(|failure| failure.code)
            }
            Ok(TransferFile::Opened { .. }) => Err(ErrorCode::TransferOpened),
            Err(_) => Err(ErrorCode::TransferUnusable),
        }
    }

    #[test]
    fn file_opens_with_its_passphrase_only_and_is_no_larger_than_announced() {
        let file = made("a");
        assert_eq!(open(&file, "right passphrase").unwrap().id, "a");
        assert_eq!(open(&file, "other passphrase").err(), Some(ErrorCode::PassphraseWrong));
        assert!(file.len() <= len_of(200));
        assert!(file.ends_with(b"}\n") && !String::from_utf8(file).unwrap().contains("sign_ins"));
    }

    #[test]
    fn file_that_was_changed_or_is_foreign_is_unusable() {
        let file = String::from_utf8(made("a")).unwrap();
        let at = file.rfind("\"sealed\":\"").unwrap() + 30;
        let other = if file.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        let changed = format!("{}{other}{}", &file[..at], &file[at + 1..]);
        let long = format!(r#"{{"usher_transfer":1,"id":"{}","opened":true}}"#, "a".repeat(MAX_ID_CHARS + 1));
        for text in [
            changed.as_str(),
            &file.replace(r#""id":"a""#, r#""id":"b""#),
            &file.replace(r#""memory":65536"#, r#""memory":4294967295"#),
            &file.replace(r#""usher_transfer":1"#, r#""usher_transfer":2"#),
            &file[..file.len() / 2],
            r#"{"usher_transfer":1,"id":"a"}"#,
            r#"{"usher_secrets":1}"#,
            "",
            &long,
        ] {
            assert_eq!(
                open(text.as_bytes(), "right passphrase").err(),
                Some(ErrorCode::TransferUnusable),
                "{text}"
            );
        }
    }

    #[test]
    fn note_says_that_the_file_was_opened_and_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_note(&path, "a").unwrap();
        assert_eq!(open(&std::fs::read(&path).unwrap(), "any").err(), Some(ErrorCode::TransferOpened));
        std::fs::write(&path, "another").unwrap();
        write_note(&path, "a").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"another");
    }
}
