//! Accepts connections and requests: faults, the record of received requests, and event streams.

pub(crate) mod connections;
pub(crate) mod event_stream;
pub(crate) mod fault;
pub(crate) mod request_log;
mod service;
