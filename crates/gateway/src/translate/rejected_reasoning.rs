//! Encrypted reasoning that a provider cannot decrypt.
//!
//! A conversation may change account or provider. The new backend then rejects the request, and every later one,
//! because clients send their complete history each time. A request of the Responses API is forwarded unchanged, so it
//! is unknown who encrypted what until the backend rejects it. The request is then sent once more without that
//! reasoning (protocol §10), and its digests are stored: later turns cost no error and keep newer reasoning.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use bytes::Bytes;
use parking_lot::Mutex;
use usher_dialect::chat_completions::{OPEN_REASONING, is_open_reasoning};
use usher_dialect::json::{RawObject, Text, map_elements};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::translate::plan::UpstreamCall;

/// Error code for reasoning that a backend cannot decrypt (protocol §10).
const REJECTED_CODE: &str = "invalid_encrypted_content";
/// The name in `x-usher-dropped`: the one by which clients request reasoning (`include`).
const FIELD: &str = "reasoning.encrypted_content";
/// Maximum number of digests, eight bytes each. When it is reached all are removed, which costs each conversation one
/// more rejection.
const MAX_DIGESTS: usize = 64 * 1024;

/// Digests of rejected reasoning, per account that rejected it.
#[derive(Default)]
pub(crate) struct RejectedReasoning {
    known: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl RejectedReasoning {
    /// Sends `call` without reasoning that its backend has rejected before, and after a new rejection once more without
    /// any encrypted reasoning. Adds the field to `dropped`.
    pub(crate) async fn send(
        &self,
        call: &mut UpstreamCall,
        dropped: &mut Vec<Cow<'static, str>>,
    ) -> Result<ForwardResponse, UpstreamError> {
        let origin = call.route.reasoning_origin();
        if let Some(body) = self.drop_rejected(&origin, &call.body) {
            call.body = vec![body.into()];
            dropped.push(FIELD.into());
        }
        let error = match call.send().await {
            Err(error) if is_reasoning_error(&error) => error,
            sent => return sent,
        };
        let Some(body) = self.drop_all(&origin, &call.body) else { return Err(error) };
        tracing::info!("the provider could not decrypt reasoning of the conversation; retrying without it");
        call.body = vec![body.into()];
        if !dropped.contains(&FIELD.into()) {
            dropped.push(FIELD.into());
        }
        call.send().await
    }

    /// Returns `body` without the reasoning that `origin` has rejected before and without open reasoning, which is none of
    /// this API; or `None` if it has none.
    fn drop_rejected(&self, origin: &str, body: &[Bytes]) -> Option<Vec<u8>> {
        let has_open =
            || body.iter().any(|chunk| memchr::memmem::find(chunk, OPEN_REASONING.as_bytes()).is_some());
        if self.lock().is_empty() && !has_open() {
            return None;
        }
        remove_items(body, |encrypted| {
            is_open_reasoning(encrypted) || self.lock().contains(&self.digest(origin, encrypted))
        })
    }

    /// Returns `body` without encrypted reasoning, stores that `origin` rejects it, or `None` if it has none.
    fn drop_all(&self, origin: &str, body: &[Bytes]) -> Option<Vec<u8>> {
        remove_items(body, |encrypted| {
            let mut known = self.lock();
            if known.len() >= MAX_DIGESTS {
                known.clear();
            }
            known.insert(self.digest(origin, encrypted));
            true
        })
    }

    fn digest(&self, origin: &str, encrypted: &str) -> u64 {
        self.hasher.hash_one((origin, encrypted))
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashSet<u64>> {
        self.known.lock()
    }
}

fn is_reasoning_error(error: &UpstreamError) -> bool {
    let body = error.body.as_ref().and_then(|body| body.error.as_ref());
    body.is_some_and(|error| error["code"] == REJECTED_CODE)
}

/// Returns `body` without the reasoning that `is_rejected`, or `None` if it has none.
///
/// Other encrypted items, such as a compacted history, are the conversation itself and stay.
fn remove_items(body: &[Bytes], is_rejected: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    // A long value is a chunk of its own, so the name is never split between two.
    body.iter().find_map(|chunk| memchr::memmem::find(chunk, b"\"encrypted_content\""))?;
    let body = body.concat();
    let mut body = RawObject::parse(&body).ok()?;
    let mut removed = false;
    let input = map_elements(body.raw("input")?.get(), |element| {
        let item = RawObject::parse(element.as_bytes()).unwrap_or_default();
        let reasoning = item.get::<Text<'_>>("type").is_some_and(|kind| *kind == *"reasoning");
        let encrypted = || item.get::<Text<'_>>("encrypted_content");
        let is_removed = reasoning && encrypted().is_some_and(|encrypted| is_rejected(&encrypted));
        removed |= is_removed;
        (!is_removed).then_some(Cow::Borrowed(element))
    })?;
    if !removed {
        return None;
    }
    body.set("input", input);
    Some(body.to_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(encrypted: &[&str]) -> Vec<Bytes> {
        let mut input = vec![json!({ "role": "user", "content": "\"encrypted_content\"" })];
        input.extend(encrypted.iter().map(|text| json!({ "type": "reasoning", "encrypted_content": text })));
        input.push(json!({ "type": "compaction", "encrypted_content": "history" }));
        let body = json!({ "model": "m", "input": input }).to_string();
        let (head, rest) = body.split_at(body.find("input").unwrap());
        [head, rest].map(|chunk| Bytes::copy_from_slice(chunk.as_bytes())).into()
    }

    fn left(body: &[u8]) -> Vec<String> {
        let body: Value = serde_json::from_slice(body).unwrap();
        let items = body["input"].as_array().unwrap().iter();
        items.filter_map(|item| item["encrypted_content"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn open_reasoning_of_a_chat_service_is_dropped() {
        let reasoning = RejectedReasoning::default();
        let sent = body(&["gAAAA", &format!("{OPEN_REASONING}-:{{}}")]);
        assert_eq!(left(&reasoning.drop_rejected("a", &sent).unwrap()), ["gAAAA", "history"]);
        assert!(reasoning.drop_rejected("a", &body(&["gAAAA"])).is_none());
    }

    #[test]
    fn reasoning_rejected_before_is_dropped_and_newer_kept() {
        let rejected = RejectedReasoning::default();
        assert_eq!(rejected.drop_rejected("one", &body(&["a"])), None);
        let sent = rejected.drop_all("one", &body(&["a", "b"])).unwrap();
        assert_eq!(left(&sent), ["history"]);
        let next = rejected.drop_rejected("one", &body(&["a", "b", "c"])).unwrap();
        assert_eq!(left(&next), ["c", "history"]);
        assert_eq!(rejected.drop_rejected("two", &body(&["a"])), None, "another account may decrypt it");
    }

    #[test]
    fn body_without_reasoning_is_unchanged() {
        let rejected = RejectedReasoning::default();
        let bodies = ["{", "{}", r#"{"input":"\"encrypted_content\""}"#].map(|body| vec![Bytes::from(body)]);
        for body in bodies.into_iter().chain([body(&[]), Vec::new()]) {
            assert_eq!(rejected.drop_all("one", &body), None, "{body:?}");
        }
    }
}
