//! Chat Completions requests as Responses requests: golden pairs, what is dropped or rejected, and prefixes.

use crate::cases::{cases, check, names};
use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::to_responses;
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::translate::{Recipient, TranslatedRequest};

/// A model with known efforts.
fn known() -> Recipient<'static> {
    Recipient {
        model: "gpt-6-sol",
        efforts: &["low", "medium", "high"],
        web_search: true,
        ..Recipient::default()
    }
}

pub(crate) fn translate(request: &Value, recipient: &Recipient<'_>) -> Result<TranslatedRequest, BadRequest> {
    read(&serde_json::to_vec(request).unwrap(), recipient)
}

fn read(body: &[u8], recipient: &Recipient<'_>) -> Result<TranslatedRequest, BadRequest> {
    to_responses(&RawObject::parse(body)?, recipient)
}

fn body(request: &Value) -> Value {
    serde_json::from_slice(&translate(request, &known()).unwrap().body.to_bytes()).unwrap()
}

/// A request with one more field.
fn with(field: &str, value: Value) -> Value {
    let mut request = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi?" }] });
    request[field] = value;
    request
}

fn shown(translated: Result<TranslatedRequest, BadRequest>) -> Value {
    match translated {
        Err(bad) => json!({ "param": bad.param, "message": bad.message }),
        Ok(translated) => json!({
            "body": serde_json::from_slice::<Value>(&translated.body.to_bytes()).unwrap(),
            "dropped": translated.dropped,
            "wanted": {
                "stream": translated.options.stream,
                "stop": translated.options.stop_sequences,
                "usage": translated.options.include_usage,
                "functions": translated.options.legacy_function_call,
            },
        }),
    }
}

#[test]
fn golden_requests_match() {
    let cases = cases("to-responses");
    assert!(cases.len() >= 14, "only {}", cases.len());
    check(&cases, |request| shown(translate(request, &known())));
}

#[test]
fn unsupported_fields_are_listed_or_rejected() {
    for (field, value) in [
        ("seed", json!(7)),
        ("frequency_penalty", json!(0.5)),
        ("presence_penalty", json!(-1)),
        ("prediction", json!({ "type": "content", "content": "x" })),
        ("store", json!(true)),
        ("audio", json!({ "voice": "alloy" })),
        ("min_p", json!(0.1)),
    ] {
        assert_eq!(translate(&with(field, value), &known()).unwrap().dropped, [field]);
    }
    for (field, value) in [
        ("logit_bias", json!({ "50256": -100 })),
        ("logprobs", json!(true)),
        ("top_logprobs", json!(2)),
        ("n", json!(2)),
        ("modalities", json!(["text", "audio"])),
    ] {
        assert_eq!(translate(&with(field, value), &known()).unwrap_err().param.as_deref(), Some(field));
    }
}

#[test]
fn unsupported_fields_with_default_values_are_ignored() {
    for (field, value) in [
        ("seed", json!(null)),
        ("frequency_penalty", json!(0)),
        ("presence_penalty", json!(0.0)),
        ("store", json!(false)),
        ("logit_bias", json!({})),
        ("logprobs", json!(false)),
        ("top_logprobs", json!(0)),
        ("n", json!(1)),
        ("modalities", json!(["text"])),
        ("stop", json!([])),
        ("stream_options", json!({ "include_usage": true })),
    ] {
        assert_eq!(translate(&with(field, value), &known()).unwrap().dropped, [""; 0], "{field}");
    }
}

#[test]
fn effort_is_nearest_supported_one() {
    for (asked, sent) in
        [("none", "low"), ("minimal", "low"), ("medium", "medium"), ("xhigh", "high"), ("max", "high")]
    {
        assert_eq!(body(&with("reasoning_effort", json!(asked)))["reasoning"]["effort"], sent);
    }
    let refused = translate(&with("reasoning_effort", json!("very")), &known()).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("reasoning_effort"));
    let unknown = Recipient { model: "m", ..Recipient::default() };
    let sent = translate(&with("reasoning_effort", json!("ultra")), &unknown).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&sent.body.to_bytes()).unwrap()["reasoning"]["effort"], "max");
}

#[test]
fn summary_is_requested_where_the_backend_has_it() {
    let plan = Recipient { reasoning_summary: true, ..known() };
    let reasoning = |request: &Value, recipient: &Recipient<'_>| {
        let sent = translate(request, recipient).unwrap().body.to_bytes();
        serde_json::from_slice::<Value>(&sent).unwrap()["reasoning"].clone()
    };
    let low = with("reasoning_effort", json!("low"));
    assert_eq!(reasoning(&low, &plan), json!({ "effort": "low", "summary": "auto" }));
    assert_eq!(reasoning(&low, &known()), json!({ "effort": "low" }));
    assert_eq!(reasoning(&with("user", json!("u")), &plan), json!({ "summary": "auto" }));
    let none = Recipient { efforts: &["none", "low"], ..plan };
    assert_eq!(reasoning(&with("reasoning_effort", json!("none")), &none), json!({ "effort": "none" }));
}

