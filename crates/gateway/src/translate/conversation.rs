//! The prompt cache key, the same for every turn of a conversation.
//!
//! A new key for each request would lose the cache and use up a plan many times faster (features, section 3, no. 3). So
//! the client's own id of the conversation is used. Without one, the key is a hash of how the conversation begins,
//! which is the same in every turn.

use std::borrow::Cow;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use usher_dialect::json::{Raw, RawObject, Text};

/// Headers in which clients send the id of the conversation (clients §2.2), the most specific first.
const SESSION_HEADERS: [&str; 6] = [
    "session-id",               // Codex
    "thread-id",                // Codex
    "x-claude-code-session-id", // Claude Code
    "x-session-affinity",       // opencode
    "x-session-id",             // opencode
    "session_id",               // pi, older Codex
];
/// Maximum length of an id that is sent unchanged; servers accept 64 characters.
const MAX_KEY_LENGTH: usize = 64;
/// How many bytes of an item are hashed when the client sends no id.
const MAX_ITEM_BYTES: usize = 16 * 1024;
/// The longest item that is parsed to remove marks of what is cached.
const MAX_PARSED_BYTES: usize = 256 * 1024;
/// Marks what is cached, in requests of the Messages API.
const CACHE_MARK: &str = "cache_control";
/// How many items are searched for the first user message.
const MAX_OPENING_ITEMS: usize = 16;

/// Returns the cache key of a request. `pass` separates two programs whose conversations begin alike.
pub(crate) fn cache_key(headers: &HeaderMap, body: &RawObject<'_>, pass: &str) -> String {
    if let Some(key) = body.get::<Text<'_>>("prompt_cache_key").filter(|key| !key.is_empty()) {
        return fit_length(&key);
    }
    let header =
        SESSION_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok().filter(|id| !id.is_empty()));
    if let Some(id) = header {
        return fit_length(id);
    }
    if let Some(session) = session_of_user(body) {
        return fit_length(&session);
    }
    hash_opening(body, pass)
}

/// Claude Code's `metadata.user_id` is JSON as text with a `session_id`, or ends in `_session_<id>`.
fn session_of_user(body: &RawObject<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Metadata<'a> {
        #[serde(borrow)]
        user_id: Text<'a>,
    }
    #[derive(Deserialize)]
    struct User {
        session_id: String,
    }

    let metadata: Metadata<'_> = body.get("metadata")?;
    if let Ok(user) = serde_json::from_str::<User>(&metadata.user_id) {
        return Some(user.session_id);
    }
    metadata.user_id.rsplit_once("_session_").map(|(_, session)| session.to_owned())
}

/// Hashes the instructions and the items up to the first user message.
///
/// They are all that a first turn has, and every later one begins with them. The user message is included, because all
/// conversations of a program may have the same system prompt.
fn hash_opening(body: &RawObject<'_>, pass: &str) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    };
    add(pass.as_bytes());
    for name in ["model", "instructions", "system"] {
        add(body.raw(name).map(Raw::get).unwrap_or_default().as_bytes());
    }
    let items = ["input", "messages"].into_iter().find_map(|name| body.raw(name)).map(Raw::get);
    for item in opening_items(items.unwrap_or_default()) {
        let item = unmarked(item);
        add(&item.as_bytes()[..item.len().min(MAX_ITEM_BYTES)]);
    }
    hex(&hash.finalize())
}

/// Returns an item without Anthropic's marks of what is cached: clients set them on other messages in each turn. A very
/// long item, such as a picture, is not parsed for that.
fn unmarked(json: &str) -> Cow<'_, str> {
    if json.len() > MAX_PARSED_BYTES {
        return json.into();
    }
    let Ok(mut value) = serde_json::from_str::<Value>(json) else { return json.into() };
    remove_marks(&mut value);
    value.to_string().into()
}

fn remove_marks(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(remove_marks),
        Value::Object(members) => {
            members.remove(CACHE_MARK);
            members.values_mut().for_each(remove_marks);
        }
        _ => {}
    }
}

