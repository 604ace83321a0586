//! Streamed chat completions as Responses events, and those encoded as Responses streams and Chat Completions streams.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::{self, ChatCompletionsReader};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Event, ResponseCollector};
use usher_dialect::translate::{CallerTool, ResponseOptions, ToolNames};

use crate::cases::{cases, check};
use crate::completions::{any_events, output_location, response_events, streamed_items};
use crate::streams::{cut, failed, lengths, lines, pieces, stream_of, write};
use crate::{chunks, responses_stream};

const NOW: u64 = 1_700_000_000;

fn stream(request: &Value) -> Vec<u8> {
    let chunks = request["chunks"].as_array().unwrap();
    let chunk = |chunk: &Value| format!("data: {chunk}\n\n").into_bytes();
    let mut stream: Vec<u8> = chunks.iter().flat_map(chunk).collect();
    if request["done"].as_bool().unwrap() {
        stream.extend_from_slice(b"data: [DONE]\n\n");
    }
    stream
}

fn tools(request: &Value) -> ToolNames {
    let mut names = ToolNames::default();
    for (name, tool) in request["tools"].as_object().into_iter().flatten() {
        names.insert(
            name.clone(),
            CallerTool {
                name: tool[0].as_str().unwrap().to_owned(),
                namespace: tool[1].as_str().map(String::from),
                custom: tool[2].as_bool().unwrap(),
            },
        );
    }
    names
}

/// Encodes a stream that arrives in these pieces.
fn encoded(pieces: &[&[u8]], tools: ToolNames, writer: &mut dyn ResponseWriter) -> Vec<u8> {
    let mut reader = ChatCompletionsReader::new(tools, None);
    let mut out = Vec::new();
    let mut take = |event: Event<'_>| match event {
        Event::Failed { error } => writer.write_error(&failed(error), &mut out),
        event => writer.write_event(&event, &mut out),
    };
    let ended = pieces.iter().any(|piece| reader.push(piece, &mut take).unwrap());
    let complete = ended || reader.finish(&mut take);
    if !complete {
        writer.write_error(&cut(), &mut out);
    }
    out
}

fn as_responses(request: &Value, lengths: &[usize]) -> Vec<u8> {
    encoded(
        &pieces(&stream(request), lengths),
        tools(request),
        &mut responses::ResponsesWriter::new("model", NOW),
    )
}

fn collected(request: &Value) -> Option<Value> {
    let mut collector = ResponseCollector::default();
    let mut reader = ChatCompletionsReader::new(tools(request), None);
    let mut take = |event: Event<'_>| collector.take(&event);
    let _ = reader.push(&stream(request), &mut take).unwrap() || reader.finish(&mut take);
    collector.is_complete().then(|| {
        serde_json::from_slice(&responses::translate_response(&collector.finish(), "model", NOW)).unwrap()
    })
}

#[test]
fn golden_completions_match() {
    let cases = cases("events");
    assert!(cases.len() >= 19, "only {}", cases.len());
    check(&cases, |request| {
        let written = as_responses(request, &[usize::MAX]);
        responses_stream::read(&written, true);
        json!({ "stream": lines(&written), "whole": collected(request) })
    });
}

#[test]
fn completion_is_equal_byte_by_byte() {
    for case in cases("events") {
        assert_eq!(as_responses(&case.request, &[1]), as_responses(&case.request, &[usize::MAX]));
    }
}

#[test]
fn completion_survives_round_trip() {
    let options = ResponseOptions { stream: true, include_usage: true, ..ResponseOptions::default() };
    for case in cases("events") {
        let stream = stream(&case.request);
        let mut writer = chat_completions::ChatCompletionsWriter::new("model", NOW, options.clone());
        let written = encoded(&[&stream], tools(&case.request), &mut writer);
        chunks::read(&written, &options);
    }
}

#[test]
fn error_before_response_is_sent_as_error_and_failed() {
    let mut writer = responses::ResponsesWriter::new("model", NOW);
    let mut out = Vec::new();
    let limit =
        json!({ "type": "usage_limit_reached", "message": "Used up.", "resets_at": 7, "plan_type": "plus" });
    writer.write_error(&failed(limit), &mut out);
    let response_events = responses_stream::read(&out, true).last;
    assert_eq!(response_events["response"]["error"]["resets_at"], 7);
    let first: Value = serde_json::from_str(&crate::streams::data(&out)[0]).unwrap();
    assert_eq!(
        (&first["type"], &first["message"], &first["error"]["plan_type"]),
        (&json!("error"), &json!("Used up."), &json!("plus"))
    );
}

#[test]
fn stream_of_invalid_json_fails() {
    assert!(ChatCompletionsReader::default().push(b"data: {half\n\n", &mut |_| {}).is_err());
}

