//! Refresh and revocation of tokens.

mod refresh;
mod refresh_failures;
mod revocation;
mod wake;
