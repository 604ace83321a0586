//! The body of a request: whole, of bearable size, in time.

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

/// The longest body (contract §3).
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// How long the next piece may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes a second that a body has to come with, all in all. One that dribbles in would otherwise hold its connection for
/// ever.
const MIN_BYTES_PER_SECOND: u64 = 16 * 1024;
/// What is set aside at once for a body that says how long it is; the rest follows what really comes.
const MAX_PREALLOCATED_BYTES: usize = 4 * 1024 * 1024;

/// Most frames of a packed body. Clients send one.
const MAX_ZSTD_FRAMES: usize = 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than [`MAX_BODY_BYTES`], packed or unpacked.
    TooLong,
    /// It stopped coming, or comes too slowly.
    Slow,
    /// It broke off.
    Cut,
    /// It is packed in a way that is not known here.
    Encoding,
    /// It cannot be unpacked.
    Damaged,
}

/// Reads `body` to its end and unpacks it.
pub(crate) async fn read(headers: &HeaderMap, body: Incoming) -> Result<Bytes, BodyError> {
    let said = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(BodyError::TooLong);
    }
    let packed = headers.get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    let bytes = collect(body, said.unwrap_or(0)).await?;
    match packed.as_deref() {
        None | Some(b"identity" | b"") => Ok(bytes),
        // What Codex sends with its own provider (clients §2.2).
        Some(b"zstd") => {
            let unpacked = tokio::task::spawn_blocking(move || decompress(&bytes)).await;
            unpacked.unwrap_or(Err(BodyError::Damaged))
        }
        Some(_) => Err(BodyError::Encoding),
    }
}

async fn collect(mut body: Incoming, expected: usize) -> Result<Bytes, BodyError> {
    let begun = Instant::now();
    let Some(first) = next_chunk(&mut body, begun, 0).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole =
        BytesMut::with_capacity(expected.clamp(first.len(), MAX_PREALLOCATED_BYTES.max(first.len())));
    whole.extend_from_slice(&first);
    while let Some(piece) = next_chunk(&mut body, begun, whole.len()).await? {
        if whole.len() + piece.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLong);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of a body of which so much has come since it begun.
async fn next_chunk(body: &mut Incoming, begun: Instant, come: usize) -> Result<Option<Bytes>, BodyError> {
    let allowed = BODY_TIMEOUT + Duration::from_secs(come as u64 / MIN_BYTES_PER_SECOND);
    let until = (begun + allowed).min(Instant::now() + BODY_TIMEOUT);
    loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Err(BodyError::Slow),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => return Err(BodyError::Cut),
            // Trailers say nothing that is needed here.
            Ok(Some(Ok(frame))) => {
                if let Ok(piece) = frame.into_data() {
                    return Ok(Some(piece));
                }
            }
        }
    }
}

/// Unpacks zstd: any number of frames, one behind the other (RFC 8878 §3.1). The decoder reads one.
pub(crate) fn decompress(mut packed: &[u8]) -> Result<Bytes, BodyError> {
    let (mut decoder, mut whole) = (FrameDecoder::new(), Vec::new());
    for _ in 0..MAX_ZSTD_FRAMES {
        if packed.is_empty() {
            return Ok(whole.into());
        }
        match StreamingDecoder::new_with_decoder(&mut packed, &mut decoder) {
            Ok(reader) => {
                // One byte more than is allowed tells a body that is too long from one that just fits.
                let most = MAX_BODY_BYTES + 1 - whole.len();
                reader.take(most as u64).read_to_end(&mut whole).map_err(|_| BodyError::Damaged)?;
                if whole.len() > MAX_BODY_BYTES {
                    return Err(BodyError::TooLong);
                }
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => packed = packed.get(length as usize..).ok_or(BodyError::Damaged)?,
            Err(_) => return Err(BodyError::Damaged),
        }
    }
    Err(BodyError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame with one block that is not packed.
    fn frame(text: &[u8]) -> Vec<u8> {
        let block = u32::try_from(text.len()).unwrap() << 3 | 1;
        // A single segment, whose length is one byte; then the block's header of three.
        let head = [0x28, 0xB5, 0x2F, 0xFD, 0x20, u8::try_from(text.len()).unwrap()];
        [&head[..], &block.to_le_bytes()[..3], text].concat()
    }

    #[test]
    fn zstd_body_of_several_frames_is_decompressed() {
        let skipped = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7];
        let packed = [&frame(b"{\"a\":")[..], &skipped, &frame(b"1}")].concat();
        assert_eq!(decompress(&packed), Ok(Bytes::from_static(b"{\"a\":1}")));
        assert_eq!(decompress(&[&frame(b"{}")[..], b"more"].concat()), Err(BodyError::Damaged));
        assert_eq!(decompress(&skipped[..9]), Err(BodyError::Damaged));
        assert_eq!(decompress(&frame(b"").repeat(MAX_ZSTD_FRAMES + 1)), Err(BodyError::Damaged));
    }
}
