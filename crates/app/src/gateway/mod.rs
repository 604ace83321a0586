//! The gateway as the rest of the program has it: who is let in, where a request goes, and its one place in a home.

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
