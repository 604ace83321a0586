//! Tests of the errors of the gateway.

use usher_upstream::UpstreamErrorBody;

use super::*;

#[test]
fn status_401_is_for_bad_pass_only() {
    for &code in ErrorCode::ALL {
        let response = GatewayError::from_failure(&Failure::new(code, "why"), UnixTime(0));
        assert_ne!(response.error.status, 401, "{code:?}");
    }
    assert_eq!(GatewayError::pass_rejected(PassRejected::Unknown, false, UnixTime(0)).error.status, 401);
}

#[test]
fn upstream_401_becomes_403_without_its_body() {
    let from = |status| {
        let body = UpstreamErrorBody {
            status,
            headers: HeaderMap::new(),
            error: Some(serde_json::json!({ "message": "theirs" })),
        };
        let failure = Failure::new(ErrorCode::InvalidKey, "why");
        let upstream = UpstreamError { failure, body: Some(Box::new(body)) };
        let response = GatewayError::from_upstream(&upstream, UnixTime(0));
        (response.error.status, response.error.original.is_some())
    };
    assert_eq!(from(StatusCode::UNAUTHORIZED), (403, false));
    assert_eq!(from(StatusCode::CONFLICT), (409, true));
}

#[test]
fn connected_app_only_is_403_that_names_reason_and_other_ways() {
    let failure = Failure::new(ErrorCode::ConnectedAppOnly, "Usher: this account serves no other programs");
    for dialect in crate::dialects::DIALECTS {
        let error = GatewayError::from_failure(&failure, UnixTime(0));
        assert_eq!((error.error.status, error.error.code.as_str()), (403, "connected_app_only"));
        let status = dialect.error_status(&error.error);
        let body = String::from_utf8(dialect.encode_error(&error.error)).unwrap();
        assert_eq!(status, 403, "{body}");
        for words in ["only the connected application", "sign in with OpenAI", "an API key"] {
            assert!(body.contains(words), "{words}: {body}");
        }
    }
}

#[test]
fn limit_message_names_reset_time() {
    let failure = Failure::new(ErrorCode::UsageLimitReached, "used up").with_retry_at(Some(UnixTime(100)));
    let response = GatewayError::from_failure(&failure, UnixTime(40));
    assert_eq!((response.error.status, response.headers[RETRY_AFTER].to_str().unwrap()), (429, "60"));
    assert_eq!(response.error.message, "used up. Try again in 60 s");
    let past = GatewayError::from_failure(&failure, UnixTime(100));
    assert_eq!(past.error.message, "used up");
}

#[test]
fn final_refusals_say_that_retrying_is_useless() {
    let header = |error: GatewayError| {
        let response = error.into_response(crate::dialects::DEFAULT);
        response.headers().get(SHOULD_RETRY).map(|value| value.to_str().unwrap().to_owned())
    };
    let of_code = |code| header(GatewayError::from_failure(&Failure::new(code, "why"), UnixTime(0)));
    for code in ErrorCode::ALL.iter().filter(|code| code.requires_sign_in()) {
        assert_eq!(of_code(*code).as_deref(), Some("false"), "{code:?}");
    }
    for code in [
        ErrorCode::UsageLimitReached,
        ErrorCode::UsageNotIncluded,
        ErrorCode::PlanUseNotAllowed,
        ErrorCode::ConnectedAppOnly,
        ErrorCode::Billing,
        ErrorCode::BudgetReached,
        ErrorCode::ReserveReached,
        ErrorCode::Locked,
        ErrorCode::InvalidKey,
        ErrorCode::AccountProblem,
    ] {
        assert_eq!(of_code(code).as_deref(), Some("false"), "{code:?}");
    }
    for code in [
        ErrorCode::RateLimited,
        ErrorCode::Overloaded,
        ErrorCode::Timeout,
        ErrorCode::Offline,
        ErrorCode::UpstreamError,
    ] {
        assert_eq!(of_code(code), None, "{code:?}");
    }
    for rejected in [PassRejected::Unknown, PassRejected::Expired] {
        let refused = GatewayError::pass_rejected(rejected, false, UnixTime(0));
        assert_eq!(header(refused).as_deref(), Some("false"));
    }
    assert_eq!(header(GatewayError::too_many_requests(1)), None);
    assert_eq!(header(BodyError::Slow.into()), None);
    let failure = Failure::new(ErrorCode::UsageLimitReached, "why").with_retry_at(Some(UnixTime(8_880)));
    let body = UpstreamErrorBody {
        status: StatusCode::TOO_MANY_REQUESTS,
        headers: HeaderMap::new(),
        error: Some(serde_json::json!({ "message": "The usage limit has been reached" })),
    };
    let upstream = UpstreamError { failure, body: Some(Box::new(body)) };
    let limited = GatewayError::from_upstream(&upstream, UnixTime(0));
    let message = "The usage limit has been reached. Try again in 2 h 28 min";
    assert_eq!(limited.error.original.as_ref().unwrap()["message"], message);
    assert_eq!(limited.headers[RETRY_AFTER].to_str().unwrap(), "8880");
    assert_eq!(header(limited).as_deref(), Some("false"));
}

#[test]
fn retry_time_is_named_once() {
    let failure = Failure::new(ErrorCode::RateLimited, "why").with_retry_at(Some(UnixTime(9)));
    for (message, expected) in [
        ("Slow down.", "Slow down. Try again in 9 s"),
        ("Slow down", "Slow down. Try again in 9 s"),
        ("Please try again in 11.054s.", "Please try again in 11.054s."),
        ("", "Try again in 9 s"),
    ] {
        let mut error = serde_json::json!({ "message": message });
        name_retry_time(&mut error, &failure, UnixTime(0));
        assert_eq!(error["message"], expected);
    }
}

#[test]
fn duration_text_has_two_units() {
    let texts = [119, 120, 7_199, 8_880, 172_800 + 5 * 3_600].map(duration_text);
    assert_eq!(texts, ["119 s", "2 min", "119 min", "2 h 28 min", "2 d 5 h"]);
}
