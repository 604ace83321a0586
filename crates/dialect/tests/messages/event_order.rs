//! Any events in any order give a stream that follows the rules that SDKs rely on. Events that a backend can send give
//! each item completely and once, and the response can be sent back.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::error::ApiError;
use usher_dialect::messages::MessagesWriter;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseEvent;

use crate::{complete, encoded, options, sample_request, sse, stream_reader, translated_body};

fn feed(writer: &mut MessagesWriter, event: &Value, out: &mut Vec<u8>) {
    let data = event.to_string();
    writer.write_event(&Event::parse(SseEvent { name: b"", data: data.as_bytes() }).unwrap(), out);
}

fn api_error() -> ApiError {
    ApiError { status: 500, code: "server_error".into(), message: "Why.".into(), param: None, original: None }
}

/// Generates an item of any type, perhaps without required fields.
fn any_item() -> impl Strategy<Value = Value> {
    let text = "[a-cEND é]{0,5}";
    let id = prop_oneof![Just(Value::Null), "[a-c]".prop_map(Value::from)];
    prop_oneof![
        (id.clone(), text).prop_map(|(id, text)| json!({
            "type": "message", "role": "assistant", "id": id, "content": [
                { "type": "output_text", "text": text }, { "type": "refusal", "refusal": text },
            ],
        })),
        (id.clone(), text, text).prop_map(|(id, text, encrypted)| json!({
            "type": "reasoning", "id": id, "summary": [{ "type": "summary_text", "text": text }],
            "encrypted_content": encrypted,
        })),
        (id.clone(), text).prop_map(|(id, name)| json!({
            "type": "function_call", "call_id": id, "name": name, "arguments": "{\"a\":1}",
        })),
        (id.clone(), text).prop_map(|(id, name)| json!({
            "type": "custom_tool_call", "call_id": id, "name": name, "input": "x",
        })),
        (id, text).prop_map(|(id, query)| json!({
            "type": "web_search_call", "id": id, "action": { "type": "search", "query": query },
        })),
        Just(json!({ "type": "of_tomorrow", "content": 5 })),
    ]
}

fn any_event() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just("output_text"),
        Just("refusal"),
        Just("reasoning_summary_text"),
        Just("reasoning_text"),
        Just("function_call_arguments"),
        Just("custom_tool_call_input"),
    ];
    let delta = (kind, 0..4, 0..3, "[a-cEND é]{0,5}").prop_map(|(kind, place, part, delta)| {
        json!({ "type": format!("response.{kind}.delta"), "output_index": place, "content_index": part, "delta": delta })
    });
    let item = (prop_oneof![Just("added"), Just("done")], 0..4, any_item()).prop_map(|(kind, place, item)| {
        json!({ "type": format!("response.output_item.{kind}"), "output_index": place, "item": item })
    });
    prop_oneof![
        6 => delta,
        5 => item,
        1 => Just(json!({ "type": "response.created", "response": { "id": "resp_1" } })),
        1 => Just(json!({ "type": "response.in_progress" })),
    ]
}

fn any_end() -> impl Strategy<Value = Option<Value>> {
    let output = proptest::collection::vec(any_item(), 0..4);
    let kind = prop_oneof![Just("completed"), Just("incomplete")];
    proptest::option::of((kind, output).prop_map(
        |(kind, output)| json!({ "type": format!("response.{kind}"), "response": { "output": output } }),
    ))
}

/// An item, its events in order, and the block that it becomes.
#[derive(Debug, Clone)]
struct StreamedItem {
    events: Vec<Value>,
    item: Value,
    block: Value,
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a-z\"\\\\ é]{1,6}", 1..4)
}

/// Generates an item as a backend sends it. `place` is part of its id.
fn streamed_item(place: usize) -> impl Strategy<Value = StreamedItem> {
    let event = move |kind: &str, item: &Value| json!({ "type": format!("response.output_item.{kind}"), "output_index": place, "item": item });
    let delta = move |kind: &str, delta: &str| json!({ "type": format!("response.{kind}.delta"), "output_index": place, "delta": delta });
    let message = pieces().prop_map(move |pieces| {
        let item = json!({ "type": "message", "role": "assistant", "id": format!("msg_{place}"),
            "content": [{ "type": "output_text", "text": pieces.concat() }] });
        let deltas = pieces.iter().map(|piece| delta("output_text", piece)).collect();
        (item, deltas, json!({ "type": "text", "text": pieces.concat() }))
    });
    let reasoning = (pieces(), "[A-Za-z0-9]{1,9}").prop_map(move |(pieces, encrypted)| {
        let id = format!("rs_{place}");
        let item = json!({ "type": "reasoning", "id": id, "encrypted_content": encrypted,
            "summary": [{ "type": "summary_text", "text": pieces.concat() }] });
        let deltas = pieces.iter().map(|piece| delta("reasoning_summary_text", piece)).collect();
        let signature = format!("usher1:-:{}:{id}{encrypted}", id.len());
        (item, deltas, json!({ "type": "thinking", "thinking": pieces.concat(), "signature": signature }))
    });
    let call = pieces().prop_map(move |pieces| {
        let arguments = json!({ "a": pieces.concat() }).to_string();
        let item = json!({ "type": "function_call", "id": format!("fc_{place}"), "call_id": format!("call_{place}"),
            "name": "Read", "arguments": arguments });
        let (begin, end) = arguments.split_at(3);
        let deltas = vec![delta("function_call_arguments", begin), delta("function_call_arguments", end)];
        let input: Value = serde_json::from_str(&arguments).unwrap();
        let block = json!({ "type": "tool_use", "id": format!("call_{place}"), "name": "Read", "input": input,
            "caller": { "type": "direct" } });
        (item, deltas, block)
    });
    let any = prop_oneof![message.boxed(), reasoning.boxed(), call.boxed()];
    (any, 0..3).prop_map(move |((item, deltas, block), variant): ((Value, Vec<Value>, Value), i32)| {
        let mut begun = item.clone();
        if begun["type"] == "function_call" {
            begun["arguments"] = "".into();
        }
        let mut events = vec![event("added", &begun)];
        events.extend(deltas);
        events.push(event("done", &item));
        match variant {
            0 => StreamedItem { events, item, block },
            1 => StreamedItem { events: vec![event("done", &item)], item, block },
            _ => StreamedItem { events: Vec::new(), item, block },
        }
    })
}

