//! The limit of what is kept of a response: by who collects it, and for its last event.

use usher_dialect::responses::Event;

use crate::response::step::StreamError;

/// Maximum size of a response. The longest that a model can write has a few megabytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

/// Counts what is kept of a response.
#[derive(Debug, Default)]
pub(crate) struct SizeLimit {
    text: usize,
    items: usize,
}

impl SizeLimit {
    /// Counts the content of an event.
    pub(crate) fn count(&mut self, event: &Event<'_>) {
        let (text, items) = event.content_bytes();
        self.text = self.text.saturating_add(text);
        self.count_item(items);
    }

    /// Counts an item of `bytes`.
    pub(crate) fn count_item(&mut self, bytes: usize) {
        self.items = self.items.saturating_add(bytes);
    }

    /// Fails when the response is longer than it may be.
    pub(crate) fn check(&self) -> Result<(), StreamError> {
        if self.text.max(self.items) > MAX_RESPONSE_BYTES {
            return Err(StreamError::Malformed("the provider's answer is longer than 64 MiB".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use usher_dialect::responses::DeltaKind;

    use super::*;

    #[test]
    fn response_beyond_limit_fails() {
        let text = "x".repeat(1024 * 1024);
        let delta =
            Event::Delta { kind: DeltaKind::Text, output_index: 0, part: 0, delta: text.as_str().into() };
        let mut limit = SizeLimit::default();
        (0..64).for_each(|_| limit.count(&delta));
        assert!(limit.check().is_ok());
        limit.count(&delta);
        assert!(limit.check().is_err());
        let mut limit = SizeLimit::default();
        limit.count_item(MAX_RESPONSE_BYTES + 1);
        assert!(limit.check().is_err());
    }
}
