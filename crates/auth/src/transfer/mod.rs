//! Moves sign-ins and keys to another computer, by a file that is sealed with a passphrase (docs/adr/0019).
//!
//! There is one writer at every moment. A home that sends freezes its sign-ins before it writes the file, and erases them
//! once the file is on disk. A home that receives keeps what is in the file aside, takes the file by renaming it, which one
//! process alone can do, and uses the sign-ins only then. Each step is one write of the store or one rename, so a process that
//! is killed between two of them leaves records from which the same command goes on.

mod file;
mod payload;
mod receive;
mod send;
mod take_back;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{Account, Endpoints, ErrorCode, Failure, Passphrase, ProviderId, UnixTime};

pub use self::receive::Received;

use crate::platform::atomic_file::sync_folder;
use crate::platform::blocking::run_blocking;
use crate::store::{Store, TransferMark, Vault};

/// How many transfer files are remembered.
const MAX_MARKS: usize = 200;

/// Moves sign-ins of one home.
pub struct Transfers {
    store: Arc<Store>,
    /// Where sign-ins are made on this computer. Others are not moved, in either direction.
    endpoints: Endpoints,
    clock: Arc<dyn Clock>,
}

/// What a transfer file gets.
pub struct TransferRequest {
    /// The file. There must be none yet.
    pub file: PathBuf,
    /// Seals it: a new passphrase.
    pub passphrase: Arc<Passphrase>,
    /// The text of the settings file.
    pub settings: String,
    /// Whether sign-ins and keys leave this home with it.
    pub with_sign_ins: bool,
}

/// What leaves a home, and what stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The accounts whose sign-ins leave.
    pub accounts: Vec<Account>,
    /// The providers whose keys leave.
    pub keys: Vec<ProviderId>,
    /// Accounts that stay.
    pub stays: Vec<(Account, StaysBecause)>,
}

/// Why a sign-in is not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaysBecause {
    /// *Continue with ChatGPT* belongs to the app on this computer: its host id names it (siwc §2).
    OfThisComputer,
    /// It has ended; there is nothing to move.
    Ended,
    /// A refresh was interrupted, and may have spent the refresh token.
    RefreshInterrupted,
    /// It was made at another address than the one that is configured now.
    OtherAddress,
}

/// A move to another computer that was interrupted: the sign-ins are frozen, and still here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterruptedTransfer {
    /// Where the file is, if it was written.
    pub file: PathBuf,
    /// When it began.
    pub at: UnixTime,
    /// The accounts that are frozen.
    pub accounts: Vec<Account>,
}

/// What is in a transfer file, for a person to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferContents {
    /// When it was made.
    pub made_at: UnixTime,
    /// The accounts whose sign-ins are in it.
    pub accounts: Vec<Account>,
    /// The providers whose keys are in it.
    pub keys: Vec<ProviderId>,
    /// The text of the settings.
    pub settings: String,
    /// Accounts that are signed in here and would be replaced.
    pub replaces_accounts: Vec<Account>,
    /// Providers with a key here that would be replaced.
    pub replaces_keys: Vec<ProviderId>,
}

impl Transfers {
    /// Creates the transfers of `store`, for sign-ins that are made at `endpoints`.
    pub fn new(store: Arc<Store>, endpoints: Endpoints, clock: Arc<dyn Clock>) -> Self {
        Self { store, endpoints, clock }
    }

    /// Returns the move to another computer that was interrupted, if there is one.
    pub async fn interrupted(self: &Arc<Self>) -> Result<Option<InterruptedTransfer>, Failure> {
        let this = Arc::clone(self);
        run_blocking(move || {
            let vault = this.store.read()?;
            Ok(vault.leaving.as_ref().map(|leaving| InterruptedTransfer {
                file: PathBuf::from(&leaving.path),
                at: leaving.at,
                accounts: accounts_of(&vault, &leaving.accounts),
            }))
        })
        .await
    }

    fn mark(&self, vault: &mut Vault, id: &str, opened: bool) {
        vault.transfers.retain(|mark| mark.id != id);
        let at = self.clock.now();
        vault.transfers.push(TransferMark { id: id.to_owned(), at, opened });
        let too_many = vault.transfers.len().saturating_sub(MAX_MARKS);
        vault.transfers.drain(..too_many);
    }
}

fn accounts_of(vault: &Vault, ids: &[usher_domain::AccountId]) -> Vec<Account> {
    ids.iter().filter_map(|id| vault.sign_in(id)).map(|one| one.account.clone()).collect()
}

/// Returns the one path of a file, whatever links lead to it: a file that is taken by its name must have no second one.
///
/// The records of a move keep it as text, by which the move goes on; a path that is no text is refused before it begins.
fn resolved(path: &Path) -> Result<PathBuf, Failure> {
    let resolved = without_links(path)?;
    if resolved.to_str().is_none() {
        let cause =
            format!("{} has bytes that are not in UTF-8; choose another name or folder", path.display());
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    Ok(resolved)
}

fn without_links(path: &Path) -> Result<PathBuf, Failure> {
    let bad = |error: io::Error| Failure::new(ErrorCode::BadUsage, format!("{}: {error}", path.display()));
    let absolute = std::path::absolute(path).map_err(bad)?;
    match absolute.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found.map_err(bad),
    }
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(Failure::new(ErrorCode::BadUsage, format!("{} is no file", path.display())));
    };
    // A folder that is gone, such as that of a stick, may be the one of a move that goes on.
    Ok(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name))
}

/// Makes sure that renames beside `path` outlast a power failure, where the file system can do that.
fn sync(path: &Path) -> Result<(), Failure> {
    match sync_folder(path) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            let cause = format!("could not save the folder of {}: {error}", path.display());
            Err(Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error))
        }
        _ => Ok(()),
    }
}

fn already_opened(path: &Path) -> Failure {
    let cause = format!("{} was opened already; a transfer file opens once", path.display());
    Failure::new(ErrorCode::TransferOpened, cause)
}

#[cfg(test)]
mod tests;
