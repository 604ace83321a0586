//! What the gateway counts of requests, and `usher activity` shows.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use usher_sandbox::Fault;
use usher_tests::{Gateway, Home, signed_in};

use crate::gateway::dialects::responses_request;

/// Text that must not be kept.
const QUESTION: &str = "Say the word wisteria.";

async fn activity(home: &Home) -> Value {
    home.json(&["activity"]).await.done()["activity"].clone()
}

/// Waits until the gateway has written this many requests.
pub(crate) async fn written(home: &Home, requests: u64) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let activity = activity(home).await;
        if activity["total"]["requests"] == requests {
            return activity;
        }
        assert!(Instant::now() < deadline, "not written: {}", activity["total"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_is_counted_once_and_without_its_content() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    // Sent twice by Usher, and one request of the program.
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    assert_eq!(gateway.post("/v1/responses", &responses_request(true)).await.status, 200);
    let message = json!({ "model": "claude-opus-5-5", "max_tokens": 100, "top_k": 5,
        "output_config": { "effort": "ultra-hard" }, "service_tier": "standard_only",
        "messages": [{ "role": "user", "content": QUESTION }] });
    assert_eq!(gateway.post("/v1/messages", &message).await.status, 200);
    sandbox.push_fault("responses", Fault::UsageLimit);
    assert_eq!(gateway.post("/v1/responses", &responses_request(false)).await.status, 429);

    let activity = written(&home, 3).await;
    assert_eq!(activity["is_empty"], false);
    let total = &activity["total"];
    assert_eq!((&total["completed"], &total["failed"]), (&json!(2), &json!(1)), "{total}");
    assert_eq!(total["errors"], json!([{ "code": "usage_limit_reached", "requests": 1 }]));
    assert!(
        total["tokens_in"].as_u64() > Some(0) && total["first_word_median_ms"].as_u64() > Some(0),
        "{total}"
    );
    assert_eq!(activity["by_tool"][0]["id"], "test");
    assert_eq!(activity["by_payer"][0]["id"], "plan");
    assert_eq!(activity["by_account"][0]["counts"]["requests"], 3);
    assert_eq!(activity["by_day"].as_array().unwrap().len(), 14);

    let receipts = home.json(&["activity", "receipts"]).await.done()["receipts"].clone();
    assert_eq!(receipts.as_array().unwrap().len(), 3);
    assert_eq!(
        (&receipts[0]["outcome"], &receipts[0]["code"]),
        (&json!("failed"), &json!("usage_limit_reached"))
    );
    let message = &receipts[1];
    assert_eq!(
        (&message["dialect"], &message["requested_model"]),
        (&json!("messages"), &json!("claude-opus-5-5"))
    );
    assert_eq!(
        (&message["dropped"], &message["payer"]),
        (&json!(["max_output_tokens", "top_k"]), &json!("plan")),
        "{message}"
    );
    let asked = (&message["requested_effort"], &message["requested_tier"]);
    assert_eq!(asked, (&json!("ultra-hard"), &json!("standard")), "{message}");
    assert!(receipts[2]["first_output_ms"].as_u64() <= receipts[2]["took_ms"].as_u64(), "{}", receipts[2]);

    // A process that is killed leaves what it wrote, and the next one goes on.
    kill(Pid::from_raw(i32::try_from(gateway.id()).unwrap()), Signal::SIGKILL).unwrap();
    let email = home.json(&["status"]).await.done()["account"]["email"].as_str().unwrap().to_owned();
    for name in home.files("state.db") {
        let bytes = std::fs::read(home.path().join(&name)).unwrap();
        for text in ["wisteria", email.as_str()] {
            assert!(!String::from_utf8_lossy(&bytes).contains(text), "{name} has {text}");
        }
    }
    assert_eq!(home.run(&["pass", "revoke", "test"]).await.code, 0);
    let next = Gateway::start_with(&home, &["--any-provider"]).await;
    assert_eq!(next.post("/v1/responses", &responses_request(true)).await.status, 200);
    // Its end writes what is counted.
    next.stop().await;
    assert_eq!(self::activity(&home).await["total"]["requests"], 4);

    let file = home.path().join("counts.csv");
    let table = home.run(&["activity", "--by", "model", "--csv", file.to_str().unwrap()]).await;
    assert!(
        table.stdout.starts_with("4 requests, ") && table.stdout.contains("usage_limit_reached: 1"),
        "{table:?}"
    );
    let csv = std::fs::read_to_string(&file).unwrap();
    assert!(csv.starts_with("day,tool,") && csv.lines().count() > 1, "{csv}");
    let wrong = home.json(&["activity", "--from", "2026-02-30"]).await.error(2);
    assert!(wrong["message"].as_str().unwrap().contains("is not a date"), "{wrong}");
    home.json(&["activity", "clear", "--yes"]).await.done();
    let activity = self::activity(&home).await;
    assert_eq!((&activity["total"]["requests"], &activity["is_empty"]), (&json!(0), &json!(true)));
    assert!(home.run(&["activity"]).await.stdout.starts_with("No requests"));
}

/// Returns why the cache was missed, of the last requests, newest first.
async fn cache_misses(home: &Home, requests: u64) -> Vec<Value> {
    written(home, requests).await;
    let receipts = home.json(&["activity", "receipts"]).await.done()["receipts"].clone();
    let receipts = receipts.as_array().unwrap().iter();
    receipts.map(|receipt| receipt.get("cache_miss").cloned().unwrap_or_default()).collect()
}

/// The sandbox never reads from a cache.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipt_says_why_the_cache_was_missed() {
    let (_sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    let long = "one two three four ".repeat(1500);
    let turn = |role: &str, text: &str| json!({ "role": role, "content": text });
    let tool = json!({ "type": "function", "name": "read", "parameters": { "type": "object" } });
    let first = [turn("user", &long)];
    let second = [first[0].clone(), turn("assistant", "Yes?"), turn("user", "More.")];
    let summary = [turn("user", &long.to_uppercase()), turn("user", "More.")];
    for body in [
        json!({ "model": "", "input": first }),
        json!({ "model": "", "input": second, "prompt_cache_key": "one" }),
        json!({ "model": "", "input": second, "prompt_cache_key": "one" }),
        json!({ "model": "", "input": second, "prompt_cache_key": "one", "tools": [tool] }),
        json!({ "model": "", "input": summary, "prompt_cache_key": "one", "tools": [tool] }),
        json!({ "model": "", "input": "Short.", "prompt_cache_key": "one" }),
    ] {
        assert_eq!(gateway.post("/v1/responses", &body).await.status, 200);
    }
    let misses = cache_misses(&home, 6).await;
    assert_eq!(
        misses,
        [
            Value::Null,
            "history_changed".into(),
            "tools_changed".into(),
            "unknown".into(),
            "new_prompt".into(),
            "new_prompt".into()
        ]
    );
    let shown = home.run(&["activity", "receipts"]).await.stdout;
    assert!(shown.contains("not cached: other tools"), "{shown}");
}

/// Claude Code marks another message in each turn as the end of what is cached, which the translated prompt does not have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn translated_prompts_are_compared_as_they_are_sent() {
    let (_sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    let long = "one two three four ".repeat(1500);
    let marked =
        |text: &str| json!([{ "type": "text", "text": text, "cache_control": { "type": "ephemeral" } }]);
    let chat = |messages: Value| json!({ "model": "", "messages": messages });
    let claude =
        |messages: Value| json!({ "model": "claude-opus-5-5", "max_tokens": 100, "messages": messages });
    for (path, body) in [
        ("/v1/messages", claude(json!([{ "role": "user", "content": marked(&long) }]))),
        (
            "/v1/messages",
            claude(json!([
                { "role": "user", "content": [{ "type": "text", "text": long }] },
                { "role": "assistant", "content": "Yes?" },
                { "role": "user", "content": marked("More.") },
            ])),
        ),
        ("/v1/chat/completions", chat(json!([{ "role": "user", "content": long }]))),
        (
            "/v1/chat/completions",
            chat(json!([{ "role": "user", "content": long }, { "role": "assistant", "content": "Yes?" },
                { "role": "user", "content": "More." }])),
        ),
    ] {
        assert_eq!(gateway.post(path, &body).await.status, 200, "{path}");
    }
    let misses = cache_misses(&home, 4).await;
    assert_eq!(misses, ["unknown", "new_prompt", "unknown", "new_prompt"]);
}
