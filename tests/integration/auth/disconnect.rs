//! Disconnect: the sign-in is erased at once for every process of the home, and revoked at OpenAI now or, if that
//! fails, later.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use usher_sandbox::{Fault, Sandbox};
use usher_tests::{Home, Running, device_login, sign_in, signed_in};

const ADA: &str = "user-ada:ada00000-0000-4000-8000-000000000002";
const ADA_AT_WORK: &str = "user-ada:b0510000-0000-4000-8000-000000000004";

fn down() -> Fault {
    Fault::Status { status: 500, body: Value::Null, headers: std::collections::BTreeMap::new() }
}

/// Starts a process on the same home with its clock this many seconds ahead.
async fn resident(home: &Home, ahead: &str) -> Running {
    let mut process = Running::start(home.command(env!("CARGO_BIN_EXE_usher-callers"), &[ahead]));
    assert_eq!(process.event().await["ready"], true);
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnect_is_seen_by_running_process() {
    let (sandbox, home) = signed_in().await;
    let mut resident_process = resident(&home, "0").await;
    resident_process.type_line("1").await;
    assert_eq!(resident_process.event().await, json!({"ok": 1, "failed": []}));
    home.json(&["logout", "--yes"]).await.done();
    sandbox.reset();
    resident_process.type_line("3").await;
    let outcome = resident_process.event().await;
    assert_eq!(outcome, json!({"ok": 0, "failed": (["sign_in_required"; 3])}));
    assert_eq!(sandbox.all_requests().len(), 0, "its token was not sent once more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocation_that_fails_is_retried_later() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("revoke", down());
    let out = home.json(&["logout", "--yes"]).await.done();
    assert_eq!(out, json!({"revoked": "pending", "erased": true, "passes_refused": true}));
    for command in [&["models"][..], &["usage"], &["logout", "--yes"]] {
        assert_eq!(home.json(command).await.error_code(3), "sign_in_required", "{command:?}");
    }
    let status = home.run(&["status"]).await;
    assert!(status.stdout.contains("not signed in"), "{status:?}");

    // Not before its time: a failing server does not get a request from every command.
    resident_revokes(&home, "0").await;
    assert_eq!(sandbox.count("revoke"), 1);
    resident_revokes(&home, "61").await;
    assert_eq!(sandbox.count("revoke"), 2, "a minute later it is sent again");
    resident_revokes(&home, "7200").await;
    assert_eq!(sandbox.count("revoke"), 2, "then nothing is pending");
    let revocations: Vec<Value> =
        sandbox.requests("revoke").into_iter().map(|request| request.body).collect();
    assert_eq!(revocations[0], revocations[1], "the same token");
    assert_eq!(revocations[0]["token_type_hint"], "refresh_token");
}

async fn resident_revokes(home: &Home, ahead: &str) {
    let mut process = resident(home, ahead).await;
    process.type_line("revoke").await;
    assert_eq!(process.event().await, json!({"ok": 1, "failed": []}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocation_without_response_is_pending_after_ten_seconds() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("revoke", Fault::Hang);
    let began = Instant::now();
    let out = home.json(&["logout", "--yes"]).await.done();
    assert_eq!(out["revoked"], "pending");
    let took = began.elapsed();
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(20), "it took {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnect_is_seen_while_revocation_is_running() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("revoke", Fault::Hang);
    let mut out = home.start(&["logout", "--yes", "--json"]);
    sandbox.wait_for("revoke", 1, Duration::from_secs(30)).await.expect("the revocation is sent");
    assert_eq!(home.json(&["status"]).await.code, 3, "erased before it is revoked");
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_required");
    out.signal(nix::sys::signal::Signal::SIGKILL);
    out.end().await;
    // The pending revocation is stored, so it survives a kill. It is sent although nobody is signed in.
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_required");
    assert_eq!(sandbox.count("revoke"), 2);
}

/// Leaves a revocation pending that is due at once.
async fn with_due_revocation() -> (Sandbox, Home) {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("revoke", Fault::Hang);
    let mut out = home.start(&["logout", "--yes", "--json"]);
    sandbox.wait_for("revoke", 1, Duration::from_secs(30)).await.expect("the revocation is sent");
    out.signal(nix::sys::signal::Signal::SIGKILL);
    out.end().await;
    (sandbox, home)
}

/// On a server nothing else of Usher may run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_of_serve_sends_pending_revocations() {
    let (sandbox, home) = with_due_revocation().await;
    let mut serve = home.start(&["serve", "--port", "0", "--json"]);
    serve.event_named("listening").await;
    sandbox.wait_for("revoke", 2, Duration::from_secs(30)).await.expect("it is sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pending_revocation_is_sent_by_one_process_only() {
    let (sandbox, home) = with_due_revocation().await;
    let mut processes = [resident(&home, "0").await, resident(&home, "0").await];
    sandbox.push_fault("revoke", Fault::Delay { ms: 1000 });
    for process in &mut processes {
        process.type_line("revoke").await;
    }
    for process in &mut processes {
        assert_eq!(process.event().await, json!({"ok": 1, "failed": []}));
    }
    assert_eq!(sandbox.count("revoke"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnect_of_one_account_keeps_other_with_same_email() {
    let (sandbox, home) = signed_in().await;
    home.json(&["use", "gpt-5.5"]).await.done();
    sign_in(&home, &sandbox, "ada-work").await;
    home.json(&["accounts", "use", ADA_AT_WORK]).await.done();
    let work = home.json(&["status"]).await.done();
    assert_eq!((&work["account"]["id"], &work["account"]["plan"]), (&json!(ADA_AT_WORK), &json!("business")));
    assert_eq!(work["account"]["email"], "ada@example.com");
    assert_ne!(work["model"]["id"], "gpt-5.5", "a choice belongs to its account");
    for id in [ADA, ADA_AT_WORK] {
        assert_eq!(home.json(&["status", "--account", id]).await.done()["account"]["id"], id);
    }

    home.json(&["logout", "--yes"]).await.done();
    assert_eq!(sandbox.count("revoke"), 1, "one grant ended");
    assert_eq!(home.json(&["status"]).await.code, 3, "none is in use until the user chooses");
    home.json(&["accounts", "use", ADA]).await.done();
    let first = home.json(&["status"]).await.done();
    assert_eq!((&first["account"]["id"], &first["model"]["id"]), (&json!(ADA), &json!("gpt-5.5")));
    assert_eq!(home.json(&["usage"]).await.done()["plan"], "plus", "the other grant lives on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replaced_sign_in_is_revoked_automatically() {
    let (sandbox, home) = signed_in().await;
    sandbox.reset();
    device_login(&home, &sandbox, "ada").await.documents();
    assert_eq!(sandbox.count("revoke"), 1, "the replaced grant does not stay alive");
    assert_eq!(home.json(&["usage"]).await.code, 0, "and it was not the new one");
}
