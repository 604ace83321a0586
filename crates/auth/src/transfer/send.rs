//! The home that sends: freezes its sign-ins, writes the file, erases them.

use std::path::Path;
use std::sync::Arc;

use usher_domain::{AccessToken, Account, Endpoints, ErrorCode, Failure, ProviderId, SignInRoute};
use zeroize::Zeroizing;

use super::file::{TransferFile, len_of, seal, unusable};
use super::payload::PayloadOf;
use super::{Sent, StaysBecause, TransferRequest, Transfers, accounts_of, resolved};
use crate::platform::atomic_file::{Room, remove_rooms};
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::key::passphrase::PassphraseSeal;
use crate::store::lock::{LOCK_TIMEOUT, LockGuard};
use crate::store::{Ended, Leaving, SignIn, Vault, file};

/// Bytes of a payload beside the records and the settings.
const PAYLOAD_OVERHEAD_BYTES: usize = 1024;

/// What leaves, as the file has it.
struct Frozen {
    payload: Zeroizing<Vec<u8>>,
    sent: Sent,
}

impl Transfers {
    /// Returns what would leave this home with a transfer file, and what would stay. Changes nothing.
    pub async fn preview(self: &Arc<Self>) -> Result<Sent, Failure> {
        let this = Arc::clone(self);
        run_blocking(move || Ok(leaving_of(&*this.store.read()?, &this.endpoints))).await
    }

    /// Writes a transfer file, and retires here what leaves with it.
    ///
    /// When it fails, nothing has left: the sign-ins are in use again, unless the process is killed. Then they stay frozen
    /// until this is called again with the same file, or [`take_back`](Self::take_back) is.
    pub async fn send(self: &Arc<Self>, request: TransferRequest) -> Result<Sent, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let this = Arc::clone(self);
        run_blocking(move || this.send_locked(&guard, &request)).await
    }

    fn send_locked(&self, guard: &LockGuard, request: &TransferRequest) -> Result<Sent, Failure> {
        let path = resolved(&request.file)?;
        let vault = self.store.read()?;
        if let Some(leaving) = &vault.leaving {
            return self.go_on(guard, leaving, &path);
        }
        if path.symlink_metadata().is_ok() {
            let cause = format!("{} is there already; name another file, or remove it", path.display());
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let key = PassphraseSeal::new(&request.passphrase)?;
        remove_rooms(&path);
        let id = new_id()?;
        if !request.with_sign_ins {
            let payload = settings_alone(&id, self.clock.now(), &request.settings);
            let room = file::make_room(&path, len_of(payload.len()))?;
            write(room, &path, &seal(&key, &id, &payload)?)?;
            return Ok(Sent::default());
        }
        check_leaves(&leaving_of(&vault, &self.endpoints))?;
        // Before anything is frozen: a full disk costs nothing. JSON needs at most six bytes for one of text.
        let store_bytes = std::fs::metadata(self.store.path()).map_or(0, |data| data.len());
        let records = usize::try_from(store_bytes).unwrap_or(usize::MAX);
        let settings = request.settings.len().saturating_mul(6);
        let size = records.saturating_add(settings).saturating_add(PAYLOAD_OVERHEAD_BYTES);
        let room = file::make_room(&path, len_of(size))?;
        let store_room = self.store.make_room(guard)?;
        let Frozen { payload, sent } = self.freeze(guard, &id, &path, &request.settings)?;
        let written = seal(&key, &id, &payload).and_then(|bytes| write(room, &path, &bytes));
        if let Err(failure) = written {
            // Whether the file has its name by then or not: no other computer has it yet.
            self.take_back_locked(guard, &id, &path, true)?;
            return Err(failure);
        }
        self.erase(guard, &id, Some(store_room))?;
        Ok(sent)
    }

    /// Ends a transfer that was interrupted after its file was written.
    fn go_on(&self, guard: &LockGuard, leaving: &Leaving, path: &Path) -> Result<Sent, Failure> {
        let interrupted = || {
            let cause = format!(
                "a move to another computer with {} was interrupted before the file was written; `usher transfer cancel` \
                 takes the sign-ins back",
                leaving.path
            );
            unusable(&cause)
        };
        if Path::new(&leaving.path) != path {
            return Err(interrupted());
        }
        // Also one that was opened already: what is in it has left.
        match TransferFile::read(path)? {
            Some(file) if file.is_sealed(&leaving.id) || file.is_opened(&leaving.id) => {}
            _ => return Err(interrupted()),
        }
        let accounts = accounts_of(&*self.store.read()?, &leaving.accounts);
        let sent = Sent { accounts, keys: leaving.keys.clone(), stays: Vec::new() };
        self.erase(guard, &leaving.id, None)?;
        Ok(sent)
    }

    /// Freezes what leaves.
    fn freeze(&self, guard: &LockGuard, id: &str, path: &Path, settings: &str) -> Result<Frozen, Failure> {
        let now = self.clock.now();
        self.store.update(guard, |vault| {
            let sent = leaving_of(vault, &self.endpoints);
            let accounts: Vec<_> = sent.accounts.iter().map(Account::id).collect();
            let sign_ins: Vec<&SignIn> = accounts.iter().filter_map(|id| vault.sign_in(id)).collect();
            let keys = vault.keys.iter().collect();
            let active = vault.active.as_ref();
            let payload = PayloadOf { id, made_at: now, settings, active, sign_ins, keys }.to_bytes();
            for id in &accounts {
                if let Some(sign_in) = vault.sign_in_mut(id) {
                    sign_in.ended = Some(Ended { code: ErrorCode::SignInMoved, cause: moved(path) });
                }
            }
            let path = path.to_string_lossy().into_owned();
            vault.leaving =
                Some(Leaving { id: id.to_owned(), path, at: now, accounts, keys: sent.keys.clone() });
            Frozen { payload, sent }
        })
    }

    /// Erases what has left: the file has it now.
    pub(super) fn erase(&self, guard: &LockGuard, id: &str, room: Option<Room>) -> Result<(), Failure> {
        let erase = |vault: &mut Vault| {
            let Some(leaving) = vault.leaving.take_if(|leaving| leaving.id == id) else { return };
            for account in &leaving.accounts {
                if let Some(sign_in) = vault.sign_in_mut(account).filter(|one| one.is_moved()) {
                    sign_in.access = Arc::new(AccessToken::new(""));
                    sign_in.refresh = None;
                    sign_in.expires_at = None;
                }
            }
            vault.keys.retain(|record| !has_left(&leaving, &record.provider, record.saved_at));
            self.mark(vault, id, false);
        };
        let erased = match room {
            Some(room) => self.store.update_in_room(guard, room, erase),
            None => self.store.update(guard, erase),
        };
        erased.map_err(|failure| {
            let cause = format!(
                "the transfer file is written and the sign-ins are not used here any more, but they could not be erased: \
                 {failure}. Run the same command again"
            );
            Failure::new(failure.code, cause).with_source(failure)
        })
    }
}

