//! Entry points for the targets in `fuzz/`: code that reads bytes of clients before the pass is checked, and bytes of
//! providers.

use bytes::Bytes;
use http::request::Parts;

use usher_domain::ErrorCode;

use crate::admission::{body, endpoint, origin, pass};
use crate::response::forward::forwarder::Forwarder;
use crate::response::step::StreamError;
use crate::server::memory_budget::MemoryBudget;

/// Returns whether the origin check at `port` accepts a request, and how many of its header values may be a pass.
pub fn check_request(parts: &Parts, port: u16) -> (bool, usize) {
    let _ = endpoint::match_endpoint(parts);
    (origin::check(parts, port, true).is_ok(), pass::from_headers(&parts.headers).candidates.len())
}

/// Decompresses a zstd body.
pub fn decompress_body(compressed: &[u8]) -> Option<Bytes> {
    let share = MemoryBudget::new(512 * 1024 * 1024).share(0).ok()?;
    body::decompress(compressed, share).ok().map(|body| body.bytes)
}

/// Returns what is forwarded of a stream that arrives in these chunks, unless it is malformed.
pub fn forward_stream<'a>(chat: bool, chunks: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut forwarder = if chat { Forwarder::for_chat(1) } else { Forwarder::for_responses(false) };
    let mut out = Vec::new();
    for chunk in chunks {
        match forwarder.forward_chunk(Bytes::copy_from_slice(chunk), &mut |_| ErrorCode::UpstreamError) {
            Ok(step) => out.extend_from_slice(&step.bytes),
            Err(StreamError::Provider(_) | StreamError::Malformed(_)) => return None,
        }
    }
    Some(out)
}
