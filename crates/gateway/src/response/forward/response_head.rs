//! Keeps what identifies the response of a forwarded stream.
//!
//! The stream helpers of `OpenAI`'s packages reject an event whose response has another id than the first, and hide what
//! it reports; others demand its model and time. A failure that the gateway reports, and the response of a retry, therefore
//! get what the client knows.

use serde_json::{Map, Value};
use usher_dialect::json::{Raw, RawObject};

/// The longest id or name of a model that is kept; those of `OpenAI` have about 50 characters.
const MAX_LENGTH: usize = 256;

/// The id, model and time of the first response that has an id.
#[derive(Debug, Default)]
pub(crate) struct ResponseHead(Map<String, Value>);

impl ResponseHead {
    /// Reads an event that is forwarded as it is.
    pub(crate) fn observe(&mut self, event: &RawObject<'_>) {
        if !self.0.is_empty() {
            return;
        }
        let Some(response) = response_of(event) else { return };
        let Some(id) = text(&response, "id") else { return };
        self.0.insert("id".into(), id.into());
        self.0.extend(text(&response, "model").map(|model| ("model".into(), model.into())));
        let created_at = response.get::<u64>("created_at");
        self.0.extend(created_at.map(|time| ("created_at".into(), time.into())));
    }

    /// Sets the id of the first event in one that has another. Returns whether it did.
    pub(crate) fn assign(&mut self, event: &mut RawObject<'_>) -> bool {
        self.observe(event);
        let with_first_id = || {
            let (id, mut response) = (self.0.get("id")?, response_of(event)?);
            if text(&response, "id").as_deref() == id.as_str() {
                return None;
            }
            response.set("id", Raw::from_value(id));
            Some(Raw::from_value(&response))
        };
        let response = with_first_id();
        let is_changed = response.is_some();
        if let Some(response) = response {
            event.set("response", response);
        }
        is_changed
    }

    /// Returns the members, which are none before the first event.
    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.0
    }
}

fn response_of<'a>(event: &'a RawObject<'_>) -> Option<RawObject<'a>> {
    RawObject::parse(event.raw("response")?.get().as_bytes()).ok()
}

fn text(response: &RawObject<'_>, name: &str) -> Option<String> {
    response.get::<String>(name).filter(|text| text.len() <= MAX_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_events_get_the_first_id() {
        let mut head = ResponseHead::default();
        let mut assigned = |event: &str| {
            let mut event = RawObject::parse(event.as_bytes()).unwrap();
            (head.assign(&mut event), String::from_utf8(event.to_bytes()).unwrap())
        };
        for event in
            [r#"{"type":"error"}"#, r#"{"response":{}}"#, r#"{"response":{"id":"a","created_at":1}}"#]
        {
            assert_eq!(assigned(event), (false, event.to_owned()));
        }
        let event = r#"{"response":{"id":"a","n":1.0}}"#;
        assert_eq!(assigned(event), (false, event.to_owned()));
        assert_eq!(assigned(r#"{"response":{"id":"b"}}"#), (true, r#"{"response":{"id":"a"}}"#.to_owned()));
        assert_eq!(
            assigned(r#"{"response":{"n":1}}"#),
            (true, r#"{"response":{"n":1,"id":"a"}}"#.to_owned())
        );
        assert_eq!(Value::from(head.members().clone()), serde_json::json!({ "id": "a", "created_at": 1 }));
    }

    #[test]
    fn peer_does_not_decide_how_much_is_kept() {
        let long = "a".repeat(MAX_LENGTH + 1);
        for (event, kept) in [
            (format!(r#"{{"response":{{"id":"{long}","model":"m"}}}}"#), 0),
            (format!(r#"{{"response":{{"id":"a","model":"{long}","created_at":-1}}}}"#), 1),
        ] {
            let mut head = ResponseHead::default();
            head.observe(&RawObject::parse(event.as_bytes()).unwrap());
            assert_eq!(head.members().len(), kept, "{event}");
        }
    }
}
