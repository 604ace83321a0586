//! Encodes a response in another dialect than the provider's: event by event, or in one piece.

pub(crate) mod collect;
pub(crate) mod encoding;
pub(crate) mod event_reader;
pub(crate) mod stream_encoder;
