//! What was granted to whom: codes, tokens, and their claims.

mod claims;
mod ledger;
mod personal_tokens;
mod types;

pub(crate) use ledger::Grants;
pub(crate) use types::{AccessRefusal, CodeBinding, Consent};
pub use types::{GrantOperation, TokenSet};
