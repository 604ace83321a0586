//! The limits of a plan, as the commands print them.

use serde_json::json;
use usher_sandbox::Fault;
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
