//! A stand-in for `OpenAI` on loopback: authorization server, `ChatGPT` backend, Sign in with `ChatGPT`, a part of the
//! Platform, and services compatible with it, with faults on request and a record of what it received.
//!
//! It is as strict as the protocol pages know the real servers to be (`protocol §N`, `siwc §N`); README.md lists what is a
//! guess.

mod accounts;
mod backend;
mod bearer;
#[cfg(feature = "browser")]
pub mod browser;
mod compatible;
mod control;
mod endpoint;
mod issuer;
mod model_output;
mod options;
mod plan_usage;
mod platform;
mod public_api;
mod random;
mod sandbox;
mod server;
mod settings;
mod state;

pub use accounts::{ACCOUNTS, Account, Workspace};
pub use issuer::grants::{GrantOperation, TokenSet};
pub use options::Options;
pub use plan_usage::error::PlanUsageError;
pub use plan_usage::issuer::grants::PlanGrantOperation;
pub use plan_usage::issuer::tokens::response::PlanUsageTokens;
pub use plan_usage::registrations::Registration;
pub use plan_usage::settings::{
    Answer, CallbackClientId, ConsentDecision, EarlyRefresh, IdTokenVariant, LimitStage, PlanUsageSettings,
    TimeFormat, TokenField,
};
pub use sandbox::Sandbox;
pub use server::fault::{Fault, Rule, TokenErrorBody};
pub use server::request_log::{Mark, RecordedRequest};
pub use settings::{Limits, Settings};
