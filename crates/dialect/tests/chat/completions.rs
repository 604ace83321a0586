//! Responses as chat completions, streamed or not.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::{ChatCompletionsWriter, translate_response};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{Event, ResponseCollector};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::ResponseOptions;

use crate::cases::{cases, check};
use crate::chunks::{Completion, read};
use crate::streams::{cut, lengths, lines, pieces, stream_of, write};

const NOW: u64 = 1_700_000_000;

fn options(request: &Value) -> ResponseOptions {
    let flag = |name: &str| request[name].as_bool().unwrap_or(false);
    let stop = request["stop"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned());
    ResponseOptions {
        stream: true,
        include_usage: flag("usage"),
        legacy_function_call: flag("functions"),
        stop_sequences: stop.collect(),
    }
}

fn streamed(stream: &[u8], lengths: &[usize], options: &ResponseOptions) -> Vec<u8> {
    write(&pieces(stream, lengths), &mut ChatCompletionsWriter::new("model", NOW, options.clone()))
}

/// Returns the completion for a caller who does not stream; `None` if the response is not complete.
fn complete(stream: &[u8], options: &ResponseOptions) -> Option<Value> {
    let mut parser = SseParser::default();
    let mut collector = ResponseCollector::default();
    let mut rest = stream;
    while let Some(sse) = parser.next_event(&mut rest).unwrap() {
        collector.take(&Event::parse(sse).unwrap());
    }
    collector.is_complete().then(|| {
        serde_json::from_slice(&translate_response(&collector.finish(), "model", NOW, options)).unwrap()
    })
}

fn events(request: &Value) -> Vec<u8> {
    stream_of(request["events"].as_array().unwrap())
}

#[test]
fn golden_responses_match() {
    let cases = cases("answers");
    assert!(cases.len() >= 16, "only {}", cases.len());
    check(&cases, |request| {
        let (stream, options) = (events(request), options(request));
        let written = streamed(&stream, &[stream.len()], &options);
        read(&written, &options);
        json!({ "stream": lines(&written), "whole": complete(&stream, &options) })
    });
}

#[test]
fn response_is_equal_byte_by_byte() {
    for case in cases("answers") {
        let (stream, options) = (events(&case.request), options(&case.request));
        assert_eq!(streamed(&stream, &[1], &options), streamed(&stream, &[stream.len()], &options));
    }
}

#[test]
fn keep_alive_is_a_comment() {
    let mut writer = ChatCompletionsWriter::new("model", NOW, ResponseOptions::default());
    let mut out = Vec::new();
    writer.write_keep_alive(&mut out);
    assert_eq!(crate::streams::data(&out), [""; 0]);
    // A blank line would be the end of an event without data, on which some SDKs fail.
    assert_eq!((out[0], String::from_utf8_lossy(&out).matches('\n').count()), (b':', 1));
}

#[test]
fn nothing_is_written_before_content() {
    let created = json!({ "type": "response.created", "response": { "id": "resp_1", "model": "m" } });
    let mut writer = ChatCompletionsWriter::new("model", NOW, ResponseOptions::default());
    let mut out = Vec::new();
    let sse = created.to_string();
    let event = usher_dialect::sse::SseEvent { name: b"", data: sse.as_bytes() };
    writer.write_event(&Event::parse(event).unwrap(), &mut out);
    assert!(out.is_empty());
    writer.write_error(&cut(), &mut out);
    assert!(!String::from_utf8(out.clone()).unwrap().contains("DONE"));
    let length = out.len();
    writer.write_error(&cut(), &mut out);
    assert_eq!(out.len(), length, "it ends once");
}

#[test]
fn interrupted_stream_ends_with_error() {
    let stream = stream_of(&[
        json!({ "type": "response.created", "response": { "id": "resp_1", "model": "m" } }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "reasoning", "id": "rs" } }),
    ]);
    let options = ResponseOptions::default();
    let completion = read(&streamed(&stream, &[7], &options), &options);
    assert_eq!(completion.error.unwrap()["code"], "upstream_cut");
    assert_eq!(complete(&stream, &options), None);
}

#[test]
fn interleaved_calls_keep_their_arguments() {
    let added = |index: u32| {
        json!({ "type": "response.output_item.added", "output_index": index, "item": {
            "type": "function_call", "call_id": format!("call_{index}"), "name": format!("f{index}"), "arguments": "" } })
    };
    let delta = |index: u32, delta: &str| json!({ "type": "response.function_call_arguments.delta", "output_index": index, "delta": delta });
    let stream = stream_of(&[
        added(0),
        added(1),
        delta(0, "{\"a\":"),
        delta(1, "{\"b\":"),
        delta(0, "1}"),
        delta(1, "2}"),
        json!({ "type": "response.completed", "response": { "output": [] } }),
    ]);
    let options = ResponseOptions::default();
    let call =
        |index: u32, arguments: &str| (format!("call_{index}"), format!("f{index}"), arguments.to_owned());
    let completion = read(&streamed(&stream, &[5], &options), &options);
    assert_eq!(completion.calls, [call(0, "{\"a\":1}"), call(1, "{\"b\":2}")]);
    assert_eq!(completion.finish_reason.as_deref(), Some("tool_calls"));
}

