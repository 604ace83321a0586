//! Models and usage.

use std::sync::Arc;

use serde_json::json;
use usher_domain::ports::Authorization;
use usher_domain::{ErrorCode, LimitReached, OAuthProvider, Plan};
use usher_sandbox::{Fault, Limits, Options, Sandbox};
use usher_upstream::Timeouts;

use crate::support::{LONG, SHORT, Tokens, backend, fixture, fixture_at};

#[tokio::test]
async fn models_of_plan_are_in_server_order() {
    let fixture = fixture("ada").await;
    let list = fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    let ids: Vec<&str> = list.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids[..3], ["gpt-6.2-sol", "gpt-6.2-astra", "gpt-6.1-terra"]);
    assert!(!ids.contains(&"codex-auto-review"), "a hidden model is listed");
    assert!(list.etag.is_some());
    let defaults: Vec<bool> = list.models.iter().map(|model| model.default).collect();
    assert!(defaults[0] && defaults[1..].iter().all(|default| !default));
    let first = &list.models[0];
    assert_eq!((first.name.as_str(), first.context_window), ("GPT-6.2-Sol", Some(500_000)));
    let efforts: Vec<&str> = first.efforts.iter().map(|effort| effort.id.as_str()).collect();
    assert_eq!(efforts, ["low", "medium", "high", "xhigh", "max", "ultra"]);
    assert_eq!(first.default_effort.as_deref(), Some("low"));
}

#[tokio::test]
async fn models_changed_on_server_are_returned() {
    let fixture = fixture("ada").await;
    let before = fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    fixture.sandbox.change_settings(|settings| {
        settings.models = Some(vec![
            json!({ "slug": "late", "visibility": "list", "priority": 9, "minimal_client_version": "0.1.0" }),
            json!({ "slug": "hidden", "visibility": "hide", "priority": 0 }),
            json!({ "slug": 5, "visibility": "list" }),
            json!({ "slug": "early", "visibility": "list", "priority": 1 }),
            json!({ "slug": "too-new", "visibility": "list", "priority": 0, "minimal_client_version": "99.0.0" }),
        ]);
    });
    let after = fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    let ids: Vec<&str> = after.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["early", "late"]);
    assert_ne!(before.etag, after.etag);
}

#[tokio::test]
async fn models_of_free_plan_are_fewer() {
    let fixture = fixture("ada").await;
    let all = fixture.backend.models(Some(&fixture.plan)).await.unwrap().models.len();
    let free = fixture.backend.models(Some(&Plan("free".into()))).await.unwrap().models;
    assert!(free.len() < all);
    assert!(free.iter().all(|model| model.id != "gpt-6.2-astra"));
}

/// The token says "free" for days after the person has paid.
#[tokio::test]
async fn models_with_plan_in_response_use_that_plan() {
    let fixture = fixture("ada").await;
    let body = json!({ "models": [{ "slug": "small", "visibility": "list", "available_in_plans": ["free", "plus"] },
                           { "slug": "paid", "visibility": "list", "available_in_plans": ["plus"] }] });
    for (headers, listed) in [(vec![], 1), (vec![("x-codex-plan-type".to_owned(), "plus".to_owned())], 2)] {
        let headers = headers.into_iter().collect();
        fixture.sandbox.push_fault("models", Fault::Status { status: 200, body: body.clone(), headers });
        assert_eq!(fixture.backend.models(Some(&Plan("free".into()))).await.unwrap().models.len(), listed);
    }
}

#[tokio::test]
async fn models_request_has_exactly_the_known_headers() {
    let fixture = fixture("ada").await;
    fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    let request = fixture.sandbox.requests("models").remove(0);
    assert_eq!(request.path, "/backend-api/codex/models?client_version=0.171.0");
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = vec!["accept", "accept-encoding", "authorization", "chatgpt-account-id", "host"];
    expected.extend(["originator", "user-agent"]);
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    let bearer = format!("Bearer {}", fixture.tokens.first.bearer.expose());
    assert_eq!(request.header("authorization"), Some(bearer.as_str()));
    assert_eq!(
        request.header("chatgpt-account-id"),
        Some(fixture.tokens.first.account_id.as_deref().unwrap())
    );
    assert_eq!(request.header("originator"), Some("usher"));
    assert!(request.header("user-agent").unwrap().starts_with("usher/"));
}

#[tokio::test]
async fn fedramp_account_sends_its_header() {
    let fixture = fixture("ada").await;
    let first = Authorization { fedramp: true, ..fixture.tokens.first.clone() };
    let tokens = Arc::new(Tokens {
        first,
        second: std::sync::Mutex::new(fixture.tokens.second.lock().unwrap().clone()),
        refreshes: 0.into(),
    });
    let provider = OAuthProvider::chatgpt(fixture.endpoints.clone());
    backend(&provider, &tokens, &fixture.seen).usage().await.unwrap().unwrap();
    assert_eq!(fixture.sandbox.requests("usage")[0].header("x-openai-fedramp"), Some("true"));
}

