//! Where things lie (contract §4).

use std::path::{Component, Path, PathBuf};

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
    /// Names the keyring's entry and the single instance, so that demo, tests and the real install never meet. The same
    /// for every spelling of the folder's path.
    pub hash: String,
    /// The names that older versions gave to the keyring's entry, one for each spelling.
    pub older_hashes: Vec<String>,
    /// Whether `USHER_HOME` names it, as opposed to the system's own folders.
    pub portable: bool,
}

impl Home {
    /// The folders below `home`, else the operating system's own.
    pub fn at(home: Option<&Path>) -> Result<Self, Failure> {
        let unusable = |why: String| Failure::new(ErrorCode::StoreUnavailable, why);
        if let Some(home) = home {
            check_expanded(home)?;
            let home = std::path::absolute(home).map_err(|error| unusable(format!("USHER_HOME: {error}")))?;
            let logs = home.join("logs");
            let (hash, older_hashes) = hashes(&home);
            return Ok(Self { config: home.clone(), logs, hash, older_hashes, data: home, portable: true });
        }
        let folders = ProjectDirs::from("app", "usher", "usher")
            .ok_or_else(|| unusable("this system names no home folder; set USHER_HOME".into()))?;
        let data = folders.data_dir().to_owned();
        let logs = folders.cache_dir().join("logs");
        let (hash, older_hashes) = hashes(&data);
        Ok(Self { config: folders.config_dir().to_owned(), logs, hash, older_hashes, data, portable: false })
    }
}

/// Refuses a path that begins with what only a shell replaces: it would be a folder of that name, wherever the program
/// was started.
fn check_expanded(home: &Path) -> Result<(), Failure> {
    let first = home.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let is_unexpanded = |first: &str| {
        first.starts_with(['~', '$']) || (first.len() > 1 && first.starts_with('%') && first.ends_with('%'))
    };
    match first.filter(|first| is_unexpanded(first)) {
        None => Ok(()),
        Some(first) => {
            let cause = format!(
                "USHER_HOME begins with {first}, which only a shell replaces; set it to the whole path of the folder"
            );
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

/// Prefixes of real paths, and the links by which people and programs write them.
const LINKED_PREFIXES: [(&str, &str); 4] =
    [("/var/home", "/home"), ("/usr/home", "/home"), ("/private/var", "/var"), ("/private/tmp", "/tmp")];

/// Returns the hash of the folder's real path, and those of other spellings of it. The older versions took the hash of
/// the path as it was written.
fn hashes(folder: &Path) -> (String, Vec<String>) {
    let real = real_path(folder);
    let mut spellings = vec![folder.to_owned(), real.clone()];
    for (prefix, link) in LINKED_PREFIXES {
        spellings.extend(real.strip_prefix(prefix).map(|rest| Path::new(link).join(rest)));
    }
    let own = hash(&real);
    let mut older = Vec::new();
    for spelling in spellings {
        // With and without a slash at the end, which `components` drops.
        let plain: PathBuf = spelling.components().collect();
        let mut slash = plain.clone().into_os_string();
        slash.push(std::path::MAIN_SEPARATOR_STR);
        for one in [hash(&spelling), hash(&plain), hash(Path::new(&slash))] {
            if one != own && !older.contains(&one) {
                older.push(one);
            }
        }
    }
    (own, older)
}

/// Returns the path without links, `.` and `..`, also where the last folders do not exist yet.
fn real_path(folder: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut existing = folder;
    loop {
        if let Ok(real) = std::fs::canonicalize(existing) {
            return missing.into_iter().rev().fold(real, |path, part| match part {
                Component::ParentDir => path.parent().map_or(path.clone(), Path::to_owned),
                part => path.join(part),
            });
        }
        let (Some(parent), Some(last)) = (existing.parent(), existing.components().next_back()) else {
            return folder.components().collect();
        };
        missing.push(last);
        existing = parent;
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

    #[test]
    fn unexpanded_home_is_refused() {
        for wrong in ["~/.usher", "~ada/x", "$HOME/.usher", "${HOME}/x", "%APPDATA%/usher"] {
            let refused = Home::at(Some(Path::new(wrong))).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUsage, "{wrong}");
            assert!(refused.cause.contains("whole path"), "{refused}");
        }
        for right in ["/tmp/~/x", "./~x", "/tmp/$HOME", "%x"] {
            Home::at(Some(Path::new(right))).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_spelling_of_a_home_has_one_hash_and_knows_the_older_ones() {
        let folder = tempfile::tempdir().unwrap();
        let real = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(real.join("home/ada")).unwrap();
        std::os::unix::fs::symlink(real.join("home"), real.join("link")).unwrap();
        // `new` does not exist yet, and is created by the first sign-in.
        for end in ["ada", "ada/new"] {
            let plain = real.join("home").join(end);
            let expected = Home::at(Some(&plain)).unwrap().hash;
            assert_eq!(expected, hash(&plain), "the path that most people write keeps its hash");
            let spelled = |text: String| Path::new(&text).to_owned();
            let text = plain.display();
            for other in [
                spelled(format!("{text}/")),
                spelled(format!("{text}//.")),
                spelled(format!("{}/home/../home/{end}", real.display())),
                real.join("link").join(end),
                spelled(format!("{}/", real.join("link").join(end).display())),
            ] {
                let home = Home::at(Some(&other)).unwrap();
                assert_eq!(home.hash, expected, "{}", other.display());
                let older = hash(&std::path::absolute(&other).unwrap());
                assert!(older == expected || home.older_hashes.contains(&older), "{}", other.display());
            }
            let older = Home::at(Some(&plain)).unwrap().older_hashes;
            assert!(older.contains(&hash(&spelled(format!("{text}/")))), "one that was made with a slash");
        }
    }
}
