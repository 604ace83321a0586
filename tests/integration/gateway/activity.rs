//! What the gateway counts of requests, and `usher activity` shows.

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
    for _ in 0..150 {
        let activity = activity(home).await;
        if activity["total"]["requests"] == requests {
            return activity;
        }
    }
    panic!("not written: {}", activity(home).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_is_counted_once_and_without_its_content() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    // Sent twice by Usher, and one request of the program.
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    assert_eq!(gateway.post("/v1/responses", &responses_request(true)).await.status, 200);
    let message = json!({ "model": "claude-opus-5-5", "max_tokens": 100, "top_k": 5,
        "messages": [{ "role": "user", "content": QUESTION }] });
    assert_eq!(gateway.post("/v1/messages", &message).await.status, 200);
    sandbox.push_fault("responses", Fault::UsageLimit);
    assert_eq!(gateway.post("/v1/responses", &responses_request(false)).await.status, 429);

    let activity = written(&home, 3).await;
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
    assert_eq!(self::activity(&home).await["total"]["requests"], 0);
    assert!(home.run(&["activity"]).await.stdout.starts_with("No requests"));
}
