//! A stand-in for `OpenAI` on loopback: authorization server, `ChatGPT` backend, a little of the Platform and
//! of services compatible with it, with faults on demand and a record of what it received. It is as strict as the protocol page knows the real side to
//! be (`protocol §N`); README.md says what is a guess.

mod accounts;
mod answer;
mod backend;
mod bearer;
#[cfg(feature = "browser")]
pub mod browser;
mod compatible;
mod connections;
mod control;
mod endpoint;
mod fault;
mod issuer;
mod options;
mod platform;
mod playback;
mod public_api;
mod random;
mod reasoning_seals;
mod request_log;
mod sandbox;
mod server;
mod settings;
mod state;

pub use accounts::{ACCOUNTS, Account, Workspace};
pub use fault::{Fault, Rule};
pub use issuer::grants::{GrantOperation, TokenSet};
pub use options::Options;
pub use request_log::{Mark, RecordedRequest};
pub use sandbox::Sandbox;
pub use settings::{Limits, Settings};
