//! Each request in `golden/messages/requests` gives the translation in the file beside it, invalid requests are rejected
//! with a path, and properties of every request.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use usher_dialect::translate::Recipient;

use crate::{golden, names, read, sample_request, translate, translated_body};

#[derive(Deserialize)]
struct Golden {
    recipient: RecipientFields,
    request: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(default)]
struct RecipientFields {
    model: String,
    efforts: Vec<String>,
    default_effort: Option<String>,
    web_search: bool,
    cache_key: Option<String>,
}

impl Default for RecipientFields {
    fn default() -> Self {
        Self {
            model: "m".into(),
            efforts: Vec::new(),
            default_effort: None,
            web_search: false,
            cache_key: None,
        }
    }
}

/// Returns the translation of the request in the file: its body, and the names of the dropped fields.
fn translated(name: &str) -> Value {
    let file = std::fs::read(golden("requests").join(format!("{name}.request.json"))).unwrap();
    let Golden { recipient, request } = serde_json::from_slice(&file).unwrap();
    let efforts: Vec<&str> = recipient.efforts.iter().map(String::as_str).collect();
    let recipient = Recipient {
        model: &recipient.model,
        efforts: &efforts,
        default_effort: recipient.default_effort.as_deref(),
        reasoning_summary: false,
        web_search: recipient.web_search,
        cache_key: recipient.cache_key.as_deref(),
        reasoning_owner: None,
    };
    let translation = read(request.get().as_bytes(), &recipient).unwrap();
    let body: Value = serde_json::from_slice(&translation.request.body.to_bytes()).unwrap();
    json!({ "dropped": translation.request.dropped, "body": body })
}

#[test]
fn golden_requests_match() {
    let names = names("requests", ".request.json");
    assert!(names.len() >= 8, "only {} requests", names.len());
    for name in names {
        let file = std::fs::read(golden("requests").join(format!("{name}.responses.json"))).unwrap();
        assert_eq!(translated(&name), serde_json::from_slice::<Value>(&file).unwrap(), "{name}");
    }
}

