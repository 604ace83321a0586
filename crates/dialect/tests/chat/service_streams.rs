//! Streams of services that are not quite as in the reference, for callers of every dialect.

use serde_json::{Value, json};
use usher_dialect::chat_completions::{ChatCompletionsReader, ChatCompletionsWriter, translate_response};
use usher_dialect::json::RawObject;
use usher_dialect::messages::{self, MessageOptions, MessagesWriter};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Event, Response, ResponseCollector, ResponsesWriter};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::{Recipient, ResponseOptions, ToolNames};

use crate::streams::{data, stream_of};

/// The meaning of an answer: its text, its calls, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    text: String,
    calls: Vec<(String, String)>,
    end: String,
}

fn answer(text: &str, calls: &[(&str, &str)], end: &str) -> Answer {
    let calls = calls.iter().map(|(id, arguments)| ((*id).to_owned(), (*arguments).to_owned())).collect();
    Answer { text: text.to_owned(), calls, end: end.to_owned() }
}

/// Passes the events of a stream on, in the API in which the service speaks.
fn read(stream: &[u8], chat: bool, take: &mut dyn FnMut(Event<'_>)) {
    if chat {
        let mut reader = ChatCompletionsReader::new(ToolNames::default(), None);
        if !reader.push(stream, take).unwrap() {
            reader.finish(take);
        }
        return;
    }
    let (mut parser, mut rest) = (SseParser::default(), stream);
    while let Some(sse) = parser.next_event(&mut rest).unwrap() {
        take(Event::parse(sse).unwrap());
    }
}

fn collected(stream: &[u8], chat: bool) -> Response<'static> {
    let mut collector = ResponseCollector::default();
    read(stream, chat, &mut |event| collector.take(&event));
    assert!(collector.is_complete());
    collector.finish()
}

fn written(stream: &[u8], chat: bool, writer: &mut dyn ResponseWriter) -> Vec<Value> {
    let mut out = Vec::new();
    read(stream, chat, &mut |event| writer.write_event(&event, &mut out));
    data(&out).iter().filter_map(|data| serde_json::from_str(data).ok()).collect()
}

fn message_options() -> MessageOptions {
    let body = br#"{"model":"c","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
    messages::to_responses(&RawObject::parse(body).unwrap(), &Recipient::default()).unwrap().options
}

fn words(text: &Value) -> &str {
    text.as_str().unwrap_or_default()
}

fn of_message(blocks: &[Value], stop_reason: &Value) -> Answer {
    let text = blocks.iter().map(|block| words(&block["text"])).collect();
    let calls = blocks.iter().filter(|block| block["type"] == "tool_use");
    let calls = calls.map(|block| (words(&block["id"]).to_owned(), block["input"].to_string())).collect();
    let end = if stop_reason == "end_turn" { "stop" } else { words(stop_reason) };
    Answer { text, calls, end: end.replace("tool_use", "tool_calls").replace("max_tokens", "length") }
}

fn to_messages(stream: &[u8], chat: bool) -> [Answer; 2] {
    let (mut blocks, mut input, mut stop) = (Vec::<Value>::new(), String::new(), Value::Null);
    for event in written(stream, chat, &mut MessagesWriter::new(message_options())) {
        match words(&event["type"]) {
            "content_block_start" => blocks.push(event["content_block"].clone()),
            "content_block_delta" => {
                input += words(&event["delta"]["partial_json"]);
                let last = blocks.last_mut().unwrap();
                if let Some(text) = event["delta"]["text"].as_str() {
                    last["text"] = json!(words(&last["text"]).to_owned() + text);
                }
            }
            "content_block_stop" if !input.is_empty() => {
                blocks.last_mut().unwrap()["input"] =
                    serde_json::from_str(&std::mem::take(&mut input)).unwrap();
            }
            "message_delta" => stop = event["delta"]["stop_reason"].clone(),
            _ => {}
        }
    }
    let whole = messages::translate_response(&collected(stream, chat), &message_options());
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    [of_message(&blocks, &stop), of_message(whole["content"].as_array().unwrap(), &whole["stop_reason"])]
}

fn of_response(response: &Value) -> Answer {
    let output = response["output"].as_array().unwrap();
    let text =
        output.iter().filter(|item| item["type"] == "message").map(|item| words(&item["content"][0]["text"]));
    let calls: Vec<_> = output
        .iter()
        .filter(|item| item["type"] == "function_call")
        .map(|item| (words(&item["call_id"]).to_owned(), words(&item["arguments"]).to_owned()))
        .collect();
    let end = match words(&response["status"]) {
        "completed" if calls.is_empty() => "stop",
        "completed" => "tool_calls",
        _ => "length",
    };
    Answer { text: text.collect(), calls, end: end.to_owned() }
}

