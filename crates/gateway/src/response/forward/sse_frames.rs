//! Splits a stream of server-sent events without changing its bytes.
//!
//! The parser of `dialect` decodes events; this one reads no more than an event's type, and returns slices of the
//! input. Only complete events are returned: half of one is of no use to a client, and could not be taken back when it
//! turns out to be one that is left out.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;
use serde::Deserialize;
use serde_json::value::RawValue;
use usher_dialect::sse::is_done;

/// Maximum length of one event; the parser of `dialect` has the same limit.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One event, unchanged.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'a> {
    name: &'a [u8],
    /// Its `data:` lines, joined by line feeds.
    pub(crate) data: Cow<'a, [u8]>,
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
    progress: Progress,
}

/// How far an incomplete event was read, so that nothing of it is read again when more arrives.
#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    /// Where its last line begins.
    line: usize,
    /// How far the end of that line was searched for.
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
            // A name that is no text is none that is known.
            return str::from_utf8(self.name).unwrap_or_default().into();
        }
        serde_json::from_slice::<Kind<'_>>(&self.data).map(|kind| kind.kind).unwrap_or_default()
    }

    /// Returns whether the event says nothing: a comment, or blank data under whatever name.
    pub(crate) fn is_blank(&self) -> bool {
        self.data.trim_ascii().is_empty()
    }

    /// Returns whether the data was not cut off.
    fn is_complete(&self) -> bool {
        is_done(&self.data) || serde_json::from_slice::<&RawValue>(&self.data).is_ok()
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
        let (mut events, mut progress) = if self.buffer.is_empty() {
            (chunk, Progress::default())
        } else {
            self.buffer.extend_from_slice(&chunk);
            (std::mem::take(&mut self.buffer).freeze(), self.progress)
        };
        let mut changed: Option<BytesMut> = None;
        let mut begin = 0;
        while let Some(end) = progress.end_of_event(&events) {
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
            begin = end;
        }
        let rest = events.split_off(begin);
        if rest.len() > MAX_EVENT_BYTES {
            return Err(FrameTooLong);
        }
        self.progress = Progress { line: progress.line - begin, scanned: progress.scanned - begin };
        self.buffer = rest.into();
        Ok(changed.map_or(events, BytesMut::freeze))
    }

    /// Returns what to forward of the last event, which the end of the stream left without its blank line. One that was
    /// cut off is left out: its data is not complete.
    pub(crate) fn finish(&mut self, decide: impl FnOnce(Frame<'_>) -> FrameAction) -> Bytes {
        let mut rest = std::mem::take(&mut self.buffer);
        let frame = read(&rest);
        if !frame.is_complete() {
            return Bytes::new();
        }
        match decide(frame) {
            FrameAction::Pass => {
                let end = rest.trim_ascii_end().len();
                rest.truncate(end);
                rest.extend_from_slice(b"\n\n");
                rest.freeze()
            }
            FrameAction::Skip => Bytes::new(),
            FrameAction::Replace(replacement) => replacement.into(),
        }
    }
}

impl Progress {
    /// Returns the end of the event that is being read, including its blank line.
    fn end_of_event(&mut self, bytes: &[u8]) -> Option<usize> {
        loop {
            let Some(found) = memchr2(b'\n', b'\r', &bytes[self.scanned..]) else {
                self.scanned = bytes.len();
                return None;
            };
            let end = self.scanned + found;
            let next = match (bytes[end], bytes.get(end + 1)) {
                (b'\r', Some(b'\n')) => end + 2,
                (b'\r', None) => {
                    // The LF of a CR LF may still arrive.
                    self.scanned = end;
                    return None;
                }
                _ => end + 1,
            };
            let is_blank = end == self.line;
            *self = Self { line: next, scanned: next };
            if is_blank {
                return Some(next);
            }
        }
    }
}

fn read(event: &[u8]) -> Frame<'_> {
    let (mut name, mut data): (_, Option<Cow<'_, [u8]>>) = (&b""[..], None);
    let mut rest = event;
    while !rest.is_empty() {
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.trim_ascii_start();
            match &mut data {
                None => data = Some(value.into()),
                Some(lines) => {
                    let lines = lines.to_mut();
                    lines.push(b'\n');
                    lines.extend_from_slice(value);
                }
            }
        } else if let Some(value) = line.strip_prefix(b"event:") {
            name = value.trim_ascii();
        }
    }
    Frame { name, data: data.unwrap_or_default() }
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
    fn frames_data_of_several_lines_is_joined() {
        let mut joined = Vec::new();
        let mut keep = |frame: Frame<'_>| {
            joined = frame.data.into_owned();
            FrameAction::Pass
        };
        Frames::default().push("data: {\r\ndata: \"a\":1}\r\n\r\n".into(), &mut keep).unwrap();
        assert_eq!(joined, b"{\n\"a\":1}");
    }

    #[test]
    fn frames_of_long_line_are_scanned_once() {
        let (mut frames, byte) = (Frames::default(), Bytes::from_static(b"x"));
        for received in 1..=100_000 {
            assert!(frames.push(byte.clone(), |_| FrameAction::Pass).unwrap().is_empty());
            assert_eq!(frames.progress.scanned, received);
        }
        assert_eq!(frames.push("\n\n".into(), |_| FrameAction::Pass).unwrap().len(), 100_002);
        // What was scanned is not looked at again: the line ends there are not found.
        let (buffer, progress) = (BytesMut::from("x\n\nx"), Progress { line: 0, scanned: 4 });
        let mut frames = Frames { buffer, progress };
        assert!(frames.push(byte, |_| FrameAction::Pass).unwrap().is_empty());
    }

    #[test]
    fn last_frame_without_blank_line_is_forwarded_if_it_is_complete() {
        for (rest, forwarded) in [
            ("data: {\"a\":1}\n", "data: {\"a\":1}\n\n"),
            ("event: x\rdata: {\"a\":1}\r\r", "event: x\rdata: {\"a\":1}\n\n"),
            ("data: [DONE] ", "data: [DONE]\n\n"),
            ("data: {\"a\":", ""),
            (": a comment", ""),
            ("", ""),
        ] {
            let mut frames = Frames::default();
            assert!(frames.push(rest.to_owned().into(), |_| FrameAction::Pass).unwrap().is_empty(), "{rest}");
            assert_eq!(frames.finish(|_| FrameAction::Pass), forwarded, "{rest}");
        }
    }

    #[test]
    fn frames_with_replacement_forward_it() {
        let replace = |_: Frame<'_>| FrameAction::Replace(b"data: 2\n\n".to_vec());
        assert_eq!(Frames::default().push("data: 1\n\n".into(), replace).unwrap(), "data: 2\n\n");
    }
}