#[test]
fn invalid_requests_fail_with_path() {
    let with = |field: &str, value: Value| {
        let mut request = sample_request();
        request[field] = value;
        request.to_string()
    };
    let block = |block: Value| with("messages", json!([{ "role": "user", "content": [block] }]));
    let rows = [
        ("[]".into(), None),
        ("{".into(), None),
        (r#"{"max_tokens":1,"messages":[]}"#.into(), Some("model")),
        (r#"{"model":"m"}"#.into(), Some("messages")),
        (with("model", json!(5)), Some("model")),
        (with("messages", json!({})), Some("messages")),
        (with("messages", json!("Hi")), Some("messages")),
        (with("messages", json!([{ "role": "user", "content": "Hi" }, 5])), Some("messages[1]")),
        (with("messages", json!([{ "content": "Hi" }])), Some("messages[0].role")),
        (with("messages", json!([{ "role": "tool", "content": "Hi" }])), Some("messages[0].role")),
        (with("messages", json!([{ "role": "user" }])), Some("messages[0].content")),
        (with("messages", json!([{ "role": "user", "content": 5 }])), Some("messages[0].content")),
        (block(json!({ "text": "Hi" })), Some("messages[0].content[0].type")),
        (block(json!({ "type": "text" })), Some("messages[0].content[0].text")),
        (block(json!({ "type": "text", "text": 5 })), Some("messages[0].content[0].text")),
        (block(json!({ "type": "tool_result", "content": "x" })), Some("messages[0].content[0].tool_use_id")),
        (block(json!({ "type": "tool_use", "name": "x" })), Some("messages[0].content[0].id")),
        (block(json!({ "type": "image" })), Some("messages[0].content[0].source")),
        (
            block(
                json!({ "type": "image", "source": { "type": "base64", "media_type": "text/html", "data": "" } }),
            ),
            Some("messages[0].content[0].source.media_type"),
        ),
        (
            block(
                json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png,x", "data": "" } }),
            ),
            Some("messages[0].content[0].source.media_type"),
        ),
        (
            block(
                json!({ "type": "document", "source": { "type": "base64", "media_type": "text/csv", "data": "" } }),
            ),
            Some("messages[0].content[0].source.media_type"),
        ),
        (
            block(json!({ "type": "image", "source": { "type": "cloud" } })),
            Some("messages[0].content[0].source.type"),
        ),
        (with("system", json!(5)), Some("system")),
        (with("messages", json!([])), Some("messages")),
        (with("system", json!([{ "type": "text" }])), Some("system[0].text")),
        (with("tools", json!("x")), Some("tools")),
        (with("tools", json!([5])), Some("tools[0]")),
        (with("tools", json!([{ "description": "x" }])), Some("tools[0].name")),
        (with("tools", json!([{ "name": "" }])), Some("tools[0].name")),
        (with("tools", json!([{ "name": "x", "input_schema": 5 }])), Some("tools[0].input_schema")),
        (with("tool_choice", json!({ "type": "some" })), Some("tool_choice.type")),
        (with("tool_choice", json!({ "type": "tool" })), Some("tool_choice.name")),
        (with("max_tokens", json!("many")), Some("max_tokens")),
        (with("temperature", json!("warm")), Some("temperature")),
        (with("stream", json!("yes")), Some("stream")),
        (with("stop_sequences", json!("END")), Some("stop_sequences")),
        (with("stop_sequences", json!(vec!["END"; 65])), Some("stop_sequences")),
        (with("stop_sequences", json!(["x".repeat(1001)])), Some("stop_sequences")),
        (with("thinking", json!({ "type": "enabled" })), Some("thinking.budget_tokens")),
        (with("thinking", json!(5)), Some("thinking")),
        (with("output_config", json!({ "effort": 5 })), Some("output_config.effort")),
        (with("output_config", json!({ "format": { "type": "xml" } })), Some("output_config.format.type")),
        (
            with("output_config", json!({ "format": { "type": "json_schema" } })),
            Some("output_config.format.schema"),
        ),
    ];
    for (body, param) in rows {
        let refused = read(body.as_bytes(), &Recipient::default()).unwrap_err();
        assert_eq!(refused.param.as_deref(), param, "{body}");
        assert!(!refused.message.is_empty());
    }
    assert!(read(b"\xff", &Recipient::default()).is_err());
}

#[test]
fn string_and_one_text_block_translate_alike() {
    // Claude Code sends its system message as a list at first and as a string from then on (clients §3).
    let asked = |content: Value| {
        translated_body(&json!({ "model": "m", "messages": [
            { "role": "system", "content": content.clone() },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": content }] },
        ] }))
    };
    let block = json!([{ "type": "text", "text": "Same.", "cache_control": { "type": "ephemeral" } }]);
    assert_eq!(asked(json!("Same.")), asked(block));
}

#[test]
fn arguments_and_schemas_keep_every_byte() {
    let body = r#"{"model":"m","tools":[{"name":"t","input_schema":{"type":"object", "properties":{"z":{},"a":{"const":1.0}}}}],
        "messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"t","input":{"z": 1.0,"a":"\u00e9"}}]}]}"#;
    let sent = read(body.as_bytes(), &Recipient::default()).unwrap().request.body;
    let sent = String::from_utf8(sent.to_bytes()).unwrap();
    assert!(sent.contains(r#"{"type":"object", "properties":{"z":{},"a":{"const":1.0}}}"#), "{sent}");
    let json: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(json["input"][0]["arguments"], r#"{"z": 1.0,"a":"\u00e9"}"#);
}

#[test]
fn system_message_effort_applies_to_its_turn() {
    let effort = |messages: Value| {
        let request = json!({ "model": "m", "output_config": { "effort": "low" }, "messages": messages });
        translated_body(&request)["reasoning"]["effort"].clone()
    };
    let system = json!({ "role": "system", "output_config": { "effort": "high" } });
    let user = json!({ "role": "user", "content": "Hi" });
    let call = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "n", "input": {} }] });
    let result =
        json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": "" }] });
    assert_eq!(effort(json!([user, system])), "high");
    assert_eq!(effort(json!([user, system, call, result])), "high");
    assert_eq!(effort(json!([user, system, call, result, user])), "low");
}

#[test]
fn max_tokens_below_minimum_is_raised() {
    for (asked, sent) in [(0, 16), (1, 16), (16, 16), (128_000, 128_000)] {
        let mut request = sample_request();
        request["max_tokens"] = asked.into();
        assert_eq!(translated_body(&request)["max_output_tokens"], sent);
    }
}

/// Generates messages with the blocks that each role may have.
fn message() -> impl Strategy<Value = Value> {
    let text = "[a-z \"\\\\\u{e9}]{0,6}";
    let block = prop_oneof![
        text.prop_map(|text| json!({ "type": "text", "text": text })),
        "[a-z.]{1,80}"
            .prop_map(|name| json!({ "type": "tool_use", "id": "t1", "name": name, "input": { "a": 1 } })),
        (text, any::<bool>()).prop_map(|(text, failed)| {
            json!({ "type": "tool_result", "tool_use_id": "t1", "content": text, "is_error": failed })
        }),
        text.prop_map(
            |text| json!({ "type": "thinking", "thinking": text, "signature": "usher1:-:4:rs_1sealed" })
        ),
        text.prop_map(|text| json!({ "type": "thinking", "thinking": text, "signature": "theirs" })),
        Just(json!({ "type": "image", "source": { "type": "url", "url": "https://example.org/a.png" } })),
    ];
    let content = prop_oneof![
        text.prop_map(Value::from),
        proptest::collection::vec(block, 0..4).prop_map(Value::from),
    ];
    (prop_oneof![Just("user"), Just("assistant"), Just("system")], content)
        .prop_map(|(role, content)| json!({ "role": role, "content": content }))
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("type"),
        Just("text"),
        Just("role"),
        Just("user"),
        Just("content"),
        Just("tool_result"),
        Just("source"),
        Just("tools"),
        Just("messages"),
        Just("system"),
        Just("thinking"),
        Just("enabled"),
        Just("model"),
        Just("base64"),
        Just("image"),
        Just("document"),
        Just("input_schema"),
        Just("output_config"),
        Just("data"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

/// Returns an input without the results that were added for calls without one.
fn without_missing_results(input: &str) -> String {
    let mut input = input.to_owned();
    let end = "\"output\":\"There is no result: the call was interrupted.\"}";
    while let Some(at) = input.find(end) {
        let begin = input[..at].rfind(",{").unwrap();
        input.replace_range(begin..at + end.len(), "");
    }
    input
}

proptest! {
    #[test]
    fn longer_input_begins_with_shorter_one(
        messages in proptest::collection::vec(message(), 1..8),
        cut in 1_usize..8,
    ) {
        let input = |messages: &[Value]| {
            let mut request = sample_request();
            request["messages"] = messages.into();
            let body = translate(&request, &Recipient::default()).request.body.to_bytes();
            let body: std::collections::BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&body).unwrap();
            body["input"].get().to_owned()
        };
        // A cut conversation may have calls whose results follow.
        let longer = without_missing_results(&input(&messages));
        let shorter = without_missing_results(&input(&messages[..cut.min(messages.len())]));
        let shorter = shorter.strip_suffix(']').unwrap();
        prop_assert!(longer.starts_with(shorter), "{longer}\n{shorter}");
    }

    #[test]
    fn any_json_is_translated_or_rejected(body in any_json()) {
        let _ = read(body.to_string().as_bytes(), &Recipient::default());
    }

    #[test]
    fn any_field_is_translated_or_rejected(value in any_json(), field in 0_usize..8) {
        let fields = ["messages", "system", "tools", "tool_choice", "thinking", "output_config", "stop_sequences", "x"];
        let mut request = sample_request();
        request[fields[field]] = value;
        if let Ok(translation) = read(request.to_string().as_bytes(), &Recipient::default()) {
            serde_json::from_slice::<Value>(&translation.request.body.to_bytes()).unwrap();
        }
    }

    #[test]
    fn any_bytes_do_not_panic(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = read(&body, &Recipient::default());
    }
}
