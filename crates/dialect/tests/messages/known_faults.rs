//! Faults that other translators of this dialect have, and that this one must not have.

use serde_json::{Value, json};
use usher_dialect::error::ApiError;
use usher_dialect::messages::{MessagesWriter, translate_error};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseEvent;
use usher_dialect::translate::Recipient;

use crate::{
    complete, encoded, options, read, sample_request, sse, stream_reader, translate, translated_body,
};

fn delta(text: &str) -> String {
    json!({ "type": "response.output_text.delta", "output_index": 0, "delta": text }).to_string()
}

fn feed(writer: &mut MessagesWriter, data: &str, out: &mut Vec<u8>) {
    writer.write_event(&Event::parse(SseEvent { name: b"", data: data.as_bytes() }).unwrap(), out);
}

fn api_error(status: u16, code: &str) -> ApiError {
    ApiError { status, code: code.into(), message: "Why.".into(), param: None, original: None }
}

#[test]
fn stream_cut_after_silence_ends_with_error() {
    let mut writer = MessagesWriter::new(options(&sample_request()));
    let mut out = Vec::new();
    writer.write_keep_alive(&mut out);
    feed(&mut writer, &delta("Half a"), &mut out);
    writer.write_keep_alive(&mut out);
    writer.write_error(&api_error(504, "cut"), &mut out);
    let read_stream = stream_reader::read(&out).unwrap();
    assert_eq!(read_stream.pings, 3);
    assert_eq!(read_stream.error.unwrap()["error"], json!({ "type": "timeout_error", "message": "Why." }));
    assert!(String::from_utf8(out).unwrap().contains("Half a"));
}

#[test]
fn error_before_any_event_is_a_valid_stream() {
    let mut out = Vec::new();
    MessagesWriter::new(options(&sample_request()))
        .write_error(&api_error(529, "server_is_overloaded"), &mut out);
    let read_stream = stream_reader::read(&out).unwrap();
    assert_eq!(read_stream.error.unwrap()["error"]["type"], "overloaded_error");
}

#[test]
fn metadata_and_billing_line_do_not_change_body() {
    let mut request = sample_request();
    request["metadata"] = json!({ "user_id": "session_1" });
    request["system"] = json!([
        { "type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.329.0a8; cc_entrypoint=cli;" },
        { "type": "text", "text": "Be short." },
    ]);
    let recipient = Recipient { cache_key: Some("conversation"), ..Recipient::default() };
    let first = translate(&request, &recipient).request.body;
    request["metadata"] = json!({ "user_id": "session_2" });
    request["system"][0]["text"] =
        "x-anthropic-billing-header: cc_version=2.1.330.fff; cc_entrypoint=sdk-cli;".into();
    assert_eq!(first, translate(&request, &recipient).request.body);
    let body: Value = serde_json::from_slice(&first.to_bytes()).unwrap();
    assert_eq!(
        (&body["prompt_cache_key"], &body["instructions"]),
        (&json!("conversation"), &json!("Be short."))
    );
}

#[test]
fn billing_line_at_start_of_text_is_removed() {
    let line = "x-anthropic-billing-header: cc_version=2.1.329.0a8;";
    for (system, instructions) in [
        (json!(line), Value::Null),
        (json!(format!("{line}\nBe short.")), json!("Be short.")),
        (json!([{ "type": "text", "text": "Be" }, { "type": "text", "text": line }]), json!("Be")),
        (json!([{ "type": "text", "text": format!("About {line}") }]), json!(format!("About {line}"))),
    ] {
        let mut request = sample_request();
        request["system"] = system;
        assert_eq!(translated_body(&request)["instructions"], instructions);
    }
}

