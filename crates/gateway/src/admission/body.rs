//! Reads the body of a request, within its limits for size and time.

use std::io::Read as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use tokio::time::{Instant, timeout_at};
use usher_dialect::json::footprint_within;

use crate::server::memory_budget::{BudgetUsedUp, MemoryBudget, MemoryShare};

/// Maximum length of a body (contract §3).
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// How long the next chunk may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Minimum average speed of a body. A slower one could otherwise occupy its connection forever.
const MIN_BYTES_PER_SECOND: u64 = 16 * 1024;
/// Maximum size that is allocated for a `Content-Length`; beyond it the buffer grows with what arrives.
const MAX_PREALLOCATED_BYTES: usize = 4 * 1024 * 1024;

/// How much is unpacked at once, at least.
const UNPACKED_STEP: usize = 64 * 1024;
/// How much memory the parts of a body may take while it is read, for each of its bytes.
const MAX_PARSED_PER_BYTE: usize = 4;
/// How much they may take in any case: a chat of thousands of short messages.
const MIN_PARSED_BYTES: usize = 32 * 1024 * 1024;

/// Maximum number of frames of a compressed body. Clients send one.
const MAX_ZSTD_FRAMES: usize = 1024;

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than [`MAX_BODY_BYTES`], compressed or decompressed.
    TooLong,
    /// It stopped arriving, or arrives too slowly.
    Slow,
    /// It broke off.
    Cut,
    /// The content encoding is not supported.
    Encoding,
    /// It cannot be decompressed.
    Damaged,
    /// All requests together take as much memory as they may.
    NoMemory,
    /// It has more and smaller parts than any request needs.
    TooManyParts,
}

impl From<BudgetUsedUp> for BodyError {
    fn from(_: BudgetUsedUp) -> Self {
        Self::NoMemory
    }
}

/// A complete body, whose memory is counted.
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) share: MemoryShare,
}

impl Body {
    /// Counts the memory that reading and translating the body takes, until the share is dropped.
    pub(crate) fn share_for_parsing(&self, budget: &MemoryBudget) -> Result<MemoryShare, BodyError> {
        let length = self.bytes.len();
        let allowed = (length * MAX_PARSED_PER_BYTE).max(MIN_PARSED_BYTES);
        let parts = footprint_within(&self.bytes, allowed).ok_or(BodyError::TooManyParts)?;
        // A translated body is a copy.
        Ok(budget.share(parts + length)?)
    }
}

/// Reads `body` to its end and decompresses it. Its memory is counted as it arrives.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    budget: &MemoryBudget,
) -> Result<Body, BodyError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(BodyError::TooLong);
    }
    let encoding = headers.get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    let body = collect(body, length.unwrap_or(0), budget.share(0)?).await?;
    match encoding.as_deref() {
        None | Some(b"identity" | b"") => Ok(body),
        // Codex compresses for its own provider (clients §2.2).
        Some(b"zstd") => {
            let share = budget.share(0)?;
            let decompressed = tokio::task::spawn_blocking(move || decompress(&body.bytes, share)).await;
            decompressed.unwrap_or(Err(BodyError::Damaged))
        }
        Some(_) => Err(BodyError::Encoding),
    }
}

async fn collect(mut body: Incoming, expected: usize, mut share: MemoryShare) -> Result<Body, BodyError> {
    let start = Instant::now();
    let Some(first) = next_chunk(&mut body, start, 0).await? else {
        return Ok(Body { bytes: Bytes::new(), share });
    };
    share.grow_to(first.len())?;
    if body.is_end_stream() {
        return Ok(Body { bytes: first, share });
    }
    let capacity = expected.clamp(first.len(), MAX_PREALLOCATED_BYTES.max(first.len()));
    share.grow_to(capacity)?;
    let mut bytes = BytesMut::with_capacity(capacity);
    bytes.extend_from_slice(&first);
    while let Some(chunk) = next_chunk(&mut body, start, bytes.len()).await? {
        let length = bytes.len() + chunk.len();
        if length > MAX_BODY_BYTES {
            return Err(BodyError::TooLong);
        }
        if length > bytes.capacity() {
            let capacity = (length + length / 2).min(MAX_BODY_BYTES);
            share.grow_to(capacity)?;
            bytes.reserve(capacity - bytes.len());
        }
        bytes.extend_from_slice(&chunk);
    }
    share.shrink_to(bytes.capacity());
    Ok(Body { bytes: bytes.freeze(), share })
}

/// Returns the next chunk of a body that began at `start` and of which `received` bytes have arrived.
async fn next_chunk(
    body: &mut Incoming,
    start: Instant,
    received: usize,
) -> Result<Option<Bytes>, BodyError> {
    let allowed = BODY_TIMEOUT + Duration::from_secs(received as u64 / MIN_BYTES_PER_SECOND);
    let until = (start + allowed).min(Instant::now() + BODY_TIMEOUT);
    loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Err(BodyError::Slow),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => return Err(BodyError::Cut),
            // Trailers are ignored.
            Ok(Some(Ok(frame))) => {
                if let Ok(chunk) = frame.into_data() {
                    return Ok(Some(chunk));
                }
            }
        }
    }
}

