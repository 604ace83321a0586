//! Streams of the Responses API: of the plan, of the Platform, and of services.

use serde_json::{Value, json};

use super::{Caller, Provider, World};
use crate::support::{
    Answer, End, Meaning, call_item, completed, created, event, message_events, message_item, usage,
};

fn hello_world() -> String {
    created() + &message_events(0) + &completed(&[message_item()], &usage())
}

/// Returns the events of a call at `index`, up to the end of its arguments.
fn call_events(index: u64) -> String {
    let mut begun = call_item(&json!(""));
    begun["status"] = "in_progress".into();
    let added = json!({ "type": "response.output_item.added", "output_index": index, "item": begun });
    let arguments = json!({ "type": "response.function_call_arguments.done", "output_index": index,
        "item_id": "fc_1", "arguments": "{\"z\":1}" });
    event(&added) + &event(&arguments)
}

fn call() -> Value {
    call_item(&json!("{\"z\":1}"))
}

fn call_done(index: u64) -> String {
    event(&json!({ "type": "response.output_item.done", "output_index": index, "item": call() }))
}

fn hello_and_call() -> Meaning {
    Meaning { text: "Hello world".into(), ..Meaning::call("{\"z\":1}") }
}

#[tokio::test]
async fn whole_response_keeps_every_field_of_its_items() {
    let world = World::start().await;
    let mut commentary = message_item();
    commentary["phase"] = "commentary".into();
    let items = [
        json!({ "type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0KGgo=",
            "revised_prompt": "a cat", "output_format": "png", "size": "1024x1024" }),
        commentary,
        json!({ "type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "k", "outputs": [] }),
        json!({ "type": "file_search_call", "id": "fs_1", "queries": ["q"], "results": [] }),
        json!({ "type": "mcp_call", "id": "mcp_1", "name": "n", "server_label": "l", "arguments": "{}" }),
        json!({ "type": "call_of_tomorrow", "id": "x", "weird": { "a": 1 } }),
    ];
    let done = |(index, item): (usize, &Value)| {
        event(&json!({ "type": "response.output_item.done", "output_index": index, "item": item }))
    };
    let done: String = items.iter().enumerate().map(done).collect();
    for (stream, output) in [(done.as_str(), &[][..]), ("", &items[..]), (done.as_str(), &items[..])] {
        let answer = Answer::stream(created() + stream + &completed(output, &usage()));
        let question = Caller::Responses.question(false);
        let heard = world.ask(Provider::Plan, Caller::Responses, &question, &answer).await;
        assert_eq!(heard.json()["output"], json!(items), "{heard:?}");
    }
}

/// Returns the comment that comes before the answer, and its events.
fn comment() -> (Value, String) {
    let part = json!({ "type": "output_text", "text": "Let me look.", "annotations": [] });
    let item = json!({ "type": "message", "id": "msg_0", "role": "assistant", "status": "completed",
        "phase": "commentary", "content": [part] });
    let mut begun = item.clone();
    (begun["status"], begun["content"]) = ("in_progress".into(), json!([]));
    let events = [
        json!({ "type": "response.output_item.added", "output_index": 0, "item": begun }),
        json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0, "item_id": "msg_0",
            "delta": "Let me look." }),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
    ];
    (item, events.iter().map(event).collect())
}

