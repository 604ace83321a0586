//! The keyring of the operating system, called with a timeout.
//!
//! A keyring may ask the user to unlock it, or never respond at all. Every call therefore runs on its own thread and is
//! waited for with a timeout. A thread that is still blocked then is abandoned: it owns nothing that others need, and the
//! process does not wait for it on exit. One that would change an entry asks [`Abandoned`] before it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

/// Limits how long a command waits for the keyring.
pub(crate) const KEYRING_TIMEOUT: Duration = Duration::from_secs(4);

/// Why the keyring returned nothing.
#[derive(Debug)]
pub(crate) enum KeyringError {
    /// There is no keyring on this system.
    Absent(String),
    /// There is one, but it is locked or did not respond in time.
    Locked(String),
    /// It has no such entry.
    NoEntry,
    /// The entry is not of the expected kind.
    Foreign,
}

/// Whether the caller has timed out. A change that was reported as failed must not come later: by then the entry may
/// have another content.
#[derive(Debug, Default)]
pub(crate) struct Abandoned(AtomicBool);

impl Abandoned {
    /// Fails if nobody waits any more.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Acquire) { Err(Error::NoStorageAccess("timed out".into())) } else { Ok(()) }
    }
}

/// Runs `work` on the entry of `user` at `service`, and waits for it for at most `timeout`.
pub(crate) fn with_entry<T: Send + 'static>(
    service: &'static str,
    user: &str,
    timeout: Duration,
    work: impl FnOnce(&Entry, &Abandoned) -> Result<T, Error> + Send + 'static,
) -> Result<T, KeyringError> {
    let user = user.to_owned();
    let abandoned = Arc::new(Abandoned::default());
    let seen = Arc::clone(&abandoned);
    let work = move || work(&system_store()?.build(service, &user, None)?, &seen);
    let (sender, receiver) = mpsc::sync_channel(1);
    let spawned = std::thread::Builder::new().name("keyring".into()).spawn(move || sender.send(work()));
    // Not `Absent`: a computer that is only short of threads must not start a store without a keyring.
    spawned.map_err(|error| KeyringError::Locked(error.to_string()))?;
    if let Ok(result) = receiver.recv_timeout(timeout) {
        return result.map_err(classify);
    }
    abandoned.0.store(true, Ordering::Release);
    Err(KeyringError::Locked(format!("no answer within {} s", timeout.as_secs())))
}

/// Classifies an error: `PlatformFailure` means no bus or no service on it, `NoStorageAccess` a service whose
/// collection cannot be written (seen with a keyring that was never unlocked).
fn classify(error: Error) -> KeyringError {
    match error {
        Error::NoEntry => KeyringError::NoEntry,
        Error::NoStorageAccess(why) => KeyringError::Locked(why.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyringError::Foreign,
        other => {
            // Without the names of the libraries that pass the message on.
            let text = other.to_string();
            let cause = text.rsplit("error: ").next().unwrap_or_default();
            KeyringError::Absent(cause.trim_start_matches("Platform failure: ").to_owned())
        }
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
