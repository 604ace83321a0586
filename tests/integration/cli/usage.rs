//! The limits of a plan, as the commands print them.

use serde_json::json;
use usher_sandbox::{Fault, Limits};
use usher_tests::signed_in;

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