/// Returns the elements of a list up to the first user message, or a text that is not a list.
///
/// The rest is not parsed, because a long session is megabytes.
fn opening_items(input: &str) -> Vec<&str> {
    let Some(mut rest) = input.strip_prefix('[') else { return vec![input] };
    let mut items = Vec::new();
    while items.len() < MAX_OPENING_ITEMS {
        let mut elements = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let Some(Ok(item)) = elements.next() else { break };
        items.push(item.get());
        if is_user_message(item) {
            break;
        }
        let Some(next) = rest[elements.byte_offset()..].trim_ascii_start().strip_prefix(',') else { break };
        rest = next;
    }
    items
}

fn is_user_message(item: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Item<'a> {
        #[serde(borrow)]
        role: Text<'a>,
    }

    serde_json::from_str::<Item<'_>>(item.get()).is_ok_and(|item| &*item.role == "user")
}

/// Returns `id` if servers accept it, or else its hash.
fn fit_length(id: &str) -> String {
    if id.len() <= MAX_KEY_LENGTH && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return id.to_owned();
    }
    hex(&Sha256::digest(id.as_bytes()))
}

fn hex(digest: &[u8]) -> String {
    let number = digest[..16].iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(headers: &[(&'static str, &str)], body: &str) -> String {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
        cache_key(&headers.collect::<HeaderMap>(), &RawObject::parse(body.as_bytes()).unwrap(), "pass")
    }

    #[test]
    fn cache_key_from_client_is_used() {
        assert_eq!(key_of(&[("session-id", "h")], r#"{"prompt_cache_key":"b"}"#), "b");
        assert_eq!(key_of(&[("session-id", "h")], "{}"), "h");
        assert_eq!(key_of(&[("x-claude-code-session-id", "c")], "{}"), "c");
        let json = r#"{"metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s\"}"}}"#;
        assert_eq!(key_of(&[], json), "s");
        assert_eq!(key_of(&[], r#"{"metadata":{"user_id":"user_1_account__session_s"}}"#), "s");
    }

    #[test]
    fn cache_key_is_stable_across_turns_of_a_conversation() {
        let first = key_of(&[], r#"{"model":"m","input":[{"role":"user","content":"a"}]}"#);
        let second =
            key_of(&[], r#"{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant"}]}"#);
        let other = key_of(&[], r#"{"model":"m","input":[{"role":"user","content":"b"}]}"#);
        assert_eq!(first, second);
        assert_ne!(first, other);
    }

    #[test]
    fn cache_key_does_not_depend_on_marks_of_what_is_cached() {
        let turn = |mark: &str| {
            format!(r#"{{"messages":[{{"role":"user","content":[{{"type":"text","text":"a"{mark}}}]}}]}}"#)
        };
        let marked = key_of(&[], &turn(r#","cache_control":{"type":"ephemeral"}"#));
        assert_eq!(key_of(&[], &turn("")), marked);
    }

    #[test]
    fn cache_key_includes_first_user_message() {
        let key = |rest: &str| {
            let body = format!(r#"{{"messages":[ {{"role":"system","content":"be kind"}} ,{rest}]}}"#);
            key_of(&[], &body)
        };
        let user = r#"{"role":"user","content":"a"}"#;
        let first = key(user);
        assert_eq!(key(&format!(r#"{user},{{"role":"assistant","content":"b"}}"#)), first);
        assert_ne!(key(r#"{"role":"user","content":"c"}"#), first);
        assert_eq!(key("null").len(), 32, "any item");
    }

    #[test]
    fn cache_key_too_long_is_hashed() {
        let long = "x".repeat(65);
        assert_eq!(key_of(&[("session-id", &long)], "{}").len(), 32);
        assert_eq!(key_of(&[], r#"{"prompt_cache_key":"a b"}"#).len(), 32);
    }
}
