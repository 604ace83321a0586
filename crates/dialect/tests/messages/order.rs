//! Whatever events come, in whatever order, the stream keeps the rules that SDKs rely on; and whatever a backend may
//! really send is told whole, once, and can be sent back.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::error::ApiError;
use usher_dialect::messages::MessagesWriter;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseEvent;

use crate::{asking, crossed, options, sse, stream, whole, written};

fn feed(writer: &mut MessagesWriter, event: &Value, out: &mut Vec<u8>) {
    let data = event.to_string();
    writer.write_event(&Event::parse(SseEvent { name: b"", data: data.as_bytes() }).unwrap(), out);
}

fn trouble() -> ApiError {
    ApiError { status: 500, code: "server_error".into(), message: "Why.".into(), param: None, original: None }
}

/// An item of any kind, perhaps lacking what it needs.
fn any_item() -> impl Strategy<Value = Value> {
    let text = "[a-cEND é]{0,5}";
    let id = prop_oneof![Just(Value::Null), "[a-c]".prop_map(Value::from)];
    prop_oneof![
        (id.clone(), text).prop_map(|(id, text)| json!({
            "type": "message", "role": "assistant", "id": id, "content": [
                { "type": "output_text", "text": text }, { "type": "refusal", "refusal": text },
            ],
        })),
        (id.clone(), text, text).prop_map(|(id, text, sealed)| json!({
            "type": "reasoning", "id": id, "summary": [{ "type": "summary_text", "text": text }],
            "encrypted_content": sealed,
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

/// What one item comes to: its events, in order, and its block.
#[derive(Debug, Clone)]
struct Told {
    events: Vec<Value>,
    item: Value,
    block: Value,
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a-z\"\\\\ é]{1,6}", 1..4)
}

/// An item as a backend sends it: `place` stands for its id too.
fn told(place: usize) -> impl Strategy<Value = Told> {
    let event = move |kind: &str, item: &Value| json!({ "type": format!("response.output_item.{kind}"), "output_index": place, "item": item });
    let delta = move |kind: &str, delta: &str| json!({ "type": format!("response.{kind}.delta"), "output_index": place, "delta": delta });
    let message = pieces().prop_map(move |pieces| {
        let item = json!({ "type": "message", "role": "assistant", "id": format!("msg_{place}"),
            "content": [{ "type": "output_text", "text": pieces.concat() }] });
        let deltas = pieces.iter().map(|piece| delta("output_text", piece)).collect();
        (item, deltas, json!({ "type": "text", "text": pieces.concat() }))
    });
    let reasoning = (pieces(), "[A-Za-z0-9]{1,9}").prop_map(move |(pieces, sealed)| {
        let id = format!("rs_{place}");
        let item = json!({ "type": "reasoning", "id": id, "encrypted_content": sealed,
            "summary": [{ "type": "summary_text", "text": pieces.concat() }] });
        let deltas = pieces.iter().map(|piece| delta("reasoning_summary_text", piece)).collect();
        let signature = format!("usher1:-:{}:{id}{sealed}", id.len());
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
    (any, 0..3).prop_map(move |((item, deltas, block), way): ((Value, Vec<Value>, Value), i32)| {
        let mut begun = item.clone();
        if begun["type"] == "function_call" {
            begun["arguments"] = "".into();
        }
        let mut events = vec![event("added", &begun)];
        events.extend(deltas);
        events.push(event("done", &item));
        match way {
            0 => Told { events, item, block },
            1 => Told { events: vec![event("done", &item)], item, block },
            _ => Told { events: Vec::new(), item, block },
        }
    })
}

/// Items, and an order in which their events come: each item's own in their order.
fn answer() -> impl Strategy<Value = (Vec<Told>, Vec<usize>)> {
    let items =
        (1_usize..6).prop_flat_map(|count| (0..count).map(|place| told(place).boxed()).collect::<Vec<_>>());
    items.prop_flat_map(|items| {
        let turns: Vec<usize> =
            items.iter().enumerate().flat_map(|(place, told)| vec![place; told.events.len()]).collect();
        (Just(items), Just(turns).prop_shuffle())
    })
}

fn streamed(items: &[Told], turns: &[usize]) -> Vec<u8> {
    let mut next: Vec<_> = items.iter().map(|told| told.events.iter()).collect();
    let mut events = vec![json!({ "type": "response.created", "response": { "id": "resp_1" } })];
    events.extend(turns.iter().map(|place| next[*place].next().unwrap().clone()));
    let output: Vec<&Value> = items.iter().map(|told| &told.item).collect();
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
    fn any_events_keep_the_rules(
        events in proptest::collection::vec(any_event(), 0..25),
        end in any_end(),
        idle in 0_usize..25,
        thinking in any::<bool>(),
        stop in any::<bool>(),
    ) {
        let mut request = asking();
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
            None => writer.write_error(&trouble(), &mut out),
        }
        let length = out.len();
        for event in &events {
            feed(&mut writer, event, &mut out);
        }
        writer.write_keep_alive(&mut out);
        writer.write_error(&trouble(), &mut out);
        prop_assert_eq!(out.len(), length, "something is written after the end");
        let told = stream::read(&out).map_err(TestCaseError::fail)?;
        prop_assert_eq!(told.message.is_some(), end.is_some());
        prop_assert_eq!(told.error.is_some(), end.is_none());
    }
}

proptest! {
    #[test]
    fn each_item_is_told_once((items, turns) in answer()) {
        let out = written(options(&asking()), [streamed(&items, &turns).as_slice()]);
        let message = stream::read(&out).map_err(TestCaseError::fail)?.message.unwrap();
        let expected = Value::from(items.iter().map(|told| told.block.clone()).collect::<Vec<_>>());
        prop_assert_eq!(sorted(&message["content"]), sorted(&expected));
    }

    #[test]
    fn an_answer_comes_back_as_it_was((items, _) in answer()) {
        let output: Vec<&Value> = items.iter().map(|told| &told.item).collect();
        let events = sse(&[json!({ "type": "response.completed", "response": { "output": output } })]);
        let message = whole(&options(&asking()), &events);
        let mut request = asking();
        request["messages"].as_array_mut().unwrap().push(json!({ "role": "assistant", "content": message["content"] }));
        let input = crossed(&request)["input"].as_array().unwrap()[1..].to_vec();
        // Texts that follow each other are parts of one message on the way back.
        let said = |items: &[Value]| -> String {
            let parts = items.iter().filter_map(|item| item["content"].as_array()).flatten();
            parts.filter_map(|part| part["text"].as_str()).collect()
        };
        let rest = |items: &[Value]| -> Vec<Value> {
            let mut rest: Vec<Value> = items.iter().filter(|item| item["type"] != "message").cloned().collect();
            for item in &mut rest {
                if item["type"] == "function_call" {
                    item.as_object_mut().unwrap().remove("id");
                }
            }
            rest
        };
        let output: Vec<Value> = output.into_iter().cloned().collect();
        prop_assert_eq!(rest(&input), rest(&output));
        prop_assert_eq!(said(&input), said(&output));
    }
}