/// Returns whether a key left with the file. One that was saved since then is another.
fn has_left(leaving: &Leaving, provider: &ProviderId, saved_at: usher_domain::UnixTime) -> bool {
    leaving.keys.contains(provider) && saved_at <= leaving.at
}

/// Returns what leaves with a file, and what stays.
fn leaving_of(vault: &Vault, endpoints: &Endpoints) -> Sent {
    let mut sent =
        Sent { keys: vault.keys.iter().map(|record| record.provider.clone()).collect(), ..Sent::default() };
    for sign_in in &vault.sign_ins {
        match stays(sign_in, endpoints) {
            Some(why) => sent.stays.push((sign_in.account.clone(), why)),
            None => sent.accounts.push(sign_in.account.clone()),
        }
    }
    sent
}

/// Returns why a sign-in is not moved; `None` for one that is.
fn stays(sign_in: &SignIn, endpoints: &Endpoints) -> Option<StaysBecause> {
    if sign_in.account.route == SignInRoute::PlanUsage {
        return Some(StaysBecause::OfThisComputer);
    }
    if sign_in.ended.is_some() {
        return Some(StaysBecause::Ended);
    }
    if sign_in.attempt.is_some() {
        return Some(StaysBecause::RefreshInterrupted);
    }
    (sign_in.endpoints != *endpoints).then_some(StaysBecause::OtherAddress)
}

fn check_leaves(sent: &Sent) -> Result<(), Failure> {
    if !sent.accounts.is_empty() || !sent.keys.is_empty() {
        return Ok(());
    }
    let cause = "there is no sign-in and no key here that can be moved; nothing was written";
    Err(Failure::new(ErrorCode::BadUsage, cause))
}

fn settings_alone(id: &str, made_at: usher_domain::UnixTime, settings: &str) -> Zeroizing<Vec<u8>> {
    let (sign_ins, keys) = (Vec::new(), Vec::new());
    PayloadOf { id, made_at, settings, active: None, sign_ins, keys }.to_bytes()
}

fn write(room: Room, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    room.replace(bytes).map_err(|error| {
        let cause = format!("could not write {}: {error}; nothing was moved", path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
    })
}

fn moved(path: &Path) -> String {
    format!("this sign-in was moved to another computer with {}", path.display())
}
