//! The gateway as the rest of the program has it: who is let in, where a request goes, and its one place in a home.

mod desk;
mod naming;
mod passes;
mod remembered;
mod running;
mod throttled;

pub use running::{GatewayOptions, ServingAt};