#[test]
fn errors_name_the_path() {
    let rows = [
        (json!({}), "messages"),
        (json!({ "messages": "Hi?" }), "messages"),
        (json!({ "messages": [{ "role": "user", "content": "a" }, 7] }), "messages[1]"),
        (json!({ "messages": [{ "role": "pirate", "content": "a" }] }), "messages[0].role"),
        (json!({ "messages": [{ "role": "user" }] }), "messages[0].content"),
        (
            json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": 7 }] }] }),
            "messages[0].content[0].text",
        ),
        (
            json!({ "messages": [{ "role": "user", "content": [
            { "type": "input_audio", "input_audio": { "data": "", "format": "wav" } }] }] }),
            "messages[0].content[0]",
        ),
        (
            json!({ "messages": [{ "role": "assistant", "tool_calls": [{ "id": "a", "function": {} }] }] }),
            "messages[0].tool_calls[0].function.name",
        ),
        (with("stop", json!(7)), "stop"),
        (with("stop", json!(vec!["END"; 65])), "stop"),
        (with("stop", json!("x".repeat(1001))), "stop"),
        (with("temperature", json!("hot")), "temperature"),
        (with("tools", json!([{ "type": "function" }])), "tools[0].function"),
        (with("tool_choice", json!("any")), "tool_choice"),
        (with("response_format", json!({ "type": "xml" })), "response_format.type"),
    ];
    for (request, place) in rows {
        assert_eq!(translate(&request, &known()).unwrap_err().param.as_deref(), Some(place), "{request}");
    }
    assert!(read(b"{", &known()).is_err());
    assert!(read(b"\xff", &known()).is_err());
}

