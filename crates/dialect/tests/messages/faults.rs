//! Faults of other translators, as far as this dialect can have
//! them.

use serde_json::{Value, json};
use usher_dialect::error::ApiError;
use usher_dialect::messages::{MessagesWriter, translate_error};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseEvent;
use usher_dialect::translate::Target;

use crate::{asking, crossed, options, read, sse, stream, translate, whole, written};

fn delta(text: &str) -> String {
    json!({ "type": "response.output_text.delta", "output_index": 0, "delta": text }).to_string()
}

fn feed(writer: &mut MessagesWriter, data: &str, out: &mut Vec<u8>) {
    writer.write_event(&Event::parse(SseEvent { name: b"", data: data.as_bytes() }).unwrap(), out);
}

fn trouble(status: u16, code: &str) -> ApiError {
    ApiError { status, code: code.into(), message: "Why.".into(), param: None, original: None }
}

#[test]
fn a1_silence_is_filled_and_a_cut_is_said() {
    let mut writer = MessagesWriter::new(options(&asking()));
    let mut out = Vec::new();
    writer.write_keep_alive(&mut out);
    feed(&mut writer, &delta("Half a"), &mut out);
    writer.write_keep_alive(&mut out);
    writer.write_error(&trouble(504, "cut"), &mut out);
    let told = stream::read(&out).unwrap();
    assert_eq!(told.pings, 3);
    assert_eq!(told.error.unwrap()["error"], json!({ "type": "timeout_error", "message": "Why." }));
    assert!(String::from_utf8(out).unwrap().contains("Half a"));
}

#[test]
fn a1_an_error_can_be_the_first_event() {
    let mut out = Vec::new();
    MessagesWriter::new(options(&asking())).write_error(&trouble(529, "server_is_overloaded"), &mut out);
    let told = stream::read(&out).unwrap();
    assert_eq!(told.error.unwrap()["error"]["type"], "overloaded_error");
}

#[test]
fn a3_nothing_that_changes_stands_before_the_conversation() {
    let mut request = asking();
    request["metadata"] = json!({ "user_id": "session_1" });
    request["system"] = json!([
        { "type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.329.0a8; cc_entrypoint=cli;" },
        { "type": "text", "text": "Be short." },
    ]);
    let target = Target { cache_key: Some("conversation"), ..Target::default() };
    let first = translate(&request, &target).request.body;
    request["metadata"] = json!({ "user_id": "session_2" });
    request["system"][0]["text"] =
        "x-anthropic-billing-header: cc_version=2.1.330.fff; cc_entrypoint=sdk-cli;".into();
    assert_eq!(first, translate(&request, &target).request.body);
    let body: Value = serde_json::from_slice(&first.to_bytes()).unwrap();
    assert_eq!(
        (&body["prompt_cache_key"], &body["instructions"]),
        (&json!("conversation"), &json!("Be short."))
    );
}

#[test]
fn a3_a_billing_line_is_removed_wherever_it_stands_first() {
    let line = "x-anthropic-billing-header: cc_version=2.1.329.0a8;";
    for (system, instructions) in [
        (json!(line), Value::Null),
        (json!(format!("{line}\nBe short.")), json!("Be short.")),
        (json!([{ "type": "text", "text": "Be" }, { "type": "text", "text": line }]), json!("Be")),
        (json!([{ "type": "text", "text": format!("About {line}") }]), json!(format!("About {line}"))),
    ] {
        let mut request = asking();
        request["system"] = system;
        assert_eq!(crossed(&request)["instructions"], instructions);
    }
}

