//! Errors of the upstream through the built program: each has its code, exit status and document.

use serde_json::{Value, json};
use usher_sandbox::{Fault, GrantOperation, Options, Rule, Sandbox};
use usher_tests::{Home, Output, device_login, signed_in};

fn refuse(status: u16, code: &str) -> Fault {
    Fault::Refuse { code: code.to_owned(), status }
}

fn malformed() -> Fault {
    Fault::Malformed { body: "<not json>".to_owned() }
}

fn status(status: u16) -> Fault {
    Fault::Status { status, body: Value::Null, headers: std::collections::BTreeMap::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn error_codes_of_backend_map_to_exit_codes() {
    let (sandbox, home) = signed_in().await;
    let refusals = [
        (Fault::HtmlChallenge, "challenge_page", 5),
        (Fault::Region, "region_unsupported", 1),
        (Fault::DropBefore, "offline", 5),
        (Fault::ResetMidBody, "offline", 5),
        (malformed(), "malformed_answer", 1),
        (status(500), "upstream_error", 1),
        (refuse(503, "server_is_overloaded"), "overloaded", 1),
        (refuse(429, "rate_limit_exceeded"), "rate_limited", 4),
        (refuse(429, "usage_not_included"), "usage_not_included", 4),
        (refuse(429, "insufficient_quota"), "billing", 4),
    ];
    for (fault, code, exit) in refusals {
        sandbox.push_fault("usage", fault.clone());
        assert_eq!(home.json(&["usage"]).await.error_code(exit), code, "{fault:?}");
        assert_eq!(home.json(&["usage"]).await.code, 0, "{fault:?} says nothing of the next request");
    }
    assert_eq!(sandbox.count("token.refresh_token"), 0, "none of these is about the token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_backend_times_out() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("usage", Fault::Hang);
    assert_eq!(home.json(&["usage"]).await.error_code(1), "timeout");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn used_up_plan_reports_reset_time() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("usage", Fault::UsageLimit);
    let error = home.json(&["usage"]).await.error(4);
    assert_eq!(error["code"], "usage_limit_reached");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(error["retry_at"].as_u64().is_some_and(|at| at > now), "{error}");

    // In a test the failing stage has the code, and the stages before it have passed.
    sandbox.push_fault("responses", Fault::UsageLimit);
    let test = home.json(&["test"]).await;
    assert_eq!(test.code, 4, "{test:?}");
    let stages = test.json()["stages"].clone();
    assert_eq!(stages[2]["ok"], true);
    assert_eq!((&stages[3]["ok"], &stages[3]["code"]), (&json!(false), &json!("usage_limit_reached")));
    assert!(stages[3]["hint"].is_string(), "{stages}");

    let status = home.json(&["status"]).await.done();
    assert_eq!(
        status["attention"], "usage_limit_reached",
        "it stays in sight, without a sign-in being needed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_test_stage_skips_later_stages() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("models", Fault::HtmlChallenge);
    let test = home.json(&["test"]).await;
    assert_eq!(test.code, 5, "{test:?}");
    let report = test.json();
    let oks: Vec<&Value> = report["stages"].as_array().unwrap().iter().map(|stage| &stage["ok"]).collect();
    assert_eq!(oks, [&json!(true), &json!(true), &json!(false), &Value::Null]);
    assert_eq!(report["stages"][2]["code"], "challenge_page");
    assert_eq!(sandbox.count("responses"), 0, "a stage begins only when the one before has passed");
    assert!(test.stderr.contains("error: ") && test.stderr.contains("hint: "), "{test:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn final_refresh_errors_end_the_sign_in() {
    for (code, ours, exit) in [
        ("refresh_token_expired", "sign_in_expired", 3),
        ("refresh_token_reused", "sign_in_reused", 3),
        ("refresh_token_invalidated", "sign_in_revoked", 3),
        ("app_session_terminated", "sign_in_revoked", 3),
        ("a_code_of_next_year", "sign_in_revoked", 3),
        ("account_deactivated", "account_problem", 1),
    ] {
        let (sandbox, home) = signed_in().await;
        sandbox.change_grants(GrantOperation::ExpireAccess, None);
        sandbox.push_fault("token.refresh_token", refuse(401, code));
        assert_eq!(home.json(&["usage"]).await.error_code(exit), ours, "{code}");
        // Every later command reports the same without a request.
        sandbox.reset();
        assert_eq!(home.json(&["usage"]).await.error_code(exit), ours, "{code}");
        let status = home.json(&["status"]).await;
        assert_eq!((status.code, &status.documents()[0]["attention"]), (exit, &json!(ours)), "{code}");
        assert_eq!(sandbox.all_requests().len(), 0, "{code}: {:?}", sandbox.counts());
    }
}

/// The grant itself has ended, instead of an injected error response.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_grant_ends_the_sign_in() {
    for (operation, code) in [
        (GrantOperation::ExpireRefresh, "sign_in_expired"),
        (GrantOperation::Reuse, "sign_in_reused"),
        (GrantOperation::Invalidate, "sign_in_revoked"),
    ] {
        let (sandbox, home) = signed_in().await;
        sandbox.change_grants(operation, None);
        sandbox.change_grants(GrantOperation::ExpireAccess, None);
        assert_eq!(home.json(&["usage"]).await.error_code(3), code);
        assert_eq!(home.json(&["status"]).await.documents()[0]["attention"], code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn temporary_refresh_errors_keep_the_sign_in() {
    let (sandbox, home) = signed_in().await;
    for (fault, code, exit) in [
        (Fault::Region, "region_unsupported", 1),
        (Fault::HtmlChallenge, "challenge_page", 5),
        (Fault::DropBefore, "offline", 5),
        (refuse(429, "slow_down"), "overloaded", 1),
        (status(500), "upstream_error", 1),
    ] {
        sandbox.change_grants(GrantOperation::ExpireAccess, None);
        sandbox.push_fault("token.refresh_token", fault.clone());
        assert_eq!(home.json(&["usage"]).await.error_code(exit), code, "{fault:?}");
        assert_eq!(home.json(&["status"]).await.code, 0, "{fault:?} does not sign out");
        assert_eq!(home.json(&["usage"]).await.code, 0, "{fault:?}: the same refresh token goes on");
    }
}

/// Asserts the contract of a failed `login --json`: a last event `failed`, text on stderr, and nothing saved.
pub(crate) async fn assert_nothing_saved(home: &Home, output: &Output, exit: i32, code: &str) {
    assert_eq!(output.code, exit, "{output:?}");
    let last = output.documents().pop().unwrap();
    assert_eq!((&last["event"], &last["code"]), (&json!("failed"), &json!(code)), "{output:?}");
    assert!(output.stderr.contains("error: ") && output.stderr.contains("hint: "), "{output:?}");
    assert_eq!(home.files("secrets"), [""; 0], "nothing was saved");
    assert_eq!(home.json(&["status"]).await.code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_exchange_errors_save_nothing_and_are_not_retried() {
    for (fault, code, exit) in [
        (Fault::Region, "region_unsupported", 1),
        (Fault::HtmlChallenge, "challenge_page", 5),
        (malformed(), "malformed_answer", 1),
        (Fault::DropAfter, "offline", 5),
        (status(500), "upstream_error", 1),
        (refuse(403, "account_deactivated"), "account_problem", 1),
    ] {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let home = Home::at(&sandbox);
        sandbox.push_fault("token.authorization_code", fault.clone());
        let output = device_login(&home, &sandbox, "ada").await;
        assert_nothing_saved(&home, &output, exit, code).await;
        assert_eq!(sandbox.count("token.authorization_code"), 1, "{fault:?}: a code is single use");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn device_login_when_disabled_is_reported() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    sandbox.change_settings(|settings| settings.device_login = false);
    let output = home.json(&["login", "--device"]).await;
    assert_nothing_saved(&home, &output, 1, "device_login_disabled").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn device_code_that_expires_times_out() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let output = home.json(&["login", "--device", "--timeout", "1"]).await;
    assert_nothing_saved(&home, &output, 1, "timeout").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_skew_is_reported_and_nothing_is_saved() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    // The server's clock is nine days behind, so its eight-day token has expired by our clock.
    sandbox.change_settings(|settings| settings.clock_offset_s = -9 * 24 * 60 * 60);
    let output = device_login(&home, &sandbox, "ada").await;
    assert_nothing_saved(&home, &output, 1, "clock_skew").await;
    assert_eq!(sandbox.count("revoke"), 1, "an unsaved grant is revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_models_and_efforts_are_rejected() {
    let (sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["use", "gpt-0"]).await.error_code(1), "model_unavailable");
    assert_eq!(home.json(&["use", "--small", "gpt-0"]).await.error_code(1), "model_unavailable");
    assert_eq!(
        home.json(&["use", "gpt-5.5", "--effort", "heroic"]).await.error_code(2),
        "effort_unsupported"
    );
    assert_eq!(home.files("config.toml"), [""; 0], "nothing was chosen");

    // A chosen model that is removed later is not silently replaced.
    home.json(&["use", "gpt-5.5"]).await.done();
    sandbox.change_settings(|settings| settings.removed_models = vec!["gpt-5.5".into()]);
    let test = home.json(&["test"]).await;
    assert_eq!(test.code, 1, "{test:?}");
    assert_eq!(test.json()["stages"][3]["code"], "model_unavailable");
}

/// A 401 may have its code only in `x-error-json`; the recovery is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backend_that_rejects_every_token_causes_one_refresh() {
    let (sandbox, home) = signed_in().await;
    sandbox.script(vec![Rule::always("usage", status(401))]);
    let output = home.json(&["usage"]).await;
    assert_eq!(output.code, 3, "{output:?}");
    assert_eq!(
        (sandbox.count("usage"), sandbox.count("token.refresh_token")),
        (2, 1),
        "one refresh, one retry"
    );
}
