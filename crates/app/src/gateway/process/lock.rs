//! The lock that allows one gateway per home, and who holds it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use usher_domain::{ErrorCode, Failure};

use crate::context::Context;
use crate::platform::process_lock::{ProcessLock, ProcessLockFiles};
use crate::view::{GatewayRunner, GatewayView};

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

fn files(context: &Context) -> ProcessLockFiles<'_> {
    ProcessLockFiles { folder: &context.home.data, lock: "gateway.lock", holder: "gateway.json" }
}

/// Returns when the gateway of this home last started or stopped in order, whichever process ran it.
pub(crate) fn gateway_stamp(context: &Context) -> Option<SystemTime> {
    files(context).holder_modified()
}

/// Returns whether a gateway runs in this home, and where.
pub(crate) fn gateway_view(context: &Context) -> GatewayView {
    let holder = if is_held(context) { files(context).read_holder::<GatewayAddress>() } else { None };
    GatewayView {
        running: holder.is_some(),
        by: holder.as_ref().map(|at| at.by),
        process: holder.as_ref().map(|at| at.process),
        address: holder.map(|at| at.address),
    }
}

/// Returns whether a process has the gateway of this home, also while it only starts.
pub(crate) fn is_held(context: &Context) -> bool {
    files(context).is_held()
}

/// The lock that allows one gateway per home.
pub(crate) struct GatewayLock(ProcessLock);

impl GatewayLock {
    pub(crate) fn take(context: &Context) -> Result<Self, Failure> {
        if let Some(lock) = files(context).take()? {
            return Ok(Self(lock));
        }
        let who = files(context).read_holder::<GatewayAddress>().map_or_else(String::new, |at| {
            let runner = match at.by {
                GatewayRunner::App | GatewayRunner::OtherVersion => " in the background",
                GatewayRunner::Command => "",
                GatewayRunner::Run => " for `usher run`",
                GatewayRunner::Settings => " in `usher settings`",
            };
            format!("{runner}: process {} at {}", at.process, at.address)
        });
        let cause = format!("a gateway of this home is already running{who}");
        Err(Failure::new(ErrorCode::PortBusy, cause))
    }

    pub(crate) fn write(&self, serving: &GatewayAddress) -> Result<(), Failure> {
        let written = self.0.write_holder(serving);
        written.map_err(|error| failed("the gateway's address could not be saved", &error))
    }
}

pub(crate) fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("{what}: {error}"))
}
