//! The home that sent takes back what has not left.

use std::io;
use std::path::Path;
use std::sync::Arc;

use usher_domain::{ErrorCode, Failure};

use super::file::{TransferFile, claimed_path, unusable};
use super::{Transfers, already_opened, sync};
use crate::platform::atomic_file::remove_rooms;
use crate::platform::blocking::run_blocking;
use crate::store::lock::{LOCK_TIMEOUT, LockGuard};

impl Transfers {
    /// Takes back sign-ins whose move was interrupted, and deletes the file. Returns how many.
    ///
    /// Where the file cannot be found, another computer may have it: then only if `confirmed`.
    pub async fn take_back(self: &Arc<Self>, confirmed: bool) -> Result<usize, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let this = Arc::clone(self);
        run_blocking(move || {
            let vault = this.store.read()?;
            let Some(leaving) = &vault.leaving else {
                let cause = "no move to another computer was interrupted here. A transfer file that was finished is taken \
                             back with `usher transfer import FILE`, as long as nobody has opened it";
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            };
            this.take_back_locked(&guard, &leaving.id, Path::new(&leaving.path), confirmed)
        })
        .await
    }

    /// Takes the file out of the way, and the sign-ins into use again. Returns how many.
    pub(super) fn take_back_locked(
        &self,
        guard: &LockGuard,
        id: &str,
        path: &Path,
        confirmed: bool,
    ) -> Result<usize, Failure> {
        // One that was written in full and has not got its name yet could be opened, too.
        remove_rooms(path);
        let taken = claimed_path(path, id);
        // By a rename, so that no other process can open it at the same time.
        match std::fs::rename(path, &taken) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let cause = format!("could not take {} back: {error}", path.display());
                return Err(Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error));
            }
            _ => {}
        }
        match TransferFile::read(&taken) {
            Ok(Some(file)) if file.is_sealed(id) => {
                delete(&taken)?;
                sync(path)?;
            }
            Ok(Some(file)) if file.is_opened(id) => {
                put_back(&taken, path);
                self.erase(guard, id, None)?;
                return Err(already_opened(path));
            }
            found => {
                // Not ours, so it stays. Where ours is, nobody knows.
                if !matches!(found, Ok(None)) {
                    put_back(&taken, path);
                }
                if !confirmed {
                    return Err(not_found(path));
                }
            }
        }
        self.store.update(guard, |vault| {
            let Some(leaving) = vault.leaving.take_if(|leaving| leaving.id == id) else { return 0 };
            let mut count = 0;
            for account in &leaving.accounts {
                if let Some(sign_in) = vault.sign_in_mut(account).filter(|one| one.is_moved()) {
                    sign_in.ended = None;
                    count += 1;
                }
            }
            count
        })
    }
}

fn not_found(path: &Path) -> Failure {
    let cause = format!(
        "the transfer file is not at {}, and may have been written: whoever has it can open it. Put it back there, or \
         confirm that nobody has it",
        path.display()
    );
    unusable(&cause)
}

fn delete(path: &Path) -> Result<(), Failure> {
    std::fs::remove_file(path).map_err(|error| {
        let cause = format!("could not delete {}: {error}", path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
    })
}

/// Gives a file its name again. It stays under the other name where that fails, and is found there the next time.
pub(super) fn put_back(taken: &Path, path: &Path) {
    if let Err(error) = std::fs::rename(taken, path) {
        tracing::warn!(%error, "a transfer file could not be renamed back");
    }
}
