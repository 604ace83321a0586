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

/// Maximum length of a body (contract §3).
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// How long the next chunk may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Minimum average speed of a body. A slower one could otherwise occupy its connection forever.
const MIN_BYTES_PER_SECOND: u64 = 16 * 1024;
/// Maximum size that is allocated for a `Content-Length`; beyond it the buffer grows with what arrives.
const MAX_PREALLOCATED_BYTES: usize = 4 * 1024 * 1024;

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
}

/// Reads `body` to its end and decompresses it.
pub(crate) async fn read(headers: &HeaderMap, body: Incoming) -> Result<Bytes, BodyError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(BodyError::TooLong);
    }
    let encoding = headers.get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    let bytes = collect(body, length.unwrap_or(0)).await?;
    match encoding.as_deref() {
        None | Some(b"identity" | b"") => Ok(bytes),
        // Codex compresses for its own provider (clients §2.2).
        Some(b"zstd") => {
            let decompressed = tokio::task::spawn_blocking(move || decompress(&bytes)).await;
            decompressed.unwrap_or(Err(BodyError::Damaged))
        }
        Some(_) => Err(BodyError::Encoding),
    }
}

async fn collect(mut body: Incoming, expected: usize) -> Result<Bytes, BodyError> {
    let start = Instant::now();
    let Some(first) = next_chunk(&mut body, start, 0).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut bytes =
        BytesMut::with_capacity(expected.clamp(first.len(), MAX_PREALLOCATED_BYTES.max(first.len())));
    bytes.extend_from_slice(&first);
    while let Some(chunk) = next_chunk(&mut body, start, bytes.len()).await? {
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
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

/// Decompresses zstd.
///
/// A body may have several frames in a row (RFC 8878 §3.1); the decoder reads one.
pub(crate) fn decompress(mut compressed: &[u8]) -> Result<Bytes, BodyError> {
    let (mut decoder, mut bytes) = (FrameDecoder::new(), Vec::new());
    for _ in 0..MAX_ZSTD_FRAMES {
        if compressed.is_empty() {
            return Ok(bytes.into());
        }
        match StreamingDecoder::new_with_decoder(&mut compressed, &mut decoder) {
            Ok(reader) => {
                // One byte more than the limit, to notice a body that exceeds it.
                let limit = MAX_BODY_BYTES + 1 - bytes.len();
                reader.take(limit as u64).read_to_end(&mut bytes).map_err(|_| BodyError::Damaged)?;
                if bytes.len() > MAX_BODY_BYTES {
                    return Err(BodyError::TooLong);
                }
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => compressed = compressed.get(length as usize..).ok_or(BodyError::Damaged)?,
            Err(_) => return Err(BodyError::Damaged),
        }
    }
    Err(BodyError::Damaged)
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
