//! Makes a request one that the provider's server takes: where it goes, and what its body and headers may hold.

pub(crate) mod backend_rules;
pub(crate) mod body_rules;
pub(crate) mod body_tables;
pub(crate) mod endpoint;
pub(crate) mod header_rules;