#[test]
fn schema_is_carried_byte_for_byte() {
    let schema = r#"{"type": "object", "z" :1.0, "a":[ ]}"#;
    let request = format!(
        r#"{{"messages":[{{"role":"user","content":"\u0048i"}}],
            "tools":[{{"type":"function","function":{{"name":"f","parameters":{schema}}}}}]}}"#
    );
    let sent = read(request.as_bytes(), &known()).unwrap().body;
    let sent = String::from_utf8(sent.to_bytes()).unwrap();
    assert!(sent.contains(&format!(r#""parameters":{schema},"strict":false"#)), "{sent}");
    assert!(sent.contains(r#""text":"\u0048i""#), "{sent}");
}

#[test]
fn cache_key_and_order_keep_prompt_cache() {
    let key = |recipient: &Recipient<'_>, request: &Value| {
        let body: Value =
            serde_json::from_slice(&translate(request, recipient).unwrap().body.to_bytes()).unwrap();
        body["prompt_cache_key"].clone()
    };
    let own = with("prompt_cache_key", json!("mine"));
    assert_eq!(key(&known(), &own), "mine");
    let ours = Recipient { cache_key: Some("conversation 1"), ..known() };
    assert_eq!(key(&ours, &own), "conversation 1");
    assert_eq!(key(&ours, &with("n", json!(1))), "conversation 1");
    let request = with("seed", json!(1));
    assert_eq!(translate(&request, &known()), translate(&request, &known()));
}

/// The gateway removes fields that a backend rejects, by their names in the Responses API.
#[test]
fn token_limit_has_the_name_of_the_responses_api() {
    let sent = body(&json!({
        "messages": [{ "role": "user", "content": "Hi?" }], "max_tokens": 50, "max_completion_tokens": 60,
    }));
    assert_eq!(sent["max_output_tokens"], 60);
    assert!(sent.get("max_tokens").is_none() && sent.get("max_completion_tokens").is_none());
}

#[test]
fn images_stay_images() {
    let picture = "data:image/png;base64,iVBORw0KGgo=";
    let sent = body(&json!({ "messages": [
        { "role": "user", "content": [{ "type": "image_url", "image_url": { "url": picture } }] },
        { "role": "assistant", "tool_calls": [
            { "id": "c", "type": "function", "function": { "name": "see", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "c", "content": [
            { "type": "image_url", "image_url": { "url": picture, "detail": "low" } }] },
    ] }));
    let image = |detail| json!([{ "type": "input_image", "image_url": picture, "detail": detail }]);
    assert_eq!(sent["input"][0]["content"], image("auto"));
    assert_eq!(sent["input"][2]["output"], image("low"));
}

#[test]
fn web_search_without_support_is_listed_or_rejected() {
    let asked = with("web_search_options", json!({}));
    assert_eq!(body(&asked)["tools"], json!([{ "type": "web_search" }]));
    let without = Recipient { web_search: false, ..known() };
    assert_eq!(translate(&asked, &without).unwrap_err().param.as_deref(), Some("web_search_options"));
    let offered = with("tools", json!([{ "type": "web_search" }]));
    assert_eq!(translate(&offered, &without).unwrap().dropped, ["tools.web_search"]);
}

#[test]
fn parallel_calls_stay_paired_with_results() {
    let call =
        |id: &str| json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } });
    let sent = body(&json!({ "messages": [
        { "role": "user", "content": "Go." },
        { "role": "assistant", "content": null, "tool_calls": [
            call("a"), call("b"), { "id": "x", "type": "custom", "custom": { "name": "g", "input": "1" } }] },
        { "role": "tool", "tool_call_id": "b", "content": "second" },
        { "role": "tool", "tool_call_id": "x", "content": "third" },
        { "role": "tool", "tool_call_id": "a", "content": "first" },
    ] }));
    let pairs: Vec<_> = sent["input"].as_array().unwrap()[1..]
        .iter()
        .map(|item| (item["type"].as_str().unwrap(), item["call_id"].as_str().unwrap()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("function_call", "a"),
            ("function_call", "b"),
            ("custom_tool_call", "x"),
            ("function_call_output", "b"),
            ("custom_tool_call_output", "x"),
            ("function_call_output", "a"),
        ]
    );
}

#[test]
fn translation_does_not_depend_on_earlier_requests() {
    let question = |words: &str| json!({ "messages": [{ "role": "user", "content": words }] });
    let before = translate(&question("the second"), &known()).unwrap();
    translate(&question("the first, and a secret"), &known()).unwrap();
    assert_eq!(translate(&question("the second"), &known()).unwrap(), before);
    assert_eq!(body(&question("the second"))["store"], false);
}

fn text() -> impl Strategy<Value = String> {
    "[a-z \"\\\\\n\u{e9}\u{1F600}]{1,12}"
}

/// One step of a conversation: a message, or calls with their results.
pub(crate) fn step() -> impl Strategy<Value = Vec<Value>> {
    prop_oneof![
        (prop_oneof![Just("user"), Just("system"), Just("developer")], text())
            .prop_map(|(role, text)| vec![json!({ "role": role, "content": text })]),
        text().prop_map(|text| vec![json!({ "role": "assistant", "content": text })]),
        (text(), text()).prop_map(|(text, url)| vec![json!({ "role": "user", "content": [
            { "type": "text", "text": text }, { "type": "image_url", "image_url": { "url": url } },
        ] })]),
        (text(), text(), any::<u16>()).prop_map(|(name, result, id)| vec![
            json!({ "role": "assistant", "content": null, "tool_calls": [
                { "id": format!("call_{id}"), "type": "function",
                  "function": { "name": name, "arguments": "{\"a\":1}" } },
                { "id": format!("custom_{id}"), "type": "custom", "custom": { "name": name, "input": result } },
            ] }),
            json!({ "role": "tool", "tool_call_id": format!("call_{id}"), "content": result }),
            json!({ "role": "tool", "tool_call_id": format!("custom_{id}"), "content": result }),
        ]),
        (text(), text()).prop_map(|(name, result)| vec![
            json!({ "role": "assistant", "function_call": { "name": name, "arguments": "{}" } }),
            json!({ "role": "function", "name": name, "content": result }),
        ]),
    ]
}

proptest! {
    #[test]
    fn longer_conversation_begins_with_shorter_one(
        steps in proptest::collection::vec(step(), 1..6),
        cut in any::<proptest::sample::Index>(),
        json_object in any::<bool>(),
    ) {
        let messages: Vec<Value> = steps.concat();
        let cut = 1 + cut.index(messages.len());
        let request = |messages: &[Value]| {
            let mut request = json!({ "messages": messages, "temperature": 1 });
            if json_object {
                request["response_format"] = json!({ "type": "json_object" });
            }
            translate(&request, &known()).unwrap().body.to_bytes()
        };
        let (shorter, longer) = (request(&messages[..cut]), request(&messages));
        // A cut conversation may have calls whose results follow.
        let shorter = crate::cases::without_missing_results(&shorter);
        let longer = crate::cases::without_missing_results(&longer);
        prop_assert!(longer.starts_with(shorter.strip_suffix("]}").unwrap()), "{longer}\n{shorter}");
    }

    #[test]
    fn any_bytes_and_any_json_do_not_panic(bytes in any::<Vec<u8>>(), request in crate::cases::any_request(names())) {
        let _ = read(&bytes, &known());
        if let Ok(translated) = translate(&request, &known()) {
            serde_json::from_slice::<Value>(&translated.body.to_bytes()).unwrap();
        }
    }
}
