//! The body of a request: whole, of bearable size, in time.

use std::io::Read as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

/// The longest body (contract section 3).
pub(crate) const LONGEST: usize = 64 * 1024 * 1024;
/// How long the next piece may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second that a body has to come with, all in all. One that dribbles in would otherwise hold its connection for
/// ever.
const SLOWEST: u64 = 16 * 1024;
/// What is set aside at once for a body that says how long it is; the rest follows what really comes.
const TRUSTED: usize = 4 * 1024 * 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Longer than [`LONGEST`], packed or unpacked.
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
pub(crate) async fn read(headers: &HeaderMap, body: Incoming) -> Result<Bytes, Unread> {
    let said = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > LONGEST) {
        return Err(Unread::TooLong);
    }
    let packed = headers.get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    let bytes = whole(body, said.unwrap_or(0)).await?;
    match packed.as_deref() {
        None | Some(b"identity" | b"") => Ok(bytes),
        // What Codex sends with its own provider (`clients.md`).
        Some(b"zstd") => {
            let unpacked = tokio::task::spawn_blocking(move || unpack(&bytes)).await;
            unpacked.unwrap_or(Err(Unread::Damaged))
        }
        Some(_) => Err(Unread::Encoding),
    }
}

async fn whole(mut body: Incoming, expected: usize) -> Result<Bytes, Unread> {
    let begun = Instant::now();
    let Some(first) = next(&mut body, begun, 0).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(expected.clamp(first.len(), TRUSTED.max(first.len())));
    whole.extend_from_slice(&first);
    while let Some(piece) = next(&mut body, begun, whole.len()).await? {
        if whole.len() + piece.len() > LONGEST {
            return Err(Unread::TooLong);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of a body of which so much has come since it begun.
async fn next(body: &mut Incoming, begun: Instant, come: usize) -> Result<Option<Bytes>, Unread> {
    let allowed = PATIENCE + Duration::from_secs(come as u64 / SLOWEST);
    let until = (begun + allowed).min(Instant::now() + PATIENCE);
    loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Err(Unread::Slow),
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => return Err(Unread::Cut),
            // Trailers say nothing that is needed here.
            Ok(Some(Ok(frame))) => {
                if let Ok(piece) = frame.into_data() {
                    return Ok(Some(piece));
                }
            }
        }
    }
}

pub(crate) fn unpack(packed: &[u8]) -> Result<Bytes, Unread> {
    let reader = ruzstd::decoding::StreamingDecoder::new(packed).map_err(|_| Unread::Damaged)?;
    let mut whole = Vec::new();
    // One byte more than is allowed tells a body that is too long from one that just fits.
    let most = LONGEST as u64 + 1;
    reader.take(most).read_to_end(&mut whole).map_err(|_| Unread::Damaged)?;
    if whole.len() > LONGEST { Err(Unread::TooLong) } else { Ok(whole.into()) }
}
