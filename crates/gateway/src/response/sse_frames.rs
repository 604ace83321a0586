//! Splits a stream of server-sent events without changing its bytes.
//!
//! The parser of `dialect` decodes events; this one reads no more than an event's type, and returns slices of the
//! input. Only complete events are returned: half of one is of no use to a client, and could not be taken back when it
//! turns out to be one that is left out.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;
use serde::Deserialize;

/// Maximum length of one event; the parser of `dialect` has the same limit.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One event, unchanged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    name: &'a [u8],
    /// Its `data:` line. No known service splits JSON over several lines; such an event would have no type.
    pub(crate) data: &'a [u8],
}

/// What to do with an event.
pub(crate) enum FrameAction {
    /// Forward it unchanged.
    Pass,
    /// Leave it out.
    Skip,
    /// Forward this instead.
    Replace(Vec<u8>),
}

/// An event is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FrameTooLong;

/// Splits a stream into events; buffers an incomplete one.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: BytesMut,
    /// How much of `buffer` is known to contain no end of an event.
    scanned: usize,
}

impl Frame<'_> {
    /// Returns the type of the event: its name, or else the `type` of its data.
    ///
    /// All known servers send the name, which avoids parsing the JSON.
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
    /// Adds `chunk` and returns what to forward of the events that are complete now.
    pub(crate) fn push(
        &mut self,
        chunk: Bytes,
        mut decide: impl FnMut(Frame<'_>) -> FrameAction,
    ) -> Result<Bytes, FrameTooLong> {
        // Nothing is copied when events end at the end of a chunk.
        let (mut events, scanned) = if self.buffer.is_empty() {
            (chunk, 0)
        } else {
            self.buffer.extend_from_slice(&chunk);
            (std::mem::take(&mut self.buffer).freeze(), self.scanned)
        };
        let mut changed: Option<BytesMut> = None;
        let (mut begin, mut resume) = (0, scanned);
        while let Some(end) = end_of_event(&events, begin, resume) {
            match decide(read(&events[begin..end])) {
                FrameAction::Pass => {
                    if let Some(out) = &mut changed {
                        out.extend_from_slice(&events[begin..end]);
                    }
                }
                FrameAction::Skip => {
                    changed.get_or_insert_with(|| events[..begin].into());
                }
                FrameAction::Replace(replacement) => {
                    changed.get_or_insert_with(|| events[..begin].into()).extend_from_slice(&replacement);
                }
            }
            (begin, resume) = (end, end);
        }
        let rest = events.split_off(begin);
        if rest.len() > MAX_EVENT_BYTES {
            return Err(FrameTooLong);
        }
        // A line end may still be incomplete, so it is scanned again.
        self.scanned = rest.len().saturating_sub(3);
        self.buffer = rest.into();
        Ok(changed.map_or(events, BytesMut::freeze))
    }
}

/// Returns the end of the event that begins at `begin`, including its blank line. The bytes before `resume` do not end
/// it.
fn end_of_event(bytes: &[u8], begin: usize, resume: usize) -> Option<usize> {
    // Start at the beginning of a line, to recognize a blank one.
    let mut line =
        begin + memchr::memrchr2(b'\n', b'\r', &bytes[begin..resume.max(begin)]).map_or(0, |at| at + 1);
    loop {
        let end = line + memchr2(b'\n', b'\r', &bytes[line..])?;
        let next = match (bytes[end], bytes.get(end + 1)) {
            (b'\r', Some(b'\n')) => end + 2,
            // The LF of a CR LF may still arrive.
            (b'\r', None) => return None,
            _ => end + 1,
        };
        // An LF after the CR that precedes `resume` belongs to the end of that line.
        let is_half = end == line && bytes[end] == b'\n' && end > begin && bytes[end - 1] == b'\r';
        if end == line && !is_half {
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

    fn kinds(chunks: impl IntoIterator<Item = Bytes>) -> (Vec<String>, Vec<u8>) {
        let (mut frames, mut kinds, mut out) = (Frames::default(), Vec::new(), Vec::new());
        for chunk in chunks {
            let forwarded = frames.push(chunk, |frame| {
                kinds.push(frame.kind().into_owned());
                if frame.kind().starts_with("codex.") { FrameAction::Skip } else { FrameAction::Pass }
            });
            out.extend_from_slice(&forwarded.unwrap());
        }
        (kinds, out)
    }

    #[test]
    fn frames_split_anywhere_are_the_same_events() {
        let expected = ["response.created", "", "codex.rate_limits", "response.completed"];
        let kept = STREAM.replace("data: {\"type\":\"codex.rate_limits\"}\r\n\r\n", "");
        for size in 1..=STREAM.len() {
            let chunks = STREAM.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let (kinds, out) = kinds(chunks);
            assert_eq!(kinds, expected, "chunks of {size}");
            assert_eq!(String::from_utf8(out).unwrap(), kept, "chunks of {size}");
        }
    }

    #[test]
    fn frames_of_complete_events_are_not_copied() {
        let chunk = Bytes::from_static(STREAM.as_bytes());
        let forwarded = Frames::default().push(chunk.clone(), |_| FrameAction::Pass).unwrap();
        assert_eq!(forwarded.as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn frames_of_incomplete_event_are_buffered() {
        let mut frames = Frames::default();
        assert!(frames.push("data: {}\n".into(), |_| FrameAction::Pass).unwrap().is_empty());
        assert_eq!(frames.push("\ndata".into(), |_| FrameAction::Pass).unwrap(), "data: {}\n\n");
    }

    #[test]
    fn frames_with_replacement_forward_it() {
        let replace = |_: Frame<'_>| FrameAction::Replace(b"data: 2\n\n".to_vec());
        assert_eq!(Frames::default().push("data: 1\n\n".into(), replace).unwrap(), "data: 2\n\n");
    }
}
