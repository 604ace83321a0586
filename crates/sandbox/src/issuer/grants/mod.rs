//! Grants: authorization codes, tokens, and their claims.

mod claims;
mod personal_tokens;
mod store;
mod types;

pub(crate) use store::Grants;
pub(crate) use types::{AccessRefusal, CodeBinding, Consent};
pub use types::{GrantOperation, TokenSet};
