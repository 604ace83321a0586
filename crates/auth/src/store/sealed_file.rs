//! The sealed file: one JSON line whose body is encrypted with the data key.
//!
//! `{"usher_secrets":1,"key":{…},"nonce":"…","sealed":"…"}`. The header has the format of the records and the source of
//! the key. It is bound to the body as associated data, so a body cannot be moved under another header. The cipher is XChaCha20-Poly1305: its nonce
//! is long enough to be random for every write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use usher_domain::Failure;
use zeroize::Zeroizing;

use crate::platform::random::random;

/// Bytes of the data key.
pub(super) const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const KEY_ID_BYTES: usize = 8;

/// The format of the records, which the file names. An older Usher ignores fields that it does not know, so what would
/// be damaged by that gets a higher format, and the older one refuses the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Format(u32);

impl Format {
    /// Records that the first version of Usher can read.
    pub(super) const FIRST: Self = Self(1);
    /// Records with sign-ins or revocations of plan usage: read as those of Codex, they would be refreshed or revoked with
    /// another client id.
    pub(super) const PLAN_USAGE: Self = Self(2);
    /// Records of moves between computers: without them, a sign-in that was moved would be in use here again.
    pub(super) const TRANSFER: Self = Self(3);
}

/// The data key; wiped on drop.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Where the data key comes from. Recorded in the file, so that only a move changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub(super) enum KeySource {
    /// The keyring of the operating system.
    Keyring,
    /// Argon2id of the user's passphrase.
    Passphrase {
        /// Base64 of 16 random bytes.
        salt: String,
        /// Memory in KiB.
        memory: u32,
        /// Passes over the memory.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// A file beside the records that only this user can read.
    KeyFile,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    usher_secrets: u32,
    key: KeySource,
    /// Identifies the key without revealing it; files of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    nonce: String,
    sealed: String,
}

/// A file that was parsed but not decrypted yet.
pub(super) struct SealedFile {
    format: Format,
    pub(super) source: KeySource,
    key_id: Option<String>,
    nonce: [u8; NONCE_BYTES],
    body: Vec<u8>,
}

/// Why a file cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SealedFileError {
    /// Not a file of Usher, or damaged.
    Corrupt,
    /// Written by a newer Usher.
    Newer(u32),
    /// The key is another one than that of the file.
    OtherKey,
    /// The key is another one, or the file was changed: one of an older version does not show which.
    OtherKeyOrCorrupt,
}

impl SealedFile {
    /// Parses the header of `file`.
    pub(super) fn parse(file: &[u8]) -> Result<Self, SealedFileError> {
        #[derive(Deserialize)]
        struct Version {
            usher_secrets: u32,
        }
        let version: Version = serde_json::from_slice(file).map_err(|_| SealedFileError::Corrupt)?;
        let format = Format(version.usher_secrets);
        if format > Format::TRANSFER {
            return Err(SealedFileError::Newer(version.usher_secrets));
        }
        let file: Envelope = serde_json::from_slice(file).map_err(|_| SealedFileError::Corrupt)?;
        let nonce = BASE64.decode(&file.nonce).ok().and_then(|nonce| nonce.try_into().ok());
        let nonce = nonce.ok_or(SealedFileError::Corrupt)?;
        let body = BASE64.decode(&file.sealed).map_err(|_| SealedFileError::Corrupt)?;
        Ok(Self { format, source: file.key, key_id: file.key_id, nonce, body })
    }

    /// Decrypts the body. The error distinguishes another key from a changed file, if the file has the key's id.
    pub(super) fn open(&self, key: &Key) -> Result<Zeroizing<Vec<u8>>, SealedFileError> {
        let header = header(self.format, &self.source);
        let payload = Payload { msg: &self.body, aad: &header };
        cipher(key).decrypt(&XNonce::from(self.nonce), payload).map(Zeroizing::new).map_err(|_| {
            match &self.key_id {
                Some(id) if *id == key_id(key) => SealedFileError::Corrupt,
                Some(_) => SealedFileError::OtherKey,
                None => SealedFileError::OtherKeyOrCorrupt,
            }
        })
    }
}

/// Encrypts `plaintext`, records of `format`, with `key` and returns the bytes of a file.
pub(super) fn seal(
    plaintext: &[u8],
    format: Format,
    source: &KeySource,
    key: &Key,
) -> Result<Vec<u8>, Failure> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    let header = header(format, source);
    let body = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &header })
        .expect("a body of a few kilobytes is far below the cipher's limit");
    let file = Envelope {
        usher_secrets: format.0,
        key: source.clone(),
        key_id: Some(key_id(key)),
        nonce: BASE64.encode(nonce),
        sealed: BASE64.encode(body),
    };
    let mut line =
        serde_json::to_vec(&file).expect("a struct of text and numbers has no key that JSON lacks");
    line.push(b'\n');
    Ok(line)
}