#[test]
fn blank_arguments_are_an_empty_object_however_they_arrive() {
    let blank_deltas = [vec![], vec![""], vec!["\n"], vec![" ", "\n", "\t"]];
    for (deltas, is_done) in blank_deltas.iter().flat_map(|deltas| [(deltas, true), (deltas, false)]) {
        let item = |arguments: &str| json!({ "type": "function_call", "call_id": "call_0", "name": "f", "arguments": arguments });
        let mut events =
            vec![json!({ "type": "response.output_item.added", "output_index": 0, "item": item("") })];
        events.extend(deltas.iter().map(|delta| {
            json!({ "type": "response.function_call_arguments.delta", "output_index": 0, "delta": delta })
        }));
        if is_done {
            let item = item(&deltas.concat());
            events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": item }));
        }
        events.push(json!({ "type": "response.completed", "response": { "output": [] } }));
        let options = ResponseOptions::default();
        let completion = read(&streamed(&stream_of(&events), &[9], &options), &options);
        let call = ("call_0".to_owned(), "f".to_owned(), "{}".to_owned());
        assert_eq!(completion.calls, [call], "{deltas:?}, done: {is_done}");
    }
}

/// An item and how it is streamed: whether it is added before its deltas, and how many deltas it has.
#[derive(Debug, Clone)]
pub(crate) struct StreamedItem {
    item: Value,
    added: bool,
    pieces: usize,
}

fn words() -> impl Strategy<Value = String> {
    "[a-zE \u{e9}\n]{0,14}"
}

fn item() -> impl Strategy<Value = Value> {
    prop_oneof![
        words().prop_map(|text| json!({ "type": "message", "role": "assistant", "status": "completed",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }] })),
        words().prop_map(|text| json!({ "type": "message", "role": "assistant", "status": "completed",
            "content": [{ "type": "refusal", "refusal": text }] })),
        words().prop_map(|text| json!({ "type": "reasoning",
            "summary": [{ "type": "summary_text", "text": text }] })),
        (words(), any::<u16>())
            .prop_map(|(text, id)| json!({ "type": "function_call", "status": "completed",
            "call_id": format!("call_{id}"), "name": "f", "arguments": text })),
        (words(), any::<u16>())
            .prop_map(|(text, id)| json!({ "type": "custom_tool_call", "status": "completed",
            "call_id": format!("call_{id}"), "name": "g", "input": text })),
    ]
}

/// Where a stream has the complete items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OutputLocation {
    /// In `response.output_item.done`; the final output is empty.
    Done,
    /// Only in the final output.
    Output,
    /// In both.
    Both,
}

/// Generates one of the locations.
pub(crate) fn output_location() -> impl Strategy<Value = OutputLocation> {
    prop_oneof![Just(OutputLocation::Done), Just(OutputLocation::Output), Just(OutputLocation::Both)]
}

/// Returns the events of a response with these items.
pub(crate) fn response_events(
    streamed_items: &[StreamedItem],
    output_location: OutputLocation,
) -> Vec<Value> {
    let mut events = vec![json!({ "type": "response.created", "response": {
        "id": "resp_1", "model": "m", "created_at": NOW, "status": "in_progress", "output": [] } })];
    for (index, streamed) in streamed_items.iter().enumerate() {
        let mut item = streamed.item.clone();
        item["id"] = json!(format!("item_{index}"));
        let added = streamed.added && output_location != OutputLocation::Output;
        if added {
            let mut begun = item.clone();
            for grown in ["content", "summary"] {
                if begun.get(grown).is_some() {
                    begun[grown] = json!([]);
                }
            }
            for grown in ["arguments", "input"] {
                if begun.get(grown).is_some() {
                    begun[grown] = json!("");
                }
            }
            events
                .push(json!({ "type": "response.output_item.added", "output_index": index, "item": begun }));
        }
        let (kind, text) = match item["type"].as_str().unwrap() {
            "message" if item["content"][0]["type"] == "refusal" => {
                ("refusal", &item["content"][0]["refusal"])
            }
            "message" => ("output_text", &item["content"][0]["text"]),
            "reasoning" => ("reasoning_summary_text", &item["summary"][0]["text"]),
            "function_call" => ("function_call_arguments", &item["arguments"]),
            _ => ("custom_tool_call_input", &item["input"]),
        };
        if added {
            let text: Vec<char> = text.as_str().unwrap().chars().collect();
            for piece in text.chunks(3).take(streamed.pieces) {
                let delta: String = piece.iter().collect();
                events.push(json!({ "type": format!("response.{kind}.delta"), "output_index": index,
                    "item_id": item["id"], "content_index": 0, "delta": delta }));
            }
        }
        if output_location != OutputLocation::Output {
            events.push(json!({ "type": "response.output_item.done", "output_index": index, "item": item }));
        }
    }
    let output = streamed_items
        .iter()
        .filter(|_| output_location != OutputLocation::Done)
        .map(|streamed| streamed.item.clone());
    let output: Vec<Value> = output.collect();
    events.push(json!({ "type": "response.completed", "response": {
        "id": "resp_1", "model": "m", "created_at": NOW, "status": "completed", "output": output,
        "usage": { "input_tokens": 5, "output_tokens": 7, "total_tokens": 12 } } }));
    events
}

