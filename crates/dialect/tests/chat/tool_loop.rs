//! Tool loops with a service of Chat Completions: what it sent of a call goes back to it with the result.

use serde_json::{Value, json};
use usher_dialect::chat_completions::{ChatCompletionsReader, from_responses};
use usher_dialect::json::RawObject;
use usher_dialect::messages::{self, MessageOptions, MessagesRequest, MessagesWriter};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Event, ResponseCollector, ResponsesWriter};
use usher_dialect::translate::{Recipient, ToolNames};

use crate::streams::data;

/// The chunks of an answer with a call, by these deltas.
fn stream(deltas: &[Value]) -> Vec<u8> {
    let chunk = |delta: &Value, reason: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        format!("data: {}\n\n", json!({ "id": "chatcmpl-1", "choices": [choice] }))
    };
    let mut stream: String = deltas.iter().map(|delta| chunk(delta, Value::Null)).collect();
    stream += &chunk(&json!({}), json!("tool_calls"));
    (stream + "data: [DONE]\n\n").into_bytes()
}

fn call(id: &str) -> Value {
    json!({ "index": 0, "id": id, "type": "function", "function": { "name": "now", "arguments": "{}" } })
}

fn read(stream: &[u8], take: &mut dyn FnMut(Event<'_>)) {
    assert!(ChatCompletionsReader::new(ToolNames::default(), None).push(stream, take).unwrap());
}

fn chat(hub: &RawObject<'_>) -> (Value, Vec<String>) {
    let chat = from_responses(hub, None).unwrap();
    let dropped = chat.dropped.iter().map(ToString::to_string).collect();
    (serde_json::from_slice(&chat.body.to_bytes()).unwrap(), dropped)
}

/// Returns the assistant message of the next request of a Responses caller, from the streamed and the whole answer.
fn next_from_responses(stream: &[u8]) -> Value {
    let (mut writer, mut out) = (ResponsesWriter::new("m", 1), Vec::new());
    read(stream, &mut |event| writer.write_event(&event, &mut out));
    let streamed: Value = serde_json::from_str(data(&out).last().unwrap()).unwrap();
    let mut collector = ResponseCollector::default();
    read(stream, &mut |event| collector.take(&event));
    let whole: Value =
        serde_json::from_slice(&responses::translate_response(&collector.finish(), "m", 1)).unwrap();
    let [streamed, whole] = [streamed["response"]["output"].clone(), whole["output"].clone()].map(|output| {
        let mut input = vec![json!({ "role": "user", "content": "time?" })];
        input.extend(output.as_array().unwrap().iter().cloned());
        let calls = output.as_array().unwrap().iter().filter(|item| item["type"] == "function_call");
        input.extend(calls.map(
            |call| json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "12:00" }),
        ));
        let body = serde_json::to_vec(&json!({ "model": "m", "input": input })).unwrap();
        let (sent, dropped) = chat(&RawObject::parse(&body).unwrap());
        assert_eq!(dropped, [""; 0]);
        assert_eq!(sent["messages"][2]["role"], "tool", "{sent}");
        sent["messages"][1].clone()
    });
    assert_eq!(streamed, whole);
    streamed
}

fn messages_request(thinking: &Value, messages: &Value) -> Vec<u8> {
    let tool = json!({ "name": "now", "input_schema": { "type": "object", "properties": {} } });
    serde_json::to_vec(&json!({
        "model": "claude-x", "max_tokens": 100, "stream": true, "thinking": thinking, "tools": [tool],
        "messages": messages,
    }))
    .unwrap()
}

fn to_hub(body: &[u8]) -> MessagesRequest {
    let recipient = Recipient { model: "m", reasoning_owner: Some("own"), ..Recipient::default() };
    messages::to_responses(&RawObject::parse(body).unwrap(), &recipient).unwrap()
}