/// `[DONE]` after an interruption does not complete the response.
#[test]
fn interrupted_stream_ends_with_error() {
    for end in ["", "data: [DONE]\n\n"] {
        let stream = format!("data: {}\n\n{end}", json!({ "choices": [{ "delta": { "content": "Hal" } }] }));
        let mut seen = Vec::new();
        let mut take = |event: Event<'_>| seen.push(format!("{event:?}"));
        let mut reader = ChatCompletionsReader::default();
        let complete = reader.push(stream.as_bytes(), &mut take).unwrap() || reader.finish(&mut take);
        assert!(!complete);
        assert!(!seen.iter().any(|event| event.contains("Completed")), "{seen:?}");
    }
}

/// The ids are unique in this turn and in later ones.
#[test]
fn calls_without_ids_get_stable_ids() {
    let completion = |id: &str| {
        let call = json!({ "function": { "name": "f", "arguments": "{}" } });
        json!({ "chunks": [
            { "id": id, "choices": [{ "delta": { "tool_calls": [call, call] } }] },
            { "id": id, "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] },
        ], "done": true })
    };
    let ids = |id: &str| {
        let output = responses_stream::read(&as_responses(&completion(id), &[9]), true).output;
        output.iter().map(|item| item["call_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (ids("chatcmpl-1"), ids("chatcmpl-2"));
    assert_eq!((first.len(), second.len()), (2, 2));
    let different: std::collections::BTreeSet<_> = first.iter().chain(&second).collect();
    assert_eq!(different.len(), 4);
    assert_eq!(ids("chatcmpl-1"), first);
}

fn chunk() -> impl Strategy<Value = Value> {
    let words =
        || prop_oneof![Just(Value::Null), "[a-z{}\"]{0,5}".prop_map(|text| json!(text)), Just(json!(7))];
    let call = (proptest::option::of(0_u32..3), words(), words(), words()).prop_map(|(index, id, name, arguments)| {
        let text = |value: Value| if value.is_number() { json!("x") } else { value };
        json!({ "index": index, "id": text(id), "function": { "name": text(name), "arguments": arguments } })
    });
    let delta = (words(), words(), proptest::collection::vec(call, 0..3)).prop_map(|(content, reasoning, calls)| {
        json!({ "content": content, "reasoning_content": reasoning, "tool_calls": calls })
    });
    let finish = prop_oneof![5 => Just(Value::Null), 1 => Just(json!("stop")), 1 => Just(json!("length")),
        1 => Just(json!("tool_calls"))];
    (delta, finish, any::<bool>()).prop_map(|(delta, finish, usage)| {
        let mut chunk = json!({ "id": "chatcmpl-1", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
        if usage {
            chunk["usage"] = json!({ "prompt_tokens": 1, "completion_tokens": null });
        }
        chunk
    })
}

#[test]
fn data_after_done_is_ignored() {
    let chunk = |delta: Value, finish: Value| json!({ "id": "c", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
    let [content, finished] =
        [chunk(json!({ "content": "so" }), Value::Null), chunk(json!({}), json!("stop"))];
    // `[DONE]` before a finish reason is an interruption, whatever follows.
    let stream = format!("data: {content}\n\ndata: [DONE]\n\ndata: {finished}\n\n");
    let complete =
        encoded(&[stream.as_bytes()], ToolNames::default(), &mut responses::ResponsesWriter::new("m", NOW));
    assert!(String::from_utf8_lossy(&complete).contains("event: response.failed"));
    for length in 1..stream.len() {
        let pieces = pieces(stream.as_bytes(), &[length]);
        let split = encoded(&pieces, ToolNames::default(), &mut responses::ResponsesWriter::new("m", NOW));
        assert_eq!(split, complete, "pieces of {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn golden_responses_are_equal_in_random_chunks(lengths in lengths()) {
        for case in cases("events") {
            let complete = as_responses(&case.request, &[usize::MAX]);
            prop_assert_eq!(as_responses(&case.request, &lengths), complete);
        }
    }
}

proptest! {
    #[test]
    fn any_chunks_give_readable_streams(
        chunks in proptest::collection::vec(chunk(), 0..8), done in any::<bool>(), custom in any::<bool>(),
    ) {
        let tools = if custom { json!({ "x": ["sh", null, true] }) } else { json!({}) };
        let request = json!({ "chunks": chunks, "done": done, "tools": tools });
        responses_stream::read(&as_responses(&request, &[usize::MAX]), true);
        let options = ResponseOptions::default();
        let mut writer = chat_completions::ChatCompletionsWriter::new("model", NOW, options.clone());
        chunks::read(&encoded(&[&stream(&request)], ToolNames::default(), &mut writer), &options);
    }

    #[test]
    fn streamed_items_are_encoded_once(streamed_items in streamed_items(), output_location in output_location()) {
        let stream = stream_of(&response_events(&streamed_items, output_location));
        let written = write(&[&stream], &mut responses::ResponsesWriter::new("model", NOW));
        let assembled = responses_stream::read(&written, true);
        prop_assert_eq!(assembled.output.len(), streamed_items.len());
        prop_assert_eq!(&assembled.last["type"], "response.completed");
    }

    #[test]
    fn any_events_give_a_readable_stream(events in any_events()) {
        let written = write(&[&stream_of(&events)], &mut responses::ResponsesWriter::new("model", NOW));
        responses_stream::read(&written, false);
    }
}
