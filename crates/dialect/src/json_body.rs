//! Recognizes a complete body where a stream of events was requested: some services do not stream, or report an error in
//! one with the status 200.

use crate::sse::EventTooLong;

/// The longest body, as long as the longest event.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Collects the body, if the response is one.
#[derive(Debug, Default)]
pub struct JsonBody {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// Only blanks so far.
    #[default]
    Unknown,
    /// A stream: it begins with a field of an event.
    Stream,
    Body(Vec<u8>),
}

impl JsonBody {
    /// Takes `chunk` if the response is JSON or text, whatever its content type says. Returns whether it is.
    pub fn take(&mut self, chunk: &[u8]) -> Result<bool, EventTooLong> {
        if let State::Unknown = self.state {
            match chunk.trim_ascii_start() {
                [] => return Ok(false),
                begin if is_stream(begin) => self.state = State::Stream,
                _ => self.state = State::Body(Vec::new()),
            }
        }
        let State::Body(body) = &mut self.state else { return Ok(false) };
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(EventTooLong { limit: MAX_BODY_BYTES });
        }
        body.extend_from_slice(chunk);
        Ok(true)
    }

    /// Returns the body at the end of the response; `None` if it was a stream.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        match std::mem::take(&mut self.state) {
            State::Body(body) => Some(body),
            State::Unknown | State::Stream => None,
        }
    }
}

/// Returns whether a response that begins so is a stream: with a field, a comment or the byte order mark. Unknown fields
/// are allowed as well, so a field further on is enough.
pub fn is_stream(begin: &[u8]) -> bool {
    const FIELDS: [&[u8]; 6] = [b"data", b"event", b"id", b"retry", b":", b"\xEF\xBB\xBF"];
    if begin.starts_with(b"{") {
        return false;
    }
    let is_field =
        |line: &[u8]| FIELDS.iter().any(|field| line.starts_with(field) || field.starts_with(line));
    begin.split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| !line.is_empty() && is_field(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(chunks: &[&str]) -> Option<Vec<u8>> {
        let mut body = JsonBody::default();
        for chunk in chunks {
            body.take(chunk.as_bytes()).unwrap();
        }
        body.finish()
    }

    #[test]
    fn body_is_recognized_by_its_first_byte() {
        assert_eq!(collected(&["\n ", "{\"a\"", ":1}"]), Some(b"{\"a\":1}".to_vec()));
        assert_eq!(collected(&["\n", "data: {}\n", "{\n\n"]), None);
        assert_eq!(collected(&[]), None);
        for stream in ["da", ": hi", "\u{feff}data", "odd: x\r\ndata: 1"] {
            assert_eq!(collected(&[stream]), None, "{stream}");
        }
        for body in ["[{}]", "<html>", "no such model", "\"no\""] {
            assert_eq!(collected(&[body, "x"]), Some(format!("{body}x").into_bytes()));
        }
    }

    #[test]
    fn body_over_the_limit_fails() {
        let mut body = JsonBody::default();
        assert!(body.take(b"{").unwrap());
        assert!(body.take(&vec![b' '; MAX_BODY_BYTES]).is_err());
    }
}
