//! What changes in the body of a request for each server, as a table with the source of each row.

use std::borrow::Cow;

use serde_json::Value;
use usher_dialect::error::BadRequest;
use usher_dialect::json::{Raw, RawObject, Text, map_elements, visit_elements};

use crate::request::endpoint::ForwardEndpoint;

/// What a rule does to its field.
#[derive(Clone, Copy)]
pub(crate) enum Treatment {
    /// Removed, and reported as dropped where the caller had set it.
    Drop,
    /// Removed unless it has one of these values (JSON).
    AllowOnly(&'static [&'static str]),
    /// Removed, and reported as dropped unless it had one of these values (JSON).
    DropUnless(&'static [&'static str]),
    /// Set to this value (JSON), whatever the caller set. Not reported: the response is made to fit in another way.
    Always(&'static str),
    /// Set to this value (JSON) where the caller set none.
    Default(&'static str),
    /// An error: without the field the request would mean something else.
    Refuse(&'static str),
    /// A text becomes one message of the user, and the role `system` becomes `developer`.
    ToMessages,
    /// Set to this text where the request has no instructions: neither this field nor a developer message.
    DefaultInstructions(&'static str),
    /// Removes the nested field of this name, at any depth.
    RemoveNested(&'static str),
}

/// Which requests a rule applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppliesTo {
    All,
    /// Those that create a response.
    Responses,
    /// Those that make a history shorter: a JSON object with `model`, `input` and `instructions` (protocol §8.4).
    Compaction,
}

/// A rule: one row of a table.
pub(crate) struct FieldRule {
    pub(crate) field: &'static str,
    pub(crate) treatment: Treatment,
    pub(crate) applies_to: AppliesTo,
    #[expect(dead_code, reason = "for whoever reads the table")]
    pub(crate) source: &'static str,
}

const fn row(field: &'static str, treatment: Treatment, source: &'static str) -> FieldRule {
    FieldRule { field, treatment, applies_to: AppliesTo::All, source }
}

impl FieldRule {
    const fn applies_to(self, applies_to: AppliesTo) -> Self {
        Self { applies_to, ..self }
    }
}

const UNSUPPORTED: &str = "§8.2: 400 Unsupported parameter";

/// The rules of the Codex backend.
pub(crate) const CHATGPT: &[FieldRule] = &[
    row("stream", Treatment::Always("true"), "§8.2: the backend only streams")
        .applies_to(AppliesTo::Responses),
    row("stream", Treatment::Drop, "§8.4: no `stream`").applies_to(AppliesTo::Compaction),
    row("store", Treatment::Always("false"), "§8.2: `true` is 400 Store must be set to false")
        .applies_to(AppliesTo::Responses),
    row(
        "include",
        Treatment::Default(r#"["reasoning.encrypted_content"]"#),
        "§8.2: so that reasoning can come back",
    )
    .applies_to(AppliesTo::Responses),
    row("input", Treatment::Default("[]"), "§8.2: without it 400 Input must be a list"),
    row("input", Treatment::ToMessages, "§8.2: a bare string is not accepted; role developer, not system"),
    row("input", Treatment::RemoveNested("prompt_cache_breakpoint"), UNSUPPORTED),
    row("tools", Treatment::RemoveNested("prompt_cache_breakpoint"), UNSUPPORTED),
    row(
        "instructions",
        Treatment::DefaultInstructions("You are a helpful assistant."),
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
        Treatment::DropUnless(&["false"]),
        "§8.2: nothing is stored, so nothing could be fetched later",
    ),
    row("background_options", Treatment::Drop, "goes with `background`"),
    row("access_programs", Treatment::Drop, "not among the fields of §8.2"),
    row("image", Treatment::Drop, "not among the fields of §8.2"),
    row("service_tier", Treatment::AllowOnly(&[r#""priority""#]), "§8.2: only priority"),
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

/// The rules of the Platform and of services with its API: none, because they reject what they do not support.
pub(crate) const OPENAI_API: &[FieldRule] = &[];

/// Applies those of `rules` that are for `endpoint` to the body of a request.
///
/// Returns the names of dropped fields that the caller had set.
pub(crate) fn apply(
    rules: &'static [FieldRule],
    endpoint: ForwardEndpoint,
    body: &mut RawObject<'_>,
) -> Result<Vec<Cow<'static, str>>, BadRequest> {
    let mut dropped = Vec::new();
    let request_kind =
        if endpoint == ForwardEndpoint::Compact { AppliesTo::Compaction } else { AppliesTo::Responses };
    for rule in
        rules.iter().filter(|rule| rule.applies_to == AppliesTo::All || rule.applies_to == request_kind)
    {
        let field = rule.field;
        let value = body.raw(field).map(Raw::get).filter(|value| *value != "null");
        match change(rule, value, body)? {
            Change::None => {}
            Change::Set(new) => body.set(field, new),
            Change::Remove { was_set } => {
                body.remove(field);
                dropped.extend(was_set.then_some(field.into()));
            }
            Change::RemoveNested(name, rest) => {
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
    /// `was_set`: the caller had set the field.
    Remove {
        was_set: bool,
    },
    /// The field without a nested one of this name.
    RemoveNested(&'static str, Raw<'static>),
}

/// Returns what `rule` does to its field, whose value is `value`.
fn change(rule: &FieldRule, value: Option<&str>, body: &RawObject<'_>) -> Result<Change, BadRequest> {
    Ok(match (rule.treatment, value) {
        (Treatment::Always(fixed), value) if value != Some(fixed) => Change::Set(json(fixed)),
        (Treatment::Default(default), None) => Change::Set(json(default)),
        (Treatment::Drop, value) => Change::Remove { was_set: value.is_some() },
        (Treatment::DropUnless(values), value) => {
            Change::Remove { was_set: value.is_some_and(|value| !values.contains(&value)) }
        }
        (Treatment::AllowOnly(values), Some(value)) if !values.contains(&value) => {
            Change::Remove { was_set: true }
        }
        (Treatment::Refuse(why), Some(_)) => return Err(BadRequest::at(rule.field, why)),
        (Treatment::ToMessages, Some(value)) => to_messages(value).map_or(Change::None, Change::Set),
        (Treatment::DefaultInstructions(text), None | Some(r#""""#)) => {
            if has_developer_message(body) {
                Change::Remove { was_set: false }
            } else {
                Change::Set(Raw::from_value(&text))
            }
        }
        (Treatment::RemoveNested(name), Some(value)) if contains(value, name) => {
            remove_nested(name, value).map_or(Change::None, |rest| Change::RemoveNested(name, rest))
        }
        _ => Change::None,
    })
}

/// Returns whether `word` is anywhere in a text that may be megabytes.
fn contains(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Returns `input` as messages with roles that the backend knows; `None` when it needs no change.
fn to_messages(input: &str) -> Option<Raw<'static>> {
    if input.starts_with('"') {
        return Some(json(&format!(r#"[{{"type":"message","role":"user","content":{input}}}]"#)));
    }
    // Searched for before parsing: most inputs are long and do not have it.
    if !contains(input, r#""system""#) {
        return None;
    }
    map_elements(input, |element| {
        let Ok(mut item) = RawObject::parse(element.as_bytes()) else { return Some(element.into()) };
        if item.get::<Text<'_>>("role").is_none_or(|role| *role != *"system") {
            return Some(element.into());
        }
        item.set("role", Raw::from_value(&"developer"));
        Some(String::from_utf8(item.to_bytes()).expect("JSON is text").into())
    })
}

/// Returns whether the input has a developer message.
fn has_developer_message(body: &RawObject<'_>) -> bool {
    let input = body.raw("input").map(Raw::get).unwrap_or_default();
    let mut found = false;
    if contains(input, r#""developer""#) {
        // What is no list has no message.
        let _ = visit_elements(input, |element| {
            let item = RawObject::parse(element.get().as_bytes()).unwrap_or_default();
            found |= item.get::<Text<'_>>("role").is_some_and(|role| *role == *"developer");
        });
    }
    found
}

/// Returns `json` without the nested field `name`; `None` when there is no such field.
fn remove_nested(name: &str, json: &str) -> Option<Raw<'static>> {
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

    fn apply_for(endpoint: ForwardEndpoint, body: &Value) -> (Value, Vec<Cow<'static, str>>) {
        let bytes = serde_json::to_vec(body).unwrap();
        let mut members = RawObject::parse(&bytes).unwrap();
        let dropped = apply(CHATGPT, endpoint, &mut members).unwrap();
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
    fn chatgpt_rules_request_without_input_gets_an_empty_one() {
        let (body, dropped) =
            applied(&json!({ "model": "m", "instructions": "Say hi.", "background": false }));
        assert_eq!((&body["input"], body.get("background"), dropped), (&json!([]), None, vec![]));
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

    /// The names are written out once more, so that a row cannot be lost.
    #[test]
    fn chatgpt_rules_unsupported_fields_are_dropped() {
        let fields = [
            "max_output_tokens",
            "max_completion_tokens",
            "max_tool_calls",
            "temperature",
            "top_p",
            "top_logprobs",
            "truncation",
            "user",
            "metadata",
            "safety_identifier",
            "prompt_cache_retention",
            "prompt_cache_options",
            "context_management",
            "stream_options",
            "background",
            "background_options",
            "access_programs",
            "image",
        ];
        for field in fields {
            let (body, dropped) = applied(&json!({ "model": "m", "input": [], field: 1 }));
            assert_eq!((body.get(field), dropped), (None, vec![Cow::from(field)]));
        }
    }
}