#[test]
fn a3_a_tool_that_is_found_later_stands_behind_the_others() {
    // Claude Code puts it in its place by the alphabet, and has one in the list that is never to be called.
    let tools = |names: &[&str]| -> Value {
        let tool = |name: &&str| json!({ "name": name, "defer_loading": (name.starts_with('S') || name.starts_with('P')) });
        names.iter().map(tool).collect()
    };
    let sent = |tools: Value, messages: Value| -> Vec<String> {
        let mut request = asking();
        request["tools"] = tools;
        request["messages"] = messages;
        let sent = crossed(&request)["tools"].clone();
        sent.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    let user = json!({ "role": "user", "content": "Hi" });
    let found = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": [
        { "type": "tool_reference", "tool_name": "Search" },
    ] }] });
    let added = json!({ "role": "system", "content": [
        { "type": "tool_addition", "tool": { "type": "tool_reference", "name": "Search" } },
    ] });
    assert_eq!(sent(tools(&["Bash", "Placeholder", "Write"]), json!([user])), ["Bash", "Write"]);
    for later in [found, added] {
        let messages = json!([user, later, later]);
        let sent = sent(tools(&["Bash", "Placeholder", "Search", "Write"]), messages);
        assert_eq!(sent, ["Bash", "Write", "Search"]);
    }
    let mut searched = tools(&["Bash", "Search"]);
    searched
        .as_array_mut()
        .unwrap()
        .push(json!({ "type": "tool_search_tool_bm25", "name": "tool_search_tool_bm25" }));
    assert_eq!(sent(searched, json!([user])), ["Bash", "Search"]);
}

#[test]
fn a4_each_field_is_public_and_at_the_top_so_that_a_backend_can_drop_it() {
    // What some backend refuses is taken out by its own table, which has to know these (`openai` 6.49.0,
    // `ResponseCreateParamsBase`).
    let public = [
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "store",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
    ];
    let schema = json!({ "type": "object", "properties": {} });
    let mut request = asking();
    for (field, value) in [
        ("system", json!("Be short.")),
        ("temperature", json!(1)),
        ("top_p", json!(0.5)),
        ("top_k", json!(5)),
        ("metadata", json!({ "user_id": "u" })),
        ("stop_sequences", json!(["END"])),
        ("service_tier", json!("auto")),
        ("context_management", json!({ "edits": [] })),
        ("output_config", json!({ "effort": "low", "format": { "type": "json_schema", "schema": schema } })),
        (
            "tools",
            json!([{ "name": "a", "input_schema": schema }, { "type": "web_search_20250305", "max_uses": 5 }]),
        ),
        ("tool_choice", json!({ "type": "auto", "disable_parallel_tool_use": true })),
    ] {
        request[field] = value;
    }
    let target = Target { web_search: true, cache_key: Some("conversation"), ..Target::default() };
    let body: Value = serde_json::from_slice(&translate(&request, &target).request.body.to_bytes()).unwrap();
    let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, public);
}

#[test]
fn a5_images_arrive_as_images() {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBO" } });
    let mut request = asking();
    request["messages"] = json!([{ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": "t", "content": [image] }, image,
    ] }]);
    let part =
        json!([{ "type": "input_image", "image_url": "data:image/png;base64,iVBO", "detail": "auto" }]);
    let input = crossed(&request)["input"].clone();
    assert_eq!((&input[0]["output"], &input[1]["content"]), (&part, &part));
}

#[test]
fn a6_reasoning_that_another_account_sealed_is_left_out_and_named() {
    let one = Target { reasoning_owner: Some("account one"), ..Target::default() };
    let other = Target { reasoning_owner: Some("account two"), ..Target::default() };
    let reasoning =
        json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAB" });
    let events = sse(&[json!({ "type": "response.completed", "response": { "output": [reasoning] } })]);
    let message = whole(&translate(&asking(), &one).options, &events);

    let mut request = asking();
    request["messages"] = json!([
        { "role": "user", "content": "Hi" }, { "role": "assistant", "content": message["content"] },
    ]);
    let same = translate(&request, &one).request;
    let input: Value = serde_json::from_slice(&same.body.to_bytes()).unwrap();
    assert_eq!(input["input"][1], reasoning);
    assert!(same.dropped.is_empty());
    let foreign = translate(&request, &other).request;
    assert_eq!(foreign.dropped, ["thinking"]);
    assert!(!String::from_utf8(foreign.body.to_bytes()).unwrap().contains("gAAAAB"));
}

