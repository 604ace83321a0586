//! Sign in with `ChatGPT`: what is sent, the list of models, and the table of errors (siwc §9 to siwc §11).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use usher_domain::{ErrorCode, Failure};
use usher_sandbox::{Fault, LimitStage, PlanUsageError, Rule};
use usher_upstream::{ForwardEndpoint, ForwardRequest};

use crate::support::{Fixture, plan_usage_fixture};

const MODEL: &str = "gpt-6.2-sol";

#[tokio::test]
async fn probe_sends_own_name_and_no_account() {
    let fixture = plan_usage_fixture("ada").await;
    assert_eq!(fixture.backend.probe(MODEL, Some("high")).await.unwrap(), "ready");
    let sent = fixture.sandbox.requests("plan.responses").remove(0);
    assert_eq!(sent.header("originator"), Some("usher"));
    for header in ["chatgpt-account-id", "openai-organization", "openai-project", "x-openai-fedramp"] {
        assert_eq!(sent.header(header), None, "{header}");
    }
    assert_eq!(sent.body["reasoning"], json!({ "effort": "high" }));
    assert!(fixture.seen.usage.lock().unwrap().is_empty(), "nobody tells the usage");
    assert!(fixture.backend.usage().await.unwrap().is_none());
}

#[tokio::test]
async fn probe_reads_empty_output_without_content_type() {
    let fixture = plan_usage_fixture("ada").await;
    fixture.sandbox.change_settings(|settings| {
        settings.plan_usage.empty_output = true;
        settings.plan_usage.stream_content_type = false;
    });
    assert_eq!(fixture.backend.probe(MODEL, None).await.unwrap(), "ready");
}

#[tokio::test]
async fn models_are_those_of_account_in_its_order() {
    let fixture = plan_usage_fixture("ada").await;
    let list = fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    let ids: Vec<&str> = list.models.iter().map(|model| model.id.as_str()).collect();
    assert!(ids.contains(&MODEL), "client_version is sent: {ids:?}");
    let raw = fixture.backend.raw_catalog("0.171.0").await.unwrap().unwrap();
    let raw: Vec<Value> = raw.models.iter().map(|model| serde_json::from_str(model.get()).unwrap()).collect();
    let listed = raw.iter().filter(|model| model["visibility"] == "list");
    assert_eq!(ids, listed.map(|model| model["slug"].as_str().unwrap()).collect::<Vec<_>>());
    assert!(raw.len() > ids.len(), "the sandbox has hidden ones");
}

fn request<'a>(endpoint: ForwardEndpoint, body: &'a [Bytes], headers: &'a HeaderMap) -> ForwardRequest<'a> {
    ForwardRequest { endpoint, model: MODEL, body, streamed: true, headers, session: Some("s-1") }
}

/// Whatever a caller sends, the body rules make a body of it that the strict API takes, or refuse it.
#[tokio::test]
async fn body_rules_make_what_the_server_takes() {
    let fixture = plan_usage_fixture("ada").await;
    let public = json!({
        "model": MODEL, "input": "hi", "store": true, "service_tier": "flex", "temperature": 1, "user": "u",
        "max_output_tokens": 9, "metadata": {}, "truncation": "auto", "stream_options": {}, "moderation": {},
        "prompt_cache_retention": "24h", "context_management": [{ "type": "compaction", "compact_threshold": 9 }],
    });
    let bytes = public.to_string();
    let mut body = usher_dialect::json::RawObject::parse(bytes.as_bytes()).unwrap();
    fixture.backend.apply_body_rules(ForwardEndpoint::Responses, &mut body).unwrap();
    let body = [Bytes::from(body.to_bytes())];
    let headers = HeaderMap::new();
    let response =
        fixture.backend.forward(&request(ForwardEndpoint::Responses, &body, &headers)).await.unwrap();
    assert_eq!(response.status(), 200);
    let sent = fixture.sandbox.requests("plan.responses").remove(0);
    assert_eq!(sent.header("session-id"), Some("s-1"));
    assert_eq!(sent.body["context_management"], public["context_management"]);
}

