//! Endpoints that are answered here, without a provider's response.

pub(crate) mod models;
pub(crate) mod token_count;
