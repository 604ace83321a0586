//! Handles every request before and after its endpoint: it is recorded, delayed, and made to fail.
//!
//! A service around the router, because only hyper's own service can close a connection without a response.

use std::io;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use tower::ServiceExt;

use crate::accounts::Membership;
use crate::backend::{UsageState, usage_limit_reached};
use crate::bearer::bearer_token;
use crate::endpoint;
use crate::issuer::error::api_error;
use crate::plan_usage::is_access_token;
use crate::server::fault::{Fault, StreamFault};
use crate::server::request_log::RecordedRequest;
use crate::state::SandboxState;

/// The connection is closed without a response.
#[derive(Debug)]
pub(crate) struct ConnectionAborted;

impl std::fmt::Display for ConnectionAborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was closed on purpose")
    }
}

impl std::error::Error for ConnectionAborted {}

/// Handles one request.
pub(crate) async fn serve(
    state: Arc<SandboxState>,
    router: Router,
    request: Request<Incoming>,
) -> Result<Response<Body>, ConnectionAborted> {
    let (mut parts, body) = request.into_parts();
    if parts.uri.path().starts_with("/control/") {
        return Ok(call_router(router, parts, Body::new(body)).await);
    }
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Err(ConnectionAborted),
    };
    let body = match decompress(&parts.headers, body) {
        Ok(body) => body,
        Err(response) => return Ok(*response),
    };
    let parsed = parse_body(&parts.headers, &body);
    let is_plan_token = bearer_token(&parts.headers).is_some_and(is_access_token);
    let name = endpoint::name(&parts.method, parts.uri.path(), &parsed, is_plan_token);
    state.request_log.record(record(&state, name, &parts, parsed));
    if let Some(ms) = state.settings().delays_ms.get(name) {
        tokio::time::sleep(Duration::from_millis(*ms)).await;
    }
    let mut fault = state.faults.take_next(name);
    parts.extensions.insert(StreamFault(fault.take_if(|fault| fault.is_in_stream())));
    let headers = parts.headers.clone();
    let process = || call_router(router, parts, Body::from(body));
    let mut response = match fault {
        None => process().await,
        Some(Fault::Delay { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            process().await
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::DropBefore) => return Err(ConnectionAborted),
        Some(Fault::DropAfter) => {
            process().await;
            return Err(ConnectionAborted);
        }
        Some(Fault::ResetMidBody) => cut_body(process().await).await?,
        Some(Fault::Malformed { body }) => {
            process().await;
            body.into_response()
        }
        Some(fault) => fault_response(&state, fault, &headers),
    };
    // The sandbox's own clock, which a test may have moved.
    let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(state.now()).unwrap_or_default());
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(date)) {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

async fn call_router(router: Router, parts: Parts, body: Body) -> Response<Body> {
    match router.oneshot(Request::from_parts(parts, body)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Returns the response of a fault, without processing the request.
fn fault_response(state: &SandboxState, fault: Fault, request: &HeaderMap) -> Response<Body> {
    match fault {
        Fault::Refuse { code, status } => api_error(status_code(status), "invalid_request_error", &code),
        Fault::Region => {
            api_error(StatusCode::FORBIDDEN, "request_forbidden", "unsupported_country_region_territory")
        },
        Fault::UsageLimit => usage_limit_reached(&UsageState::exhausted(membership_of(state, request), state)),
        Fault::HtmlChallenge => (
            StatusCode::FORBIDDEN,
            [("content-type", "text/html; charset=UTF-8"), ("cf-ray", "8a1b2c3d4e5f6789-SBX"), ("cf-mitigated", "challenge")],
            "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Cloudflare: you have been blocked</body></html>",
        )
            .into_response(),
        Fault::PlanUsage { error, .. } => error.into_response(),
        Fault::TokenError { code, status, body } => {
            (status_code(status), axum::Json(body.with_code(&code))).into_response()
        }
        Fault::Status { status, body, headers } => {
            let mut response = match body {
                Value::Null => ().into_response(),
                Value::String(text) => text.into_response(),
                json => axum::Json(json).into_response(),
            };
            *response.status_mut() = status_code(status);
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) =
                    (axum::http::HeaderName::try_from(name), HeaderValue::try_from(value))
                {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        other => unreachable!("{other:?} is applied in another place"),
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Returns whose limits a `usage_limit` fault sends; a request without a valid token gets those of a Plus account.
fn membership_of(state: &SandboxState, request: &HeaderMap) -> Membership {
    bearer_token(request)
        .and_then(|token| state.grants.authenticate(token, state.now()).ok())
        .unwrap_or_else(|| Membership::find("ada", None).expect("ada is an account"))
}

/// Breaks a response off in the middle of its body.
async fn cut_body(response: Response<Body>) -> Result<Response<Body>, ConnectionAborted> {
    let (mut parts, body) = response.into_parts();
    let complete = body.collect().await.map_err(|_| ConnectionAborted)?.to_bytes();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(complete.len()));
    let first = complete.slice(..complete.len() / 2);
    let body = stream::unfold(Some(first), |first| async move {
        match first {
            Some(first) if !first.is_empty() => Some((Ok(first), Some(Bytes::new()))),
            _ => {
                // One turn of the scheduler, so that the first half is sent before the connection breaks.
                tokio::task::yield_now().await;
                Some((Err(io::Error::other("reset on purpose")), None))
            }
        }
    });
    Ok(Response::from_parts(parts, Body::from_stream(body)))
}

/// Decompresses a request's body, which may be zstd (protocol correction 11).
fn decompress(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Box<Response<Body>>> {
    let refuse = |status: StatusCode| {
        Box::new(
            (status, axum::Json(serde_json::json!({ "detail": "Unreadable content-encoding" })))
                .into_response(),
        )
    };
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(body),
        Some(b"zstd") => {
            let mut plain = Vec::new();
            ruzstd::decoding::StreamingDecoder::new(body.as_ref())
                .map_err(io::Error::other)
                .and_then(|mut decoder| io::Read::read_to_end(&mut decoder, &mut plain))
                .map_err(|_| refuse(StatusCode::BAD_REQUEST))?;
            Ok(plain.into())
        }
        Some(_) => Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

/// Parses a request's body for the record: JSON, a form, or text.
fn parse_body(headers: &HeaderMap, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if content_type.starts_with(b"application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(body);
        return pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect();
    }
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

fn record(state: &SandboxState, name: &'static str, parts: &Parts, body: Value) -> RecordedRequest {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    RecordedRequest {
        name,
        at_ms: state.request_log.elapsed_ms(),
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
    }
}
