//! What becomes of the tokens: refresh and revocation.

mod refresh;
mod refresh_failures;
mod revocation;
