//! The home that receives: keeps what is in the file aside, takes the file, and uses the sign-ins.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_domain::{Account, AccountId, ErrorCode, Failure, Passphrase, ProviderId, UnixTime};

use super::file::{SealedTransfer, TransferFile, claimed_path, unusable, write_note};
use super::payload::Payload;
use super::take_back::put_back;
use super::{TransferContents, Transfers, already_opened, resolved, sync};
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::{LOCK_TIMEOUT, LockGuard};
use crate::store::{Arriving, KeyRecord, SignIn, Store, Vault};

/// What arrived. The file is this home's; the sign-ins are used once [`Transfers::finish`] has returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The accounts whose sign-ins arrived.
    pub accounts: Vec<Account>,
    /// The providers whose keys arrived.
    pub keys: Vec<ProviderId>,
    /// The text of the settings.
    pub settings: String,
    /// The file that still has the sealed records, where it could not be deleted.
    pub left_file: Option<PathBuf>,
    id: String,
}

impl Transfers {
    /// Opens a file to see what is in it. Changes nothing.
    pub async fn inspect(
        self: &Arc<Self>,
        file: PathBuf,
        passphrase: Arc<Passphrase>,
    ) -> Result<TransferContents, Failure> {
        let this = Arc::clone(self);
        run_blocking(move || {
            let path = resolved(&file)?;
            let vault = this.store.read()?;
            match begun(&vault, &path) {
                Some(arriving) if arriving.claimed => Ok(contents_of(arriving, &vault)),
                _ => Ok(contents(&this.read(&path, &passphrase, &vault)?, &vault)),
            }
        })
        .await
    }

