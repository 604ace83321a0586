//! The data key in the keyring of the operating system.
//!
//! A keyring may ask the person to unlock it, or never answer at all. Every call therefore runs on a
//! thread of its own and is waited for only so long; a thread that is still stuck then is left behind,
//! which is harmless: it holds nothing, and the process does not wait for it at its end.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use usher_domain::{ErrorCode, Failure};
use zeroize::Zeroizing;

use super::seal::{KEY_BYTES, Key};

/// Longest wait of a command for the keyring.
pub(super) const COMMAND_PATIENCE: Duration = Duration::from_secs(4);
const SERVICE: &str = "app.usher.Usher";

/// The entry of one home: its name carries a hash of the home, so two installs never meet.
#[derive(Clone)]
pub(super) struct Keyring {
    user: String,
    patience: Duration,
}

/// Why the key could not be had.
#[derive(Debug)]
pub(super) enum KeyringError {
    /// There is no keyring on this system.
    Absent(String),
    /// There is one, but it is locked or did not answer in time.
    Locked(String),
    /// It has no such entry.
    NoEntry,
    /// It has an entry, but not one of ours.
    Foreign,
}

impl Keyring {
    pub(super) fn new(home_hash: &str) -> Self {
        Self { user: format!("store-key-{home_hash}"), patience: COMMAND_PATIENCE }
    }

    /// The same entry, waited for longer: while the person types a password into the system's dialog.
    pub(super) fn patient(&self, patience: Duration) -> Self {
        Self { user: self.user.clone(), patience }
    }

    /// Whether a keyring is there and can be used, found out by writing, reading and deleting an entry:
    /// opening alone succeeds on a keyring that was never unlocked.
    pub(super) fn probe(&self) -> Result<(), KeyringError> {
        // At random: two probes at once must not delete each other's entry.
        let id = super::new_id().map_err(|failure| KeyringError::Locked(failure.cause))?;
        let user = format!("{}-probe-{id}", self.user);
        self.on_thread(move || {
            let entry = entry(&user)?;
            entry.set_secret(b"probe")?;
            let read = entry.get_secret();
            entry.delete_credential()?;
            if read? == b"probe" { Ok(()) } else { Err(Error::NoEntry) }
        })
    }

    pub(super) fn read(&self) -> Result<Key, KeyringError> {
        let user = self.user.clone();
        // Wiped also when nobody waits for it any more.
        let secret = self.on_thread(move || entry(&user)?.get_secret().map(Zeroizing::new))?;
        let bytes: [u8; KEY_BYTES] = secret.as_slice().try_into().map_err(|_| KeyringError::Foreign)?;
        Ok(Zeroizing::new(bytes))
    }

    pub(super) fn write(&self, key: &Key) -> Result<(), KeyringError> {
        let (user, key) = (self.user.clone(), key.clone());
        self.on_thread(move || entry(&user)?.set_secret(key.as_slice()))
    }

    fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let (done, wait) = mpsc::sync_channel(1);
        let spawned = std::thread::Builder::new().name("keyring".into()).spawn(move || done.send(work()));
        // Not `Absent`, which would begin a store without a keyring for a computer that is only short of threads.
        spawned.map_err(|error| KeyringError::Locked(error.to_string()))?;
        match wait.recv_timeout(self.patience) {
            Ok(result) => result.map_err(sort),
            Err(_) => Err(KeyringError::Locked(format!("no answer within {} s", self.patience.as_secs()))),
        }
    }
}

/// Sorts by variant: `PlatformFailure` is no bus or no service on it, `NoStorageAccess` a service whose
/// collection cannot be written (seen with a keyring that was never unlocked).
fn sort(error: Error) -> KeyringError {
    match error {
        Error::NoEntry => KeyringError::NoEntry,
        Error::NoStorageAccess(why) => KeyringError::Locked(why.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyringError::Foreign,
        other => KeyringError::Absent(other.to_string()),
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Locked(why) => {
                Self::new(ErrorCode::StoreLocked, format!("the keyring is locked or does not answer: {why}"))
            }
            KeyringError::Absent(why) => {
                Self::new(ErrorCode::StoreUnavailable, format!("there is no keyring to use: {why}"))
            }
            KeyringError::NoEntry => Self::new(
                ErrorCode::StoreUnavailable,
                "the keyring holds no key for this store; it was made with another keyring",
            ),
            KeyringError::Foreign => {
                Self::new(ErrorCode::StoreUnavailable, "the keyring's entry for this store is not a key")
            }
        }
    }
}

fn entry(user: &str) -> Result<Entry, Error> {
    system_store()?.build(SERVICE, user, None)
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn system_store() -> Result<Arc<impl CredentialStoreApi>, Error> {
    zbus_secret_service_keyring_store::Store::new()
}

#[cfg(target_os = "macos")]
fn system_store() -> Result<Arc<impl CredentialStoreApi>, Error> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn system_store() -> Result<Arc<impl CredentialStoreApi>, Error> {
    windows_native_keyring_store::Store::new()
}
