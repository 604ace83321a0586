//! Streamed chat completions as events of the hub, and from there as Responses streams and Chat streams.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::{self, ChatCompletionsReader};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Event, ResponseCollector};
use usher_dialect::translate::{CallerTool, ResponseOptions, ToolNames};

use crate::answers::{disorder, place, tellings, told};
use crate::cases::{cases, check};
use crate::streams::{cut, failed, lengths, lines, pieces, stream_of, write};
use crate::{chunks, vocabulary};

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

/// What the writer writes of a stream in these pieces.
fn rewritten(pieces: &[&[u8]], tools: ToolNames, writer: &mut dyn ResponseWriter) -> Vec<u8> {
    let mut reader = ChatCompletionsReader::new(tools);
    let mut out = Vec::new();
    let mut take = |event: Event<'_>| match event {
        Event::Failed { error } => writer.write_error(&failed(error), &mut out),
        event => writer.write_event(&event, &mut out),
    };
    let ended = pieces.iter().any(|piece| reader.push(piece, &mut take).unwrap());
    let whole = ended || reader.finish(&mut take);
    if !whole {
        writer.write_error(&cut(), &mut out);
    }
    out
}

fn as_responses(request: &Value, lengths: &[usize]) -> Vec<u8> {
    rewritten(
        &pieces(&stream(request), lengths),
        tools(request),
        &mut responses::ResponsesWriter::new("model", NOW),
    )
}

fn at_once(request: &Value) -> Option<Value> {
    let mut collector = ResponseCollector::default();
    let mut reader = ChatCompletionsReader::new(tools(request));
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
        vocabulary::read(&written, true);
        json!({ "stream": lines(&written), "whole": at_once(request) })
    });
}

#[test]
fn completion_is_equal_byte_by_byte() {
    for case in cases("events") {
        assert_eq!(as_responses(&case.request, &[1]), as_responses(&case.request, &[usize::MAX]));
    }
}

/// Through the hub and back, a completion is the same completion.
#[test]
fn completion_survives_round_trip() {
    let options = ResponseOptions { stream: true, include_usage: true, ..ResponseOptions::default() };
    for case in cases("events") {
        let stream = stream(&case.request);
        let mut writer = chat_completions::ChatCompletionsWriter::new("model", NOW, options.clone());
        let written = rewritten(&[&stream], tools(&case.request), &mut writer);
        chunks::read(&written, &options);
    }
}

#[test]
fn before_the_response_exists_it_fails_as_an_error_and_as_failed() {
    let mut writer = responses::ResponsesWriter::new("model", NOW);
    let mut out = Vec::new();
    let limit =
        json!({ "type": "usage_limit_reached", "message": "Used up.", "resets_at": 7, "plan_type": "plus" });
    writer.write_error(&failed(limit), &mut out);
    let told = vocabulary::read(&out, true).last;
    assert_eq!(told["response"]["error"]["resets_at"], 7);
    let first: Value = serde_json::from_str(&crate::streams::data(&out)[0]).unwrap();
    assert_eq!(
        (&first["type"], &first["message"], &first["error"]["plan_type"]),
        (&json!("error"), &json!("Used up."), &json!("plus"))
    );
}

#[test]
fn stream_of_invalid_json_fails() {
    assert!(ChatCompletionsReader::default().push(b"data: <html>\n\n", &mut |_| {}).is_err());
}

/// Features, group A no. 1: `[DONE]` after a cut is not an end.
#[test]
fn streams_cut_during_long_reasoning_silence() {
    for end in ["", "data: [DONE]\n\n"] {
        let stream = format!("data: {}\n\n{end}", json!({ "choices": [{ "delta": { "content": "Hal" } }] }));
        let mut seen = Vec::new();
        let mut take = |event: Event<'_>| seen.push(format!("{event:?}"));
        let mut reader = ChatCompletionsReader::default();
        let whole = reader.push(stream.as_bytes(), &mut take).unwrap() || reader.finish(&mut take);
        assert!(!whole);
        assert!(!seen.iter().any(|event| event.contains("Completed")), "{seen:?}");
    }
}

/// Features, group A no. 8: calls without ids get some that hold, in this turn and in later ones.
#[test]
fn tool_calls_and_results_lose_their_pairing() {
    let completion = |id: &str| {
        let call = json!({ "function": { "name": "f", "arguments": "{}" } });
        json!({ "chunks": [
            { "id": id, "choices": [{ "delta": { "tool_calls": [call, call] } }] },
            { "id": id, "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] },
        ], "done": true })
    };
    let ids = |id: &str| {
        let output = vocabulary::read(&as_responses(&completion(id), &[9]), true).output;
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
    let [said, finished] = [chunk(json!({ "content": "so" }), Value::Null), chunk(json!({}), json!("stop"))];
    // Said before there was a reason to finish: that is a cut, whatever comes behind it.
    let stream = format!("data: {said}\n\ndata: [DONE]\n\ndata: {finished}\n\n");
    let whole =
        rewritten(&[stream.as_bytes()], ToolNames::default(), &mut responses::ResponsesWriter::new("m", NOW));
    assert!(String::from_utf8_lossy(&whole).contains("event: response.failed"));
    for length in 1..stream.len() {
        let pieces = pieces(stream.as_bytes(), &[length]);
        let split = rewritten(&pieces, ToolNames::default(), &mut responses::ResponsesWriter::new("m", NOW));
        assert_eq!(split, whole, "pieces of {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn golden_responses_are_equal_in_random_chunks(lengths in lengths()) {
        for case in cases("events") {
            let whole = as_responses(&case.request, &[usize::MAX]);
            prop_assert_eq!(as_responses(&case.request, &lengths), whole);
        }
    }
}

proptest! {
    #[test]
    fn any_chunks_give_streams_that_clients_can_read(
        chunks in proptest::collection::vec(chunk(), 0..8), done in any::<bool>(), custom in any::<bool>(),
    ) {
        let tools = if custom { json!({ "x": ["sh", null, true] }) } else { json!({}) };
        let request = json!({ "chunks": chunks, "done": done, "tools": tools });
        vocabulary::read(&as_responses(&request, &[usize::MAX]), true);
        let options = ResponseOptions::default();
        let mut writer = chat_completions::ChatCompletionsWriter::new("model", NOW, options.clone());
        chunks::read(&rewritten(&[&stream(&request)], ToolNames::default(), &mut writer), &options);
    }

    #[test]
    fn items_told_in_any_way_are_told_once(tellings in tellings(), place in place()) {
        let stream = stream_of(&told(&tellings, place));
        let written = write(&[&stream], &mut responses::ResponsesWriter::new("model", NOW));
        let assembled = vocabulary::read(&written, true);
        prop_assert_eq!(assembled.output.len(), tellings.len());
        prop_assert_eq!(&assembled.last["type"], "response.completed");
    }

    #[test]
    fn any_events_give_a_stream_that_clients_can_read(events in disorder()) {
        let written = write(&[&stream_of(&events)], &mut responses::ResponsesWriter::new("model", NOW));
        vocabulary::read(&written, false);
    }
}
