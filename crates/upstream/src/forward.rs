//! Forwards requests of other programs to a server, in the server's own dialect.

use std::borrow::Cow;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::{begins_answer, error_instead_of_answer};
use usher_domain::ports::Authorization;
use usher_domain::{ErrorCode, Failure, UsageWindow, Wire, append_path};
use usher_net::{ErrorBody, HttpRequest, HttpResponse};

use crate::backend::Backend;
use crate::request::body_rules;
use crate::request::endpoint::ForwardEndpoint;
use crate::request::header_rules::request_headers;
use crate::response::error_response::ErrorResponse;
use crate::response::head::ResponseHead;
use crate::response::redact_credentials::{redact_failure, redact_headers, redact_json};
use crate::response::returned_headers::response_headers;
use crate::response::upstream_error::UpstreamError;

/// Ends a stream without new chunks (protocol §8.3: Codex waits as long).
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// A non-streaming response gets its head only when the model has finished.
const NON_STREAMING_TIMEOUT: Duration = Duration::from_secs(600);
/// Error bodies are short.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A request of another program.
pub struct ForwardRequest<'a> {
    /// Where it goes.
    pub endpoint: ForwardEndpoint,
    /// The model that it names, for failures.
    pub model: &'a str,
    /// The body, in the server's dialect and with its body rules applied, in chunks.
    pub body: &'a [Bytes],
    /// Whether the response will be a stream.
    pub streamed: bool,
    /// Headers of the caller that [go on to the server](Backend::forwarded_headers).
    pub headers: &'a HeaderMap,
    /// The id of the conversation, for requests whose headers have none.
    pub session: Option<&'a str>,
}

/// A response whose head was received.
pub struct ForwardResponse {
    response: HttpResponse,
    head: ResponseHead,
    used: Authorization,
    content_type: Option<HeaderValue>,
    returned_headers: HeaderMap,
    /// The beginning of the body, which was looked at already.
    peeked: Option<Bytes>,
}

impl ForwardResponse {
    pub(crate) fn new(mut response: HttpResponse, used: Authorization) -> Self {
        let head = ResponseHead::of(&response);
        let mut headers = response.take_headers();
        redact_headers(&mut headers, &used);
        let content_type = headers.remove(http::header::CONTENT_TYPE);
        let returned_headers = response_headers(&headers);
        Self { response, head, used, content_type, returned_headers, peeked: None }
    }

    /// Returns the status: a success.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns the server's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id.as_deref()
    }

    /// Returns the windows of the plan that its headers have, shortest first.
    pub fn windows(&self) -> Vec<UsageWindow> {
        self.head.usage().map(|usage| usage.windows).unwrap_or_default()
    }

    /// Takes the headers that a caller may read.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.returned_headers)
    }

    /// Takes the `content-type`.
    pub fn take_content_type(&mut self) -> Option<HeaderValue> {
        self.content_type.take()
    }

    /// Reads the next chunk of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        if let Some(peeked) = self.peeked.take() {
            return Ok(Some(peeked));
        }
        self.read_chunk().await
    }

    /// Returns the error in a body that has one in place of an answer. A longer body, or one that begins as an answer, is
    /// not read to its end.
    async fn error_instead_of_answer(&mut self) -> Result<Option<Value>, Failure> {
        let mut begin = BytesMut::new();
        while begin.len() < MAX_ERROR_BYTES && !begins_answer(&begin) {
            let Some(chunk) = self.read_chunk().await? else {
                let error = error_instead_of_answer(&begin);
                self.peeked = Some(begin.freeze()).filter(|begin| !begin.is_empty());
                return Ok(error);
            };
            begin.extend_from_slice(&chunk);
        }
        self.peeked = Some(begin.freeze());
        Ok(None)
    }

    async fn read_chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.response.chunk().await.map_err(|error| redact_failure(error.into(), &self.used))
    }
}

