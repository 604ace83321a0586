//! The limits of a plan, as the commands print them.

use futures_util::future::join_all;
use serde_json::json;
use usher_sandbox::{Fault, Limits};
use usher_tests::{Running, device_login, signed_in};

/// A member of a workspace without windows has this number only (protocol §9.1).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spend_limit_of_a_member_is_shown() {
    let (sandbox, home) = signed_in().await;
    let body = json!({
        "plan_type": "business", "rate_limit": null, "rate_limit_reached_type": null,
        "credits": { "has_credits": true, "unlimited": false, "balance": null },
        "spend_control": { "reached": false, "individual_limit": {
            "limit": "100", "used": "26", "remaining": "74", "used_percent": 26, "remaining_percent": 74,
            "reset_at": 4_000_000_000_u64 } },
    });
    let seen = Fault::Status { status: 200, body, headers: [].into() };
    sandbox.push_fault("usage", seen.clone());
    let shown = home.run(&["usage"]).await.stdout;
    assert!(shown.contains("your spend limit: 26% used, resets "), "{shown}");
    assert!(!shown.contains("unknown"), "{shown}");
    let status = home.run(&["status"]).await.stdout;
    assert!(status.contains("Limit      your spend limit 26% used, resets "), "{status}");
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["spend_limits"][0]["used_percent"], 26.0);
    sandbox.push_fault("usage", seen);
    let limit = home.json(&["usage"]).await.done()["spend_limits"][0].clone();
    let expected = json!({ "label": "your spend limit", "scope": "member", "used_percent": 26.0,
                           "resets_at": 4_000_000_000_u64 });
    assert_eq!(limit, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resets_in_reserve_are_shown_with_the_next_expiry() {
    let (sandbox, home) = signed_in().await;
    assert!(!home.run(&["usage"]).await.stdout.contains("reserve"), "there are none");
    let in_reserve = |expire_after_s: &[i64]| {
        let limits = Limits { reset_credits_expire_after_s: expire_after_s.to_vec(), ..Limits::default() };
        sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), limits)].into());
    };
    in_reserve(&[864_000, 86_400]);
    let shown = home.run(&["usage"]).await.stdout;
    assert!(shown.contains("  Resets in reserve: 2, the next expires "), "{shown}");
    let credits = home.json(&["usage"]).await.done()["reset_credits"].clone();
    let expire_at: Vec<i64> = serde_json::from_value(credits["expire_at"].clone()).unwrap();
    assert_eq!((&credits["available"], expire_at.len()), (&json!(2), 2), "{credits}");
    assert_eq!(expire_at[1] - expire_at[0], 777_600);
    // Their number is known where the second answer does not come.
    let gone = Fault::Status { status: 404, body: json!({ "detail": "Not Found" }), headers: [].into() };
    sandbox.push_fault("reset_credits", gone);
    let shown = home.run(&["usage"]).await.stdout;
    assert!(shown.contains("  Resets in reserve: 2\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openai_is_asked_at_most_once_a_minute() {
    let (sandbox, mut home) = signed_in().await;
    let asked = || sandbox.requests("usage").len();
    let failing = Fault::Status { status: 500, body: json!({}), headers: [].into() };
    sandbox.push_fault("usage", failing);
    home.hurry();
    assert_ne!(home.run(&["usage"]).await.code, 0);
    let first = home.run(&["usage"]).await;
    assert_eq!((first.code, asked()), (0, 2), "a failure is no answer");
    assert!(!first.stdout.contains("Seen "), "{first:?}");
    // Times are whole seconds: in the next one it is what was seen before.
    while !home.run(&["usage"]).await.stdout.contains("Seen ") {}
    let shown = join_all((0..4).map(|_| home.run(&["usage"]))).await;
    for output in &shown {
        let (same, seen) = output.stdout.split_once("Seen ").expect("it says when it was seen");
        assert_eq!(same, first.stdout);
        assert!(seen.ends_with(". OpenAI is asked at most once a minute.\n"), "{seen}");
    }
    let seen_at = home.json(&["usage"]).await.done()["seen_at"].as_i64().unwrap();
    assert_eq!(asked(), 2);

    // What responses report is shown meanwhile.
    let limits = Limits { primary_used_percent: Some(55.0), ..Limits::default() };
    sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), limits)].into());
    assert_eq!(home.run(&["test"]).await.code, 0);
    let usage = home.json(&["usage"]).await.done();
    assert!(usage["windows"][0]["used_percent"].as_f64().unwrap() >= 55.0, "{usage}");
    assert!(usage["seen_at"].as_i64().unwrap() > seen_at, "{usage}");
    assert_eq!(asked(), 2);

    // Another account has a minute of its own, and a new sign-in may be of another plan.
    assert_eq!(device_login(&home, &sandbox, "fay").await.code, 0);
    assert_eq!(home.json(&["usage", "--account", "fay@example.com"]).await.done()["plan"], "free");
    assert_eq!(asked(), 3);
    assert_eq!(device_login(&home, &sandbox, "ada").await.code, 0);
    assert_eq!(home.json(&["usage", "--account", "ada@example.com"]).await.code, 0);
    assert_eq!(asked(), 4);
}

/// Panels of one window may ask at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_one_process_share_one_answer() {
    let (sandbox, home) = signed_in().await;
    sandbox.push_fault("usage", Fault::Delay { ms: 500 });
    let mut window = Running::start(home.command(env!("CARGO_BIN_EXE_usher-callers"), &[]));
    window.event().await;
    window.type_line("usage at most once a minute").await;
    assert_eq!(window.event().await, json!({ "ok": 5, "failed": [] }));
    assert_eq!(sandbox.requests("usage").len(), 1);
}