/// Generates items and an order of their events that keeps those of each item in order.
fn response() -> impl Strategy<Value = (Vec<StreamedItem>, Vec<usize>)> {
    let items = (1_usize..6)
        .prop_flat_map(|count| (0..count).map(|place| streamed_item(place).boxed()).collect::<Vec<_>>());
    items.prop_flat_map(|items| {
        let order: Vec<usize> = items
            .iter()
            .enumerate()
            .flat_map(|(place, streamed_item)| vec![place; streamed_item.events.len()])
            .collect();
        (Just(items), Just(order).prop_shuffle())
    })
}

fn stream_of(items: &[StreamedItem], order: &[usize]) -> Vec<u8> {
    let mut next: Vec<_> = items.iter().map(|streamed_item| streamed_item.events.iter()).collect();
    let mut events = vec![json!({ "type": "response.created", "response": { "id": "resp_1" } })];
    events.extend(order.iter().map(|place| next[*place].next().unwrap().clone()));
    let output: Vec<&Value> = items.iter().map(|streamed_item| &streamed_item.item).collect();
    events.push(json!({ "type": "response.completed", "response": { "id": "resp_1", "output": output } }));
    sse(&events)
}

fn sorted(content: &Value) -> Vec<String> {
    let mut blocks: Vec<String> = content.as_array().unwrap().iter().map(Value::to_string).collect();
    blocks.sort();
    blocks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_events_give_a_valid_stream(
        events in proptest::collection::vec(any_event(), 0..25),
        end in any_end(),
        idle in 0_usize..25,
        thinking in any::<bool>(),
        stop in any::<bool>(),
    ) {
        let mut request = sample_request();
        if !thinking {
            request["thinking"] = Value::Null;
        }
        if stop {
            request["stop_sequences"] = json!(["END", "ab"]);
        }
        let mut writer = MessagesWriter::new(options(&request));
        let mut out = Vec::new();
        for (index, event) in events.iter().enumerate() {
            feed(&mut writer, event, &mut out);
            if index == idle {
                writer.write_keep_alive(&mut out);
            }
        }
        match &end {
            Some(end) => feed(&mut writer, end, &mut out),
            None => writer.write_error(&api_error(), &mut out),
        }
        let length = out.len();
        for event in &events {
            feed(&mut writer, event, &mut out);
        }
        writer.write_keep_alive(&mut out);
        writer.write_error(&api_error(), &mut out);
        prop_assert_eq!(out.len(), length, "something is written after the end");
        let streamed_item = stream_reader::read(&out).map_err(TestCaseError::fail)?;
        prop_assert_eq!(streamed_item.message.is_some(), end.is_some());
        prop_assert_eq!(streamed_item.error.is_some(), end.is_none());
    }
}

proptest! {
    #[test]
    fn each_item_is_encoded_once((items, order) in response()) {
        let out = encoded(options(&sample_request()), [stream_of(&items, &order).as_slice()]);
        let message = stream_reader::read(&out).map_err(TestCaseError::fail)?.message.unwrap();
        let expected = Value::from(items.iter().map(|streamed_item| streamed_item.block.clone()).collect::<Vec<_>>());
        prop_assert_eq!(sorted(&message["content"]), sorted(&expected));
    }

    #[test]
    fn response_sent_back_gives_same_items((items, _) in response()) {
        let output: Vec<&Value> = items.iter().map(|streamed_item| &streamed_item.item).collect();
        let events = sse(&[json!({ "type": "response.completed", "response": { "output": output } })]);
        let message = complete(&options(&sample_request()), &events);
        let mut request = sample_request();
        request["messages"].as_array_mut().unwrap().push(json!({ "role": "assistant", "content": message["content"] }));
        let input = translated_body(&request)["input"].as_array().unwrap()[1..].to_vec();
        // Consecutive texts are parts of one message when they are sent back.
        let texts = |items: &[Value]| -> String {
            let parts = items.iter().filter_map(|item| item["content"].as_array()).flatten();
            parts.filter_map(|part| part["text"].as_str()).collect()
        };
        let rest = |items: &[Value]| -> Vec<Value> {
            let mut rest: Vec<Value> = items.iter().filter(|item| {
                // The calls have no results yet.
                item["type"] != "message" && item["type"] != "function_call_output"
            }).cloned().collect();
            for item in &mut rest {
                if item["type"] == "function_call" {
                    item.as_object_mut().unwrap().remove("id");
                }
            }
            rest
        };
        let output: Vec<Value> = output.into_iter().cloned().collect();
        prop_assert_eq!(rest(&input), rest(&output));
        prop_assert_eq!(texts(&input), texts(&output));
    }
}
