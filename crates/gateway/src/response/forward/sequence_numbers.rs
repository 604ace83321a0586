//! Numbers the events of a forwarded stream.
//!
//! The public Responses API has a `sequence_number` in every event. Some clients reject an event without one: a failure
//! that they cannot read then counts as the end of a complete response, or is asked for again without end. Not every
//! backend numbers its events.

use serde::Deserialize;
use usher_dialect::json::{Raw, RawObject};

/// The numbers of one stream's events.
#[derive(Debug, Default)]
pub(crate) struct SequenceNumbers {
    next: u64,
}

/// An event, of which only the number is read.
#[derive(Deserialize)]
struct Numbered {
    sequence_number: u64,
}

impl SequenceNumbers {
    /// Reads the number of an encoded event. Returns false, and changes nothing, unless the event has one after those
    /// before it: then nothing needs to be set. Nearly all events are like that, and there are thousands in a response.
    pub(crate) fn accept(&mut self, event: &[u8]) -> bool {
        let own = serde_json::from_slice(event).map(|event: Numbered| event.sequence_number);
        let Some(own) = own.ok().filter(|own| *own >= self.next && *own < u64::MAX) else { return false };
        self.next = own + 1;
        true
    }

    /// Reads the number of `event`. If it has none, or not one after those before it, it gets the next. Returns whether
    /// it did.
    pub(crate) fn assign(&mut self, event: &mut RawObject<'_>) -> bool {
        let own = event.get::<u64>("sequence_number").filter(|own| *own >= self.next && *own < u64::MAX);
        let number = own.unwrap_or(self.next);
        self.next = number + 1;
        if own.is_some() {
            return false;
        }
        event.set("sequence_number", Raw::from_value(&number));
        true
    }

    /// Reads the number of an event that is forwarded as it is.
    pub(crate) fn observe(&mut self, event: &RawObject<'_>) {
        let own = event.get::<u64>("sequence_number").filter(|own| *own < u64::MAX);
        self.next = own.map_or(self.next, |own| own.max(self.next)) + 1;
    }

    /// Returns the number of the next event.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_continue_after_last_seen() {
        let mut numbers = SequenceNumbers::default();
        let mut assigned = |event: &str| {
            let mut event = RawObject::parse(event.as_bytes()).unwrap();
            (numbers.assign(&mut event), event.get::<u64>("sequence_number").unwrap())
        };
        assert_eq!(assigned("{}"), (true, 0));
        assert_eq!(assigned(r#"{"sequence_number":4}"#), (false, 4));
        assert_eq!(assigned(r#"{"sequence_number":4}"#), (true, 5), "twice the same");
        for invalid in ["null", "-1", "\"9\"", "1.5", "18446744073709551615"] {
            assert!(assigned(&format!(r#"{{"sequence_number":{invalid}}}"#)).0, "{invalid}");
        }
        assert_eq!(numbers.next(), 11);
        for unaccepted in ["{}", "[]", r#"{"sequence_number":10}"#, r#"{"sequence_number":"11"}"#, ""] {
            assert!(!numbers.accept(unaccepted.as_bytes()), "{unaccepted}");
        }
        assert!(
            !numbers.accept(br#"{"sequence_number":11,"sequence_number":1}"#),
            "readers differ in which one they take"
        );
        assert!(numbers.accept(br#"{"delta":"\"sequence_number\":9","sequence_number":11}"#));
        assert_eq!(numbers.next(), 12);
        numbers.observe(&RawObject::parse(br#"{"sequence_number":20}"#).unwrap());
        numbers.observe(&RawObject::parse(b"{}").unwrap());
        assert_eq!(numbers.next(), 22);
    }
}
