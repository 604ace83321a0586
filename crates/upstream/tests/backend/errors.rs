//! Error responses of the backend, and the codes that their fields become.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_domain::{ErrorCode, Failure};
use usher_sandbox::{Fault, Limits};

use crate::support::{Fixture, fixture};

const MODEL: &str = "gpt-6.2-sol";

fn status(status: u16, body: Value, headers: &[(&str, &str)]) -> Fault {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Status { status, body, headers }
}

async fn probe_error(fixture: &Fixture) -> Failure {
    fixture.backend.probe(MODEL, None).await.unwrap_err()
}

#[tokio::test]
async fn usage_limit_has_reset_and_is_reported() {
    let fixture = fixture("ada").await;
    let limits = Limits {
        secondary_used_percent: Some(100.0),
        secondary_reset_after_s: Some(7200),
        ..Limits::default()
    };
    fixture.sandbox.change_settings(|settings| drop(settings.limits.insert("ada".into(), limits)));
    let failure = probe_error(&fixture).await;
    assert_eq!(failure.code, ErrorCode::UsageLimitReached);
    let usage = fixture.seen.usage.lock().unwrap().pop().unwrap();
    let week = usage.windows.iter().find(|window| window.window_seconds == 604_800).unwrap();
    assert!(failure.retry_at.is_some());
    // The body was made a moment before the headers; a second may lie between them.
    let apart = week.resets_at.unwrap().since(failure.retry_at.unwrap());
    assert!((0..=1).contains(&apart), "{apart}");
    assert_eq!(usage.limit_reached.unwrap().resets_at, failure.retry_at);
}

#[tokio::test]
async fn limit_of_one_model_is_none_of_the_plan() {
    let fixture = fixture("ada").await;
    let body = json!({ "error": { "type": "usage_limit_reached", "resets_in_seconds": 600 } });
    let limited = |active_limit| {
        let headers = [
            ("x-codex-primary-used-percent", "19.5"),
            ("x-codex-primary-window-minutes", "300"),
            ("x-codex-secondary-used-percent", "86.5"),
            ("x-codex-secondary-window-minutes", "10080"),
            ("x-codex-bengalfox-primary-used-percent", "100"),
            ("x-codex-bengalfox-primary-window-minutes", "300"),
            ("x-codex-active-limit", active_limit),
        ];
        status(429, body.clone(), &headers)
    };
    for (active_limit, of_plan) in [("codex_bengalfox", false), ("codex", true), ("codex_other", true)] {
        fixture.sandbox.push_fault("responses", limited(active_limit));
        let failure = probe_error(&fixture).await;
        assert_eq!((failure.code, failure.retry_at.is_some()), (ErrorCode::UsageLimitReached, true));
        let usage = fixture.seen.usage.lock().unwrap().pop().unwrap();
        assert_eq!(usage.limit_reached.is_some(), of_plan, "{active_limit}");
        let used: Vec<_> = usage.windows.iter().map(|one| (one.used_percent, one.meter.as_deref())).collect();
        assert_eq!(used, [(19.5, None), (100.0, Some("codex-bengalfox")), (86.5, None)]);
    }
}

#[tokio::test]
async fn workspace_spending_limit_is_billing_without_reset() {
    let fixture = fixture("ada-work").await;
    let reached_type = Some("workspace_member_usage_limit_reached".to_owned());
    let limits = Limits { reached_type, ..Limits::default() };
    fixture.sandbox.change_settings(|settings| drop(settings.limits.insert("ada-work".into(), limits)));
    let failure = probe_error(&fixture).await;
    assert_eq!((failure.code, failure.retry_at), (ErrorCode::Billing, None));
    let reached = fixture.seen.usage.lock().unwrap().pop().unwrap().limit_reached.unwrap();
    assert_eq!((reached.reason.as_str(), reached.resets_at), ("workspace_member_usage_limit_reached", None));
}

#[tokio::test]
async fn workspace_without_codex_is_not_included() {
    assert_eq!(probe_error(&fixture("noa").await).await.code, ErrorCode::UsageNotIncluded);
}

#[tokio::test]
async fn model_outside_plan_is_unavailable() {
    let free = fixture("fay").await;
    let failure = free.backend.probe("gpt-6.2-astra", None).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ModelUnavailable);
    assert!(failure.cause.contains("'gpt-6.2-astra' model is not supported"), "{failure}");
    // An id so long that it looks like a token, and is redacted in the message.
    let long = "gpt-7-experimental-preview-2027-01-31";
    assert_eq!(free.backend.probe(long, None).await.unwrap_err().code, ErrorCode::ModelUnavailable);
}

#[tokio::test]
async fn effort_outside_model_is_unsupported() {
    let failure = fixture("ada").await.backend.probe("gpt-5.5", Some("ultra")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::EffortUnsupported);
}

