//! The data of a provider: its id, its addresses, its API, its sign-in.

pub(crate) mod base_url;
pub(crate) mod endpoints;
pub(crate) mod oauth_provider;
pub(crate) mod preset;
pub(crate) mod provider_id;
pub(crate) mod wire;
