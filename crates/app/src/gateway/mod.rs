//! The gateway in the app: passes, the routes of requests, and the process that runs it, one per home.

mod control;
pub(crate) mod pass_lock;
pub(crate) mod passes;
mod process;
mod requests;
mod routes;

pub(crate) use control::OwnGateway;
pub use control::{GatewayControl, OnRequestUpdate};
pub use pass_lock::PassLock;
pub use passes::edit::PassEdit;
pub(crate) use passes::outcomes::{name_of_account, name_of_provider};
pub use passes::runs::{Run, RunRequest};

pub(crate) use passes::usage::PassUsage;
pub use passes::{GatewayPasses, PassRequest};
pub use process::{GatewayAddress, GatewayController, GatewayOptions, KeptGateway};
pub(crate) use process::{gateway_port, gateway_stamp, gateway_view};
