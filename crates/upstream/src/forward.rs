//! Forwards requests of other programs to a server, in the server's own dialect.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_domain::ports::Authorization;
use usher_domain::{ErrorCode, Failure, Wire, append_path};
use usher_net::{HttpRequest, HttpResponse};

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
}

impl ForwardResponse {
    pub(crate) fn new(mut response: HttpResponse, used: Authorization) -> Self {
        let head = ResponseHead::of(&response);
        let mut headers = response.take_headers();
        redact_headers(&mut headers, &used);
        let content_type = headers.remove(http::header::CONTENT_TYPE);
        Self { response, head, used, content_type, returned_headers: response_headers(&headers) }
    }

    /// Returns the status: a success.
    pub fn status(&self) -> StatusCode {
        self.response.status()
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
        Ok(ForwardResponse::new(
            response.with_timeout(if request.streamed { IDLE_TIMEOUT } else { NON_STREAMING_TIMEOUT }),
            used,
        ))
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
        match (error.failure.code, error.body?.status) {
            (ErrorCode::EndpointNotFound, _) => Some(Wire::ChatCompletions),
            (_, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => Some(Wire::Responses),
            _ => None,
        }
    }

    /// Makes a failure of an error inside a stream, by the same table as for error responses (protocol §10).
    ///
    /// The credentials of the request are redacted in `error`, because it goes to the caller.
    pub fn stream_failure(&self, response: &ForwardResponse, model: &str, error: &mut Value) -> Failure {
        let error_response = ErrorResponse::in_stream(response.head.clone(), error);
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