/// Returns the id of `key`: a hash, from which the key's 256 random bits cannot be found.
fn key_id(key: &Key) -> String {
    let hash = Sha256::new().chain_update(b"usher key id\0").chain_update(key.as_slice()).finalize();
    BASE64.encode(&hash[..KEY_ID_BYTES])
}

/// The most bytes of a file beside its encoded body: the header with a passphrase's parameters, nonce and tag.
const OVERHEAD_BYTES: usize = 512;

/// Returns the most bytes that a file of `plaintext` bytes has.
pub(super) fn sealed_len(plaintext: usize) -> usize {
    plaintext.div_ceil(3) * 4 + OVERHEAD_BYTES
}

fn header(format: Format, source: &KeySource) -> Vec<u8> {
    serde_json::to_vec(&(format.0, source)).expect("text and numbers have no key that JSON lacks")
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&**key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Zeroizing::new([byte; KEY_BYTES])
    }

    #[test]
    fn sealed_file_opens_with_its_key_only() {
        let file = seal(b"records", Format::FIRST, &KeySource::KeyFile, &key(1)).unwrap();
        let sealed = SealedFile::parse(&file).unwrap();
        assert_eq!(&**sealed.open(&key(1)).unwrap(), b"records");
        assert_eq!(sealed.open(&key(2)).unwrap_err(), SealedFileError::OtherKey);
    }

    #[test]
    fn sealed_file_changed_and_key_changed_are_two_cases() {
        let file = seal(b"records", Format::FIRST, &KeySource::KeyFile, &key(1)).unwrap();
        let mut changed = SealedFile::parse(&file).unwrap();
        changed.body[0] ^= 1;
        assert_eq!(changed.open(&key(1)).unwrap_err(), SealedFileError::Corrupt);
        assert_eq!(changed.open(&key(2)).unwrap_err(), SealedFileError::OtherKey);
        changed.key_id = None;
        assert_eq!(changed.open(&key(1)).unwrap_err(), SealedFileError::OtherKeyOrCorrupt);
        let mut old = SealedFile::parse(&file).unwrap();
        old.key_id = None;
        assert_eq!(&**old.open(&key(1)).unwrap(), b"records", "a file of an older version opens");
    }

    #[test]
    fn sealed_file_with_changed_header_or_body_does_not_open() {
        let file = seal(b"records", Format::FIRST, &KeySource::KeyFile, &key(1)).unwrap();
        let mut moved = SealedFile::parse(&file).unwrap();
        moved.source = KeySource::Keyring;
        assert!(moved.open(&key(1)).is_err(), "the head is bound to the body");
        let mut changed = SealedFile::parse(&file).unwrap();
        changed.body[0] ^= 1;
        assert!(changed.open(&key(1)).is_err());
        let mut lowered = SealedFile::parse(&file).unwrap();
        lowered.format = Format::PLAN_USAGE;
        assert!(lowered.open(&key(1)).is_err(), "the format is bound to the body");
    }

    #[test]
    fn sealed_file_truncated_foreign_and_newer_are_distinguished() {
        let file = seal(b"records", Format::FIRST, &KeySource::KeyFile, &key(1)).unwrap();
        for end in 0..file.len() - 2 {
            assert!(SealedFile::parse(&file[..end]).is_err(), "cut at {end}");
        }
        assert_eq!(SealedFile::parse(b"{\"hello\":1}").err(), Some(SealedFileError::Corrupt));
        assert_eq!(SealedFile::parse(b"{\"usher_secrets\":4}").err(), Some(SealedFileError::Newer(4)));
    }

    #[test]
    fn sealed_file_is_never_larger_than_announced() {
        let salt = BASE64.encode([0xff; 16]);
        let passphrase = KeySource::Passphrase { salt, memory: u32::MAX, passes: u32::MAX, lanes: u32::MAX };
        for source in [KeySource::Keyring, KeySource::KeyFile, passphrase] {
            for size in [0, 1, 2, 3, 1000] {
                let len = seal(&vec![0; size], Format::FIRST, &source, &key(1)).unwrap().len();
                assert!(len <= sealed_len(size) && sealed_len(size) < len + OVERHEAD_BYTES, "{size}: {len}");
            }
        }
    }

    #[test]
    fn sealed_file_of_same_records_differs_each_time() {
        let one = || seal(b"r", Format::FIRST, &KeySource::KeyFile, &key(1)).unwrap();
        assert_ne!(one(), one());
    }
}