/// Returns the content of a streamed message, as SDKs collect it.
fn content(options: MessageOptions, stream: &[u8]) -> Vec<Value> {
    let (mut writer, mut out) = (MessagesWriter::new(options), Vec::new());
    read(stream, &mut |event| writer.write_event(&event, &mut out));
    let mut blocks: Vec<Value> = Vec::new();
    for event in data(&out).iter().map(|data| serde_json::from_str::<Value>(data).unwrap()) {
        match event["type"].as_str().unwrap() {
            "content_block_start" => blocks.push(event["content_block"].clone()),
            "content_block_delta" => {
                let (block, delta) = (blocks.last_mut().unwrap(), &event["delta"]);
                for name in ["text", "thinking", "signature"] {
                    if let Some(more) = delta[name].as_str() {
                        block[name] = json!(block[name].as_str().unwrap().to_owned() + more);
                    }
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Returns the blocks of the answer, and the assistant message of the next request of a Messages caller.
fn next_from_messages(thinking: &Value, stream: &[u8]) -> (Vec<Value>, Value) {
    let user = json!({ "role": "user", "content": "time?" });
    let first = to_hub(&messages_request(thinking, &json!([user])));
    let blocks = content(first.options, stream);
    let results: Vec<Value> = blocks
        .iter()
        .filter(|block| block["type"] == "tool_use")
        .map(|call| json!({ "type": "tool_result", "tool_use_id": call["id"], "content": "12:00" }))
        .collect();
    let messages =
        json!([user, { "role": "assistant", "content": blocks }, { "role": "user", "content": results }]);
    let second = to_hub(&messages_request(thinking, &messages)).request;
    assert_eq!(second.dropped, [""; 0]);
    let (sent, dropped) = chat(&second.body);
    assert!(!dropped.contains(&"input[].reasoning".to_owned()), "{dropped:?}");
    assert_eq!(sent["messages"][2]["role"], "tool", "{sent}");
    (blocks, sent["messages"][1].clone())
}

/// The fields by which services send reasoning, each with what has to come back.
fn reasonings() -> Vec<(Value, Value)> {
    let details = json!([{ "type": "reasoning.text", "text": "I need the time.", "index": 0 }]);
    vec![
        (
            json!({ "reasoning_content": "I need the time." }),
            json!({ "reasoning_content": "I need the time." }),
        ),
        (json!({ "reasoning": "I need the time." }), json!({ "reasoning": "I need the time." })),
        (json!({ "reasoning_details": details }), json!({ "reasoning_details": details })),
        (
            json!({ "reasoning": "I need the time.", "reasoning_details": details }),
            json!({ "reasoning": "I need the time.", "reasoning_details": details }),
        ),
    ]
}

#[test]
fn reasoning_goes_back_under_its_name() {
    for (delta, fields) in reasonings() {
        for text in [None, Some(json!({ "content": "I'll look." }))] {
            let deltas: Vec<Value> = [Some(delta.clone()), text, Some(json!({ "tool_calls": [call("c1")] }))]
                .into_iter()
                .flatten()
                .collect();
            let stream = stream(&deltas);
            let mut sent = vec![next_from_responses(&stream)];
            for thinking in [
                json!({ "type": "enabled", "budget_tokens": 2000 }),
                json!({ "type": "adaptive", "display": "omitted" }),
                json!({ "type": "disabled" }),
                Value::Null,
            ] {
                sent.push(next_from_messages(&thinking, &stream).1);
            }
            for message in sent {
                for (name, value) in fields.as_object().unwrap() {
                    assert_eq!(message[name], *value, "{message}");
                }
                for name in ["reasoning_content", "reasoning", "reasoning_details"] {
                    assert_eq!(message.get(name).is_some(), fields.get(name).is_some(), "{name}: {message}");
                }
                assert_eq!(message["tool_calls"][0]["id"], "c1");
            }
        }
    }
}

#[test]
fn reasoning_in_details_is_shown() {
    let details = json!([{ "type": "reasoning.text", "text": "Let me see.", "index": 0 }]);
    let stream = stream(&[json!({ "reasoning_details": details }), json!({ "content": "Hello" })]);
    let thinking = json!({ "type": "enabled", "budget_tokens": 2000 });
    let options = to_hub(&messages_request(&thinking, &json!([{ "role": "user", "content": "Hi" }]))).options;
    let blocks = content(options, &stream);
    assert_eq!((&blocks[0]["thinking"], &blocks[1]["text"]), (&json!("Let me see."), &json!("Hello")));
}

#[test]
fn thought_signature_of_a_call_goes_back() {
    let signature = json!({ "google": { "thought_signature": "c2lnbmF0dXJl" } });
    for id in ["c1", "functions.now:0", ""] {
        let mut signed = call(id);
        signed["extra_content"] = signature.clone();
        let mut second = call("c2");
        second["index"] = json!(1);
        let with_first = stream(&[json!({ "tool_calls": [signed, second] })]);
        // The signature of a call may come after its arguments.
        let late = json!({ "index": 0, "extra_content": signature });
        let later = stream(&[json!({ "tool_calls": [call(id)] }), json!({ "tool_calls": [late] })]);
        for stream in [with_first, later] {
            let mut sent = vec![next_from_responses(&stream)];
            sent.push(next_from_messages(&Value::Null, &stream).1);
            sent.push(next_from_messages(&json!({ "type": "adaptive" }), &stream).1);
            for message in sent {
                assert_eq!(message["tool_calls"][0]["extra_content"], signature, "{message}");
                assert!(message["tool_calls"][1].get("extra_content").is_none());
            }
        }
    }
}

#[test]
fn caller_without_thinking_gets_no_thinking_block_without_a_call() {
    let stream = stream(&[json!({ "reasoning_content": "Hm." }), json!({ "content": "Hello" })]);
    let options =
        to_hub(&messages_request(&Value::Null, &json!([{ "role": "user", "content": "Hi" }]))).options;
    assert_eq!(content(options, &stream), [json!({ "type": "text", "text": "Hello" })]);
}

#[test]
fn reasoning_without_a_call_is_not_sent() {
    let sealed = "usher-chat1:-:{\"reasoning_content\":\"Hm.\"}";
    for (reasoning, dropped) in [
        (json!({ "type": "reasoning", "summary": [], "encrypted_content": sealed }), true),
        (json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "Hm." }] }), true),
        (json!({ "type": "reasoning", "summary": [], "encrypted_content": "gAAAAB" }), true),
    ] {
        let input = json!([{ "role": "user", "content": "Hi" }, reasoning, { "role": "assistant", "content": "So." },
            { "role": "user", "content": "And?" }]);
        let body = serde_json::to_vec(&json!({ "model": "m", "input": input })).unwrap();
        let (sent, names) = chat(&RawObject::parse(&body).unwrap());
        assert_eq!(names.contains(&"input[].reasoning".to_owned()), dropped);
        assert_eq!(sent["messages"][1], json!({ "role": "assistant", "content": "So." }));
    }
}

#[test]
fn reasoning_shown_as_a_summary_only_goes_back_with_its_call() {
    let input = json!([{ "role": "user", "content": "time?" },
        { "type": "reasoning", "summary": [{ "type": "summary_text", "text": "I need the time." }] },
        { "type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "c1", "output": "12:00" }]);
    let body = serde_json::to_vec(&json!({ "model": "m", "input": input })).unwrap();
    let (sent, _) = chat(&RawObject::parse(&body).unwrap());
    assert_eq!(sent["messages"][1]["reasoning_content"], "I need the time.");
}

#[test]
fn calls_with_one_id_get_two() {
    let mut second = call("call_0");
    second["index"] = json!(1);
    let stream = stream(&[json!({ "tool_calls": [call("call_0"), second] })]);
    let (blocks, sent) = next_from_messages(&Value::Null, &stream);
    assert_ne!(blocks[0]["id"], blocks[1]["id"]);
    assert_eq!(sent["tool_calls"].as_array().unwrap().len(), 2);
    next_from_responses(&stream);
}

#[test]
fn reasoning_of_another_service_is_left_out() {
    let deltas = [json!({ "reasoning_content": "I need the time." }), json!({ "tool_calls": [call("c1")] })];
    let mut collector = ResponseCollector::default();
    let mut reader = ChatCompletionsReader::new(ToolNames::default(), Some("one"));
    reader.push(&stream(&deltas), &mut |event| collector.take(&event)).unwrap();
    let answer: Value =
        serde_json::from_slice(&responses::translate_response(&collector.finish(), "m", 1)).unwrap();
    let mut input = answer["output"].as_array().unwrap().clone();
    input.push(json!({ "type": "function_call_output", "call_id": "c1", "output": "12:00" }));
    let body = serde_json::to_vec(&json!({ "model": "m", "input": input })).unwrap();
    for (owner, reasoning) in [("one", json!("I need the time.")), ("two", Value::Null)] {
        let chat = from_responses(&RawObject::parse(&body).unwrap(), Some(owner)).unwrap();
        let sent: Value = serde_json::from_slice(&chat.body.to_bytes()).unwrap();
        assert_eq!(sent["messages"][0]["reasoning_content"], reasoning);
        assert_eq!(chat.dropped.is_empty(), owner == "one");
    }
}