#[tokio::test]
async fn token_is_sent_to_its_own_base_only() {
    let fixture = fixture("ada").await;
    let other_sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let other = fixture_at(other_sandbox, "ada");
    let provider = OAuthProvider::chatgpt(other.endpoints.clone());
    backend(&provider, &fixture.tokens, &fixture.seen).usage().await.unwrap().unwrap();
    assert_eq!((fixture.sandbox.count("usage"), other.sandbox.count("usage")), (1, 0));
}

#[tokio::test]
async fn usage_matches_plan_of_account() {
    for (account, plan, lengths, credits) in [
        ("fay", "free", &[604_800][..], None),
        ("ada", "plus", &[18_000, 604_800], Some((false, false))),
        ("pia", "pro", &[18_000, 604_800], Some((false, false))),
        ("ada-work", "business", &[18_000, 604_800], Some((false, false))),
        ("eve", "enterprise", &[], Some((true, true))),
        ("uma", "galaxy", &[18_000, 604_800], Some((false, false))),
    ] {
        let usage = fixture(account).await.backend.usage().await.unwrap().unwrap();
        assert_eq!(usage.plan, Some(Plan(plan.into())), "{account}");
        let seen: Vec<u64> = usage.windows.iter().map(|window| window.window_seconds).collect();
        assert_eq!(seen, lengths, "{account}");
        assert!(usage.windows.iter().all(|window| window.resets_at.is_some() && window.meter.is_none()));
        let seen = usage.credits.map(|credits| (credits.has_credits, credits.unlimited));
        assert_eq!(seen, credits, "{account}");
        assert_eq!(usage.limit_reached, None, "{account}");
    }
}

#[tokio::test]
async fn usage_with_exhausted_window_has_reset() {
    let fixture = fixture("ada").await;
    let limits =
        Limits { primary_used_percent: Some(100.0), primary_reset_after_s: Some(600), ..Limits::default() };
    fixture.sandbox.change_settings(|settings| drop(settings.limits.insert("ada".into(), limits)));
    let usage = fixture.backend.usage().await.unwrap().unwrap();
    let resets_at = usage.windows[0].resets_at;
    assert!(resets_at.is_some());
    assert_eq!(usage.limit_reached, Some(LimitReached { reason: "rate_limit_reached".into(), resets_at }));
}

#[tokio::test]
async fn usage_with_depleted_credits_has_no_reset() {
    let fixture = fixture("ada-work").await;
    let reached_type = Some("workspace_member_credits_depleted".to_owned());
    let limits = Limits { reached_type, credits_balance: Some("0.00".into()), ..Limits::default() };
    fixture.sandbox.change_settings(|settings| drop(settings.limits.insert("ada-work".into(), limits)));
    let usage = fixture.backend.usage().await.unwrap().unwrap();
    let reason = "workspace_member_credits_depleted".to_owned();
    assert_eq!(usage.limit_reached, Some(LimitReached { reason, resets_at: None }));
    assert_eq!(usage.credits.unwrap().balance.as_deref(), Some("0.00"));
}

#[tokio::test]
async fn models_and_usage_without_response_time_out() {
    let fixture = fixture("ada").await;
    let backend = fixture.backend.with_timeouts(Timeouts {
        lists: SHORT,
        idle: LONG,
        response: LONG,
        ..Timeouts::default()
    });
    fixture.sandbox.push_fault("models", Fault::Hang);
    fixture.sandbox.push_fault("usage", Fault::Hang);
    assert_eq!(backend.models(Some(&fixture.plan)).await.unwrap_err().code, ErrorCode::Timeout);
    assert_eq!(backend.usage().await.unwrap_err().code, ErrorCode::Timeout);
}

#[tokio::test]
async fn body_that_is_no_list_is_malformed() {
    let fixture = fixture("ada").await;
    for body in ["{\"models\":", "{\"data\":[]}", "[]", "sorry", ""] {
        fixture.sandbox.push_fault("models", Fault::Malformed { body: body.into() });
        assert_eq!(
            fixture.backend.models(Some(&fixture.plan)).await.unwrap_err().code,
            ErrorCode::MalformedAnswer,
            "{body}"
        );
    }
    for body in ["{\"plan_type\":", "[]", "sorry", ""] {
        fixture.sandbox.push_fault("usage", Fault::Malformed { body: body.into() });
        assert_eq!(fixture.backend.usage().await.unwrap_err().code, ErrorCode::MalformedAnswer, "{body}");
    }
    assert!(fixture.sandbox.pending_faults().is_empty());
}

#[tokio::test]
async fn connection_that_breaks_is_offline() {
    let fixture = fixture("ada").await;
    for fault in [Fault::DropBefore, Fault::ResetMidBody] {
        fixture.sandbox.push_fault("models", fault.clone());
        let failure = fixture.backend.models(Some(&fixture.plan)).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Offline, "{fault:?}: {failure}");
    }
}