    /// Takes the file for this home. Without `replace` it is refused where accounts or keys here would be replaced.
    ///
    /// Killed at any moment, the same call goes on: what is in the file stays aside until the file is taken, and is not used
    /// before.
    pub async fn receive(
        self: &Arc<Self>,
        file: PathBuf,
        passphrase: Arc<Passphrase>,
        replace: bool,
    ) -> Result<Received, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let this = Arc::clone(self);
        run_blocking(move || this.receive_locked(&guard, &resolved(&file)?, &passphrase, replace)).await
    }

    fn receive_locked(
        &self,
        guard: &LockGuard,
        path: &Path,
        passphrase: &Passphrase,
        replace: bool,
    ) -> Result<Received, Failure> {
        let vault = self.store.read()?;
        if let Some(arriving) = begun(&vault, path).filter(|arriving| arriving.claimed) {
            check_replaced(&contents_of(arriving, &vault), replace)?;
            return Ok(leave_note(arriving, path));
        }
        let payload = self.read(path, passphrase, &vault)?;
        check_replaced(&contents(&payload, &vault), replace)?;
        let id = payload.id.clone();
        let before = begun(&vault, path).filter(|arriving| arriving.id == id);
        let claim = before
            .map_or_else(|| self.keep_aside(guard, path, payload), |arriving| Ok(arriving.claim.clone()))?;
        if let Err(failure) = take_file(path, &claim, &id) {
            self.store.update(guard, |vault| vault.arriving = None)?;
            return Err(failure);
        }
        sync(path)?;
        // The file is this home's now, and this home knows it before anything of the file is deleted.
        self.store.update(guard, |vault| {
            if let Some(arriving) = &mut vault.arriving {
                arriving.claimed = true;
            }
        })?;
        let vault = self.store.read()?;
        let arriving = vault.arriving.as_ref().ok_or_else(|| unusable("the records of it are gone"))?;
        Ok(leave_note(arriving, path))
    }

    /// Keeps what is in the file aside, and out of use. Returns the claim by which the file is taken.
    fn keep_aside(&self, guard: &LockGuard, path: &Path, payload: Payload) -> Result<String, Failure> {
        let claim = new_id()?;
        let Payload { id, made_at, settings, active, sign_ins, keys } = payload;
        let arriving = Arriving {
            id,
            path: path.to_string_lossy().into_owned(),
            claim: claim.clone(),
            claimed: false,
            made_at,
            active,
            settings,
            sign_ins,
            keys,
        };
        self.store.update(guard, |vault| vault.arriving = Some(arriving))?;
        Ok(claim)
    }

    /// Takes what arrived into use. Sign-ins that it replaces are revoked at the next opportunity.
    pub async fn finish(self: &Arc<Self>, received: &Received) -> Result<(), Failure> {
        let (this, id) = (Arc::clone(self), received.id.clone());
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        run_blocking(move || {
            let revocations = new_ids(&this.store)?;
            this.store.update(&guard, |vault| {
                let Some(arriving) = vault.arriving.take_if(|arriving| arriving.id == id) else { return };
                this.put(vault, arriving, revocations);
                this.mark(vault, &id, true);
            })
        })
        .await
    }

    fn put(&self, vault: &mut Vault, arriving: Arriving, revocations: Vec<String>) {
        let Arriving { active, sign_ins, keys, .. } = arriving;
        // Where the account in use is one that left, the one in use there is used here as well.
        let first = vault.active.as_ref().and_then(|id| vault.sign_in(id)).is_none_or(SignIn::is_moved);
        let mut revocations = revocations.into_iter();
        for mut sign_in in sign_ins {
            let id = sign_in.account.id();
            let is_taken = |label: &String| {
                vault.sign_ins.iter().any(|one| one.account.id() != id && one.account.is_called(label))
            };
            sign_in.account.label.take_if(|label| is_taken(label));
            let (_, replaced) = vault.put(sign_in);
            if let Some((replaced, id)) = replaced.zip(revocations.next()) {
                vault.enqueue_revocation(id, replaced, self.clock.now());
            }
        }
        for key in keys {
            vault.keys.retain(|record| record.provider != key.provider);
            vault.keys.push(key);
        }
        if let Some(active) = active.filter(|id| first && vault.sign_in(id).is_some()) {
            vault.active = Some(active);
        }
    }

    /// Reads the file, or what this home has renamed of it before it was stopped.
    fn read(&self, path: &Path, passphrase: &Passphrase, vault: &Vault) -> Result<Payload, Failure> {
        if let Some(other) = vault.arriving.as_ref().filter(|other| is_unfinished(other, path)) {
            let cause =
                format!("{} was opened here before and interrupted; import that one again first", other.path);
            return Err(unusable(&cause));
        }
        let sealed = read_sealed(path, vault)?;
        // A copy of a file that was opened here.
        if vault.transfers.iter().any(|mark| mark.opened && mark.id == sealed.id) {
            return Err(already_opened(path));
        }
        if vault.leaving.as_ref().is_some_and(|leaving| leaving.id == sealed.id) {
            let cause =
                "this move was interrupted on this computer; `usher transfer cancel` takes the sign-ins back";
            return Err(unusable(cause));
        }
        let payload = sealed.open(passphrase)?;
        if payload.is_of(&self.endpoints) {
            return Ok(payload);
        }
        Err(unusable(
            "its sign-ins were made at other addresses than this computer uses; nothing was taken from it",
        ))
    }
}

/// Returns what this home began to take from the file at `path`.
fn begun<'a>(vault: &'a Vault, path: &Path) -> Option<&'a Arriving> {
    vault.arriving.as_ref().filter(|arriving| Path::new(&arriving.path) == path)
}

/// Returns whether it is another file than that at `path`, and was taken: it must not be forgotten.
fn is_unfinished(arriving: &Arriving, path: &Path) -> bool {
    let other = Path::new(&arriving.path);
    other != path && (arriving.claimed || has_taken(other, &arriving.claim, &arriving.id))
}

fn read_sealed(path: &Path, vault: &Vault) -> Result<SealedTransfer, Failure> {
    let claimed = begun(vault, path).map(|arriving| claimed_path(path, &arriving.claim));
    if let Some(TransferFile::Sealed(sealed)) =
        claimed.map_or(Ok(None), |claimed| TransferFile::read(&claimed))?
    {
        return Ok(sealed);
    }
    check_one_name(path)?;
    match TransferFile::read(path)? {
        Some(TransferFile::Sealed(sealed)) => Ok(sealed),
        Some(TransferFile::Opened { .. }) => Err(already_opened(path)),
        None if is_being_taken(path) => Err(already_opened(path)),
        None => Err(unusable(&format!("there is no file {}", path.display()))),
    }
}

/// Returns whether another process has renamed the file and not left its note yet.
fn is_being_taken(path: &Path) -> bool {
    let start = claimed_path(path, "");
    let Some((folder, start)) = path.parent().zip(start.file_name()) else { return false };
    let start = start.to_string_lossy();
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_string_lossy().starts_with(&*start))
}