#[test]
fn tool_loaded_later_comes_last() {
    // Claude Code sorts its tools by name, and lists one that the model must never call.
    let tools = |names: &[&str]| -> Value {
        let tool = |name: &&str| json!({ "name": name, "defer_loading": (name.starts_with('S') || name.starts_with('P')) });
        names.iter().map(tool).collect()
    };
    let sent = |tools: Value, messages: Value| -> Vec<String> {
        let mut request = sample_request();
        request["tools"] = tools;
        request["messages"] = messages;
        let sent = translated_body(&request)["tools"].clone();
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
fn body_has_only_public_top_level_fields() {
    // Fields that a backend rejects are removed by its own table, which must know these (`openai` 6.49.0,
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
    let mut request = sample_request();
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
    let recipient = Recipient { web_search: true, cache_key: Some("conversation"), ..Recipient::default() };
    let body: Value =
        serde_json::from_slice(&translate(&request, &recipient).request.body.to_bytes()).unwrap();
    let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, public);
}

#[test]
fn image_in_message_or_result_stays_an_image() {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBO" } });
    let mut request = sample_request();
    request["messages"] = json!([
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "a", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": [image] }, image] },
    ]);
    let part =
        json!([{ "type": "input_image", "image_url": "data:image/png;base64,iVBO", "detail": "auto" }]);
    let input = translated_body(&request)["input"].clone();
    assert_eq!((&input[1]["output"], &input[2]["content"]), (&part, &part));
}

#[test]
fn reasoning_of_another_account_is_dropped_and_listed() {
    let one = Recipient { reasoning_owner: Some("account one"), ..Recipient::default() };
    let other = Recipient { reasoning_owner: Some("account two"), ..Recipient::default() };
    let reasoning =
        json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAAB" });
    let events = sse(&[json!({ "type": "response.completed", "response": { "output": [reasoning] } })]);
    let message = complete(&translate(&sample_request(), &one).options, &events);

    let mut request = sample_request();
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
fn web_search_without_support_is_dropped_and_listed() {
    let mut request = sample_request();
    request["tools"] = json!([{ "type": "web_search_20260209", "name": "web_search" }]);
    let with = translate(&request, &Recipient { web_search: true, ..Recipient::default() }).request;
    let body: Value = serde_json::from_slice(&with.body.to_bytes()).unwrap();
    assert_eq!(body["tools"], json!([{ "type": "web_search" }]));
    assert!(with.dropped.is_empty());
    let without = translate(&request, &Recipient::default()).request;
    assert_eq!(without.dropped, ["web_search_20260209"]);
    let body: Value = serde_json::from_slice(&without.body.to_bytes()).unwrap();
    assert_eq!((&body["tools"], &body["tool_choice"]), (&Value::Null, &Value::Null));
}

#[test]
fn parallel_calls_stay_paired_with_results() {
    let mut request = sample_request();
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
    assert_eq!(translated_body(&request)["input"], expected);
}

#[test]
fn overlong_id_is_replaced_alike_in_call_and_result() {
    let long = "toolu_".repeat(20);
    let mut request = sample_request();
    request["messages"] = json!([
        { "role": "assistant", "content": [{ "type": "tool_use", "id": long, "name": "a", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": long, "content": "one" }] },
    ]);
    let input = translated_body(&request)["input"].clone();
    assert_eq!(input[0]["call_id"], input[1]["call_id"]);
    assert!(input[0]["call_id"].as_str().unwrap().len() <= 64);
}

#[test]
fn concurrent_responses_do_not_mix() {
    let alone =
        |text: &str| encoded(options(&sample_request()), [format!("data: {}\n\n", delta(text)).as_bytes()]);
    let (mut one, mut other) =
        (MessagesWriter::new(options(&sample_request())), MessagesWriter::new(options(&sample_request())));
    let (mut out_one, mut out_other) = (Vec::new(), Vec::new());
    feed(&mut one, &delta("one"), &mut out_one);
    feed(&mut other, &delta("other"), &mut out_other);
    assert_eq!((out_one, out_other), (alone("one"), alone("other")));
}

#[test]
fn context_length_error_has_message_that_clients_recognize() {
    let body: Value =
        serde_json::from_slice(&translate_error(&api_error(400, "context_length_exceeded"), None)).unwrap();
    assert_eq!(body["error"]["message"], "prompt is too long: Why.");
    assert_eq!(body["request_id"], Value::Null);
}

#[test]
fn error_does_not_repeat_content() {
    let body =
        json!({ "model": "m", "messages": [{ "role": "a secret", "content": [] }], "stream": "a secret" });
    let error = read(body.to_string().as_bytes(), &Recipient::default()).unwrap_err();
    assert!(!error.message.contains("secret"), "{error}");
}

#[test]
fn document_quotes_text_and_images_only() {
    let text = json!({ "type": "text", "text": "a" });
    let document = json!({ "type": "document", "source": { "type": "content", "content": [text] } });
    let mut request = sample_request();
    request["messages"][0]["content"] = json!([
        { "type": "document", "source": { "type": "content", "content": [text, document] } },
    ]);
    let translated = translate(&request, &Recipient::default()).request;
    assert!(translated.dropped.iter().any(|name| name == "document"), "{:?}", translated.dropped);
    let content = &translated_body(&request)["input"][0]["content"];
    assert_eq!(*content, json!([{ "type": "input_text", "text": "a" }]));
}

#[test]
fn blank_arguments_are_no_input_however_they_arrive() {
    for deltas in [vec![], vec!["\n"], vec![" ", "\n", "\t"]] {
        let item = |arguments: &str| json!({ "type": "function_call", "call_id": "call_0", "name": "f", "arguments": arguments });
        let mut events =
            vec![json!({ "type": "response.output_item.added", "output_index": 0, "item": item("") })];
        events.extend(deltas.iter().map(|delta| {
            json!({ "type": "response.function_call_arguments.delta", "output_index": 0, "delta": delta })
        }));
        let done = item(&deltas.concat());
        events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": done }));
        let mut writer = MessagesWriter::new(options(&sample_request()));
        let mut out = Vec::new();
        for event in events {
            feed(&mut writer, &event.to_string(), &mut out);
        }
        assert!(!String::from_utf8(out).unwrap().contains("input_json_delta"), "{deltas:?}");
    }
}
