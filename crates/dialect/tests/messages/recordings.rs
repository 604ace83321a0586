//! Requests recorded from Claude Code (`golden/messages/traces`, long texts cut) are accepted and keep their meaning.

use serde::Deserialize;
use serde_json::{Value, json};
use usher_dialect::Countable;
use usher_dialect::messages::visit_countable;
use usher_dialect::translate::Recipient;

use crate::{golden, names, translate};

#[derive(Deserialize)]
struct Recorded {
    path: String,
    body: Value,
}

fn recorded() -> Vec<Recorded> {
    let names = names("traces", ".json");
    let read = |name| std::fs::read(golden("traces").join(format!("{name}.json"))).unwrap();
    names.into_iter().flat_map(|name| serde_json::from_slice::<Vec<Recorded>>(&read(name)).unwrap()).collect()
}

fn messages() -> Vec<Value> {
    let bodies: Vec<Value> = recorded()
        .into_iter()
        .filter(|request| request.path == "/v1/messages")
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies.len(), 8);
    bodies
}

fn sent(body: &Value) -> Value {
    let recipient =
        Recipient { model: "gpt-6.2-sol", efforts: &["low", "medium", "high"], ..Recipient::default() };
    let translation = translate(body, &recipient);
    let expected: &[&str] = if body["safeguards"].is_array() { &["safeguards"] } else { &[] };
    assert_eq!(translation.request.dropped, expected);
    serde_json::from_slice(&translation.request.body.to_bytes()).unwrap()
}

/// Returns the texts of a message's content, whether it is a string or blocks.
fn texts(content: &Value) -> Vec<&str> {
    match content {
        Value::String(text) => vec![text],
        content => content.as_array().unwrap().iter().filter_map(|block| block["text"].as_str()).collect(),
    }
}

#[test]
fn recorded_requests_keep_settings() {
    for body in messages() {
        let sent = sent(&body);
        assert_eq!(sent["model"], "gpt-6.2-sol");
        assert_eq!(sent["max_output_tokens"], body["max_tokens"]);
        assert_eq!(sent["reasoning"]["effort"], "medium");
        let shown = body["thinking"]["display"] != "omitted";
        assert_eq!(sent["reasoning"]["summary"], if shown { json!("auto") } else { Value::Null });
        assert_eq!(sent["include"], json!(["reasoning.encrypted_content"]));
        assert_eq!((&sent["stream"], &sent["store"]), (&json!(true), &json!(false)));
        assert!(!sent.to_string().contains("device_id"), "the caller's user is sent");
    }
}

#[test]
fn recorded_system_prompts_lose_only_billing_line() {
    for body in messages() {
        let expected: Vec<&str> = body["system"].as_array().unwrap()[1..]
            .iter()
            .map(|block| block["text"].as_str().unwrap())
            .collect();
        assert_eq!(sent(&body)["instructions"], expected.join("\n\n"));
    }
}

#[test]
fn recorded_messages_keep_their_order() {
    for body in messages() {
        let sent = sent(&body);
        let mut items = sent["input"].as_array().unwrap().iter();
        for message in body["messages"].as_array().unwrap() {
            let role = message["role"].as_str().unwrap();
            for block in message["content"].as_array().into_iter().flatten() {
                match block["type"].as_str().unwrap() {
                    "tool_use" => {
                        let item = items.next().unwrap();
                        assert_eq!((&item["type"], &item["name"]), (&json!("function_call"), &block["name"]));
                        assert_eq!(item["call_id"], block["id"]);
                        let arguments = item["arguments"].as_str().unwrap();
                        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), block["input"]);
                    }
                    "tool_result" => {
                        let item = items.next().unwrap();
                        assert_eq!(item["type"], "function_call_output");
                        assert_eq!(item["call_id"], block["tool_use_id"]);
                        assert_eq!(item["output"], block["content"]);
                    }
                    _ => {}
                }
            }
            let expected = texts(&message["content"]);
            if !expected.is_empty() {
                let item = items.next().unwrap();
                assert_eq!(item["role"], if role == "system" { "developer" } else { role });
                assert_eq!(texts(&item["content"]), expected);
            }
        }
        assert_eq!(items.next(), None);
    }
}

#[test]
fn recorded_tools_are_kept() {
    for body in messages() {
        let sent = sent(&body);
        // The recording cut `defer_loading` away, so the tool that must never be called is among them.
        let (sent, requested) = (sent["tools"].as_array().unwrap(), body["tools"].as_array().unwrap());
        assert_eq!(sent.len(), requested.len());
        for (sent, requested) in sent.iter().zip(requested) {
            assert_eq!(
                (&sent["name"], &sent["description"]),
                (&requested["name"], &requested["description"])
            );
            // The recording cut all but the first schema away.
            if requested["input_schema"].is_object() {
                assert_eq!(sent["parameters"], requested["input_schema"]);
            }
            assert_eq!(sent["strict"], false);
        }
    }
}

#[test]
fn later_request_of_turn_begins_with_earlier() {
    let bodies = messages();
    let pairs = bodies.windows(2).filter(|pair| pair[0]["system"] == pair[1]["system"]);
    let mut count = 0;
    for pair in pairs {
        let (first, second) = (sent(&pair[0]), sent(&pair[1]));
        let (first, second) = (first["input"].as_array().unwrap(), second["input"].as_array().unwrap());
        if second.len() > first.len() {
            assert_eq!(first[..], second[..first.len()]);
            count += 1;
        }
    }
    assert!(count >= 3, "only {count} pairs");
}

#[test]
fn recorded_requests_are_counted() {
    let requests = recorded();
    assert!(requests.iter().any(|request| request.path == "/v1/messages/count_tokens"));
    for Recorded { body, .. } in requests {
        let mut read = String::new();
        let count = |countable: Countable<'_>| match countable {
            Countable::Text(text) => read.push_str(text),
            Countable::Message => {}
            other => panic!("no {other:?} was recorded"),
        };
        visit_countable(body.to_string().as_bytes(), count).unwrap();
        for message in body["messages"].as_array().unwrap() {
            assert!(texts(&message["content"]).iter().all(|text| read.contains(text)));
        }
        assert!(!read.contains("x-anthropic-billing-header"));
    }
}
