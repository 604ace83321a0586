//! What is wrong with the store, for status, doctor and window alike.

use std::path::{Path, PathBuf};

use usher_auth::{Store, UnreadableStore};
use usher_domain::ErrorCode;

use crate::view::{StoreFinding, shown_path};

/// Returns what is wrong with the store and can be repaired. Changes nothing. What passes by itself, such as a locked
/// keyring, is not among it.
///
/// May wait for a keyring, so it must not be called from async code.
pub(crate) fn store_findings(store: &Store) -> Vec<StoreFinding> {
    let mut findings = Vec::new();
    match store.unreadable() {
        Ok(Some(found)) => findings.push(unreadable(&found)),
        // What cannot be read is reported as such.
        Ok(None) if store.is_older_copy().unwrap_or_default() => {
            findings.push(StoreFinding::OlderCopy { file: shown_path(store.path()) });
        }
        Ok(None) | Err(_) => {}
    }
    if let Ok(Some(file)) = store.lost_key_file() {
        findings.push(StoreFinding::LostKeyFile { file: shown_path(&file) });
    }
    let open = store.open_to_others();
    if !open.is_empty() {
        findings.push(StoreFinding::OpenToOthers { paths: shown(&open) });
    }
    findings
}

fn unreadable(found: &UnreadableStore) -> StoreFinding {
    let (reason, files) = (found.reason().to_owned(), shown(&found.files));
    if found.failure.code == ErrorCode::StoreCorrupt {
        StoreFinding::Damaged { reason, files }
    } else {
        StoreFinding::OtherKey { reason, files }
    }
}

fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(PathBuf::as_path).map(|path: &Path| shown_path(path)).collect()
}
