//! Accepts connections, limits them, and ends them in time.

pub(crate) mod connections;
pub(crate) mod file_handles;
pub(crate) mod io_timeout;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod memory;
pub(crate) mod memory_budget;
pub(crate) mod pass_limiter;
pub(crate) mod peer;
pub(crate) mod token_limiter;
