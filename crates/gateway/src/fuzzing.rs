//! What the targets in `fuzz/` look into: parts of this crate that take bytes of strangers before anybody is let in,
//! and bytes of servers before anybody has read them.

use bytes::Bytes;
use http::request::Parts;

use crate::forward::Forwarder;
use crate::stream::Trouble;
use crate::{body, endpoint, entry, pass};

/// Whether a request gets past the door at `port`, and how many texts it has that may be a pass.
pub fn knock(parts: &Parts, port: u16) -> (bool, usize) {
    let _ = endpoint::of(parts);
    (entry::check(parts, port).is_ok(), pass::presented(&parts.headers).candidates.len())
}

/// A packed body.
pub fn unpacked(packed: &[u8]) -> Option<Bytes> {
    body::unpack(packed).ok()
}

/// What is passed on of a stream that comes in these pieces, if it can be read.
pub fn passed_on<'a>(chat: bool, pieces: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut forwarder = if chat { Forwarder::of_chat() } else { Forwarder::of_responses(false) };
    let mut out = Vec::new();
    for piece in pieces {
        match forwarder.take(Bytes::copy_from_slice(piece)) {
            Ok(step) => out.extend_from_slice(&step.bytes),
            Err(Trouble::Theirs(_) | Trouble::Unreadable(_)) => return None,
        }
    }
    Some(out)
}
