//! The gateway in the app: passes, the routes of requests, and the lock that allows one gateway per home.

pub(crate) mod assignment;
mod cached_token_source;
mod controller;
mod debounced_observer;
mod kept;
mod lock;
mod model_alias;
pub(crate) mod outcomes;
mod pass_usage;
mod passes;
mod requests;
mod router;
mod runs;
mod server;
mod tool_setup;

pub use controller::GatewayController;
pub use kept::KeptGateway;
pub use lock::GatewayAddress;
pub(crate) use lock::{gateway_stamp, gateway_view};
pub(crate) use pass_usage::PassUsage;
pub use passes::{GatewayPasses, PassRequest};
pub use runs::{Run, RunRequest};
pub use server::GatewayOptions;