#[test]
fn a7_a_search_is_carried_or_named() {
    let mut request = asking();
    request["tools"] = json!([{ "type": "web_search_20260209", "name": "web_search" }]);
    let with = translate(&request, &Target { web_search: true, ..Target::default() }).request;
    let body: Value = serde_json::from_slice(&with.body.to_bytes()).unwrap();
    assert_eq!(body["tools"], json!([{ "type": "web_search" }]));
    assert!(with.dropped.is_empty());
    let without = translate(&request, &Target::default()).request;
    assert_eq!(without.dropped, ["web_search_20260209"]);
    let body: Value = serde_json::from_slice(&without.body.to_bytes()).unwrap();
    assert_eq!((&body["tools"], &body["tool_choice"]), (&Value::Null, &Value::Null));
}

#[test]
fn a8_parallel_calls_and_their_results_stay_paired() {
    let mut request = asking();
    request["messages"] = json!([
        { "role": "assistant", "content": [
            { "type": "tool_use", "id": "t1", "name": "a", "input": { "x": 1 } },
            { "type": "tool_use", "id": "t2", "name": "b", "input": {} },
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "t2", "is_error": true },
            { "type": "tool_result", "tool_use_id": "t1", "content": "one" },
        ] },
    ]);
    let expected = json!([
        { "type": "function_call", "call_id": "t1", "name": "a", "arguments": "{\"x\":1}" },
        { "type": "function_call", "call_id": "t2", "name": "b", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "t2", "output": "Error: " },
        { "type": "function_call_output", "call_id": "t1", "output": "one" },
    ]);
    assert_eq!(crossed(&request)["input"], expected);
}

#[test]
fn a8_an_id_that_is_too_long_is_the_same_in_call_and_result() {
    let long = "toolu_".repeat(20);
    let mut request = asking();
    request["messages"] = json!([
        { "role": "assistant", "content": [{ "type": "tool_use", "id": long, "name": "a", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": long, "content": "one" }] },
    ]);
    let input = crossed(&request)["input"].clone();
    assert_eq!(input[0]["call_id"], input[1]["call_id"]);
    assert!(input[0]["call_id"].as_str().unwrap().len() <= 64);
}

#[test]
fn a9_answers_at_the_same_time_do_not_mix() {
    let alone = |text: &str| written(options(&asking()), [format!("data: {}\n\n", delta(text)).as_bytes()]);
    let (mut one, mut other) =
        (MessagesWriter::new(options(&asking())), MessagesWriter::new(options(&asking())));
    let (mut out_one, mut out_other) = (Vec::new(), Vec::new());
    feed(&mut one, &delta("one"), &mut out_one);
    feed(&mut other, &delta("other"), &mut out_other);
    assert_eq!((out_one, out_other), (alone("one"), alone("other")));
}

#[test]
fn i49_a_prompt_that_is_too_long_is_said_in_the_words_that_clients_know() {
    let body: Value =
        serde_json::from_slice(&translate_error(&trouble(400, "context_length_exceeded"), None)).unwrap();
    assert_eq!(body["error"]["message"], "prompt is too long: Why.");
    assert_eq!(body["request_id"], Value::Null);
}

#[test]
fn error_does_not_repeat_content() {
    let body =
        json!({ "model": "m", "messages": [{ "role": "a secret", "content": [] }], "stream": "a secret" });
    let refused = read(body.to_string().as_bytes(), &Target::default()).unwrap_err();
    assert!(!refused.message.contains("secret"), "{refused}");
}

#[test]
fn document_quotes_text_and_images_only() {
    let text = json!({ "type": "text", "text": "a" });
    let document = json!({ "type": "document", "source": { "type": "content", "content": [text] } });
    let mut request = asking();
    request["messages"][0]["content"] = json!([
        { "type": "document", "source": { "type": "content", "content": [text, document] } },
    ]);
    let translated = translate(&request, &Target::default()).request;
    assert!(translated.dropped.iter().any(|name| name == "document"), "{:?}", translated.dropped);
    let content = &crossed(&request)["input"][0]["content"];
    assert_eq!(*content, json!([{ "type": "input_text", "text": "a" }]));
}
