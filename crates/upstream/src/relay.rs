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
use usher_net::{HttpRequest, HttpResponse, NetError};

use crate::backend::Backend;
use crate::header_rules::{carried, returned};
use crate::refusal::{Head, Refusal};
use crate::unsaid::{conceal, unsaid};
use crate::{body_rules, rules};

/// Silence that ends a stream (§8.3: Codex waits as long).
const SILENCE: Duration = Duration::from_secs(300);
/// An answer that is not streamed has its head only when the model is through.
const WHOLE: Duration = Duration::from_secs(600);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// An answer, by the Responses API.
    Responses,
    /// A shorter history (§8.4).
    Compact,
    /// An answer, by the Chat Completions API.
    ChatCompletions,
}

/// A request of another program.
pub struct Relay<'a> {
    /// What is asked for.
    pub ask: Ask,
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
pub struct Relayed {
    answer: HttpResponse,
    head: Head,
    used: Authorization,
    content_type: Option<HeaderValue>,
    returned: HeaderMap,
}

/// A request that was not answered.
#[derive(Debug, Clone)]
pub struct Declined {
    /// What interfaces act on.
    pub failure: Failure,
    /// What the server said, unless it was not reached.
    pub said: Option<Box<Said>>,
    /// The request cannot have been begun on, so another try costs nothing.
    pub untouched: bool,
}

/// A server's refusal as it came.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its status.
    pub status: StatusCode,
    /// Those of its headers that a caller may read.
    pub headers: HeaderMap,
    /// Its error object, where its body has one.
    pub error: Option<Value>,
}

impl Declined {
    pub(crate) fn ours(failure: Failure) -> Self {
        Self { failure, said: None, untouched: true }
    }
}

impl From<NetError> for Declined {
    fn from(error: NetError) -> Self {
        let untouched = error.delivery == usher_net::Delivery::NotSent;
        Self { failure: error.failure, said: None, untouched }
    }
}

impl From<Declined> for Failure {
    fn from(declined: Declined) -> Self {
        declined.failure
    }
}

impl Relayed {
    pub(crate) fn new(mut answer: HttpResponse, used: Authorization) -> Self {
        let head = Head::of(&answer);
        let mut headers = answer.take_headers();
        let content_type = headers.remove(http::header::CONTENT_TYPE);
        Self { answer, head, used, content_type, returned: returned(&headers) }
    }

    /// Its status: a success.
    pub fn status(&self) -> StatusCode {
        self.answer.status()
    }

    /// Those of its headers that a caller may read, once.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.returned)
    }

    /// Its `content-type`, once.
    pub fn take_content_type(&mut self) -> Option<HeaderValue> {
        self.content_type.take()
    }

    /// The next piece of the body; nothing at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.answer.chunk().await.map_err(|error| unsaid(error.into(), &self.used))
    }
}

impl Backend {
    /// Makes `body` one that the server takes when it is asked for this (§8.2, §8.4). Gives the names of fields that
    /// were dropped.
    pub fn fit(&self, ask: Ask, body: &mut RawObject<'_>) -> Result<Vec<Cow<'static, str>>, BadRequest> {
        body_rules::apply(self.rules().body, ask, body)
    }

    /// Those of a caller's `headers` that the server knows: all others end here.
    pub fn carried(&self, headers: &HeaderMap) -> HeaderMap {
        carried(headers, self.rules().caller_headers)
    }

    /// Whether the server has such a thing.
    pub fn has(&self, ask: Ask) -> bool {
        self.path(ask).is_some()
    }

    /// Sends `relay`, and after a 401 once more with another token; nothing of the answer has been seen by then.
    /// Gives the answer as soon as its head is in.
    pub async fn relay(&self, relay: &Relay<'_>) -> Result<Relayed, Declined> {
        self.relay_within(relay, if relay.streamed { self.patience_now().head } else { WHOLE }).await
    }

    /// The same with another patience for its head.
    async fn relay_within(&self, relay: &Relay<'_>, patience: Duration) -> Result<Relayed, Declined> {
        let path = self.path(relay.ask).ok_or_else(|| {
            let cause = "this provider has no such API";
            Declined::ours(Failure::new(ErrorCode::EndpointNotFound, cause))
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
                    .with_timeout(patience)
            })
            .await?;
        Ok(Relayed::new(answer.with_timeout(if relay.streamed { SILENCE } else { WHOLE }), used))
    }

    /// Which API the server has; nothing when it does not tell. An empty request costs nothing: whoever has the API
    /// names what it lacks.
    pub async fn find_wire(&self) -> Option<Wire> {
        let nothing = Relay {
            ask: Ask::Responses,
            model: "",
            body: &[Bytes::from_static(b"{}")],
            streamed: false,
            headers: &HeaderMap::new(),
            session: None,
        };
        let declined = self.relay_within(&nothing, self.patience_now().lists).await.err()?;
        match (declined.failure.code, declined.said?.status) {
            (ErrorCode::EndpointNotFound, _) => Some(Wire::ChatCompletions),
            (_, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY) => Some(Wire::Responses),
            _ => None,
        }
    }

    /// What an error inside a stream means: the table of §10 knows both places. What the request was let in by is
    /// taken out of it, for it is handed on.
    pub fn failed_in_stream(&self, relayed: &Relayed, model: &str, error: &mut Value) -> Failure {
        let refusal = Refusal::in_stream(relayed.head.clone(), error);
        conceal(error, &relayed.used);
        self.refused(refusal, Some(model), &relayed.used).failure
    }

    fn path(&self, ask: Ask) -> Option<&'static str> {
        let rules: &'static rules::Rules = self.rules();
        match ask {
            Ask::Responses => Some(rules.responses_path),
            Ask::Compact => rules.compact_path,
            Ask::ChatCompletions => rules.chat_completions_path,
        }
    }
}
