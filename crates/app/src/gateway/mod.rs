//! The gateway as the rest of the program has it: who is let in, where a request goes, and its one place in a home.

mod desk;
mod naming;
mod passes;
mod remembered;
mod requests;
mod running;
mod switch;
mod throttled;
mod uses;

pub use running::{GatewayOptions, ServingAt};
pub(crate) use switch::OwnGateway;
