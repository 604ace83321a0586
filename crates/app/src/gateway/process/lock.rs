//! The lock that allows one gateway per home, and who holds it.

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use usher_auth::{make_private_folder, open_private, open_private_to_write, replace_file};
use usher_domain::{ErrorCode, Failure};

use crate::context::Context;
use crate::view::{GatewayRunner, GatewayView};

/// Locked while a gateway runs in this home.
const LOCK: &str = "gateway.lock";
/// Names the process that holds the lock.
///
/// A separate file, because on Windows a locked file cannot be read by others.
const HOLDER_FILE: &str = "gateway.json";
/// Limits what is read of that file: an address and two words.
const MAX_HOLDER_BYTES: u64 = 4096;
/// How many times the lock is tried.
const LOCK_ATTEMPTS: u32 = 5;
/// The pause between two tries.
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(20);

/// The address of a running gateway, and the process that runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayAddress {
    /// `http://127.0.0.1:18740`.
    pub address: String,
    /// The process id.
    pub process: u32,
    /// Which kind of program that process is.
    #[serde(default)]
    pub by: GatewayRunner,
}

/// Returns when the gateway of this home last started or stopped in order, whichever process ran it.
pub(crate) fn gateway_stamp(context: &Context) -> Option<SystemTime> {
    std::fs::metadata(context.home.data.join(HOLDER_FILE)).ok()?.modified().ok()
}

/// Returns whether a gateway runs in this home, and where.
pub(crate) fn gateway_view(context: &Context) -> GatewayView {
    let holder = if is_held(context) { read(&context.home.data.join(HOLDER_FILE)) } else { None };
    GatewayView {
        running: holder.is_some(),
        by: holder.as_ref().map(|at| at.by),
        process: holder.as_ref().map(|at| at.process),
        address: holder.map(|at| at.address),
    }
}

/// Returns whether a process has the gateway of this home, also while it only starts.
pub(crate) fn is_held(context: &Context) -> bool {
    let lock = open_private(&context.home.data.join(LOCK)).ok();
    lock.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The lock that allows one gateway per home.
///
/// The operating system releases it when the process ends, however it ends.
pub(crate) struct GatewayLock {
    /// Holds the lock.
    _locked: File,
    holder: PathBuf,
}

impl GatewayLock {
    pub(crate) fn take(context: &Context) -> Result<Self, Failure> {
        let path = context.home.data.join(LOCK);
        let unusable = |error: std::io::Error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()))
        };
        make_private_folder(&context.home.data).map_err(unusable)?;
        let file = open_private_to_write(&path).map_err(unusable)?;
        let holder = context.home.data.join(HOLDER_FILE);
        match lock(&file) {
            Ok(()) => Ok(Self { _locked: file, holder }),
            Err(TryLockError::WouldBlock) => {
                let who = read(&holder).map_or_else(String::new, |at| {
                    let runner = match at.by {
                        GatewayRunner::App => " in the app",
                        GatewayRunner::Command => "",
                        GatewayRunner::Run => " for `usher run`",
                    };
                    format!("{runner}: process {} at {}", at.process, at.address)
                });
                let cause = format!("a gateway of this home is already running{who}");
                Err(Failure::new(ErrorCode::PortBusy, cause))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    pub(crate) fn write(&self, serving: &GatewayAddress) -> Result<(), Failure> {
        let text = serde_json::to_vec(serving).expect("a text and a number are JSON");
        let written = replace_file(&self.holder, &text, None);
        written.map_err(|error| failed("the gateway's address could not be saved", &error))
    }
}

impl Drop for GatewayLock {
    /// Removes the holder file, so that watchers see the end. A file left by a killed process is ignored, because its
    /// lock is free.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.holder);
    }
}

/// Takes the lock, with retries: a process that only checks whether it is held also holds it for a moment.
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY_DELAY),
            other => return other,
        }
    }
    file.try_lock()
}

fn read(holder: &Path) -> Option<GatewayAddress> {
    let mut text = Vec::new();
    open_private(holder).ok()?.take(MAX_HOLDER_BYTES).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

pub(crate) fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("{what}: {error}"))
}