/// Decompresses zstd, and counts the memory of what is decompressed before it takes it.
///
/// A body may have several frames in a row (RFC 8878 §3.1); the decoder reads one.
pub(crate) fn decompress(mut compressed: &[u8], mut share: MemoryShare) -> Result<Body, BodyError> {
    let (mut decoder, mut bytes) = (FrameDecoder::new(), Vec::new());
    for _ in 0..MAX_ZSTD_FRAMES {
        if compressed.is_empty() {
            bytes.shrink_to_fit();
            share.shrink_to(bytes.len());
            return Ok(Body { bytes: bytes.into(), share });
        }
        match StreamingDecoder::new_with_decoder(&mut compressed, &mut decoder) {
            Ok(mut reader) => decompress_frame(&mut reader, &mut bytes, &mut share)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => compressed = compressed.get(length as usize..).ok_or(BodyError::Damaged)?,
            Err(_) => return Err(BodyError::Damaged),
        }
    }
    Err(BodyError::Damaged)
}

fn decompress_frame(
    reader: &mut impl std::io::Read,
    bytes: &mut Vec<u8>,
    share: &mut MemoryShare,
) -> Result<(), BodyError> {
    loop {
        // One byte more than the limit, to notice a body that exceeds it.
        let step =
            (bytes.len() / 2).clamp(UNPACKED_STEP, MAX_BODY_BYTES).min(MAX_BODY_BYTES + 1 - bytes.len());
        // While the vector moves there are two, and the decoder keeps a window of what it unpacked.
        share.grow_to((bytes.len() + step) * 2)?;
        bytes.try_reserve_exact(step).map_err(|_| BodyError::NoMemory)?;
        let read = reader.take(step as u64).read_to_end(bytes).map_err(|_| BodyError::Damaged)?;
        if bytes.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLong);
        }
        if read < step {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a frame with one block that is not compressed.
    fn frame(text: &[u8]) -> Vec<u8> {
        let block = u32::try_from(text.len()).unwrap() << 3 | 1;
        // A single segment with a length of one byte, then the block header of three bytes.
        let head = [0x28, 0xB5, 0x2F, 0xFD, 0x20, u8::try_from(text.len()).unwrap()];
        [&head[..], &block.to_le_bytes()[..3], text].concat()
    }

    fn decompress(compressed: &[u8]) -> Result<Bytes, BodyError> {
        let share = MemoryBudget::new(1024 * 1024).share(0)?;
        super::decompress(compressed, share).map(|body| body.bytes)
    }

    #[test]
    fn zstd_body_beyond_budget_is_refused_while_it_unpacks() {
        // A block of one byte that is repeated, so that three bytes of a frame become 128 KiB.
        let block = ((128 * 1024) << 3 | 1 << 1 | 1u32).to_le_bytes();
        let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58];
        for _ in 0..32 {
            frame.extend_from_slice(&[&[block[0] & !1], &block[1..3], &b" "[..]].concat());
        }
        frame.extend_from_slice(&[1, 0, 0]);
        let unpacked = |budget: usize| {
            let share = MemoryBudget::new(budget).share(0).unwrap();
            super::decompress(&frame, share).map(|body| body.bytes.len())
        };
        assert_eq!(unpacked(64 * 1024 * 1024), Ok(4 * 1024 * 1024));
        assert_eq!(unpacked(1024 * 1024), Err(BodyError::NoMemory));
    }

    #[test]
    fn body_of_millions_of_parts_is_refused() {
        let budget = MemoryBudget::new(512 * 1024 * 1024);
        let check = |json: String| {
            let body = Body { bytes: json.into(), share: budget.share(0).unwrap() };
            body.share_for_parsing(&budget).map(drop)
        };
        assert_eq!(check(format!("[{}{{}}]", "{},".repeat(1_000_000))), Err(BodyError::TooManyParts));
        assert_eq!(check(format!("[{}0]", "0,".repeat(1_000_000))), Err(BodyError::TooManyParts));
        let message = r#"{"role":"user","content":[{"type":"text","text":"hi"}]}"#;
        assert_eq!(check(format!("[{}0]", format!("{message},").repeat(10_000))), Ok(()));
        assert_eq!(check(format!(r#"["{}"]"#, "[{},:".repeat(1_000_000))), Ok(()));
    }

    #[test]
    fn zstd_body_of_several_frames_is_decompressed() {
        let skipped = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7];
        let compressed = [&frame(b"{\"a\":")[..], &skipped, &frame(b"1}")].concat();
        assert_eq!(decompress(&compressed), Ok(Bytes::from_static(b"{\"a\":1}")));
        assert_eq!(decompress(&[&frame(b"{}")[..], b"more"].concat()), Err(BodyError::Damaged));
        assert_eq!(decompress(&skipped[..9]), Err(BodyError::Damaged));
        assert_eq!(decompress(&frame(b"").repeat(MAX_ZSTD_FRAMES + 1)), Err(BodyError::Damaged));
    }
}