/// Generates items and how they are streamed.
pub(crate) fn streamed_items() -> impl Strategy<Value = Vec<StreamedItem>> {
    let streamed = (item(), any::<bool>(), 0_usize..5).prop_map(|(item, added, pieces)| StreamedItem {
        item,
        added,
        pieces,
    });
    proptest::collection::vec(streamed, 0..5)
}

/// Generates events in any order.
pub(crate) fn any_events() -> impl Strategy<Value = Vec<Value>> {
    let event = (item(), 0_u32..4, 0_u32..3, words(), 0_usize..10, any::<bool>()).prop_map(
        |(item, index, part, words, kind, id)| {
            let mut item = item;
            if id {
                item["id"] = json!(format!("item_{index}"));
            }
            let delta = |kind: &str| {
                json!({ "type": format!("response.{kind}.delta"), "output_index": index, "content_index": part,
                    "delta": words })
            };
            match kind {
                0 => json!({ "type": "response.created", "response": { "id": "resp_1", "model": "m" } }),
                1 => json!({ "type": "response.output_item.added", "output_index": index, "item": item }),
                2 => json!({ "type": "response.output_item.done", "output_index": index, "item": item }),
                3 => delta("output_text"),
                4 => delta("refusal"),
                5 => delta("reasoning_summary_text"),
                6 => delta("reasoning_text"),
                7 => delta("function_call_arguments"),
                8 => delta("custom_tool_call_input"),
                _ => json!({ "type": "response.kind_of_tomorrow" }),
            }
        },
    );
    let last = prop_oneof![
        Just(json!({ "type": "response.completed", "response": { "output": [] } })),
        Just(json!({ "type": "response.incomplete", "response": {
            "incomplete_details": { "reason": "max_output_tokens" } } })),
        Just(json!({ "type": "error", "message": "No.", "code": "busy" })),
        Just(json!({ "type": "response.failed", "response": { "error": { "code": "x" } } })),
        Just(json!({ "type": "response.nothing" })),
    ];
    (proptest::collection::vec(event, 0..14), last).prop_map(|(mut events, last)| {
        events.push(last);
        events
    })
}

fn any_options() -> impl Strategy<Value = ResponseOptions> {
    let stop = prop_oneof![3 => Just(Vec::new()), 1 => Just(vec!["E".to_owned(), "\n\n".to_owned()])];
    (any::<bool>(), any::<bool>(), stop).prop_map(|(include_usage, legacy_function_call, stop_sequences)| {
        ResponseOptions { stream: true, include_usage, legacy_function_call, stop_sequences }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn golden_responses_are_equal_in_random_chunks(lengths in lengths()) {
        for case in cases("answers") {
            let (stream, options) = (events(&case.request), options(&case.request));
            let unsplit = streamed(&stream, &[stream.len()], &options);
            prop_assert_eq!(streamed(&stream, &lengths, &options), unsplit);
        }
    }

}

proptest! {
    #[test]
    fn streamed_response_equals_complete_response(
        streamed_items in streamed_items(), output_location in output_location(), include_usage in any::<bool>(), legacy_function_call in any::<bool>(),
    ) {
        let options = ResponseOptions { stream: true, include_usage, legacy_function_call, stop_sequences: Vec::new() };
        let stream = stream_of(&response_events(&streamed_items, output_location));
        let streamed = read(&streamed(&stream, &[stream.len()], &options), &options);
        let mut expected = Completion::from_complete(&complete(&stream, &options).unwrap());
        expected.usage = expected.usage.filter(|_| include_usage);
        if legacy_function_call {
            // Custom tools are newer than the legacy format, and have ids.
            prop_assert_eq!(streamed.content, expected.content);
        } else {
            prop_assert_eq!(streamed, expected);
        }
    }

    #[test]
    fn any_events_give_a_readable_stream(events in any_events(), options in any_options()) {
        let stream = stream_of(&events);
        read(&streamed(&stream, &[stream.len()], &options), &options);
    }
}
