//! The table of errors (siwc §11), each by a fault.

use serde_json::{Value, json};
use usher_sandbox::{Fault, PlanUsageError};

use super::support::plan_request;
use crate::support::{Rig, events, read};

/// Where the row has its code: in `error`, in `detail`, or nowhere.
enum Code {
    Error(&'static str),
    Detail(&'static str),
    Text,
    None,
}

#[tokio::test]
async fn each_row_has_its_status_and_form() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue_plan_usage("ada").access_token;
    for (error, status, code) in [
        (PlanUsageError::RejectedField, 400, Code::Text),
        (
            PlanUsageError::UnsupportedCapability,
            400,
            Code::Error("subscription_sharing_unsupported_capability"),
        ),
        (PlanUsageError::InvalidToken, 401, Code::Detail("invalid_token")),
        (PlanUsageError::AdmissionUnauthorized, 401, Code::Text),
        (PlanUsageError::InvalidUser, 401, Code::Error("subscription_sharing_invalid_user")),
        (PlanUsageError::AdmissionForbidden, 403, Code::Text),
        (PlanUsageError::UserNotEligible, 403, Code::Error("subscription_sharing_user_not_eligible")),
        (PlanUsageError::ScopeNotAuthorized, 403, Code::Error("chatpass_v2_scope_not_authorized")),
        (
            PlanUsageError::InvalidAuthorizationContext,
            403,
            Code::Error("chatpass_v2_invalid_authorization_context"),
        ),
        (PlanUsageError::RouteNotSupported, 403, Code::Error("subscription_sharing_route_not_supported")),
        (PlanUsageError::UsageLimitExceeded, 429, Code::Error("subscription_sharing_usage_limit_exceeded")),
        (
            PlanUsageError::WorkspaceLimitExceeded,
            429,
            Code::Error("subscription_sharing_workplace_individual_usage_limit_exceeded"),
        ),
        (PlanUsageError::Throttled, 429, Code::Error("rate_limit_exceeded")),
        (PlanUsageError::UsageUnavailable, 503, Code::Error("subscription_sharing_usage_unavailable")),
        (PlanUsageError::UserUnavailable, 503, Code::Error("subscription_sharing_user_unavailable")),
        (PlanUsageError::AdmissionUnavailable, 503, Code::Text),
        (PlanUsageError::AtCapacity, 503, Code::Error("server_is_overloaded")),
        (PlanUsageError::EdgeDegraded, 520, Code::None),
    ] {
        rig.sandbox.push_fault("plan.responses", Fault::PlanUsage { error, after_events: None });
        let response = rig.plan_respond(&token, &plan_request("x")).await;
        let retry_after = response.headers().contains_key("retry-after");
        assert_eq!(retry_after, error == PlanUsageError::Throttled, "{error:?}");
        let (actual, body) = read(response).await;
        assert_eq!(actual, status, "{error:?}");
        match code {
            Code::Error(code) => {
                assert_eq!(body["error"]["code"], code, "{error:?}");
                for name in ["message", "type", "param"] {
                    assert!(body["error"].get(name).is_some(), "{error:?}: {name}");
                }
            }
            Code::Detail(code) => assert_eq!(body, json!({ "detail": { "error_code": code } }), "{error:?}"),
            Code::Text => assert!(body["detail"].is_string(), "{error:?}"),
            Code::None => assert_eq!(body, json!({ "retry_after": 60 }), "{error:?}"),
        }
    }
    assert_eq!(rig.plan_respond(&token, &plan_request("x")).await.status(), 200, "each applied once");
}

#[tokio::test]
async fn error_in_stream_ends_it_after_events() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue_plan_usage("ada").access_token;
    for (error, code) in [
        (PlanUsageError::UsageLimitExceeded, "subscription_sharing_usage_limit_exceeded"),
        (PlanUsageError::UsageUnavailable, "subscription_sharing_usage_unavailable"),
    ] {
        for after_events in [0, 5] {
            let fault = Fault::PlanUsage { error, after_events: Some(after_events) };
            rig.sandbox.push_fault("plan.responses", fault);
            let events = events(rig.plan_respond(&token, &plan_request("count to 9")).await).await;
            assert_eq!(events.len(), after_events + 1);
            let last: &Value = &events[after_events];
            assert_eq!(last["type"], "response.failed");
            assert_eq!(last["response"]["error"]["code"], code);
        }
    }
}

#[tokio::test]
async fn stream_is_cut_by_fault() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue_plan_usage("ada").access_token;
    rig.sandbox.push_fault("plan.responses", Fault::Cut { after_events: 3, clean: true });
    let events = events(rig.plan_respond(&token, &plan_request("count to 9")).await).await;
    assert_eq!(events.len(), 3);
    assert_ne!(events[2]["type"], "response.completed");
}

#[tokio::test]
async fn fault_that_makes_no_sense_is_rejected() {
    let rig = Rig::start().await;
    for fault in [
        json!({ "at": "responses", "fault": { "kind": "plan_usage", "error": "usage_limit_exceeded" } }),
        json!({ "at": "plan.responses", "fault": { "kind": "plan_usage", "error": "no_such_row" } }),
        json!({ "at": "plan.responses",
                "fault": { "kind": "plan_usage", "error": "invalid_token", "after_events": 2 } }),
        json!({ "at": "plan.models",
                "fault": { "kind": "plan_usage", "error": "usage_limit_exceeded", "after_events": 2 } }),
        json!({ "at": "token.refresh_token", "fault": { "kind": "token_error", "code": "invalid_grant" } }),
    ] {
        assert!(rig.control("faults", &fault).await.status().is_client_error(), "{fault}");
    }
    let valid = json!({ "at": "plan.token.refresh_token",
                        "fault": { "kind": "token_error", "code": "invalid_client", "body": "object" } });
    assert_eq!(rig.control("faults", &valid).await.status(), 200);
}
