//! The main job from a script: sign in, look, choose, test, disconnect.

use crate::support::{Bench, Login};
use serde_json::{Value, json};
use usher_sandbox::Fault;
use usher_sandbox::browser::Browser;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// In the group of tests that take the real callback ports.
#[tokio::test]
async fn callback_ports_a_script_signs_in_with_a_browser_and_does_the_main_job() {
    let bench = Bench::new().await;
    let mut login = Login::start(bench.command(&["login", "--no-browser"]));
    let open = login.event().await;
    assert_eq!(open["event"], "open");
    let url = open["url"].as_str().expect("an address");
    assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A145"), "{url}");
    let landing = Browser::new().approve(url, "ada").await;
    assert_eq!(landing.status, Some(200));
    assert!(!landing.body.contains("ac_sandbox_"), "the answer page repeats nothing of the request");
    let (status, events) = login.end().await;
    assert!(status.success());
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(names, ["exchanging", "signed_in"]);
    assert_eq!(events[1]["account"]["email"], "ada@example.com");
    assert_eq!(bench.sandbox.count("models"), 1, "the list loads by itself");

    let status = bench.document(&["status"]).await;
    let fields = [
        "account",
        "attention",
        "expires_at",
        "gateway",
        "limits",
        "model",
        "provider",
        "signed_in",
        "store",
    ];
    assert_eq!(keys(&status), fields);
    assert_eq!(keys(&status["account"]), ["email", "id", "label", "plan", "workspace"]);
    assert_eq!((&status["signed_in"], &status["account"]["plan"]), (&json!(true), &json!("plus")));

    let models = bench.document(&["models"]).await;
    assert_eq!(keys(&models), ["account", "fetched_at", "models", "provider", "stale"]);
    let fields = [
        "chosen",
        "context_window",
        "default",
        "default_effort",
        "description",
        "efforts",
        "id",
        "name",
        "source",
    ];
    assert_eq!(keys(&models["models"][0]), fields);
    assert_eq!(models["models"][0]["default"], true);
    assert!(!models.to_string().contains("codex-auto-review"), "hidden models are not shown");

    let chosen = bench.document(&["use", "gpt-6-luna", "--effort", "medium"]).await;
    assert_eq!(chosen, json!({ "id": "gpt-6-luna", "effort": "medium", "small": null }));

    let usage = bench.document(&["usage"]).await;
    assert_eq!(keys(&usage), ["credits", "limit_reached", "plan", "windows"]);
    let labels: Vec<&Value> =
        usage["windows"].as_array().expect("windows").iter().map(|one| &one["label"]).collect();
    assert_eq!(labels, ["5-hour", "weekly"]);

    let test = bench.document(&["test"]).await;
    assert_eq!(test["ok"], true);
    let stages: Vec<&Value> =
        test["stages"].as_array().expect("stages").iter().map(|one| &one["stage"]).collect();
    assert_eq!(stages, ["credential", "token", "models", "answer"]);
    assert_eq!(keys(&test["stages"][0]), ["code", "hint", "ms", "ok", "stage"]);
    let asked = bench.sandbox.requests("responses").pop().expect("the model was asked");
    assert_eq!(asked.body["model"], "gpt-6-luna");
    assert_eq!(asked.body["reasoning"]["effort"], "medium");

    let logout = bench.document(&["logout", "--yes"]).await;
    assert_eq!(logout, json!({ "revoked": "yes", "erased": true, "passes_refused": true }));
    assert_eq!(bench.sandbox.count("revoke"), 1);
    let after = bench.usher(&["status"]).await;
    assert_eq!((after.exit, &after.document()["signed_in"]), (Some(3), &json!(false)));
}

#[tokio::test]
async fn status_never_asks_the_network() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    let before = bench.sandbox.all_requests().len();
    bench.document(&["status"]).await;
    assert_eq!(bench.sandbox.all_requests().len(), before);
}

#[tokio::test]
async fn a_revocation_that_cannot_be_made_is_owed_and_made_by_a_later_command() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    bench.sandbox.push_fault(
        "revoke",
        Fault::Status { status: 500, body: json!("down"), headers: std::collections::BTreeMap::default() },
    );
    let logout = bench.document(&["logout", "--yes"]).await;
    assert_eq!(logout["revoked"], "pending");
    assert_eq!(bench.usher(&["status"]).await.exit, Some(3), "erased here all the same");
    let refused = bench.usher(&["logout", "--yes"]).await;
    assert_eq!((refused.exit, refused.code().as_str()), (Some(3), "sign_in_required"));
    assert_eq!(bench.sandbox.count("revoke"), 1, "not before its pause is over");
}

#[tokio::test]
async fn a_disconnect_is_seen_by_the_next_command_of_the_same_home() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    bench.document(&["logout", "--yes"]).await;
    for command in [&["models"][..], &["usage"], &["test"]] {
        let done = bench.usher(command).await;
        assert_eq!(done.exit, Some(3), "{command:?}: {done:?}");
    }
}
