//! Turns the provider's response into the client's.

pub(crate) mod body;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod forward;
pub(crate) mod headers;
pub(crate) mod size_limit;
pub(crate) mod step;
pub(crate) mod stream;
