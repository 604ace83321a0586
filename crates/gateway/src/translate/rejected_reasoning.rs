//! Reasoning that one account's backend has sealed and another's cannot open.
//!
//! A conversation may change account or provider. The backend then refuses all of a request for what it cannot open
//! (features, section 3, no. 6), and so every later one, because callers send their whole history each time. A request
//! of the Responses API is passed on as it came, so who sealed what is not known before the backend says that it
//! cannot read it; then the request is sent once more without (protocol §10), and what it could not read is remembered:
//! the next turns cost no refusal, and keep the reasoning that has come since.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use bytes::Bytes;
use parking_lot::Mutex;
use usher_dialect::json::{Raw, RawObject, Text};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::translate::plan::UpstreamCall;

/// What a backend says of reasoning that it cannot open (protocol §10).
const REJECTED_CODES: &str = "invalid_encrypted_content";
/// What a caller is told: the name by which reasoning is asked for (`include`).
const FIELD: &str = "reasoning.encrypted_content";
/// How many pieces of reasoning are remembered, eight bytes each. All are forgotten when there are more: it costs each
/// conversation one refusal.
const MAX_DIGESTS: usize = 64 * 1024;

/// Reasoning that could not be opened, and by whom.
#[derive(Default)]
pub(crate) struct RejectedReasoning {
    known: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl RejectedReasoning {
    /// Sends `call` without what its backend is known not to open, and when there is more of that, once more
    /// without any sealed reasoning. `dropped` is told.
    pub(crate) async fn send(
        &self,
        outgoing: &mut UpstreamCall,
        dropped: &mut Vec<Cow<'static, str>>,
    ) -> Result<ForwardResponse, UpstreamError> {
        let origin = outgoing.route.reasoning_origin();
        if let Some(body) = self.drop_rejected(&origin, &outgoing.body) {
            outgoing.body = vec![body.into()];
            dropped.push(FIELD.into());
        }
        let declined = match outgoing.send().await {
            Err(declined) if is_reasoning_error(&declined) => declined,
            sent => return sent,
        };
        let Some(body) = self.drop_all(&origin, &outgoing.body) else { return Err(declined) };
        tracing::info!("the provider could not open reasoning of the conversation; asking once more without");
        outgoing.body = vec![body.into()];
        if !dropped.contains(&FIELD.into()) {
            dropped.push(FIELD.into());
        }
        outgoing.send().await
    }

    /// `body` without the reasoning that `reasoning_origin` has refused before; nothing when there is none.
    fn drop_rejected(&self, origin: &str, body: &[Bytes]) -> Option<Vec<u8>> {
        if self.lock().is_empty() {
            return None;
        }
        remove_items(body, |sealed| self.lock().contains(&self.digest(origin, sealed)))
    }

    /// `body` without any sealed reasoning, which `reasoning_origin` is known to refuse from now on; nothing when there is none.
    fn drop_all(&self, origin: &str, body: &[Bytes]) -> Option<Vec<u8>> {
        remove_items(body, |sealed| {
            let mut known = self.lock();
            if known.len() >= MAX_DIGESTS {
                known.clear();
            }
            known.insert(self.digest(origin, sealed));
            true
        })
    }

    fn digest(&self, origin: &str, sealed: &str) -> u64 {
        self.hasher.hash_one((origin, sealed))
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashSet<u64>> {
        self.known.lock()
    }
}

fn is_reasoning_error(declined: &UpstreamError) -> bool {
    let error = declined.body.as_ref().and_then(|said| said.error.as_ref());
    error.is_some_and(|error| error["code"] == REJECTED_CODES)
}

/// `body` without the reasoning whose seal `is_refused`; nothing when there is none. Only reasoning: what else is
/// sealed, such as a history that was made shorter, is the conversation itself.
fn remove_items(body: &[Bytes], is_refused: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    // A long value is a piece of its own, so it stands within one.
    body.iter().find_map(|piece| memchr::memmem::find(piece, b"\"encrypted_content\""))?;
    let body = body.concat();
    let mut body = RawObject::parse(&body).ok()?;
    let mut items: Vec<RawObject<'_>> = body.get("input")?;
    let before = items.len();
    items.retain(|item| {
        let reasoning = item.get::<Text<'_>>("type").is_some_and(|kind| *kind == *"reasoning");
        let sealed = || item.get::<Text<'_>>("encrypted_content");
        !(reasoning && sealed().is_some_and(|sealed| is_refused(&sealed)))
    });
    if items.len() == before {
        return None;
    }
    let input = Raw::from_value(&items);
    body.set("input", input);
    Some(body.to_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(sealed: &[&str]) -> Vec<Bytes> {
        let mut input = vec![json!({ "role": "user", "content": "\"encrypted_content\"" })];
        input.extend(sealed.iter().map(|sealed| json!({ "type": "reasoning", "encrypted_content": sealed })));
        input.push(json!({ "type": "compaction", "encrypted_content": "history" }));
        let body = json!({ "model": "m", "input": input }).to_string();
        let (head, rest) = body.split_at(body.find("input").unwrap());
        [head, rest].map(|piece| Bytes::copy_from_slice(piece.as_bytes())).into()
    }

    fn left(body: &[u8]) -> Vec<String> {
        let body: Value = serde_json::from_slice(body).unwrap();
        let items = body["input"].as_array().unwrap().iter();
        items.filter_map(|item| item["encrypted_content"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn rejected_reasoning_is_dropped_newer_is_kept() {
        let unopened = RejectedReasoning::default();
        assert_eq!(unopened.drop_rejected("one", &body(&["a"])), None);
        let sent = unopened.drop_all("one", &body(&["a", "b"])).unwrap();
        assert_eq!(left(&sent), ["history"]);
        let next = unopened.drop_rejected("one", &body(&["a", "b", "c"])).unwrap();
        assert_eq!(left(&next), ["c", "history"]);
        assert_eq!(unopened.drop_rejected("two", &body(&["a"])), None, "another account may open it");
    }

    #[test]
    fn body_without_reasoning_is_unchanged() {
        let unopened = RejectedReasoning::default();
        let bodies = ["{", "{}", r#"{"input":"\"encrypted_content\""}"#].map(|body| vec![Bytes::from(body)]);
        for body in bodies.into_iter().chain([body(&[]), Vec::new()]) {
            assert_eq!(unopened.drop_all("one", &body), None, "{body:?}");
        }
    }
}
