//! A whole response in one body: collected from events, read, and written.

pub(super) mod collect;
pub(super) mod complete_body;
pub(super) mod non_streaming;
