//! Takes connections and requests: faults, the record of what was received, and event streams.

pub(crate) mod connections;
pub(crate) mod fault;
pub(crate) mod playback;
pub(crate) mod request_log;
mod service;