#[tokio::test]
async fn other_endpoints_do_not_exist() {
    let fixture = plan_usage_fixture("ada").await;
    for endpoint in [ForwardEndpoint::Compact, ForwardEndpoint::ChatCompletions] {
        let (body, headers) = ([Bytes::from_static(b"{}")], HeaderMap::new());
        let Err(error) = fixture.backend.forward(&request(endpoint, &body, &headers)).await else {
            panic!("{endpoint:?} exists");
        };
        assert_eq!(error.failure.code, ErrorCode::EndpointNotFound);
    }
    assert_eq!(fixture.sandbox.all_requests().len(), 0);
}

/// A row of siwc §11: the error, what it becomes, when a retry makes sense (seconds), whether another token is asked for,
/// and whether a stream can end with it.
struct Row {
    error: PlanUsageError,
    code: ErrorCode,
    retry_after: Option<i64>,
    asks_for_token: bool,
    in_stream: bool,
}

const fn row(error: PlanUsageError, code: ErrorCode) -> Row {
    Row { error, code, retry_after: None, asks_for_token: false, in_stream: true }
}

impl Row {
    /// Has no code, so that no stream can have it.
    const fn before_stream(self) -> Self {
        Self { in_stream: false, ..self }
    }

    const fn retry_after(self, seconds: i64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    const fn asks_for_token(self) -> Self {
        Self { asks_for_token: true, ..self }
    }
}

const ROWS: [Row; 18] = [
    row(PlanUsageError::RejectedField, ErrorCode::BadUsage).before_stream(),
    row(PlanUsageError::UnsupportedCapability, ErrorCode::BadUsage),
    row(PlanUsageError::InvalidToken, ErrorCode::SignInExpired).before_stream().asks_for_token(),
    row(PlanUsageError::AdmissionUnauthorized, ErrorCode::AccessDenied).before_stream(),
    row(PlanUsageError::InvalidUser, ErrorCode::UpstreamError),
    row(PlanUsageError::AdmissionForbidden, ErrorCode::UpstreamError).before_stream(),
    row(PlanUsageError::UserNotEligible, ErrorCode::UsageNotIncluded),
    row(PlanUsageError::ScopeNotAuthorized, ErrorCode::PlanUseNotAllowed),
    row(PlanUsageError::InvalidAuthorizationContext, ErrorCode::PlanUseNotAllowed),
    row(PlanUsageError::RouteNotSupported, ErrorCode::EndpointNotFound),
    row(PlanUsageError::UsageLimitExceeded, ErrorCode::UsageLimitReached),
    row(PlanUsageError::WorkspaceLimitExceeded, ErrorCode::UsageLimitReached),
    row(PlanUsageError::Throttled, ErrorCode::RateLimited).retry_after(7),
    row(PlanUsageError::UsageUnavailable, ErrorCode::Overloaded),
    row(PlanUsageError::UserUnavailable, ErrorCode::Overloaded),
    row(PlanUsageError::AdmissionUnavailable, ErrorCode::Overloaded).before_stream(),
    row(PlanUsageError::AtCapacity, ErrorCode::Overloaded),
    row(PlanUsageError::EdgeDegraded, ErrorCode::Overloaded).before_stream().retry_after(60),
];

#[tokio::test]
async fn each_error_has_its_code_and_retry_rule() {
    for row in ROWS {
        let fixture = plan_usage_fixture("ada").await;
        fixture.tokens.prepare(fixture.sandbox.issue_plan_usage("ada").access_token);
        let fault = Fault::PlanUsage { error: row.error, after_events: None };
        fixture.sandbox.script(vec![Rule::always("plan.responses", fault)]);
        let failure = probe_error(&fixture).await;
        let error = row.error;
        assert_eq!(failure.code, row.code, "{error:?}: {failure}");
        assert_eq!(failure.retry_at.is_some(), row.retry_after.is_some(), "{error:?}");
        if let (Some(at), Some(seconds)) = (failure.retry_at, row.retry_after) {
            let left = at.0 - i64::try_from(now()).unwrap();
            assert!((seconds - 5..=seconds).contains(&left), "{error:?}: {left}");
        }
        let sent = (fixture.tokens.refreshes(), fixture.sandbox.count("plan.responses"));
        assert_eq!(sent, if row.asks_for_token { (1, 2) } else { (0, 1) }, "{error:?}");
        let limited = fixture.seen.usage.lock().unwrap().pop().and_then(|usage| usage.limit_reached);
        assert_eq!(limited.is_some(), row.code == ErrorCode::UsageLimitReached, "{error:?}");
        assert!(
            limited.is_none_or(|limit| limit.resets_at.is_none()),
            "{error:?}: nobody tells a reset time"
        );
    }
}

#[tokio::test]
async fn each_error_in_a_stream_has_the_same_code() {
    for row in ROWS.iter().filter(|row| row.in_stream) {
        let fixture = plan_usage_fixture("ada").await;
        for after_events in [0, 6] {
            let fault = Fault::PlanUsage { error: row.error, after_events: Some(after_events) };
            fixture.sandbox.push_fault("plan.responses", fault);
            let failure = probe_error(&fixture).await;
            assert_eq!((failure.code, failure.retry_at), (row.code, None), "{:?}: {failure}", row.error);
            assert!(failure.cause.contains("(request req_sandbox_"), "support asks for it: {failure}");
        }
        assert_eq!(fixture.tokens.refreshes(), 0, "{:?}", row.error);
    }
}

/// The row of a stream without a terminal event.
#[tokio::test]
async fn stream_that_breaks_off_is_an_error_and_not_sent_again() {
    let fixture = plan_usage_fixture("ada").await;
    fixture.sandbox.push_fault("plan.responses", Fault::Cut { after_events: 5, clean: true });
    assert_eq!(probe_error(&fixture).await.code, ErrorCode::UpstreamError);
    assert_eq!(fixture.sandbox.count("plan.responses"), 1);
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

async fn probe_error(fixture: &Fixture) -> Failure {
    fixture.backend.probe(MODEL, None).await.unwrap_err()
}

#[tokio::test]
async fn limit_of_account_is_reached_before_and_in_stream() {
    for stage in [LimitStage::BeforeStream, LimitStage::InStream] {
        let fixture = plan_usage_fixture("ada").await;
        let limits = BTreeMap::from([("ada".to_owned(), stage)]);
        fixture.sandbox.change_settings(|settings| settings.plan_usage.limit_reached = limits);
        let failure = probe_error(&fixture).await;
        assert_eq!((failure.code, failure.retry_at), (ErrorCode::UsageLimitReached, None), "{stage:?}");
    }
}

/// A 401 that is about the token, or that says nothing, may be solved by another token; no other one.
#[tokio::test]
async fn only_a_401_about_the_token_asks_for_another() {
    let coded = |code: &str| json!({ "error": { "code": code, "message": "No." } });
    let rows = [
        (Value::Null, true, ErrorCode::SignInExpired),
        (json!({ "detail": { "error_code": "invalid_token" } }), true, ErrorCode::SignInExpired),
        (json!({ "detail": "Not accepted." }), false, ErrorCode::AccessDenied),
        (coded("subscription_sharing_invalid_user"), false, ErrorCode::UpstreamError),
        (coded("subscription_sharing_v2_invalid_user"), false, ErrorCode::UpstreamError),
        (coded("a_code_of_next_year"), false, ErrorCode::UpstreamError),
    ];
    for (body, asks, code) in rows {
        let fixture = plan_usage_fixture("ada").await;
        fixture.tokens.prepare(fixture.sandbox.issue_plan_usage("ada").access_token);
        let fault = Fault::Status { status: 401, body: body.clone(), headers: BTreeMap::new() };
        fixture.sandbox.script(vec![Rule::always("plan.models", fault)]);
        let failure = fixture.backend.models(None).await.unwrap_err();
        assert_eq!(
            (failure.code, fixture.tokens.refreshes()),
            (code, usize::from(asks)),
            "{body}: {failure}"
        );
    }
}

#[tokio::test]
async fn account_that_is_not_eligible_is_asked_once() {
    let fixture = plan_usage_fixture("fay").await;
    assert_eq!(probe_error(&fixture).await.code, ErrorCode::UsageNotIncluded);
    assert_eq!((fixture.tokens.refreshes(), fixture.sandbox.count("plan.responses")), (0, 1), "no loop");
}

#[tokio::test]
async fn model_that_the_account_has_not_is_unavailable() {
    let fixture = plan_usage_fixture("ada").await;
    assert_eq!(fixture.backend.probe("gpt-0", None).await.unwrap_err().code, ErrorCode::ModelUnavailable);
}
