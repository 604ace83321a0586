//! The gateway that a process runs: one per home, for as long as the window, a command or a program wants it.

pub(super) mod controller;
mod kept;
pub(super) mod lock;
pub(super) mod server;

pub use controller::GatewayController;
pub use kept::KeptGateway;
pub use lock::GatewayAddress;
pub(crate) use lock::{gateway_stamp, gateway_view};
pub use server::GatewayOptions;
pub(crate) use server::gateway_port;
