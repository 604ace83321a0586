//! Calls and their results in a Responses input, wherever they stand, as Chat Completions needs them.

use serde_json::{Value, json};
use usher_dialect::chat_completions::{from_responses, to_responses};
use usher_dialect::json::RawObject;
use usher_dialect::messages;
use usher_dialect::translate::Recipient;

/// Returns the messages and the names of what was dropped.
fn sent(input: &Value) -> (Value, Vec<String>) {
    let tools = json!([{ "type": "function", "name": "now", "parameters": {} }]);
    let body = serde_json::to_vec(&json!({ "model": "m", "input": input, "tools": tools })).unwrap();
    let translated = from_responses(&RawObject::parse(&body).unwrap(), None).unwrap();
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

/// Returns the input that a conversation of another dialect becomes: the type, id and output of each item.
fn hub(body: &Value, messages: bool) -> Vec<(String, String, String)> {
    let body = serde_json::to_vec(body).unwrap();
    let (body, recipient) =
        (RawObject::parse(&body).unwrap(), Recipient { model: "m", ..Recipient::default() });
    let sent = if messages {
        messages::to_responses(&body, &recipient).unwrap().request.body
    } else {
        to_responses(&body, &recipient).unwrap().body
    };
    let sent: Value = serde_json::from_slice(&sent.to_bytes()).unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = sent["input"].as_array().unwrap().iter();
    items.map(|item| (word(&item["type"]), word(&item["call_id"]), word(&item["output"]))).collect()
}

/// The ids of a turn's calls, and the ids and outputs of its results.
type Turn<'t> = (&'t [&'t str], &'t [(&'t str, &'t str)]);

/// Returns the input that these turns become: the ids of calls, then the ids and outputs of results.
fn turns(turns: &[Turn<'_>], messages: bool) -> Vec<(String, String, String)> {
    let mut list = Vec::new();
    for (calls, results) in turns {
        list.push(json!({ "role": "user", "content": "Go." }));
        if messages {
            let call = |id: &&str| json!({ "type": "tool_use", "id": id, "name": "now", "input": {} });
            let result = |(id, output): &(&str, &str)| json!({ "type": "tool_result", "tool_use_id": id, "content": output });
            let (calls, results): (Vec<_>, Vec<_>) =
                (calls.iter().map(call).collect(), results.iter().map(result).collect());
            if !calls.is_empty() {
                list.push(json!({ "role": "assistant", "content": calls }));
            }
            list.push(json!({ "role": "user", "content": results }));
        } else {
            let call = |id: &&str| json!({ "id": id, "type": "function", "function": { "name": "now", "arguments": "{}" } });
            let calls: Vec<_> = calls.iter().map(call).collect();
            if !calls.is_empty() {
                list.push(json!({ "role": "assistant", "content": null, "tool_calls": calls }));
            }
            let result = |(id, output): &(&str, &str)| json!({ "role": "tool", "tool_call_id": id, "content": output });
            list.extend(results.iter().map(result));
        }
    }
    hub(&json!({ "model": "m", "max_tokens": 9, "messages": list }), messages)
        .into_iter()
        .filter(|(kind, ..)| kind != "message")
        .collect()
}

#[test]
fn call_ids_of_a_conversation_are_unique() {
    let id = "terminal:0";
    for messages in [false, true] {
        let items = turns(&[(&[id], &[(id, "one")]), (&[id, id], &[(id, "two"), (id, "three")])], messages);
        let outputs: Vec<_> = items.iter().filter(|(kind, ..)| kind == "function_call_output").collect();
        let calls: Vec<_> = items.iter().filter(|(kind, ..)| kind == "function_call").collect();
        assert_eq!((calls.len(), outputs.len()), (3, 3));
        for (place, (call, output)) in calls.iter().zip(&outputs).enumerate() {
            assert_eq!((&call.1, output.2.as_str()), (&output.1, ["one", "two", "three"][place]));
        }
        assert!(calls[0].1 != calls[1].1 && calls[1].1 != calls[2].1 && calls[0].1 != calls[2].1);
    }
}

#[test]
fn long_call_ids_are_shortened_alike() {
    let id = "codex_mcp__apps__google_calendar.search_events_exec-0f8e9d2c-1111-2222-3333-444455556666";
    for messages in [false, true] {
        let items = turns(&[(&[id], &[(id, "one")])], messages);
        assert_eq!(items[0].1, items[1].1);
        assert!(items[0].1.len() <= 64, "{items:?}");
    }
}

#[test]
fn schemas_of_tools_without_parameters_are_complete() {
    let complete = json!({ "type": "object", "properties": {} });
    for schema in [
        json!({}),
        json!({ "type": "object", "properties": null }),
        json!({ "type": null, "properties": {} }),
    ] {
        let recipient = Recipient { model: "m", ..Recipient::default() };
        let body = json!({ "model": "m", "input": "Hi", "tools": [{ "type": "function", "name": "now", "parameters": schema }] });
        let body = serde_json::to_vec(&body).unwrap();
        let sent = from_responses(&RawObject::parse(&body).unwrap(), None).unwrap().body;
        let sent: Value = serde_json::from_slice(&sent.to_bytes()).unwrap();
        assert_eq!(sent["tools"][0]["function"]["parameters"], complete);
        let messages = json!([{ "role": "user", "content": "Hi" }]);
        let chat = json!({ "messages": messages, "max_tokens": 1,
            "tools": [{ "type": "function", "function": { "name": "now", "parameters": schema } }] });
        let of_messages = json!({ "model": "c", "max_tokens": 1, "messages": messages,
            "tools": [{ "name": "now", "input_schema": schema }] });
        let bodies = [serde_json::to_vec(&chat).unwrap(), serde_json::to_vec(&of_messages).unwrap()];
        let [chat, of_messages] = bodies.each_ref().map(|body| RawObject::parse(body).unwrap());
        let sent = [
            to_responses(&chat, &recipient).unwrap().body,
            messages::to_responses(&of_messages, &recipient).unwrap().request.body,
        ];
        for sent in sent {
            let sent: Value = serde_json::from_slice(&sent.to_bytes()).unwrap();
            assert_eq!(
                (&sent["tools"][0]["parameters"], &sent["max_output_tokens"]),
                (&complete, &json!(16))
            );
        }
    }
}

/// Returns a word for each item of the input that a conversation of another dialect becomes: `C` with the id of a call,
/// `R` with that of a result, or the words of a message.
fn words(messages: &Value, of_messages: bool) -> Vec<String> {
    let body = json!({ "model": "m", "max_tokens": 9, "messages": messages });
    let body = serde_json::to_vec(&body).unwrap();
    let (body, recipient) =
        (RawObject::parse(&body).unwrap(), Recipient { model: "m", ..Recipient::default() });
    let sent = if of_messages {
        messages::to_responses(&body, &recipient).unwrap().request.body
    } else {
        to_responses(&body, &recipient).unwrap().body
    };
    let sent: Value = serde_json::from_slice(&sent.to_bytes()).unwrap();
    let word = |item: &Value| {
        let id = item["call_id"].as_str().unwrap_or_default();
        match item["type"].as_str().unwrap() {
            "function_call" => format!("C {id}"),
            "function_call_output" => format!("R {id}: {}", item["output"].as_str().unwrap()),
            _ => {
                let parts = item["content"].as_array().unwrap().iter();
                let parts: Vec<_> = parts.map(|part| part["text"].as_str().unwrap_or("picture")).collect();
                parts.join(" ")
            }
        }
    };
    sent["input"].as_array().unwrap().iter().map(word).collect()
}

#[test]
fn calls_and_results_towards_the_responses_api_are_pairs() {
    const NONE: &str = "There is no result: the call was interrupted.";
    let (user, picture) = (|| json!({ "role": "user", "content": "Go." }), "data:image/png;base64,AA==");
    let call = |ids: &[&str]| {
        let call = |id: &&str| json!({ "id": id, "function": { "name": "now", "arguments": "{}" } });
        json!({ "role": "assistant", "tool_calls": ids.iter().map(call).collect::<Vec<_>>() })
    };
    let result = |id: &str, content: Value| json!({ "role": "tool", "tool_call_id": id, "content": content });
    let done = |id: &str| result(id, json!(format!("of {id}")));
    let image = json!([{ "type": "image_url", "image_url": { "url": picture } }]);
    let no_ids = [
        user(),
        json!({ "role": "assistant", "tool_calls": [{ "function": { "name": "now" } }] }),
        json!({ "role": "tool", "tool_call_id": null, "content": "12:00" }),
    ];
    for (input, expected) in [
        (json!([user(), call(&["a"]), done("a")]), vec!["Go.", "C a", "R a: of a"]),
        (json!([user(), call(&["a"])]), vec!["Go.", "C a", &format!("R a: {NONE}")]),
        (
            json!([user(), call(&["a", "b"]), done("a"), user()]),
            vec!["Go.", "C a", "C b", &format!("R b: {NONE}"), "R a: of a", "Go."],
        ),
        (json!([user(), call(&["a"]), user(), done("a")]), vec!["Go.", "C a", "Go.", "R a: of a"]),
        (json!([done("z"), user()]), vec!["Output of a tool: of z", "Go."]),
        (json!([user(), result("z", image)]), vec!["Go.", "Output of a tool: picture"]),
        (
            json!([user(), call(&["a"]), done("a"), done("a")]),
            vec!["Go.", "C a", "R a: of a", "Output of a tool: of a"],
        ),
        (json!(no_ids), vec!["Go.", "C call_1", "R call_1: 12:00"]),
        (json!([user(), call(&[""]), done("")]), vec!["Go.", "C call_1", "R call_1: of "]),
        (json!([{ "role": "function", "name": "now", "content": "12:00" }]), vec!["Output of a tool: 12:00"]),
        (
            json!([user(), { "role": "assistant", "function_call": { "name": "now", "arguments": "" } }]),
            vec!["Go.", "C call_function_1", &format!("R call_function_1: {NONE}")],
        ),
    ] {
        assert_eq!(words(&input, false), expected, "{input}");
    }

    let call = |id: &str| json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": id, "name": "now", "input": {} }] });
    let result = |id: &str| json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": "now", "is_error": id == "z" }] });
    for (input, expected) in [
        (json!([user(), call("a"), result("a")]), vec!["Go.", "C a", "R a: now"]),
        (json!([user(), call("a"), user()]), vec!["Go.", "C a", &format!("R a: {NONE}"), "Go."]),
        (json!([user(), result("z")]), vec!["Go.", "Output of a tool: Error: now"]),
        (
            json!([user(), call("a"), result("a"), result("a")]),
            vec!["Go.", "C a", "R a: now", "Output of a tool: now"],
        ),
    ] {
        assert_eq!(words(&input, true), expected, "{input}");
    }
}

#[test]
fn request_without_input_has_its_instructions() {
    let sent = |request: &Value| {
        let body = serde_json::to_vec(request).unwrap();
        from_responses(&RawObject::parse(&body).unwrap(), None)
            .map(|sent| serde_json::from_slice::<Value>(&sent.body.to_bytes()).unwrap()["messages"].take())
    };
    for input in [Value::Null, json!([])] {
        let request = json!({ "model": "m", "instructions": "Say hi.", "input": input });
        assert_eq!(sent(&request).unwrap(), json!([{ "role": "system", "content": "Say hi." }]));
        let nothing = sent(&json!({ "model": "m", "input": input })).unwrap_err();
        assert_eq!(nothing.param.as_deref(), Some("input"));
    }
}
