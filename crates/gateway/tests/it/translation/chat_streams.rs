//! Streams of services that have only Chat Completions.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Caller, Provider, World};
use crate::support::{Answer, DONE, End, Meaning, chunk, reason};

/// After this silence of a service the gateway sends a comment.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

fn text(text: &str) -> String {
    chunk(&json!({ "content": text }))
}

fn hello_world() -> [String; 3] {
    [chunk(&json!({ "role": "assistant", "content": "Hello" })), text(" world"), reason("stop") + DONE]
}

#[tokio::test]
async fn last_event_without_blank_line_is_heard() {
    let world = World::start().await;
    let [begin, rest, _] = hello_world();
    let (stop, done) = (reason("stop"), "data: [DONE]");
    for end in ["", "\n", "\r\n"] {
        for last in [stop.trim_end().to_owned(), format!("{stop}{done}")] {
            let answer = Answer::stream(format!("{begin}{rest}{last}{end}"));
            world.assert_all_hear(Provider::Chat, &answer, &Meaning::text("Hello world")).await;
            let passed_on =
                world.ask(Provider::Chat, Caller::Chat, &Caller::Chat.question(true), &answer).await;
            assert!(passed_on.body.ends_with(DONE), "{passed_on:?}");
        }
    }
}

#[tokio::test]
async fn blank_heartbeat_is_passed_over() {
    let world = World::start().await;
    for heartbeat in
        ["data: \n\n", "data:\n\n", ":\n\n", "event: ping\ndata:\n\n", "data: {\"type\":\"ping\"}\n\n"]
    {
        for place in 0..3 {
            let mut parts = hello_world().to_vec();
            parts.insert(place, heartbeat.to_owned());
            let answer = Answer::stream(parts.concat());
            world.assert_all_hear(Provider::Chat, &answer, &Meaning::text("Hello world")).await;
        }
    }
}

#[tokio::test]
async fn blank_after_done_is_no_error() {
    let world = World::start().await;
    let [begin, rest, end] = hello_world();
    for done in ["data: [DONE] \n\n", "data: [DONE]\t\n\n", "data:  [DONE]\n\n", "data: [done]\n\n", ""] {
        let answer = Answer::stream(format!("{begin}{rest}{}", end.replace(DONE, done)));
        world.assert_all_hear(Provider::Chat, &answer, &Meaning::text("Hello world")).await;
    }
}

/// A word that means the same as one of the API, in the words of Gemini, Anthropic, Cohere and TGI.
#[tokio::test]
async fn finish_reason_in_other_words_means_the_same() {
    let world = World::start().await;
    let call = json!({ "index": 0, "id": "c1", "function": { "name": "now", "arguments": "{}" } });
    let call = chunk(&json!({ "tool_calls": [call] }));
    for (word, end) in [
        ("STOP", End::Stop),
        ("Stop", End::Stop),
        ("stop_sequence", End::Stop),
        ("eos_token", End::Stop),
        ("COMPLETE", End::Stop),
        ("tool_use", End::Calls),
        ("TOOL_CALLS", End::Calls),
        ("MAX_TOKENS", End::Length),
    ] {
        let mut expected = Meaning { end, ..Meaning::text("Hello") };
        let mut stream = text("Hello");
        if end == End::Calls {
            stream += &call;
            expected.calls = vec!["{}".into()];
        }
        let answer = Answer::stream(stream + &reason(word) + DONE);
        for caller in [Caller::Messages, Caller::Responses] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), expected, "{word}: {heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn halves_of_a_character_are_joined() {
    let world = World::start().await;
    let chunk = |delta: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{{delta}}}}}]}}\n\n");
    let words = |half: &str| chunk(&format!(r#""content":"{half}""#));
    let call = |half: &str| {
        let function = format!(r#"{{"name":"now","arguments":"{half}"}}"#);
        chunk(&format!(r#""tool_calls":[{{"index":0,"id":"c1","function":{function}}}]"#))
    };
    for (stream, word, expected) in [
        (words(r"a\ud83d") + &words(r"\ude00b"), "stop", Meaning::text("a\u{1f600}b")),
        (words(r"a\ud83d") + &words("b"), "stop", Meaning::text("a\u{fffd}b")),
        (words(r"a\ud83d"), "stop", Meaning::text("a\u{fffd}")),
        (
            call(r#"{\"t\":\"a\ud83d"#) + &call(r#"\ude00b\"}"#).replace(r#""name":"now","#, ""),
            "tool_calls",
            Meaning::call("{\"t\":\"a\u{1f600}b\"}"),
        ),
    ] {
        let answer = Answer::stream(stream + &reason(word) + DONE);
        for caller in [Caller::Messages, Caller::Responses] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), expected, "{heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn message_in_place_of_a_delta_is_read() {
    let world = World::start().await;
    let chunk = |choice: &Value| format!("data: {}\n\n{DONE}", json!({ "id": "c", "choices": [choice] }));
    for choice in [
        json!({ "index": 0, "message": { "role": "assistant", "content": "Hello world" }, "finish_reason": "stop" }),
        json!({ "index": 0, "text": "Hello world", "finish_reason": "stop" }),
    ] {
        let answer = Answer::stream(chunk(&choice));
        for caller in [Caller::Messages, Caller::Responses] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), Meaning::text("Hello world"), "{heard:?}");
            }
        }
    }
}

/// Some services write an empty reason for "not yet".
fn not_yet(index: u64, text: &str) -> String {
    let choice = json!({ "index": index, "delta": { "content": text }, "finish_reason": "" });
    format!("data: {}\n\n", json!({ "id": "c", "choices": [choice] }))
}

#[tokio::test]
async fn empty_finish_reason_does_not_hide_a_cut() {
    let world = World::start().await;
    let cut = Answer::stream(not_yet(0, "Hello") + &not_yet(0, " wor"));
    for caller in Caller::ALL {
        let heard = world.ask(Provider::Chat, caller, &caller.question(true), &cut).await;
        let meaning = heard.meaning();
        assert_eq!((meaning.text.as_str(), meaning.error.is_some()), ("Hello wor", true), "{heard:?}");
        assert!(!heard.body.contains("[DONE]"), "{heard:?}");
    }
}

#[tokio::test]
async fn silence_after_an_empty_finish_reason_is_no_end() {
    let world = World::start().await;
    let second = format!("{}{}", not_yet(1, "B"), reason("stop").replace("\"index\":0", "\"index\":1"));
    for (choices, first, rest) in [
        (1, not_yet(0, "one "), not_yet(0, "two ") + &reason("stop") + DONE),
        (2, not_yet(0, "A") + &reason("stop"), second + DONE),
    ] {
        let silence = Arc::new(Notify::new());
        let answer = Answer::stream_with_silence(first, Arc::clone(&silence), rest.clone());
        world.service.set_answers([answer]);
        let mut request = Caller::Chat.question(true);
        request["n"] = json!(choices);
        let mut response = world.send(Provider::Chat, Caller::Chat.path(), request.to_string()).await;
        let begin = response.chunk().await.unwrap().unwrap();
        let mut heard = String::from_utf8(begin.to_vec()).unwrap();
        tokio::time::pause();
        tokio::time::advance(KEEP_ALIVE_INTERVAL).await;
        tokio::time::resume();
        while let Some(bytes) = response.chunk().await.unwrap() {
            heard += std::str::from_utf8(&bytes).unwrap();
            if heard.contains(": keep-alive") {
                silence.notify_one();
            }
        }
        assert!(heard.ends_with(&rest) && heard.contains(": keep-alive"), "{heard}");
    }
}
