//! Server-sent events passed on as they came: cut only where one ends and the next begins, never rewritten.
//!
//! The parser of `dialect` takes events apart; this looks at no more than an event's kind, and gives back slices of
//! what came. An event is passed on when it is whole: half of one is of no use to anybody, and could not be taken
//! back when it turns out to be one that the caller does not know.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;
use serde::Deserialize;

/// Most bytes of one event; the parser of `dialect` has the same limit.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One event as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    name: &'a [u8],
    /// Its `data:` line. Services that split JSON over several are not known; such an event has no kind then.
    pub(crate) data: &'a [u8],
}

/// What becomes of an event.
pub(crate) enum FrameAction {
    /// It goes on as it is.
    Pass,
    /// It ends here.
    Skip,
    /// This goes on in its place.
    Replace(Vec<u8>),
}

/// An event has no end in sight.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FrameTooLong;

/// The part of an event that is still to come.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: BytesMut,
    /// How much of `buffer` is known to hold no end.
    scanned: usize,
}

impl Frame<'_> {
    /// What kind of event it is: its name, else the `type` of its data. Names are what all known servers send; they
    /// spare reading the JSON.
    pub(crate) fn kind(&self) -> Cow<'_, str> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(rename = "type", borrow, default)]
            kind: Cow<'a, str>,
        }

        let named = self.name.starts_with(b"response.") || self.name == b"error";
        if named {
            return String::from_utf8_lossy(self.name);
        }
        serde_json::from_slice::<Kind<'_>>(self.data).map(|kind| kind.kind).unwrap_or_default()
    }
}

impl Frames {
    /// Takes `piece` and gives what goes on of all events that are whole now.
    pub(crate) fn pass(
        &mut self,
        piece: Bytes,
        mut judge: impl FnMut(Frame<'_>) -> FrameAction,
    ) -> Result<Bytes, FrameTooLong> {
        // Nothing is copied where events end with the piece that brought them.
        let (mut whole, from) = if self.buffer.is_empty() {
            (piece, 0)
        } else {
            self.buffer.extend_from_slice(&piece);
            (std::mem::take(&mut self.buffer).freeze(), self.scanned)
        };
        let mut changed: Option<BytesMut> = None;
        let (mut begin, mut resume) = (0, from);
        while let Some(end) = end_of_event(&whole, begin, resume) {
            match judge(read(&whole[begin..end])) {
                FrameAction::Pass => {
                    if let Some(out) = &mut changed {
                        out.extend_from_slice(&whole[begin..end]);
                    }
                }
                FrameAction::Skip => {
                    changed.get_or_insert_with(|| whole[..begin].into());
                }
                FrameAction::Replace(other) => {
                    changed.get_or_insert_with(|| whole[..begin].into()).extend_from_slice(&other);
                }
            }
            (begin, resume) = (end, end);
        }
        let rest = whole.split_off(begin);
        if rest.len() > MAX_EVENT_BYTES {
            return Err(FrameTooLong);
        }
        // A line end that has not all come yet is looked at again.
        self.scanned = rest.len().saturating_sub(3);
        self.buffer = rest.into();
        Ok(changed.map_or(whole, BytesMut::freeze))
    }
}

/// Where the event that begins at `begin` ends, its blank line included. Nothing before `resume` ends it.
fn end_of_event(bytes: &[u8], begin: usize, resume: usize) -> Option<usize> {
    // Back to the beginning of a line, so that a blank one is known as such.
    let mut line =
        begin + memchr::memrchr2(b'\n', b'\r', &bytes[begin..resume.max(begin)]).map_or(0, |at| at + 1);
    loop {
        let end = line + memchr2(b'\n', b'\r', &bytes[line..])?;
        let next = match (bytes[end], bytes.get(end + 1)) {
            (b'\r', Some(b'\n')) => end + 2,
            // The LF of a CR LF may still be on its way.
            (b'\r', None) => return None,
            _ => end + 1,
        };
        // An LF that follows the CR before the place where we resumed belongs to that line's end.
        let half = end == line && bytes[end] == b'\n' && end > begin && bytes[end - 1] == b'\r';
        if end == line && !half {
            return Some(next);
        }
        line = next;
    }
}

fn read(event: &[u8]) -> Frame<'_> {
    let (mut name, mut data) = (&b""[..], &b""[..]);
    for line in event.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if let Some(value) = line.strip_prefix(b"data:") {
            data = value.trim_ascii_start();
        } else if let Some(value) = line.strip_prefix(b"event:") {
            name = value.trim_ascii();
        }
    }
    Frame { name, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n\
        : a comment\n\ndata: {\"type\":\"codex.rate_limits\"}\r\n\r\nevent: response.completed\ndata: {}\n\n";

    fn kinds(pieces: impl IntoIterator<Item = Bytes>) -> (Vec<String>, Vec<u8>) {
        let (mut frames, mut kinds, mut out) = (Frames::default(), Vec::new(), Vec::new());
        for piece in pieces {
            let passed = frames.pass(piece, |frame| {
                kinds.push(frame.kind().into_owned());
                if frame.kind().starts_with("codex.") { FrameAction::Skip } else { FrameAction::Pass }
            });
            out.extend_from_slice(&passed.unwrap());
        }
        (kinds, out)
    }

    #[test]
    fn frames_split_anywhere_pass_the_same_events() {
        let expected = ["response.created", "", "codex.rate_limits", "response.completed"];
        let kept = STREAM.replace("data: {\"type\":\"codex.rate_limits\"}\r\n\r\n", "");
        for size in 1..=STREAM.len() {
            let pieces = STREAM.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let (kinds, out) = kinds(pieces);
            assert_eq!(kinds, expected, "pieces of {size}");
            assert_eq!(String::from_utf8(out).unwrap(), kept, "pieces of {size}");
        }
    }

    #[test]
    fn frames_whole_event_is_not_copied() {
        let piece = Bytes::from_static(STREAM.as_bytes());
        let passed = Frames::default().pass(piece.clone(), |_| FrameAction::Pass).unwrap();
        assert_eq!(passed.as_ptr(), piece.as_ptr());
    }

    #[test]
    fn frames_incomplete_event_is_held() {
        let mut frames = Frames::default();
        assert!(frames.pass("data: {}\n".into(), |_| FrameAction::Pass).unwrap().is_empty());
        assert_eq!(frames.pass("\ndata".into(), |_| FrameAction::Pass).unwrap(), "data: {}\n\n");
    }

    #[test]
    fn frames_event_can_be_replaced() {
        let other = |_: Frame<'_>| FrameAction::Replace(b"data: 2\n\n".to_vec());
        assert_eq!(Frames::default().pass("data: 1\n\n".into(), other).unwrap(), "data: 2\n\n");
    }
}
