//! Finds the token counts in a body that is passed through, however long it is: a compacted history or an image has
//! megabytes.
//!
//! The body comes in chunks and is not kept, which no reader of JSON in use here can do. So only its structure is read:
//! strings, brackets, and the names at the top level. The counts themselves are parsed as always.

use crate::request_log::TokenCounts;
use crate::response::forward::usage;

const NAME: &[u8] = b"usage";
/// The longest usage that is read. Those of providers have some hundred bytes.
const MAX_USAGE_BYTES: usize = 64 * 1024;

/// Reads a body for its `usage`.
#[derive(Default)]
pub(crate) struct UsageScanner {
    /// How many brackets are open.
    depth: usize,
    text: Text,
    /// The last string of the top level, as far as it decides whether that is [`NAME`].
    name: Vec<u8>,
    /// What comes next is the value of [`NAME`].
    is_named: bool,
    /// The object with the usage alone, while it comes in.
    found: Option<Vec<u8>>,
}

/// Where a byte is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Text {
    #[default]
    Outside,
    Inside,
    /// After a backslash.
    Escaped,
}

impl UsageScanner {
    /// Reads a chunk. Returns the counts if it completes them.
    pub(crate) fn push(&mut self, mut chunk: &[u8]) -> Option<TokenCounts> {
        let mut counts = None;
        while let [byte, rest @ ..] = chunk {
            counts = self.take(*byte).or(counts);
            chunk = self.skip_text(rest);
        }
        counts
    }

    fn take(&mut self, byte: u8) -> Option<TokenCounts> {
        self.keep(byte);
        match (self.text, byte) {
            (Text::Escaped, _) => self.text = Text::Inside,
            (Text::Inside, b'\\') => self.text = Text::Escaped,
            (Text::Inside, b'"') => self.text = Text::Outside,
            (Text::Outside, b'"') => {
                self.text = Text::Inside;
                self.name.clear();
            }
            (Text::Outside, b'{' | b'[') => self.open(byte),
            (Text::Outside, b'}' | b']') => return self.close(),
            (Text::Outside, b':') if self.depth == 1 => self.is_named = self.name == NAME,
            (Text::Outside, b',') if self.depth == 1 => self.is_named = false,
            (Text::Inside | Text::Outside, _) => {}
        }
        None
    }

    /// Keeps what is needed of a byte.
    fn keep(&mut self, byte: u8) {
        match &mut self.found {
            Some(found) if found.len() < MAX_USAGE_BYTES => found.push(byte),
            _ => self.found = None,
        }
        let is_end = self.text == Text::Inside && byte == b'"';
        if self.text != Text::Outside && !is_end && self.name.len() <= NAME.len() {
            self.name.push(byte);
        }
    }

    fn open(&mut self, byte: u8) {
        if self.depth == 1 && self.is_named && byte == b'{' {
            self.found = Some([b"{\"usage\":", &[byte][..]].concat());
        }
        self.depth += 1;
    }

    fn close(&mut self) -> Option<TokenCounts> {
        self.depth = self.depth.saturating_sub(1);
        let mut found = self.found.take_if(|_| self.depth == 1)?;
        found.push(b'}');
        usage::of_body(&found)
    }

    /// Returns what is left of `rest` without text that is of no interest.
    fn skip_text<'a>(&self, rest: &'a [u8]) -> &'a [u8] {
        if self.text != Text::Inside || self.found.is_some() || self.name.len() <= NAME.len() {
            return rest;
        }
        let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        &rest[end..]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input_of(body: &str, chunk: usize) -> Option<u64> {
        let mut scanner = UsageScanner::default();
        let counts = body.as_bytes().chunks(chunk).filter_map(|chunk| scanner.push(chunk)).last();
        assert!(scanner.name.len() <= NAME.len() + 1);
        counts.map(|counts| counts.input)
    }

    #[test]
    fn usage_of_a_body_of_any_length_is_found_in_chunks_of_any_size() {
        let text = r#"\"usage\":{\"input_tokens\":1},{]"usage""#.repeat(20_000);
        let nested = json!({ "usage": { "input_tokens": 2 }, "list": ["usage", { "usage": {} }] });
        let usage = json!({ "input_tokens": 204_000, "input_tokens_details": { "cached_tokens": 3 } });
        let after =
            json!({ "id": "usage", "output": [text, nested], "tools": nested, "usage": usage, "user": text });
        let before = json!({ "a": usage, "usage": usage, "z": [nested, text] });
        for body in [after, before] {
            for body in [body.to_string(), format!("{body:#}\n")] {
                for chunk in [1, 7, 16 * 1024, usize::MAX] {
                    assert_eq!(input_of(&body, chunk), Some(204_000), "in chunks of {chunk}");
                }
            }
        }
    }

    #[test]
    fn body_without_usage_has_no_counts() {
        let long = json!({ "usage": { "input_tokens": 5, "more": "x".repeat(MAX_USAGE_BYTES) } }).to_string();
        for body in [
            r#"{"usage":null}"#,
            r#"{"usage":[{"input_tokens":5}]}"#,
            r#"{"a":"usage","b":{"input_tokens":5}}"#,
            r#"{"output":{"usage":{"input_tokens":5}}}"#,
            r#"[{"usage":{"input_tokens":5}}]"#,
            r#"{"usage":{"input_tokens":5"#,
            "}]}usage: {} \\\"",
            "",
            &long,
        ] {
            assert_eq!(input_of(body, 3), None, "{body:.60}");
        }
    }
}
