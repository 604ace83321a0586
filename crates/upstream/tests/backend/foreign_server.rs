//! Servers of others, which answer unknown paths and missing keys in their own ways.

use serde_json::{Value, json};
use usher_domain::ErrorCode;
use usher_domain::ports::Bearer;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_upstream::Backend;

use crate::support::{api_backend, backend_with};

const PAGE: &str = "<html><head><title>404 Not Found</title></head><body>nginx</body></html>";

async fn server() -> (Sandbox, Backend) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let backend = api_backend(sandbox.platform(), "sk-sandbox-not-a-real-key");
    (sandbox, backend)
}

fn status(status: u16, body: Value, headers: &[(&str, &str)]) -> Fault {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Status { status, body, headers }
}

#[tokio::test]
async fn page_in_place_of_a_path_means_that_the_path_is_missing() {
    let html = ("content-type", "text/html");
    let rows = [
        (404, vec![html], ErrorCode::EndpointNotFound),
        (405, vec![html], ErrorCode::EndpointNotFound),
        (501, vec![html], ErrorCode::EndpointNotFound),
        (404, vec![html, ("cf-mitigated", "challenge")], ErrorCode::ChallengePage),
        (403, vec![html], ErrorCode::ChallengePage),
        (200, vec![html], ErrorCode::ChallengePage),
    ];
    for (code, headers, expected) in rows {
        let (sandbox, backend) = server().await;
        sandbox.push_fault("platform.models", status(code, PAGE.into(), &headers));
        let failure = backend.models(None).await.unwrap_err();
        assert_eq!(failure.code, expected, "models, {code} {headers:?}: {failure}");
        sandbox.push_fault("platform.responses", status(code, PAGE.into(), &headers));
        let failure = backend.probe("gpt-5.5", None).await.unwrap_err();
        assert_eq!(failure.code, expected, "responses, {code} {headers:?}: {failure}");
    }
}

#[tokio::test]
async fn success_with_an_error_in_it_is_that_error() {
    let rows = [
        (
            json!({ "error": "Unexpected endpoint or method." }),
            ErrorCode::EndpointNotFound,
            "Unexpected endpoint",
        ),
        (json!({ "error": { "message": "No such path" } }), ErrorCode::EndpointNotFound, "No such path"),
        (json!({ "error": { "code": "insufficient_quota", "message": "Gone" } }), ErrorCode::Billing, "Gone"),
        (json!({ "error": { "type": "teapot", "message": "Short" } }), ErrorCode::UpstreamError, "Short"),
    ];
    for (body, code, words) in rows {
        let (sandbox, backend) = server().await;
        sandbox.push_fault("platform.models", status(200, body.clone(), &[]));
        let failure = backend.models(None).await.unwrap_err();
        assert_eq!(failure.code, code, "models, {body}: {failure}");
        assert!(failure.cause.contains(words), "{failure}");
        sandbox.push_fault("platform.responses", status(200, body.clone(), &[]));
        let failure = backend.probe("gpt-5.5", None).await.unwrap_err();
        assert_eq!(failure.code, code, "responses, {body}: {failure}");
        assert!(failure.cause.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn refusal_without_a_key_asks_for_one() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let refusal = || status(401, json!({ "error": "Unauthorized" }), &[]);
    for (bearer, code) in [(Bearer::None, ErrorCode::SignInRequired), (api_key(), ErrorCode::InvalidKey)] {
        let backend = backend_with(sandbox.platform(), bearer);
        sandbox.push_fault("platform.models", refusal());
        assert_eq!(backend.models(None).await.unwrap_err().code, code);
        sandbox.push_fault("platform.responses", refusal());
        assert_eq!(backend.probe("gpt-5.5", None).await.unwrap_err().code, code);
    }
}

fn api_key() -> Bearer {
    Bearer::ApiKey(std::sync::Arc::new(usher_domain::ApiKey::new("sk-sandbox-wrong")))
}