fn to_responses(stream: &[u8]) -> [Answer; 2] {
    let last = written(stream, true, &mut ResponsesWriter::new("m", 1)).pop().unwrap();
    let whole = responses::translate_response(&collected(stream, true), "m", 1);
    [of_response(&last["response"]), of_response(&serde_json::from_slice(&whole).unwrap())]
}

fn to_chat(stream: &[u8]) -> [Answer; 2] {
    let mut streamed = answer("", &[], "");
    let mut writer =
        ChatCompletionsWriter::new("m", 1, ResponseOptions { stream: true, ..Default::default() });
    for chunk in written(stream, false, &mut writer) {
        let choice = &chunk["choices"][0];
        streamed.text += words(&choice["delta"]["content"]);
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            if let Some(id) = call["id"].as_str() {
                streamed.calls.push((id.to_owned(), String::new()));
            }
            streamed.calls.last_mut().unwrap().1 += words(&call["function"]["arguments"]);
        }
        streamed.end += words(&choice["finish_reason"]);
    }
    let whole = translate_response(&collected(stream, false), "m", 1, &ResponseOptions::default());
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    let (choice, message) = (&whole["choices"][0], &whole["choices"][0]["message"]);
    let calls = message["tool_calls"].as_array().into_iter().flatten();
    let calls =
        calls.map(|call| (words(&call["id"]).to_owned(), words(&call["function"]["arguments"]).to_owned()));
    let whole = Answer {
        text: words(&message["content"]).to_owned(),
        calls: calls.collect(),
        end: words(&choice["finish_reason"]).to_owned(),
    };
    [streamed, whole]
}