#[tokio::test]
async fn challenge_page_is_recognized_without_refresh() {
    let fixture = fixture("ada").await;
    for endpoint in ["models", "usage", "responses"] {
        fixture.sandbox.push_fault(endpoint, Fault::HtmlChallenge);
    }
    let failures = [
        fixture.backend.models(Some(&fixture.plan)).await.unwrap_err(),
        fixture.backend.usage().await.unwrap_err(),
        probe_error(&fixture).await,
    ];
    for failure in failures {
        assert_eq!(failure.code, ErrorCode::ChallengePage, "{failure}");
        assert!(failure.cause.contains("cf-ray"), "{failure}");
    }
    let page = status(200, json!("<html>Sign in to this hotel</html>"), &[("content-type", "text/html")]);
    fixture.sandbox.push_fault("models", page);
    assert_eq!(fixture.backend.models(Some(&fixture.plan)).await.unwrap_err().code, ErrorCode::ChallengePage);
    assert_eq!(fixture.tokens.refreshes(), 0, "a page for people is no reason to spend a refresh token");
}

#[tokio::test]
async fn unsupported_region_does_not_refresh() {
    let fixture = fixture("ada").await;
    fixture.sandbox.push_fault("responses", Fault::Region);
    assert_eq!(probe_error(&fixture).await.code, ErrorCode::RegionUnsupported);
    let code = "unsupported_country_region_territory".to_owned();
    fixture.sandbox.push_fault("responses", Fault::Refuse { code, status: 401 });
    assert_eq!(probe_error(&fixture).await.code, ErrorCode::RegionUnsupported);
    assert_eq!(fixture.tokens.refreshes(), 0);
}

#[tokio::test]
async fn error_response_maps_to_its_code() {
    let error =
        |code: &str, kind: &str| json!({ "error": { "code": code, "type": kind, "message": "So it is." } });
    let html = [("content-type", "text/html")];
    let rows = [
        (
            status(400, json!({ "detail": "Unsupported parameter: max_output_tokens" }), &[]),
            ErrorCode::UpstreamError,
        ),
        (status(400, json!({ "detail": "Store must be set to false" }), &[]), ErrorCode::UpstreamError),
        (
            status(400, json!({ "error": { "message": "no", "param": "model" } }), &[]),
            ErrorCode::ModelUnavailable,
        ),
        (status(400, error("invalid_prompt", "invalid_request_error"), &[]), ErrorCode::UpstreamError),
        (status(400, error("context_length_exceeded", ""), &[]), ErrorCode::UpstreamError),
        (status(403, error("account_deactivated", ""), &[]), ErrorCode::AccountProblem),
        (status(403, json!({ "detail": "Forbidden" }), &[]), ErrorCode::UpstreamError),
        (status(404, json!(null), &[]), ErrorCode::UpstreamError),
        (status(429, error("insufficient_quota", "insufficient_quota"), &[]), ErrorCode::Billing),
        (status(429, error("usage_not_included", ""), &[]), ErrorCode::UsageNotIncluded),
        (status(429, error("rate_limit_exceeded", "rate_limit_error"), &[]), ErrorCode::RateLimited),
        (status(429, json!(null), &[]), ErrorCode::RateLimited),
        (status(503, error("server_is_overloaded", "service_unavailable_error"), &[]), ErrorCode::Overloaded),
        (status(503, error("slow_down", ""), &[]), ErrorCode::Overloaded),
        (status(500, error("server_error", "server_error"), &[]), ErrorCode::UpstreamError),
        (status(502, json!("<html>Bad gateway</html>"), &html), ErrorCode::UpstreamError),
        (status(302, json!(null), &[("location", "https://example.com/")]), ErrorCode::HostNotAllowed),
    ];
    let fixture = fixture("ada").await;
    for (fault, code) in rows {
        fixture.sandbox.push_fault("responses", fault.clone());
        let failure = probe_error(&fixture).await;
        assert_eq!(failure.code, code, "{fault:?}: {failure}");
    }
    assert!(fixture.sandbox.pending_faults().is_empty());
    assert_eq!(fixture.tokens.refreshes(), 0);
}

#[tokio::test]
async fn retry_after_header_becomes_retry_at() {
    let fixture = fixture("ada").await;
    fixture.sandbox.push_fault("responses", status(429, json!(null), &[("retry-after", "90")]));
    fixture
        .sandbox
        .push_fault("usage", status(503, json!(null), &[("retry-after", "Fri, 20 Nov 2026 10:00:00 GMT")]));
    let sent_at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let pause = probe_error(&fixture).await.retry_at.unwrap().0 - i64::try_from(sent_at).unwrap();
    assert!((89..=95).contains(&pause), "{pause}");
    assert_eq!(fixture.backend.usage().await.unwrap_err().retry_at.unwrap().0, 1_795_168_800);
}

#[tokio::test]
async fn unknown_error_keeps_message_without_token() {
    let fixture = fixture("ada").await;
    let token = fixture.tokens.first.bearer.expose().to_owned();
    let body = json!({ "error": { "code": "tea_time", "message": format!("No tea for {token}, sorry.") } });
    fixture.sandbox.push_fault("responses", status(418, body, &[]));
    let failure = probe_error(&fixture).await;
    assert_eq!(failure.code, ErrorCode::UpstreamError);
    assert_eq!(failure.cause, "127.0.0.1 answered 418 tea_time: No tea for [redacted], sorry.");
}
