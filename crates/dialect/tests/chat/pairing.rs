//! Calls and their results in a Responses input, wherever they stand, as Chat Completions needs them.

use serde_json::{Value, json};
use usher_dialect::chat_completions::from_responses;
use usher_dialect::json::RawObject;

/// Returns the messages and the names of what was dropped.
fn sent(input: &Value) -> (Value, Vec<String>) {
    let tools = json!([{ "type": "function", "name": "now", "parameters": {} }]);
    let body = serde_json::to_vec(&json!({ "model": "m", "input": input, "tools": tools })).unwrap();
    let translated = from_responses(&RawObject::parse(&body).unwrap()).unwrap();
    let body: Value = serde_json::from_slice(&translated.body.to_bytes()).unwrap();
    (body, translated.dropped.iter().map(ToString::to_string).collect())
}

/// Returns a letter for each message: its role, and the ids of calls and results.
fn shape(input: &Value) -> Vec<String> {
    let (body, _) = sent(input);
    let shape = |message: &Value| {
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        let calls: Vec<&str> = calls.map(|call| call["id"].as_str().unwrap()).collect();
        let id = message["tool_call_id"].as_str().unwrap_or_default();
        format!("{} {}{id}", message["role"].as_str().unwrap(), calls.join("+")).trim().to_owned()
    };
    body["messages"].as_array().unwrap().iter().map(shape).collect()
}

fn message(role: &str) -> Value {
    json!({ "type": "message", "role": role, "content": "word" })
}

fn call(id: &str) -> Value {
    json!({ "type": "function_call", "call_id": id, "name": "now", "arguments": "{}" })
}

fn result(id: &str) -> Value {
    json!({ "type": "function_call_output", "call_id": id, "output": format!("of {id}") })
}

#[test]
fn results_directly_follow_their_calls() {
    let user = || message("user");
    for (input, expected) in [
        (
            json!([user(), call("a"), message("developer"), result("a")]),
            vec!["user", "assistant a", "tool a", "system"],
        ),
        (
            json!([user(), call("a"), call("b"), result("a"), user(), result("b")]),
            vec!["user", "assistant a+b", "tool a", "tool b", "user"],
        ),
        (
            json!([user(), call("a"), call("b"), result("a"), message("assistant"), result("b"), user()]),
            vec!["user", "assistant a+b", "tool a", "tool b", "assistant", "user"],
        ),
        (
            json!([user(), call("a"), user(), call("b"), result("b"), result("a")]),
            vec!["user", "assistant a", "tool a", "user", "assistant b", "tool b"],
        ),
        // The same id in each turn, as some services number their calls.
        (
            json!([user(), call("a"), result("a"), user(), call("a"), result("a")]),
            vec!["user", "assistant a", "tool a", "user", "assistant a", "tool a"],
        ),
        // Interrupted calls.
        (json!([user(), call("a"), user()]), vec!["user", "assistant a", "tool a", "user"]),
        (
            json!([user(), call("a"), call("b"), result("b"), user()]),
            vec!["user", "assistant a+b", "tool b", "tool a", "user"],
        ),
        // A result whose call is gone.
        (json!([user(), result("a"), message("assistant")]), vec!["user", "user", "assistant"]),
        (json!([user(), call("a"), result("a"), result("a")]), vec!["user", "assistant a", "tool a", "user"]),
    ] {
        assert_eq!(shape(&input), expected, "{input}");
    }
}

#[test]
fn result_without_a_call_is_a_message_of_the_user() {
    let words = "Automation: tidy up.";
    for output in [json!(words), json!([{ "type": "input_text", "text": words }])] {
        let (body, _) = sent(&json!([
            { "type": "function_call_output", "id": "fco_1", "name": "automation_update", "namespace": "codex_app",
              "output": output },
            message("user"),
        ]));
        let first = &body["messages"][0];
        assert_eq!(first["role"], "user");
        let text = first["content"].as_str().unwrap();
        assert!(text.contains(words) && text.contains("automation_update"), "{text}");
    }
    let picture = json!([{ "type": "input_image", "image_url": "data:image/png;base64,AA==" }]);
    let (body, _) = sent(&json!([{ "type": "function_call_output", "output": picture }]));
    assert_eq!(body["messages"][0]["content"][1]["type"], "image_url");
}

#[test]
fn records_of_other_tools_are_left_out_by_name() {
    for kind in [
        "tool_search_call",
        "tool_search_output",
        "mcp_list_tools",
        "mcp_call",
        "mcp_approval_request",
        "mcp_approval_response",
        "shell_call",
        "shell_call_output",
        "code_interpreter_call",
    ] {
        let (body, dropped) = sent(&json!([message("user"), { "type": kind, "id": "x", "call_id": "x" }]));
        assert_eq!(dropped, [format!("input[].{kind}")]);
        assert_eq!(body["messages"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn tools_that_a_search_found_are_offered_once() {
    let found = |name: &str| {
        json!({ "type": "tool_search_output", "call_id": "ts", "execution": "client", "status": "completed",
            "tools": [{ "type": "function", "name": name, "parameters": { "type": "object", "properties": {} } },
                { "type": "namespace", "name": "mcp", "tools": [{ "type": "function", "name": name, "parameters": {} }] }] })
    };
    let (body, _) = sent(&json!([message("user"), found("js"), found("js"), found("now"), message("user")]));
    let names: Vec<&str> = body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["now", "js", "mcp__js", "mcp__now"]);
}

#[test]
fn empty_arguments_are_an_object() {
    for arguments in [json!(""), json!(" "), Value::Null] {
        let mut call = call("a");
        call["arguments"] = arguments;
        let (body, _) = sent(&json!([message("user"), call, result("a")]));
        assert_eq!(body["messages"][1]["tool_calls"][0]["function"]["arguments"], "{}");
    }
}
