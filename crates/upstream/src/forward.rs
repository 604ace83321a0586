//! Requests of other programs, carried to a server in its own dialect and answered as they are answered.

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
use crate::response::redact_credentials::{redact_failure, redact_header};
use crate::response::returned_headers::response_headers;
use crate::response::upstream_error::UpstreamError;

/// Silence that ends a stream (protocol §8.3: Codex waits as long).
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// An answer that is not streamed has its head only when the model is through.
const WHOLE_RESPONSE_TIMEOUT: Duration = Duration::from_secs(600);

/// A request of another program.
pub struct ForwardRequest<'a> {
    /// What is asked for.
    pub endpoint: ForwardEndpoint,
    /// The model that it names, for failures.
    pub model: &'a str,
    /// The body, in the server's dialect and after its rules, in pieces.
    pub body: &'a [Bytes],
    /// Whether the answer will be a stream.
    pub streamed: bool,
    /// Those of the caller's headers that [go on](Backend::carried).
    pub headers: &'a HeaderMap,
    /// Names the conversation where the caller's headers do not.
    pub session: Option<&'a str>,
}

/// An answer on its way.
pub struct ForwardResponse {
    response: HttpResponse,
    head: ResponseHead,
    used: Authorization,
    content_type: Option<HeaderValue>,
    returned_headers: HeaderMap,
}

impl ForwardResponse {
    pub(crate) fn new(mut answer: HttpResponse, used: Authorization) -> Self {
        let head = ResponseHead::of(&answer);
        let mut headers = answer.take_headers();
        let content_type = headers.remove(http::header::CONTENT_TYPE);
        Self { response: answer, head, used, content_type, returned_headers: response_headers(&headers) }
    }

    /// Its status: a success.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Those of its headers that a caller may read, once.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.returned_headers)
    }

    /// Its `content-type`, once.
    pub fn take_content_type(&mut self) -> Option<HeaderValue> {
        self.content_type.take()
    }

    /// The next piece of the body; nothing at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.response.chunk().await.map_err(|error| redact_failure(error.into(), &self.used))
    }
}

impl Backend {
    /// Makes `body` one that the server takes when it is asked for this (protocol §8.2, protocol §8.4). Gives the names of fields that
    /// were dropped.
    pub fn apply_body_rules(
        &self,
        ask: ForwardEndpoint,
        body: &mut RawObject<'_>,
    ) -> Result<Vec<Cow<'static, str>>, BadRequest> {
        body_rules::apply(self.rules().body, ask, body)
    }

    /// Those of a caller's `headers` that the server knows: all others end here.
    pub fn carried_headers(&self, headers: &HeaderMap) -> HeaderMap {
        request_headers(headers, self.rules().caller_headers)
    }

    /// Whether the server has such a thing.
    pub fn has(&self, ask: ForwardEndpoint) -> bool {
        self.path(ask).is_some()
    }

    /// Sends `forward`, and after a 401 once more with another token; nothing of the answer has been seen by then.
    /// Gives the answer as soon as its head is in.
    pub async fn forward(&self, relay: &ForwardRequest<'_>) -> Result<ForwardResponse, UpstreamError> {
        self.forward_within(
            relay,
            if relay.streamed { self.current_timeouts().head } else { WHOLE_RESPONSE_TIMEOUT },
        )
        .await
    }

    /// The same with another patience for its head.
    async fn forward_within(
        &self,
        relay: &ForwardRequest<'_>,
        timeouts: Duration,
    ) -> Result<ForwardResponse, UpstreamError> {
        let path = self.path(relay.endpoint).ok_or_else(|| {
            let cause = "this provider has no such API";
            UpstreamError::before_sending(Failure::new(ErrorCode::EndpointNotFound, cause))
        })?;
        let mut headers = relay.headers.clone();
        if let (Some(name), Some(session)) = (self.rules().session_header, relay.session)
            && !headers.contains_key(name)
            && let Ok(session) = HeaderValue::from_str(session)
        {
            headers.insert(name, session);
        }
        let accept = if relay.streamed { "text/event-stream" } else { "application/json" };
        let (answer, used) = self
            .send_authorized(Some(relay.model), |base| {
                HttpRequest::post_chunks(append_path(base, path), "application/json", relay.body.to_vec())
                    .headers(headers.clone())
                    .header("accept", accept)
                    .with_timeout(timeouts)
            })
            .await?;
        Ok(ForwardResponse::new(
            answer.with_timeout(if relay.streamed { IDLE_TIMEOUT } else { WHOLE_RESPONSE_TIMEOUT }),
            used,
        ))
    }

    /// Which API the server has; nothing when it does not tell. An empty request costs nothing: whoever has the API
    /// names what it lacks.
    pub async fn detect_wire_api(&self) -> Option<Wire> {
        let nothing = ForwardRequest {
            endpoint: ForwardEndpoint::Responses,
            model: "",
            body: &[Bytes::from_static(b"{}")],
            streamed: false,
            headers: &HeaderMap::new(),
            session: None,
        };
        let declined = self.forward_within(&nothing, self.current_timeouts().lists).await.err()?;
        match (declined.failure.code, declined.body?.status) {
            (ErrorCode::EndpointNotFound, _) => Some(Wire::ChatCompletions),
            (_, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => Some(Wire::Responses),
            _ => None,
        }
    }

    /// What an error inside a stream means: the table of protocol §10 knows both places. What the request was let in by is
    /// taken out of it, for it is handed on.
    pub fn stream_failure(&self, relayed: &ForwardResponse, model: &str, error: &mut Value) -> Failure {
        let refusal = ErrorResponse::in_stream(relayed.head.clone(), error);
        redact_header(error, &relayed.used);
        self.refused(refusal, Some(model), &relayed.used).failure
    }

    fn path(&self, ask: ForwardEndpoint) -> Option<&'static str> {
        let rules = self.rules();
        match ask {
            ForwardEndpoint::Responses => Some(rules.responses_path),
            ForwardEndpoint::Compact => rules.compact_path,
            ForwardEndpoint::ChatCompletions => rules.chat_completions_path,
        }
    }
}
