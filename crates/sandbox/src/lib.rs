//! A stand-in for `OpenAI` on loopback: authorization server, `ChatGPT` backend, a little of the Platform and
//! of services compatible with it, with faults on demand and a record of what it received. It is as strict as the protocol page knows the real side to
//! be (`protocol §N`); README.md says what is a guess.

mod accounts;
mod answer;
mod backend;
#[cfg(feature = "browser")]
pub mod browser;
mod compatible;
mod connections;
mod control;
mod door;
mod endpoint;
mod fault;
mod issuer;
mod journal;
mod options;
mod platform;
mod playback;
mod public_api;
mod random;
mod sandbox;
mod seals;
mod settings;
mod world;

pub use accounts::{ACCOUNTS, Account, Workspace};
pub use fault::{Fault, Rule};
pub use issuer::{GrantOperation, TokenSet};
pub use journal::{Mark, RecordedRequest};
pub use options::Options;
pub use sandbox::Sandbox;
pub use settings::{Limits, Settings};
