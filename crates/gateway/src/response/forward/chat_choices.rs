//! Recognizes the end of a forwarded chat completion, which may have several choices.

use serde::Deserialize;
use usher_dialect::sse::is_done;

/// The choices of a chat completion that have finished.
#[derive(Debug)]
pub(crate) struct ChatChoices {
    /// How many the client requested.
    requested: u32,
    /// One bit for each that has finished, by its index.
    finished: u128,
    /// Whether `[DONE]` was forwarded.
    pub(crate) is_done: bool,
}

/// A chunk in which a choice finishes.
#[derive(Deserialize)]
struct FinishingChunk {
    choices: Vec<FinishingChoice>,
}

#[derive(Deserialize)]
struct FinishingChoice {
    #[serde(default)]
    index: u32,
    finish_reason: Option<String>,
}

impl ChatChoices {
    /// Returns that none of the requested choices has finished.
    pub(crate) fn new(requested: u32) -> Self {
        Self { requested, finished: 0, is_done: false }
    }

    /// Reads a chunk. Returns whether the completion is complete: by `[DONE]`, or because all choices have finished.
    pub(crate) fn end_in(&mut self, chunk: &[u8]) -> bool {
        if is_done(chunk) {
            self.is_done = true;
            return true;
        }
        if !has_finish_reason(chunk) {
            return false;
        }
        if self.requested <= 1 {
            return true;
        }
        let chunk = serde_json::from_slice(chunk).map(|chunk: FinishingChunk| chunk.choices);
        for choice in chunk.unwrap_or_default() {
            if choice.finish_reason.is_some_and(|reason| !reason.is_empty()) {
                self.finished |= 1_u128.checked_shl(choice.index).unwrap_or_default();
            }
        }
        self.finished.count_ones() >= self.requested
    }
}

/// Returns whether a choice finishes in this chunk. An empty reason means "not yet" to some services.
fn has_finish_reason(chunk: &[u8]) -> bool {
    const NAME: &[u8] = b"\"finish_reason\":";
    memchr::memmem::find_iter(chunk, NAME).any(|place| {
        let value = chunk[place + NAME.len()..].trim_ascii_start();
        value.first() == Some(&b'"') && value.get(1).is_some_and(|second| *second != b'"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completion_ends_when_all_choices_have_finished() {
        let chunk = |index: u32, reason: &str| {
            format!(r#"{{"choices":[{{"index":{index},"delta":{{}},"finish_reason": {reason}}}]}}"#)
        };
        let mut one = ChatChoices::new(1);
        for reason in ["null", "\"\""] {
            assert!(!one.end_in(chunk(0, reason).as_bytes()), "{reason}");
        }
        assert!(!one.end_in(br#"{"choices":[{"delta":{"content":"\"finish_reason\":\"stop\""}}]}"#));
        assert!(one.end_in(chunk(0, "\"stop\"").as_bytes()) && !one.is_done);
        let mut two = ChatChoices::new(2);
        assert!(!two.end_in(chunk(0, "\"stop\"").as_bytes()));
        assert!(!two.end_in(chunk(0, "\"stop\"").as_bytes()), "the same again");
        assert!(!two.end_in(chunk(1, "\"\"").as_bytes()));
        assert!(two.end_in(chunk(1, "\"length\"").as_bytes()));
        assert!(ChatChoices::new(2).end_in(b"[DONE] "));
    }
}
