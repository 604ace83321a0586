//! Endpoints that the gateway serves itself.

pub(crate) mod models;
pub(crate) mod token_count;
