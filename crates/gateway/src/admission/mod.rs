//! Decides whether a request is admitted: origin, endpoint, pass and body.

pub(crate) mod admitted;
pub(crate) mod body;
pub(crate) mod endpoint;
pub(crate) mod origin;
pub(crate) mod pass;
