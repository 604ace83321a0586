//! The keyring of the operating system, asked with a limit of time.
//!
//! A keyring may ask the person to unlock it, or never answer at all. Every call therefore runs on a
//! thread of its own and is waited for only so long; a thread that is still stuck then is left behind,
//! which is harmless: it holds nothing, and the process does not wait for it at its end.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

/// Longest wait of a command for the keyring.
pub(crate) const KEYRING_TIMEOUT: Duration = Duration::from_secs(4);

/// Why the keyring gave nothing.
#[derive(Debug)]
pub(crate) enum KeyringError {
    /// There is no keyring on this system.
    Absent(String),
    /// There is one, but it is locked or did not answer in time.
    Locked(String),
    /// It has no such entry.
    NoEntry,
    /// It has an entry, but not one of the kind that was expected.
    Foreign,
}

/// What `work` makes of the entry of `user` at `service`, waited for at most `timeout`.
pub(crate) fn with_entry<T: Send + 'static>(
    service: &'static str,
    user: &str,
    timeout: Duration,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, KeyringError> {
    let user = user.to_owned();
    let work = move || work(&system_store()?.build(service, &user, None)?);
    let (done, wait) = mpsc::sync_channel(1);
    let spawned = std::thread::Builder::new().name("keyring".into()).spawn(move || done.send(work()));
    // Not `Absent`, which would begin a store without a keyring for a computer that is only short of threads.
    spawned.map_err(|error| KeyringError::Locked(error.to_string()))?;
    match wait.recv_timeout(timeout) {
        Ok(result) => result.map_err(sort),
        Err(_) => Err(KeyringError::Locked(format!("no answer within {} s", timeout.as_secs()))),
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
