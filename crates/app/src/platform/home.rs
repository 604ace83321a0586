//! Where things lie (contract §4).

use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use sha2::{Digest as _, Sha256};
use usher_domain::{ErrorCode, Failure};

/// The folders of one home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// `config.toml`.
    pub config: PathBuf,
    /// The sealed store, the lock and `state.db`.
    pub data: PathBuf,
    /// Rotated, redacted logs.
    pub logs: PathBuf,
    /// Names the keyring's entry and the single instance, so that demo, tests and the real install never meet.
    pub hash: String,
    /// Whether `USHER_HOME` names it, as opposed to the system's own folders.
    pub portable: bool,
}

impl Home {
    /// The folders below `home`, else the operating system's own.
    pub fn at(home: Option<&Path>) -> Result<Self, Failure> {
        let unusable = |why: String| Failure::new(ErrorCode::StoreUnavailable, why);
        if let Some(home) = home {
            let home = std::path::absolute(home).map_err(|error| unusable(format!("USHER_HOME: {error}")))?;
            let logs = home.join("logs");
            return Ok(Self { config: home.clone(), logs, hash: hash(&home), data: home, portable: true });
        }
        let folders = ProjectDirs::from("app", "usher", "usher")
            .ok_or_else(|| unusable("this system names no home folder; set USHER_HOME".into()))?;
        let data = folders.data_dir().to_owned();
        let logs = folders.cache_dir().join("logs");
        Ok(Self { config: folders.config_dir().to_owned(), logs, hash: hash(&data), data, portable: false })
    }
}

/// First 16 hex digits of SHA-256 over the folder's name.
fn hash(folder: &Path) -> String {
    let digest: [u8; 32] = Sha256::digest(folder.as_os_str().as_encoded_bytes()).into();
    let first = digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_homes_have_two_hashes_and_one_home_has_one() {
        let one = Home::at(Some(Path::new("/tmp/one"))).unwrap();
        assert_eq!(one, Home::at(Some(Path::new("/tmp/one/."))).unwrap());
        assert_ne!(one.hash, Home::at(Some(Path::new("/tmp/two"))).unwrap().hash);
        assert_eq!(one.hash.len(), 16);
    }
}
