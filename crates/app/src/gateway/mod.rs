//! The gateway in the app: passes, the routes of requests, and the lock that allows one gateway per home.

mod cached_token_source;
mod controller;
mod debounced_observer;
mod model_alias;
mod pass_usage;
mod passes;
mod requests;
mod router;
mod server;

pub(crate) use controller::GatewayController;
pub use server::{GatewayAddress, GatewayOptions};
