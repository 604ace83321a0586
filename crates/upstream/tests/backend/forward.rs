//! Requests of other programs, and servers with the OpenAI API.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use usher_domain::{ErrorCode, Wire};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_upstream::{ForwardEndpoint, ForwardRequest};

use crate::support::{api_backend, fixture};

const MODEL: &str = "gpt-6.2-sol";
const KEY: &str = "sk-sandbox-forward";

fn body(extra: &Value) -> [Bytes; 1] {
    let mut body = json!({ "model": MODEL, "input": [{ "role": "user", "content": "hi" }], "stream": true });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    [Bytes::from(body.to_string())]
}

fn request<'a>(body: &'a [Bytes], headers: &'a HeaderMap, session: Option<&'a str>) -> ForwardRequest<'a> {
    let endpoint = ForwardEndpoint::Responses;
    ForwardRequest { endpoint, model: MODEL, body, streamed: true, headers, session }
}

#[tokio::test]
async fn session_header_of_caller_is_kept() {
    let fixture = fixture("ada").await;
    let body = body(&json!({ "store": false, "instructions": "Be brief." }));
    let own =
        [("session-id", "of-caller")].map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    for (headers, expected) in [(HeaderMap::new(), "ours"), (own.into_iter().collect(), "of-caller")] {
        let response = fixture.backend.forward(&request(&body, &headers, Some("ours"))).await.unwrap();
        assert_eq!(response.status(), 200);
        let sent = fixture.sandbox.requests("responses").pop().unwrap();
        assert_eq!(sent.header("session-id"), Some(expected));
    }
}

#[tokio::test]
async fn stream_error_with_credential_is_redacted() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let backend = api_backend(sandbox.platform(), KEY);
    let (body, headers) = (body(&json!({})), HeaderMap::new());
    let response = backend.forward(&request(&body, &headers, None)).await.unwrap();
    let mut error = json!({ "code": "rate_limit_exceeded", "message": format!("No more for {KEY}.") });
    let failure = backend.stream_failure(&response, MODEL, &mut error, true);
    assert_eq!(failure.code, ErrorCode::RateLimited);
    assert!(!failure.cause.contains(KEY), "{failure}");
    assert_eq!(error, json!({ "code": "rate_limit_exceeded", "message": "No more for [redacted]." }));
}

#[tokio::test]
async fn key_401_is_invalid_key_and_404_is_the_address() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let wrong_key = api_backend(sandbox.platform(), "sk-sandbox-revoked");
    assert_eq!(wrong_key.models(None).await.unwrap_err().code, ErrorCode::InvalidKey);
    let without_code = Fault::Status { status: 401, body: Value::Null, headers: BTreeMap::new() };
    sandbox.push_fault("platform.models", without_code);
    assert_eq!(wrong_key.models(None).await.unwrap_err().code, ErrorCode::InvalidKey);
    let wrong_address = api_backend(&format!("{}/nothing", sandbox.platform()), KEY);
    assert_eq!(wrong_address.models(None).await.unwrap_err().code, ErrorCode::EndpointNotFound);
}

#[tokio::test]
async fn wire_api_is_detected_by_response() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let kinds = [
        ("both", Some(Wire::Responses)),
        ("responses-only", Some(Wire::Responses)),
        ("chat-only", Some(Wire::ChatCompletions)),
        ("html", None),
    ];
    for (kind, wire) in kinds {
        let backend = api_backend(&format!("{}/{kind}/v1", sandbox.compatible()), KEY);
        assert_eq!(backend.detect_wire_api().await, wire, "{kind}");
    }
}