impl Backend {
    /// Changes `body` into one that `endpoint` of the server accepts (protocol §8.2, protocol §8.4).
    ///
    /// Returns the names of dropped fields.
    pub fn apply_body_rules(
        &self,
        endpoint: ForwardEndpoint,
        body: &mut RawObject<'_>,
    ) -> Result<Vec<Cow<'static, str>>, BadRequest> {
        body_rules::apply(self.rules().body, endpoint, body)
    }

    /// Returns those of a caller's `headers` that go on to the server.
    pub fn forwarded_headers(&self, headers: &HeaderMap) -> HeaderMap {
        request_headers(headers, self.rules().caller_headers)
    }

    /// Sends `request`, and after a 401 once more with another token; the caller has received nothing by then.
    ///
    /// Returns as soon as the head of the response was received.
    pub async fn forward(&self, request: &ForwardRequest<'_>) -> Result<ForwardResponse, UpstreamError> {
        self.forward_with_timeout(
            request,
            if request.streamed { self.timeouts().head } else { NON_STREAMING_TIMEOUT },
        )
        .await
    }

    /// Forwards with `timeout` for the head of the response.
    async fn forward_with_timeout(
        &self,
        request: &ForwardRequest<'_>,
        timeout: Duration,
    ) -> Result<ForwardResponse, UpstreamError> {
        let path = self.path(request.endpoint).ok_or_else(|| {
            let cause = "this provider has no such API";
            UpstreamError::local(Failure::new(ErrorCode::EndpointNotFound, cause))
        })?;
        let mut headers = request.headers.clone();
        if let (Some(name), Some(session)) = (self.rules().session_header, request.session)
            && !headers.contains_key(name)
            && let Ok(session) = HeaderValue::from_str(session)
        {
            headers.insert(name, session);
        }
        let accept = if request.streamed { "text/event-stream" } else { "application/json" };
        let (response, used) = self
            .send_authorized(Some(request.model), |base| {
                HttpRequest::post_chunks(append_path(base, path), "application/json", request.body.to_vec())
                    .headers(headers.clone())
                    .header("accept", accept)
                    .with_timeout(timeout)
            })
            .await?;
        let timeout = if request.streamed { IDLE_TIMEOUT } else { NON_STREAMING_TIMEOUT };
        let mut response = ForwardResponse::new(response.with_timeout(timeout), used);
        if !request.streamed
            && let Some(error) = response.error_instead_of_answer().await.map_err(UpstreamError::local)?
        {
            let head = response.head.clone();
            let failed = ErrorResponse::in_stream(head, &error).before_answer();
            let failed = failed.with_body(response.status(), error);
            return Err(self.to_upstream_error(failed, Some(request.model), &response.used));
        }
        Ok(response)
    }

    /// Returns which API the server has; `None` when its response does not show it.
    ///
    /// Sends an empty request, which costs nothing: a server with the API responds with what is missing.
    pub async fn detect_wire_api(&self) -> Option<Wire> {
        let empty = ForwardRequest {
            endpoint: ForwardEndpoint::Responses,
            model: "",
            body: &[Bytes::from_static(b"{}")],
            streamed: false,
            headers: &HeaderMap::new(),
            session: None,
        };
        let error = self.forward_with_timeout(&empty, self.timeouts().lists).await.err()?;
        let body = error.body?;
        match (error.failure.code, body.status) {
            (ErrorCode::EndpointNotFound, _) => Some(Wire::ChatCompletions),
            (_, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => Some(Wire::Responses),
            // Some servers answer everything with a success. An API has a code for its errors, a server for unknown paths a
            // sentence.
            (_, status) if status.is_success() => {
                let error = ErrorBody::from_value(&body.error?);
                let has_code = error.code.is_some() || error.kind.is_some() || error.param.is_some();
                Some(if has_code { Wire::Responses } else { Wire::ChatCompletions })
            }
            _ => None,
        }
    }

    /// Makes a failure of an error inside a stream, by the same table as for error responses (protocol §10).
    ///
    /// The credentials of the request are redacted in `error`, because it goes to the caller.
    /// `has_started`: a part of the response came before it.
    pub fn stream_failure(
        &self,
        response: &ForwardResponse,
        model: &str,
        error: &mut Value,
        has_started: bool,
    ) -> Failure {
        let error_response = ErrorResponse::in_stream(response.head.clone(), error);
        let error_response = if has_started { error_response } else { error_response.before_answer() };
        redact_json(error, &response.used);
        self.to_upstream_error(error_response, Some(model), &response.used).failure
    }

    /// Redacts the credentials of the request in a part of its response.
    pub fn redact(&self, response: &ForwardResponse, part: &mut Value) {
        redact_json(part, &response.used);
    }

    fn path(&self, endpoint: ForwardEndpoint) -> Option<&'static str> {
        let rules = self.rules();
        match endpoint {
            ForwardEndpoint::Responses => Some(rules.responses_path),
            ForwardEndpoint::Compact => rules.compact_path,
            ForwardEndpoint::ChatCompletions => rules.chat_completions_path,
        }
    }
}
