//! What the doctor can mend after a person's yes. Without it nothing is moved or changed.

use std::path::PathBuf;
use std::sync::Arc;

use usher_auth::{LOCK_TIMEOUT, make_private};
use usher_domain::{ErrorCode, Failure};

use crate::context::run_blocking;
use crate::diagnostics::doctor::Doctor;
use crate::view::StoreRepair;

/// Something that the doctor can mend.
#[derive(Debug, Clone)]
pub enum Repair {
    /// The store cannot be read, and a new one can be made once its files have other names.
    SetStoreAside {
        /// What is wrong.
        failure: Failure,
        /// The files that get other names.
        files: Vec<PathBuf>,
    },
    /// Others may read or change files of the store, or its folder.
    MakePrivate {
        /// The files and folders.
        paths: Vec<PathBuf>,
    },
    /// The key file was changed or removed while this process had the key.
    WriteKeyBack {
        /// The key file.
        file: PathBuf,
    },
    /// An older copy of the store was put back, and stays reported until the person accepts it.
    AcceptOlderCopy,
}

impl Doctor {
    /// Returns what can be mended. Changes nothing.
    pub async fn repairs(&self) -> Result<Vec<Repair>, Failure> {
        // What passes by itself, such as a locked keyring, is nothing to mend.
        let found = self.context.unreadable_store().await;
        let is_readable = matches!(found, Ok(None));
        let store = found
            .unwrap_or_default()
            .map(|found| Repair::SetStoreAside { failure: found.failure, files: found.files });
        let paths = self.open_to_others().await;
        let rights = (!paths.is_empty()).then_some(Repair::MakePrivate { paths });
        let is_older_copy = is_readable && self.is_older_copy().await;
        let copy = is_older_copy.then_some(Repair::AcceptOlderCopy);
        let key = self.lost_key_file().await.map(|file| Repair::WriteKeyBack { file });
        Ok(store.into_iter().chain(key).chain(rights).chain(copy).collect())
    }

    /// Returns what is wrong with a store that can be read, for people.
    pub async fn store_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let paths = self.open_to_others().await;
        if !paths.is_empty() {
            problems.push(format!(
                "others may read or change {}; `usher doctor --repair` corrects the permissions",
                names(&paths)
            ));
        }
        if self.is_older_copy().await {
            problems.push(
                "an older copy of secrets.usher was put back, so accounts and passes that you had removed may be in it \
                 again; look at `usher accounts` and `usher pass list`, then accept it with `usher doctor --repair`"
                    .into(),
            );
        }
        problems
    }

    async fn open_to_others(&self) -> Vec<PathBuf> {
        let store = Arc::clone(&self.context.store);
        run_blocking(move || Ok(store.open_to_others())).await.unwrap_or_default()
    }

    async fn lost_key_file(&self) -> Option<PathBuf> {
        let store = Arc::clone(&self.context.store);
        run_blocking(move || store.lost_key_file()).await.unwrap_or_default()
    }

    async fn is_older_copy(&self) -> bool {
        let store = Arc::clone(&self.context.store);
        // A store that cannot be read is reported as such.
        run_blocking(move || store.is_older_copy()).await.unwrap_or_default()
    }

    /// Mends it, and returns what was done, for people.
    pub async fn repair(&self, repair: &Repair) -> Result<Vec<String>, Failure> {
        match repair {
            Repair::MakePrivate { paths } => {
                for path in paths {
                    make_private(path).map_err(|error| {
                        let cause =
                            format!("could not correct the permissions of {}: {error}", path.display());
                        Failure::new(ErrorCode::StoreUnavailable, cause)
                    })?;
                }
                Ok(vec![format!("only you may read and change {}", names(paths))])
            }
            Repair::AcceptOlderCopy => {
                self.accept_older_copy().await?;
                Ok(vec!["the older copy of secrets.usher is accepted".into()])
            }
            Repair::WriteKeyBack { file } => {
                let kept = self.write_key_back().await?;
                let kept = kept.map(|kept| format!("; what lay there is kept as {}", kept.display()));
                Ok(vec![format!("the key is in {} again{}", file.display(), kept.unwrap_or_default())])
            }
            Repair::SetStoreAside { files, .. } => {
                let kept = self.context.set_unreadable_store_aside().await?;
                let renamed = files.iter().zip(&kept);
                Ok(renamed
                    .map(|(old, new)| format!("{} is kept as {}", old.display(), new.display()))
                    .collect())
            }
        }
    }

    async fn accept_older_copy(&self) -> Result<(), Failure> {
        let guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(&self.context.store);
        run_blocking(move || store.accept_older_copy(&guard)).await
    }

    async fn write_key_back(&self) -> Result<Option<PathBuf>, Failure> {
        let guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(&self.context.store);
        run_blocking(move || store.write_key_back(&guard)).await
    }

    /// Does what a person has answered yes to in the window. Nothing is done where nothing is wrong any more.
    pub(crate) async fn repair_store(&self, wanted: StoreRepair) -> Result<(), Failure> {
        for repair in self.repairs().await? {
            let kind = match &repair {
                Repair::SetStoreAside { .. } => StoreRepair::SetAside,
                Repair::MakePrivate { .. } => StoreRepair::MakePrivate,
                Repair::AcceptOlderCopy => StoreRepair::AcceptOlderCopy,
                Repair::WriteKeyBack { .. } => StoreRepair::WriteKeyBack,
            };
            if kind == wanted {
                self.repair(&repair).await?;
            }
        }
        self.context.changed();
        Ok(())
    }
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