#[tokio::test]
async fn commentary_is_no_answer() {
    let world = World::start().await;
    let (item, events) = comment();
    let output = [item.clone(), message_item()];
    let text = || Meaning::text("Hello world");
    for (stream, output, expected) in [
        (events.clone() + &message_events(1), &output[..], text()),
        (events.clone() + &message_events(1), &[][..], text()),
        (String::new(), &output[..], text()),
        (
            events.clone() + &call_events(1) + &call_done(1),
            &[item.clone(), call()][..],
            Meaning::call("{\"z\":1}"),
        ),
    ] {
        let answer = Answer::stream(created() + &stream + &completed(output, &usage()));
        for provider in [Provider::Plan, Provider::Responses] {
            for caller in [Caller::Chat, Caller::Messages] {
                for streamed in [true, false] {
                    let heard = world.ask(provider, caller, &caller.question(streamed), &answer).await;
                    assert_eq!(heard.meaning(), expected, "{provider:?} {caller:?} {streamed}: {heard:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn commentary_reaches_callers_of_the_same_api() {
    let world = World::start().await;
    let (item, events) = comment();
    let output = [item, message_item()];
    let answer = Answer::stream(created() + &events + &message_events(1) + &completed(&output, &usage()));
    let question = Caller::Responses.question(false);
    let heard = world.ask(Provider::Plan, Caller::Responses, &question, &answer).await;
    assert_eq!(heard.json()["output"], json!(output), "{heard:?}");
    let question = Caller::Responses.question(true);
    let heard = world.ask(Provider::Plan, Caller::Responses, &question, &answer).await;
    assert_eq!(heard.meaning().text, "Let me look.Hello world", "{heard:?}");
}

#[tokio::test]
async fn last_event_without_blank_line_is_heard() {
    let world = World::start().await;
    for end in ["", "\n", "\r\n"] {
        let answer = Answer::stream(format!("{}{end}", hello_world().trim_end()));
        world.assert_all_hear(Provider::Responses, &answer, &Meaning::text("Hello world")).await;
    }
}

#[tokio::test]
async fn blank_heartbeat_is_passed_over() {
    let world = World::start().await;
    for heartbeat in ["data: \n\n", "data:\n\n", ":\n\n", "event: ping\ndata:\n\n"] {
        for stream in [
            heartbeat.to_owned() + &hello_world(),
            created() + heartbeat + &message_events(0) + &completed(&[message_item()], &usage()),
            created() + &message_events(0) + heartbeat + &completed(&[message_item()], &usage()),
        ] {
            let answer = Answer::stream(stream);
            world.assert_all_hear(Provider::Responses, &answer, &Meaning::text("Hello world")).await;
        }
    }
}

#[tokio::test]
async fn null_in_usage_counts_as_nothing() {
    let world = World::start().await;
    for usage in [
        json!({ "input_tokens": 1, "input_tokens_details": null, "output_tokens": 2, "output_tokens_details": null,
            "total_tokens": 3 }),
        json!({ "input_tokens": 1, "input_tokens_details": { "cached_tokens": null }, "output_tokens": 2,
            "output_tokens_details": { "reasoning_tokens": null }, "total_tokens": null }),
        json!({ "input_tokens": 1, "output_tokens": 2, "total_tokens": null }),
    ] {
        let answer = Answer::stream(created() + &message_events(0) + &completed(&[message_item()], &usage));
        world.assert_all_hear(Provider::Responses, &answer, &Meaning::text("Hello world")).await;
        let heard =
            world.ask(Provider::Responses, Caller::Chat, &Caller::Chat.question(false), &answer).await;
        let (usage, expected) = (&heard.json()["usage"], [1, 2, 3]);
        let names = ["prompt_tokens", "completion_tokens", "total_tokens"];
        assert_eq!(names.map(|name| usage[name].as_u64().unwrap()), expected, "{heard:?}");
    }
}

#[tokio::test]
async fn items_are_distinguished_by_id() {
    let world = World::start().await;
    let output = [message_item(), call()];
    for (stream, output, expected) in [
        // The index begins at 1.
        (message_events(1), vec![message_item()], Meaning::text("Hello world")),
        // Every item is at 0.
        (call_events(0) + &call_done(0), vec![call()], Meaning::call("{\"z\":1}")),
        (message_events(0) + &call_events(0) + &call_done(0), output.to_vec(), hello_and_call()),
        // Other places in the stream than in the last event.
        (message_events(3) + &call_events(7) + &call_done(7), output.to_vec(), hello_and_call()),
    ] {
        let answer = Answer::stream(created() + &stream + &completed(&output, &usage()));
        for caller in [Caller::Messages, Caller::Chat] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Responses, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), expected, "{heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn call_that_only_the_last_event_has_is_heard() {
    let world = World::start().await;
    let output = [message_item(), call()];
    for stream in [
        message_events(0) + &call_events(1),
        message_events(0),
        call_events(1) + &call_done(1),
        String::new(),
    ] {
        let answer = Answer::stream(created() + &stream + &completed(&output, &usage()));
        for (provider, caller) in [
            (Provider::Responses, Caller::Messages),
            (Provider::Responses, Caller::Chat),
            (Provider::Plan, Caller::Messages),
        ] {
            for stream in [true, false] {
                let heard = world.ask(provider, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), hello_and_call(), "{provider:?}: {heard:?}");
            }
        }
        let question = Caller::Responses.question(false);
        let heard = world.ask(Provider::Plan, Caller::Responses, &question, &answer).await;
        assert_eq!(heard.meaning(), hello_and_call(), "{heard:?}");
    }
}

#[tokio::test]
async fn events_of_the_hosted_shell_are_forwarded() {
    let world = World::start().await;
    let item = json!({ "type": "shell_call", "id": "sh_1", "call_id": "c1", "status": "completed",
        "action": { "commands": ["ls"] } });
    let kinds = [
        "response.created",
        "response.output_item.added",
        "response.shell_call_command.added",
        "response.shell_call_command.delta",
        "response.shell_call_command.done",
        "response.shell_call_output_content.delta",
        "response.shell_call_output_content.done",
        "response.output_item.done",
        "response.completed",
    ];
    let middle = kinds[1..8].iter().map(|kind| {
        event(&json!({ "type": kind, "output_index": 0, "command_index": 0, "delta": "ls", "item": item }))
    });
    let stream = created() + &middle.collect::<String>() + &completed(std::slice::from_ref(&item), &usage());
    let (caller, answer) = (Caller::Responses, Answer::stream(stream));
    let heard = world.ask(Provider::Platform, caller, &caller.question(true), &answer).await;
    let events = heard.events();
    let got: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(got, kinds);
}

#[tokio::test]
async fn stream_with_other_line_ends_is_heard_to_its_end() {
    let world = World::start().await;
    for line_end in ["\r", "\r\n"] {
        let answer = Answer::stream(hello_world().replace('\n', line_end));
        for caller in [Caller::Messages, Caller::Chat] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Responses, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), Meaning::text("Hello world"), "{heard:?}");
            }
        }
        let caller = Caller::Responses;
        let heard = world.ask(Provider::Responses, caller, &caller.question(true), &answer).await;
        let lines: Vec<&str> =
            heard.body.split(['\r', '\n']).filter(|line| line.starts_with("data:")).collect();
        let last: Value = serde_json::from_str(&lines.last().unwrap()[5..]).unwrap();
        assert_eq!((lines.len(), &last["type"]), (5, &json!("response.completed")), "{heard:?}");
        assert!(heard.body.ends_with(&line_end.repeat(2)) || heard.body.ends_with("\n\n"), "{heard:?}");
    }
    let cut = Answer::stream(created() + &message_events(0));
    let heard =
        world.ask(Provider::Responses, Caller::Chat, &Caller::Chat.question(true), &cut).await.meaning();
    assert_eq!((heard.end, heard.error.is_some()), (End::None, true), "a cut is no end");
}
