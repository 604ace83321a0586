//! What each server wants otherwise in the body of a request, as a table with the source of each row.

use std::borrow::Cow;

use serde_json::Value;
use usher_dialect::error::BadRequest;
use usher_dialect::json::{Raw, RawObject, Text};

use crate::request::endpoint::ForwardEndpoint;

/// What becomes of one field.
#[derive(Clone, Copy)]
pub(crate) enum Treatment {
    /// Taken out, and named to the caller where it was asked for.
    Drop,
    /// Taken out unless it has one of these values (JSON).
    Only(&'static [&'static str]),
    /// This value (JSON), whatever the caller said: what the caller gets is made to fit in another way, so it is
    /// not named.
    Always(&'static str),
    /// This value (JSON) where the caller says nothing.
    Default(&'static str),
    /// Refused: dropping it would change what the request means.
    Refuse(&'static str),
    /// Text becomes one message of the user, and the role `system` becomes `developer`.
    Messages,
    /// This text where nothing tells the model how to behave: neither this field nor a message of the developer.
    Prompt(&'static str),
    /// Taken out wherever it stands inside the field.
    Without(&'static str),
}

/// Which requests a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppliesTo {
    Every,
    /// Those for an answer.
    Responses,
    /// Those for a shorter history: one JSON object with `model`, `input` and `instructions`, answered by one (protocol §8.4).
    Compaction,
}

/// One row.
pub(crate) struct FieldRule {
    pub(crate) field: &'static str,
    pub(crate) treatment: Treatment,
    pub(crate) about: AppliesTo,
    #[expect(dead_code, reason = "for whoever reads the table")]
    pub(crate) source: &'static str,
}

const fn row(field: &'static str, treatment: Treatment, source: &'static str) -> FieldRule {
    FieldRule { field, treatment, about: AppliesTo::Every, source }
}

impl FieldRule {
    const fn about(self, about: AppliesTo) -> Self {
        Self { about, ..self }
    }
}

const UNSUPPORTED: &str = "§8.2: 400 Unsupported parameter";

/// The Codex backend.
pub(crate) const CHATGPT: &[FieldRule] = &[
    row("stream", Treatment::Always("true"), "§8.2: the backend only streams").about(AppliesTo::Responses),
    row("stream", Treatment::Drop, "§8.4: no `stream`").about(AppliesTo::Compaction),
    row("store", Treatment::Always("false"), "§8.2: `true` is 400 Store must be set to false")
        .about(AppliesTo::Responses),
    row(
        "include",
        Treatment::Default(r#"["reasoning.encrypted_content"]"#),
        "§8.2: so that reasoning can come back",
    )
    .about(AppliesTo::Responses),
    row("input", Treatment::Messages, "§8.2: a bare string is not accepted; role developer, not system"),
    row("input", Treatment::Without("prompt_cache_breakpoint"), UNSUPPORTED),
    row("tools", Treatment::Without("prompt_cache_breakpoint"), UNSUPPORTED),
    row(
        "instructions",
        Treatment::Prompt("You are a helpful assistant."),
        "§8.2 and corrections no. 12: not empty, or a developer message in its place",
    ),
    row(
        "previous_response_id",
        Treatment::Refuse("the ChatGPT backend keeps no responses; send the whole conversation as input"),
        "§8.2: WebSocket only, nothing is stored",
    ),
    row(
        "conversation",
        Treatment::Refuse("the ChatGPT backend keeps no conversations; send the whole conversation as input"),
        "§8.2: nothing is stored",
    ),
    row(
        "background",
        Treatment::Only(&["false", "null"]),
        "§8.2: nothing is stored, so nothing could be asked for later",
    ),
    row("service_tier", Treatment::Only(&[r#""priority""#]), "§8.2: only priority"),
    row("max_output_tokens", Treatment::Drop, UNSUPPORTED),
    row("max_completion_tokens", Treatment::Drop, UNSUPPORTED),
    row("max_tool_calls", Treatment::Drop, "not among the fields of §8.2"),
    row("temperature", Treatment::Drop, UNSUPPORTED),
    row("top_p", Treatment::Drop, UNSUPPORTED),
    row("top_logprobs", Treatment::Drop, "not among the fields of §8.2"),
    row("truncation", Treatment::Drop, UNSUPPORTED),
    row("user", Treatment::Drop, UNSUPPORTED),
    row("metadata", Treatment::Drop, UNSUPPORTED),
    row("safety_identifier", Treatment::Drop, UNSUPPORTED),
    row("prompt_cache_retention", Treatment::Drop, UNSUPPORTED),
    row("prompt_cache_options", Treatment::Drop, UNSUPPORTED),
    row("context_management", Treatment::Drop, UNSUPPORTED),
    row("stream_options", Treatment::Drop, UNSUPPORTED),
];

/// The Platform, and services that speak its API: they take what their API has, and say so where they do not.
pub(crate) const OPENAI_API: &[FieldRule] = &[];

/// Applies those of `rules` that are about what is asked for to the body of a request. Gives the names of fields that
/// were dropped though the caller asked for something by them.
pub(crate) fn apply(
    rules: &'static [FieldRule],
    ask: ForwardEndpoint,
    body: &mut RawObject<'_>,
) -> Result<Vec<Cow<'static, str>>, BadRequest> {
    let mut dropped = Vec::new();
    let this = if ask == ForwardEndpoint::Compact { AppliesTo::Compaction } else { AppliesTo::Responses };
    for rule in rules.iter().filter(|rule| rule.about == AppliesTo::Every || rule.about == this) {
        let field = rule.field;
        let said = body.raw(field).map(Raw::get).filter(|value| *value != "null");
        match change(rule, said, body)? {
            Change::None => {}
            Change::Set(value) => body.set(field, value),
            Change::Remove { asked_for } => {
                body.remove(field);
                dropped.extend(asked_for.then_some(field.into()));
            }
            Change::Without(name, rest) => {
                body.set(field, rest);
                dropped.push(name.into());
            }
        }
    }
    Ok(dropped)
}

/// What a rule does to a field.
enum Change {
    None,
    Set(Raw<'static>),
    /// `asked_for`: the caller had said something by it.
    Remove {
        asked_for: bool,
    },
    /// A field inside it is gone.
    Without(&'static str, Raw<'static>),
}

/// What `rule` does to its field, of which `raw` is the value.
fn change(rule: &FieldRule, said: Option<&str>, body: &RawObject<'_>) -> Result<Change, BadRequest> {
    Ok(match (rule.treatment, said) {
        (Treatment::Always(value), said) if said != Some(value) => Change::Set(json(value)),
        (Treatment::Default(value), None) => Change::Set(json(value)),
        (Treatment::Drop, said) => Change::Remove { asked_for: said.is_some() },
        (Treatment::Only(values), Some(said)) if !values.contains(&said) => {
            Change::Remove { asked_for: true }
        }
        (Treatment::Refuse(why), Some(_)) => return Err(BadRequest::at(rule.field, why)),
        (Treatment::Messages, Some(said)) => messages(said).map_or(Change::None, Change::Set),
        (Treatment::Prompt(text), None | Some(r#""""#)) => {
            if has_prompt(body) {
                Change::Remove { asked_for: false }
            } else {
                Change::Set(Raw::from_value(&text))
            }
        }
        (Treatment::Without(name), Some(said)) if has(said, name) => {
            drop_field(name, said).map_or(Change::None, |rest| Change::Without(name, rest))
        }
        _ => Change::None,
    })
}

/// Whether `word` stands anywhere in a text that may be megabytes.
fn has(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// `input` as messages of the roles that the backend knows; nothing when it is so already.
fn messages(input: &str) -> Option<Raw<'static>> {
    if input.starts_with('"') {
        return Some(json(&format!(r#"[{{"type":"message","role":"user","content":{input}}}]"#)));
    }
    // The word is looked for first: most inputs are long and have none.
    if !has(input, r#""system""#) {
        return None;
    }
    let mut items: Vec<RawObject<'_>> = serde_json::from_str(input).ok()?;
    for item in &mut items {
        if item.get::<Text<'_>>("role").is_some_and(|role| *role == *"system") {
            item.set("role", Raw::from_value(&"developer"));
        }
    }
    Some(Raw::from_value(&items))
}

/// Whether a message of the input tells the model how to behave.
fn has_prompt(body: &RawObject<'_>) -> bool {
    let input = body.raw("input").map(Raw::get).unwrap_or_default();
    let items: Vec<RawObject<'_>> = if has(input, r#""developer""#) {
        serde_json::from_str(input).unwrap_or_default()
    } else {
        Vec::new()
    };
    items.iter().any(|item| item.get::<Text<'_>>("role").is_some_and(|role| *role == *"developer"))
}

/// `json` without the field `name`, however deep; nothing when it is not there after all.
fn drop_field(name: &str, json: &str) -> Option<Raw<'static>> {
    fn remove(value: &mut Value, name: &str, found: &mut bool) {
        match value {
            Value::Object(fields) => {
                *found |= fields.remove(name).is_some();
                fields.values_mut().for_each(|value| remove(value, name, found));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| remove(item, name, found)),
            _ => {}
        }
    }

    let mut value: Value = serde_json::from_str(json).ok()?;
    let mut found = false;
    remove(&mut value, name, &mut found);
    found.then(|| Raw::from_value(&value))
}

fn json(text: &str) -> Raw<'static> {
    let raw = serde_json::value::RawValue::from_string(text.to_owned());
    Raw::Owned(raw.expect("the tables hold JSON, and what is wrapped came as JSON"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn applied(body: &Value) -> (Value, Vec<Cow<'static, str>>) {
        apply_for(ForwardEndpoint::Responses, body)
    }

    fn apply_for(ask: ForwardEndpoint, body: &Value) -> (Value, Vec<Cow<'static, str>>) {
        let bytes = serde_json::to_vec(body).unwrap();
        let mut members = RawObject::parse(&bytes).unwrap();
        let dropped = apply(CHATGPT, ask, &mut members).unwrap();
        (serde_json::from_slice(&members.to_bytes()).unwrap(), dropped)
    }

    #[test]
    fn chatgpt_rules_public_request_becomes_valid() {
        let (body, dropped) = applied(&json!({
            "model": "m", "input": "hi \"there\"", "max_output_tokens": 9, "temperature": null, "store": true,
            "service_tier": "auto", "unknown": [1],
        }));
        let message = json!([{ "type": "message", "role": "user", "content": "hi \"there\"" }]);
        let expected = json!({
            "model": "m", "input": message, "store": false, "unknown": [1], "stream": true,
            "include": ["reasoning.encrypted_content"], "instructions": "You are a helpful assistant.",
        });
        assert_eq!(body, expected);
        assert_eq!(dropped, ["service_tier", "max_output_tokens"]);
    }

    #[test]
    fn chatgpt_rules_codex_request_is_unchanged() {
        let body = json!({
            "model": "m", "stream": true, "input": [{ "role": "developer", "content": "Be brief." }],
            "store": false, "include": ["reasoning.encrypted_content"], "client_metadata": { "a": "b" }, "service_tier": "priority",
        });
        assert_eq!(applied(&body), (body, vec![]));
    }

    #[test]
    fn chatgpt_rules_compact_request_does_not_stream() {
        let (body, dropped) = apply_for(
            ForwardEndpoint::Compact,
            &json!({ "model": "m", "input": "hi", "instructions": "Be brief.", "stream": true, "temperature": 1 }),
        );
        let message = json!([{ "type": "message", "role": "user", "content": "hi" }]);
        assert_eq!(body, json!({ "model": "m", "input": message, "instructions": "Be brief." }));
        assert_eq!(dropped, ["stream", "temperature"]);
    }

    #[test]
    fn chatgpt_rules_unsupported_roles_and_nested_fields_are_changed() {
        let (body, dropped) = applied(&json!({
            "instructions": "",
            "input": [
                { "role": "system", "content": [{ "text": "the \"system\"", "prompt_cache_breakpoint": {} }] },
                { "role": "user", "content": "\"developer\"" },
            ],
        }));
        let expected = json!([
            { "role": "developer", "content": [{ "text": "the \"system\"" }] },
            { "role": "user", "content": "\"developer\"" },
        ]);
        assert_eq!((&body["input"], body.get("instructions")), (&expected, None));
        assert_eq!(dropped, ["prompt_cache_breakpoint"]);
    }

    #[test]
    fn chatgpt_rules_field_without_substitute_is_refused() {
        let bytes = br#"{"model":"m","previous_response_id":"resp_1"}"#;
        let refused =
            apply(CHATGPT, ForwardEndpoint::Responses, &mut RawObject::parse(bytes).unwrap()).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("previous_response_id"));
    }
}
