//! Where Codex stores its sign-in: `cli_auth_credentials_store` of its `config.toml` (protocol §6).

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use toml_edit::Document;
use usher_domain::ErrorCode;
use zeroize::Zeroizing;

use crate::external::read_file;
use crate::external::types::{ExternalProgram, ExternalReadError};
use crate::platform::keyring::{KEYRING_TIMEOUT, KeyringError, with_entry};

const CONFIG_FILE: &str = "config.toml";
const SETTING: &str = "cli_auth_credentials_store";
const SERVICE: &str = "Codex Auth";

/// The values of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CredentialStoreMode {
    /// In `auth.json`; the default.
    File,
    /// In the keyring only.
    Keyring,
    /// In the keyring, else in the file.
    Auto,
    /// In memory only.
    Ephemeral,
}

/// Reads the mode from the `config.toml` of `home`. An override by `codex -c` is not known here.
pub(super) fn read(home: &Path) -> Result<CredentialStoreMode, ExternalReadError> {
    let path = home.join(CONFIG_FILE);
    let parse = |bytes: &[u8]| Document::parse(std::str::from_utf8(bytes).ok()?.to_owned()).ok();
    let Some(config) = read_file::read(ExternalProgram::Codex, &path, parse)? else {
        return Ok(CredentialStoreMode::File);
    };
    match config.content.get(SETTING).map(|value| value.as_str().unwrap_or_default()) {
        None | Some("file") => Ok(CredentialStoreMode::File),
        Some("keyring") => Ok(CredentialStoreMode::Keyring),
        Some("auto") => Ok(CredentialStoreMode::Auto),
        Some("ephemeral") => Ok(CredentialStoreMode::Ephemeral),
        Some(_) => {
            let why = format!("{SETTING} has a value that this version of Usher does not know");
            Err(ExternalReadError::new(ExternalProgram::Codex, &path, ErrorCode::MalformedAnswer, why))
        }
    }
}

/// Reads the keyring entry of the Codex of `home`.
pub(super) fn read_keyring(home: &Path) -> Result<Option<Zeroizing<String>>, ExternalReadError> {
    // As a password, as Codex writes it: on Windows its encoding differs from a secret's.
    let read = with_entry(SERVICE, &account(home), KEYRING_TIMEOUT, |entry, _| {
        entry.get_password().map(Zeroizing::new)
    });
    let failed = |code, why: String| Err(ExternalReadError::new(ExternalProgram::Codex, home, code, why));
    match read {
        Ok(text) => Ok(Some(text)),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(KeyringError::Locked(why)) => {
            failed(ErrorCode::StoreLocked, format!("the keyring is locked or does not answer: {why}"))
        }
        Err(KeyringError::Absent(why)) => {
            failed(ErrorCode::StoreUnavailable, format!("there is no keyring to use: {why}"))
        }
        Err(KeyringError::Foreign) => Err(read_file::foreign(ExternalProgram::Codex, home)),
    }
}

/// Returns the name of the entry: `cli|` and the first 16 hexadecimal digits of the SHA-256 of the folder's real path.
fn account(home: &Path) -> String {
    let real = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    let digest = Sha256::digest(real.to_string_lossy().as_bytes());
    digest[..8].iter().fold("cli|".to_owned(), |mut name, byte| {
        // Writing to a String cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyring_entry_is_named_by_hash_of_folder() {
        // A path that does not exist is hashed unchanged.
        assert_eq!(account(Path::new("/nonexistent/.codex")), "cli|9571d6c99fb0e3f4");
    }
}