fn chunk(delta: &Value, reason: &Value) -> String {
    format!(
        "data: {}\n\n",
        json!({ "id": "c", "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] })
    )
}

fn hello() -> String {
    chunk(&json!({ "content": "Hello" }), &Value::Null)
}

fn call(arguments: &str) -> String {
    let call = json!({ "index": 0, "id": "c1", "function": { "name": "now", "arguments": arguments } });
    chunk(&json!({ "tool_calls": [call] }), &Value::Null)
}

fn end(word: &str) -> String {
    chunk(&json!({}), &json!(word))
}

const DONE: &str = "data: [DONE]\n\n";

#[test]
fn chat_stream_is_read_as_it_is_meant() {
    let stop = answer("Hello", &[], "stop");
    let mut rows: Vec<(String, Answer)> = Vec::new();
    for word in ["STOP", "Stop", "stop_sequence", "eos_token", "COMPLETE", "word of tomorrow"] {
        rows.push((hello() + &end(word) + DONE, answer("Hello", &[], "stop")));
    }
    for word in ["tool_use", "TOOL_CALLS", "stop"] {
        rows.push((call("{}") + &end(word) + DONE, answer("", &[("c1", "{}")], "tool_calls")));
    }
    rows.push((hello() + &end("MAX_TOKENS") + DONE, answer("Hello", &[], "length")));
    // Heartbeats of blank data, and blanks behind the end.
    rows.push((format!("data: \n\n{}data:\n\n{}{DONE}", hello(), end("stop")), answer("Hello", &[], "stop")));
    rows.push((hello() + &end("stop") + "data: [DONE] \n\n", answer("Hello", &[], "stop")));
    // The last event without its blank line, or without its line end.
    rows.push((hello() + end("stop").trim_end(), answer("Hello", &[], "stop")));
    rows.push((hello() + &end("stop") + "data: [DONE]\n", answer("Hello", &[], "stop")));
    // A message in place of a delta.
    let message = json!({ "id": "c", "choices": [{ "index": 0, "message": { "content": "Hello" }, "finish_reason": "stop" }] });
    rows.push((format!("data: {message}\n\n{DONE}"), stop));
    // Arguments of a call without parameters.
    for arguments in ["", " "] {
        rows.push((call(arguments) + &end("tool_calls") + DONE, answer("", &[("c1", "{}")], "tool_calls")));
    }
    // Halves of a character in two deltas.
    let half = |text: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    rows.push((half(r"a\ud83d") + &half(r"\ude00b") + &end("stop"), answer("a\u{1f600}b", &[], "stop")));
    rows.push((half(r"a\ud83d") + &end("stop"), answer("a\u{fffd}", &[], "stop")));
    let half = |text: &str| {
        let call = format!(r#"{{"index":0,"id":"c1","function":{{"name":"now","arguments":"{text}"}}}}"#);
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n")
    };
    rows.push((
        half(r#"{\"t\":\"a\ud83d"#) + &half(r#"\ude00b\"}"#) + &end("tool_calls"),
        answer("", &[("c1", "{\"t\":\"a\u{1f600}b\"}")], "tool_calls"),
    ));
    for (stream, expected) in rows {
        for got in to_messages(stream.as_bytes(), true).into_iter().chain(to_responses(stream.as_bytes())) {
            assert_eq!(got, expected, "{stream}");
        }
    }
}

#[test]
fn chunk_in_another_form_is_read() {
    let chunk = |choice: &Value| format!("data: {}\n\n", json!({ "id": "c", "choices": [choice] }));
    let (text, done) = (json!({ "content": "Hello world" }), "data: [DONE]\n\n");
    let thinking = json!({ "type": "thinking", "thinking": [{ "type": "text", "text": "Hm." }] });
    let parts = json!([thinking, { "type": "text", "text": "Hello world" }]);
    for stream in [
        chunk(&json!({ "message": text })),
        chunk(&json!({ "text": "Hello world", "finish_reason": "stop" })),
        chunk(&json!({ "delta": { "content": parts }, "finish_reason": "stop" })),
        format!("data: keep-alive\n\n{}", chunk(&json!({ "delta": text, "finish_reason": "stop" }))),
    ] {
        let stream = format!("{stream}{done}");
        let expected = || answer("Hello world", &[], "stop");
        assert_eq!(to_messages(stream.as_bytes(), true), [expected(), expected()], "{stream}");
    }
    let call = json!({ "function_call": { "name": "now", "arguments": "{}" } });
    let stream = chunk(&json!({ "delta": call, "finish_reason": "function_call" }));
    let expected = || answer("", &[("call_c_0", "{}")], "tool_calls");
    assert_eq!(to_messages(stream.as_bytes(), true), [expected(), expected()]);
    for done in ["data:  [DONE]\n\n", "data: [done]\n\n", "data: \"[DONE]\"\n\n"] {
        let stream = format!("{}{done}", chunk(&json!({ "delta": text, "finish_reason": "stop" })));
        let expected = || answer("Hello world", &[], "stop");
        assert_eq!(to_messages(stream.as_bytes(), true), [expected(), expected()], "{done}");
    }
}

#[test]
fn error_in_any_form_is_reported() {
    for stream in [
        "data: {\"error\":\"model is loading\"}\n\n",
        "data: {\"errors\":[{\"message\":\"model is loading\"}]}\n\n",
        "data: {\"base_resp\":{\"status_code\":1004,\"status_msg\":\"model is loading\"}}\n\n",
        "data: {\"object\":\"error\",\"message\":\"model is loading\",\"code\":503}",
        "event: error\ndata: model is loading\n\n",
        "data: model is loading\n\n",
        "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"error\",\"error\":{\"message\":\"model is loading\"}}]}\n\n",
    ] {
        let mut errors = Vec::new();
        read(stream.as_bytes(), true, &mut |event| {
            if let Event::Failed { error } = event {
                errors.push(error.to_string());
            }
        });
        assert!(errors.len() == 1 && errors[0].contains("model is loading"), "{stream}: {errors:?}");
    }
}

#[test]
fn half_of_the_last_event_is_no_end() {
    let stream = hello() + &end("stop");
    let mut reader = ChatCompletionsReader::new(ToolNames::default(), None);
    let half = &stream.as_bytes()[..stream.len() - 6];
    assert!(!reader.push(half, &mut |_| {}).unwrap());
    assert!(!reader.finish(&mut |_| {}));
}

#[test]
fn call_that_was_cut_is_incomplete() {
    let stream = call("{\"city") + &end("length") + DONE;
    let events = written(stream.as_bytes(), true, &mut ResponsesWriter::new("m", 1));
    let done = events.iter().find(|event| event["type"] == "response.output_item.done").unwrap();
    let last = events.last().unwrap();
    assert_eq!(done["item"]["status"], "incomplete");
    assert_eq!(
        (&last["type"], &last["response"]["output"][0]["status"]),
        (&json!("response.incomplete"), &json!("incomplete"))
    );
}

#[test]
fn body_instead_of_a_stream_is_read() {
    for (body, text) in [
        (json!({ "id": "c", "choices": [{ "index": 0, "message": { "content": "Hello" } }] }), Ok("Hello")),
        (json!({ "error": { "message": "model is loading", "code": 502 } }), Err("model is loading")),
        (json!({ "error": "model is loading" }), Err("model is loading")),
        (json!({ "detail": "model is loading" }), Err("model is loading")),
    ] {
        let (mut collector, mut error) = (ResponseCollector::default(), None);
        let mut reader = ChatCompletionsReader::new(ToolNames::default(), None);
        reader
            .read_body(body.to_string().as_bytes(), &mut |event| match event {
                Event::Failed { error: reported } => error = Some(reported.to_string()),
                event => collector.take(&event),
            })
            .unwrap();
        match text {
            Ok(text) => assert_eq!(collector.finish().output.unwrap()[0].message().as_deref(), Some(text)),
            Err(words) => assert!(error.unwrap().contains(words), "{body}"),
        }
    }
    let item = json!({ "type": "message", "content": [{ "type": "output_text", "text": "Hello" }] });
    let body = json!({ "id": "resp_1", "status": "completed", "output": [item] }).to_string();
    let mut kinds = Vec::new();
    responses::read_body(body.as_bytes(), &mut |event| kinds.push(matches!(event, Event::Completed { .. })))
        .unwrap();
    assert_eq!(kinds, [false, true]);
}

fn message_item(id: &str) -> Value {
    json!({ "type": "message", "id": id, "role": "assistant", "status": "completed",
        "content": [{ "type": "output_text", "text": "Hello", "annotations": [] }] })
}

fn call_item() -> Value {
    json!({ "type": "function_call", "id": "fc_1", "call_id": "c1", "name": "now", "arguments": "{}", "status": "completed" })
}

fn item_events(index: u32, item: &Value, done: bool) -> Vec<Value> {
    let mut begun = item.clone();
    let delta = if item["type"] == "message" {
        begun["content"] = json!([]);
        json!({ "type": "response.output_text.delta", "output_index": index, "content_index": 0, "delta": "Hello" })
    } else {
        begun["arguments"] = json!("");
        json!({ "type": "response.function_call_arguments.delta", "output_index": index, "delta": "{}" })
    };
    let mut events =
        vec![json!({ "type": "response.output_item.added", "output_index": index, "item": begun }), delta];
    if done {
        events.push(json!({ "type": "response.output_item.done", "output_index": index, "item": item }));
    }
    events
}

#[test]
fn items_of_a_response_are_distinguished_by_id() {
    let completed = |output: Value, usage: Value| json!({ "type": "response.completed", "response": { "id": "resp_1", "output": output, "usage": usage } });
    let (message, call) = (message_item("msg_1"), call_item());
    let both = answer("Hello", &[("c1", "{}")], "tool_calls");
    for (events, expected) in [
        // The index begins at 1.
        ([item_events(1, &message, true), vec![completed(json!([message]), Value::Null)]].concat(), answer("Hello", &[], "stop")),
        // Every item has the index 0.
        (
            [item_events(0, &message, true), item_events(0, &call, true), vec![completed(json!([message, call]), Value::Null)]].concat(),
            answer("Hello", &[("c1", "{}")], "tool_calls"),
        ),
        // The call is only in the last event, or only in its deltas.
        ([item_events(0, &message, true), vec![completed(json!([message, call]), Value::Null)]].concat(), answer("Hello", &[("c1", "{}")], "tool_calls")),
        ([item_events(0, &message, true), item_events(1, &call, false), vec![completed(json!([]), Value::Null)]].concat(), both),
        // Counts that are null.
        (
            [item_events(0, &message, true), vec![completed(json!([message]), json!({ "input_tokens": 1, "input_tokens_details": null,
                "output_tokens": 2, "output_tokens_details": { "reasoning_tokens": null }, "total_tokens": null }))]].concat(),
            answer("Hello", &[], "stop"),
        ),
    ] {
        let stream = stream_of(&events);
        for got in to_messages(&stream, false).into_iter().chain(to_chat(&stream)) {
            assert_eq!(got, expected, "{events:#?}");
        }
    }
    let usage =
        json!({ "input_tokens": 1, "input_tokens_details": null, "output_tokens": 2, "total_tokens": null });
    let usage = collected(&stream_of(&[completed(json!([message]), usage)]), false).usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.total_tokens), (1, 2, 3));
}

#[test]
fn whole_response_keeps_every_field_of_its_items() {
    let items = json!([
        { "type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBO", "revised_prompt": "a cat" },
        { "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "final", "content": [] },
        { "type": "tool_search_call", "id": "tsc_1", "call_id": "c1", "arguments": { "query": "browser" }, "execution": "client" },
        { "type": "mcp_call", "id": "mcp_1", "server_label": "files", "name": "read", "arguments": "{}" },
    ]);
    let done =
        |(index, item)| json!({ "type": "response.output_item.done", "output_index": index, "item": item });
    let mut events: Vec<Value> = items.as_array().unwrap().iter().enumerate().map(done).collect();
    for output in [json!([]), items.clone()] {
        events
            .push(json!({ "type": "response.completed", "response": { "id": "resp_1", "output": output } }));
        let whole = responses::translate_response(&collected(&stream_of(&events), false), "m", 1);
        let whole: Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(whole["output"], items);
        events.pop();
    }
}