/// Refuses a file with two names: taking it by one of them would leave the other.
#[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "only Unix counts names"))]
fn check_one_name(path: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    if let Ok(data) = std::fs::symlink_metadata(path)
        && std::os::unix::fs::MetadataExt::nlink(&data) > 1
    {
        let cause = format!("{} has a second name (a hard link); remove one of the two", path.display());
        return Err(unusable(&cause));
    }
    let _ = path;
    Ok(())
}

/// Returns whether the file `id` was renamed by this home.
fn has_taken(path: &Path, claim: &str, id: &str) -> bool {
    matches!(TransferFile::read(&claimed_path(path, claim)), Ok(Some(file)) if file.is_sealed(id))
}

/// Takes the file: renames it, and makes sure that what was renamed is still the sealed file.
fn take_file(path: &Path, claim: &str, id: &str) -> Result<(), Failure> {
    if has_taken(path, claim, id) {
        return Ok(());
    }
    let claimed = claimed_path(path, claim);
    std::fs::rename(path, &claimed).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => already_opened(path),
        _ => unusable(&format!(
            "{} could not be marked as opened, so nothing was taken from it: {error}",
            path.display()
        )),
    })?;
    match TransferFile::read(&claimed) {
        Ok(Some(file)) if file.is_sealed(id) => Ok(()),
        // Another process was faster, and this is its note.
        found => {
            put_back(&claimed, path);
            found.and(Err(already_opened(path)))
        }
    }
}

/// Deletes what is sealed, which is in the store by now, and leaves a note in its place.
fn leave_note(arriving: &Arriving, path: &Path) -> Received {
    let claimed = claimed_path(path, &arriving.claim);
    let deleted = match std::fs::remove_file(&claimed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a transfer file that was taken could not be deleted");
            false
        }
        _ => true,
    };
    if let Err(error) = write_note(path, &arriving.id) {
        tracing::warn!(%error, "the note that a transfer file was opened could not be written");
    }
    Received {
        accounts: accounts(&arriving.sign_ins),
        keys: providers(&arriving.keys),
        settings: arriving.settings.clone(),
        id: arriving.id.clone(),
        left_file: (!deleted).then_some(claimed),
    }
}

/// Refuses to replace what is here. The accounts are not named: how, is what the person chose.
fn check_replaced(contents: &TransferContents, replace: bool) -> Result<(), Failure> {
    if replace || (contents.replaces_accounts.is_empty() && contents.replaces_keys.is_empty()) {
        return Ok(());
    }
    let cause = "accounts or keys of the file are here already, and nothing was replaced; add --replace";
    Err(Failure::new(ErrorCode::BadUsage, cause))
}

fn contents(payload: &Payload, vault: &Vault) -> TransferContents {
    of_records(payload.made_at, &payload.sign_ins, &payload.keys, &payload.settings, vault)
}

fn contents_of(arriving: &Arriving, vault: &Vault) -> TransferContents {
    of_records(arriving.made_at, &arriving.sign_ins, &arriving.keys, &arriving.settings, vault)
}

fn of_records(
    made_at: UnixTime,
    sign_ins: &[SignIn],
    keys: &[KeyRecord],
    settings: &str,
    vault: &Vault,
) -> TransferContents {
    let (accounts, keys) = (accounts(sign_ins), providers(keys));
    let is_here = |id: &AccountId| vault.sign_in(id).is_some_and(|one| !one.is_moved());
    TransferContents {
        made_at,
        replaces_accounts: accounts.iter().filter(|account| is_here(&account.id())).cloned().collect(),
        replaces_keys: keys.iter().filter(|id| vault.key_for(id).is_some()).cloned().collect(),
        accounts,
        keys,
        settings: settings.to_owned(),
    }
}

fn accounts(sign_ins: &[SignIn]) -> Vec<Account> {
    sign_ins.iter().map(|one| one.account.clone()).collect()
}

fn providers(keys: &[KeyRecord]) -> Vec<ProviderId> {
    keys.iter().map(|record| record.provider.clone()).collect()
}

/// Returns an id for each sign-in that may be revoked.
fn new_ids(store: &Store) -> Result<Vec<String>, Failure> {
    let count = store.read()?.arriving.as_ref().map_or(0, |arriving| arriving.sign_ins.len());
    (0..count).map(|_| new_id()).collect()
}
