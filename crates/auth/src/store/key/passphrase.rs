//! The rule for new passphrases, keys that are derived from one, and files that are sealed with one.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use usher_domain::{ErrorCode, Failure, Passphrase};
use zeroize::Zeroizing;

use crate::platform::random::random;
use crate::store::sealed_file::{self, Format, KEY_BYTES, Key, KeySource, SealedFile, SealedFileError};

/// The shortest new passphrase, in characters: the file that it seals may get into anybody's hands.
///
/// Length is what makes it hard to guess, so nothing is asked of its composition (NIST SP 800-63B §3.1.1.2).
pub const MIN_PASSPHRASE_CHARS: usize = 12;

/// RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const SALT_BYTES: usize = 16;
/// The most that a header may ask for: some seconds of work.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
const MAX_SALT_CHARS: usize = 128;

/// The header asks for more work than Usher ever does, or for what is no derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct BadParameters;

/// Checks a passphrase that is to seal something new.
///
/// It has to be one that `USHER_PASSPHRASE` can have, too. What is sealed already is opened by the passphrase that sealed
/// it, whatever that is.
pub(in crate::store) fn check_new(passphrase: &str) -> Result<(), Failure> {
    let why = if passphrase.chars().count() < MIN_PASSPHRASE_CHARS {
        format!("a passphrase needs at least {MIN_PASSPHRASE_CHARS} characters")
    } else if passphrase.trim() != passphrase {
        "a passphrase must not begin or end with a space".to_owned()
    } else if passphrase.chars().any(char::is_control) {
        "a passphrase must not have control characters, such as line breaks or tabs".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::new(ErrorCode::BadUsage, format!("{why}; nothing was changed")))
}

/// Derives a new key from a new passphrase, which is checked: the parameters that Usher writes, and a new salt.
pub(in crate::store) fn new_key(passphrase: &str) -> Result<(KeySource, Key), Failure> {
    check_new(passphrase)?;
    let salt = BASE64.encode(random::<SALT_BYTES>()?);
    let source = KeySource::Passphrase { salt, memory: MEMORY_KIB, passes: PASSES, lanes: LANES };
    let key = key_of(&source, passphrase).expect("these are the parameters of this version");
    Ok((source, key))
}

/// Derives the key of `source` from `passphrase`, by Argon2id. Takes about a second.
pub(in crate::store) fn key_of(source: &KeySource, passphrase: &str) -> Result<Key, BadParameters> {
    let KeySource::Passphrase { salt, memory, passes, lanes } = source else { return Err(BadParameters) };
    if *memory > MAX_MEMORY_KIB || *passes > MAX_PASSES || *lanes > MAX_LANES || salt.len() > MAX_SALT_CHARS {
        // A changed header must not keep every command busy for years.
        return Err(BadParameters);
    }
    let salt = BASE64.decode(salt).map_err(|_| BadParameters)?;
    let params = Params::new(*memory, *passes, *lanes, Some(KEY_BYTES)).map_err(|_| BadParameters)?;
    let mut key: Key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut_slice())
        .map_err(|_| BadParameters)?;
    Ok(key)
}

/// Seals with a passphrase. The key is derived when it is made, because that takes a while.
pub(crate) struct PassphraseSeal {
    source: KeySource,
    key: Key,
}

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// It is not sealed with a passphrase, was changed, or cut short.
    Damaged,
    /// It was written by a newer Usher.
    Newer,
    /// It is sealed with another passphrase.
    WrongPassphrase,
}

impl PassphraseSeal {
    /// Derives a key from `passphrase`, a new one, with a new salt.
    pub(crate) fn new(passphrase: &Passphrase) -> Result<Self, Failure> {
        let (source, key) = new_key(passphrase.expose())?;
        Ok(Self { source, key })
    }

    /// Seals `plaintext` as one line of JSON.
    pub(crate) fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>, Failure> {
        sealed_file::seal(plaintext, Format::FIRST, &self.source, &self.key)
    }
}

/// Returns the most bytes that a sealed plaintext of `bytes` bytes has.
pub(crate) fn sealed_len(bytes: usize) -> usize {
    sealed_file::sealed_len(bytes)
}

/// Opens what a [`PassphraseSeal`] sealed.
pub(crate) fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let sealed = SealedFile::parse(sealed)?;
    let key = key_of(&sealed.source, passphrase.expose()).map_err(|BadParameters| OpenError::Damaged)?;
    Ok(sealed.open(&key)?)
}

impl From<SealedFileError> for OpenError {
    fn from(error: SealedFileError) -> Self {
        match error {
            SealedFileError::Newer(_) => Self::Newer,
            SealedFileError::OtherKey => Self::WrongPassphrase,
            SealedFileError::Corrupt | SealedFileError::OtherKeyOrCorrupt => Self::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(memory: u32, passes: u32, lanes: u32, salt: &str) -> KeySource {
        KeySource::Passphrase { salt: salt.into(), memory, passes, lanes }
    }

    #[test]
    fn new_passphrase_is_long_and_can_be_in_the_environment() {
        let refused = [
            ("eleven char", "at least 12 characters"),
            ("\u{1f600}\u{1f600}\u{1f600}", "at least 12 characters"),
            (" begins with a space", "begin or end with a space"),
            ("ends with a space ", "begin or end with a space"),
            ("has\ta tab in it", "control characters"),
        ];
        for (passphrase, why) in refused {
            let failure = check_new(passphrase).unwrap_err();
            assert_eq!(failure.code, ErrorCode::BadUsage, "{passphrase:?}");
            assert!(failure.cause.contains(why) && !failure.cause.contains(passphrase), "{}", failure.cause);
        }
        for accepted in ["twelve chars", "aaaaaaaaaaaa", &"\u{706f}".repeat(MIN_PASSPHRASE_CHARS)] {
            assert!(check_new(accepted).is_ok(), "{accepted:?}");
        }
    }

    #[test]
    fn short_passphrase_opens_what_it_sealed() {
        let source = source(64, 1, 1, &BASE64.encode([1; SALT_BYTES]));
        let key = key_of(&source, "eight ch").unwrap();
        let sealed = sealed_file::seal(b"records", Format::FIRST, &source, &key).unwrap();
        assert_eq!(open(&sealed, &Passphrase::new("eight ch")).unwrap().as_slice(), b"records");
        assert_eq!(open(&sealed, &Passphrase::new("another!")).unwrap_err(), OpenError::WrongPassphrase);
    }

    #[test]
    fn key_with_hostile_parameters_is_refused_without_work() {
        let salt = BASE64.encode([1; SALT_BYTES]);
        let long = "A".repeat(MAX_SALT_CHARS + 4);
        let refused = [
            source(u32::MAX, 1, 1, &salt),
            source(MAX_MEMORY_KIB + 1, 1, 1, &salt),
            source(64, MAX_PASSES + 1, 1, &salt),
            source(4096, 1, MAX_LANES + 1, &salt),
            source(64, 1, 1, &long),
            source(64, 1, 1, "not base64!"),
            source(0, 0, 0, &salt),
            KeySource::KeyFile,
            KeySource::Keyring,
        ];
        for source in refused {
            assert_eq!(key_of(&source, "passphrase").unwrap_err(), BadParameters, "{source:?}");
        }
        assert!(key_of(&source(64, 1, 1, &salt), "passphrase").is_ok());
    }
}
