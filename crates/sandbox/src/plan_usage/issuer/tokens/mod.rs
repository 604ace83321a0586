//! The tokens that a client gets: signed, with their keys, and as a response.

mod id_token;
pub(crate) mod response;
pub(crate) mod signing_keys;
