//! The request of a connection test, and what it reads.

pub(super) mod reader;
pub(super) mod request;
