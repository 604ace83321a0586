//! Calls whose arguments are empty, half, or an object.

use serde_json::{Value, json};

use super::{Caller, Provider, World};
use crate::support::{Answer, DONE, Meaning, call_item, chunk, completed, created, event, reason, usage};

fn chat_call(arguments: &Value, word: &str) -> Answer {
    let function = json!({ "name": "now", "arguments": arguments });
    let call = json!({ "index": 0, "id": "c1", "type": "function", "function": function });
    Answer::stream(chunk(&json!({ "tool_calls": [call] })) + &reason(word) + DONE)
}

#[tokio::test]
async fn call_without_arguments_has_an_empty_object() {
    let world = World::start().await;
    for arguments in [json!(""), json!(" "), Value::Null] {
        let answer = chat_call(&arguments, "tool_calls");
        for caller in [Caller::Messages, Caller::Responses] {
            for stream in [true, false] {
                let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
                assert_eq!(heard.meaning(), Meaning::call("{}"), "{arguments}: {heard:?}");
            }
        }
        let added =
            json!({ "type": "response.output_item.added", "output_index": 0, "item": call_item(&json!("")) });
        let delta = json!({ "type": "response.function_call_arguments.delta", "output_index": 0,
            "item_id": "fc_1", "delta": arguments.as_str().unwrap_or_default() });
        let done =
            json!({ "type": "response.output_item.done", "output_index": 0, "item": call_item(&arguments) });
        let events = [added, delta, done].iter().map(event).collect::<String>();
        let of_responses =
            Answer::stream(created() + &events + &completed(&[call_item(&arguments)], &usage()));
        for caller in [Caller::Messages, Caller::Chat] {
            for stream in [true, false] {
                let question = caller.question(stream);
                let heard = world.ask(Provider::Responses, caller, &question, &of_responses).await;
                assert_eq!(heard.meaning().calls.concat(), "{}", "{arguments}: {heard:?}");
            }
        }
        let heard =
            world.ask(Provider::Chat, Caller::Responses, &Caller::Responses.question(true), &answer).await;
        let events = heard.events();
        let done = events.iter().find(|event| event["type"] == "response.output_item.done").unwrap();
        assert_eq!(done["item"]["arguments"], "{}", "{heard:?}");
        let history = json!([{ "role": "user", "content": "Hi" },
            { "type": "function_call", "call_id": "c1", "name": "now", "arguments": arguments },
            { "type": "function_call_output", "call_id": "c1", "output": "12:00" }]);
        let next = Caller::Responses.request(true, &history);
        let heard = world.ask(Provider::Chat, Caller::Responses, &next, &answer).await;
        let call = &heard.asked[0]["messages"][1]["tool_calls"][0];
        assert_eq!(call["function"]["arguments"], "{}", "{heard:?}");
    }
}

#[tokio::test]
async fn call_that_was_cut_is_incomplete() {
    let world = World::start().await;
    let (answer, caller) = (chat_call(&json!("{\"city"), "length"), Caller::Responses);
    let streamed = world.ask(Provider::Chat, caller, &caller.question(true), &answer).await;
    let events = streamed.events();
    let done = events.iter().find(|event| event["type"] == "response.output_item.done").unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.incomplete", "{streamed:?}");
    let whole = world.ask(Provider::Chat, caller, &caller.question(false), &answer).await.json();
    for item in [&done["item"], &last["response"]["output"][0], &whole["output"][0]] {
        assert_eq!((&item["status"], &item["arguments"]), (&json!("incomplete"), &json!("{\"city")));
    }
}

#[tokio::test]
async fn arguments_that_are_an_object_are_kept() {
    let world = World::start().await;
    let item = json!({ "type": "tool_search_call", "id": "tsc_1", "call_id": "c1", "execution": "client",
        "status": "completed", "arguments": { "query": "browser" } });
    let added = json!({ "type": "response.output_item.added", "output_index": 0, "item": item });
    let done = json!({ "type": "response.output_item.done", "output_index": 0, "item": item });
    let stream = created() + &event(&added) + &event(&done);
    for output in [vec![], vec![item.clone()]] {
        let answer = Answer::stream(stream.clone() + &completed(&output, &usage()));
        let question = Caller::Responses.question(false);
        let heard = world.ask(Provider::Plan, Caller::Responses, &question, &answer).await;
        assert_eq!((heard.status, heard.asked.len()), (200, 1), "{heard:?}");
        assert_eq!(heard.json()["output"], json!([item]));
    }
    let function = call_item(&json!({ "z": 1 }));
    let answer = Answer::stream(created() + &completed(&[function], &usage()));
    for caller in [Caller::Messages, Caller::Chat] {
        for stream in [true, false] {
            let heard = world.ask(Provider::Responses, caller, &caller.question(stream), &answer).await;
            assert_eq!(heard.meaning(), Meaning::call("{\"z\":1}"), "{heard:?}");
        }
    }
}
