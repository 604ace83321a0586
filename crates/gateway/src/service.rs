//! One request from the door to its answer.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use hyper::body::{Body as _, Incoming};
use usher_domain::ports::{Bearer, Clock};
use usher_domain::{ErrorCode, Pass};
use usher_upstream::ForwardResponse;

use crate::admission::body;
use crate::admission::endpoint;
use crate::admission::endpoint::Endpoint;
use crate::admission::origin;
use crate::admission::pass;
use crate::dialects::{Dialect, DialectEndpoint};
use crate::endpoints::models;
use crate::endpoints::token_count::TokenCounter;
use crate::host::{GatewayHost, PassRejected, Route};
use crate::request_log::{Outcome, RequestGuard, RequestLog};
use crate::response::collect::CollectError;
use crate::response::collect::collect;
use crate::response::encode::StreamEncoder;
use crate::response::encode::StreamTranslator;
use crate::response::encode::usage_of_body;
use crate::response::encoding::ResponseEncoding;
use crate::response::error::ErrorResponse;
use crate::response::stream::ResponseBody;
use crate::response::stream::ResponseStream;
use crate::response::stream::passthrough;
use crate::server::io_timeout::ConnectionState;
use crate::server::io_timeout::ResponseGuard;
use crate::server::listener::Limits;
use crate::server::pass_limiter::PassLimiter;
use crate::server::pass_limiter::PassPermit;
use crate::translate::plan::GenerateRequest;
use crate::translate::plan::RequestPlan;
use crate::translate::plan::ResponsePlan;
use crate::translate::plan::UpstreamCall;
use crate::translate::rejected_reasoning::RejectedReasoning;

/// What every request needs.
pub(crate) struct GatewayService {
    pub(crate) host: Arc<dyn GatewayHost>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) limits: Limits,
    pub(crate) token_counter: TokenCounter,
    pub(crate) pass_limiter: PassLimiter,
    pub(crate) rejected_reasoning: RejectedReasoning,
    /// The port that we answer at.
    pub(crate) port: u16,
}

impl GatewayService {
    /// Serves one request; a refusal is an answer too.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        serving: ConnectionState,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let turn = serving.begin(!request.body().is_end_stream());
        let (parts, body) = request.into_parts();
        let (dialect, asked) = endpoint::match_endpoint(&parts);
        // A box, because hyper keeps room for what it is given as long as there is a connection, and this is wanted
        // until the answer begins.
        let served = Box::pin(async {
            origin::check(&parts, self.port)?;
            match asked? {
                Endpoint::Health => Ok(json(br#"{"status":"ok"}"#.to_vec())),
                Endpoint::Models { id } => self.models(&parts, dialect, id.as_deref()).await,
                Endpoint::Token => self.token(&parts).await,
                Endpoint::Dialect(DialectEndpoint::CountTokens) => {
                    self.count_tokens(&parts, body, &turn).await
                }
                Endpoint::Dialect(endpoint) => self.generate(parts, dialect, endpoint, body, turn).await,
            }
        });
        Ok(served.await.unwrap_or_else(|refusal: ErrorResponse| {
            tracing::debug!(status = refusal.error.status, code = refusal.error.code, "refused");
            refusal.into_response(dialect)
        }))
    }

    async fn generate(
        &self,
        parts: Parts,
        dialect: Dialect,
        endpoint: DialectEndpoint,
        body: Incoming,
        turn: ResponseGuard,
    ) -> Result<Response<ResponseBody>, ErrorResponse> {
        let (pass, own_seat) = self.authenticate(&parts).await?;
        let body = body::read(&parts.headers, body).await?;
        turn.has_read();
        let asked = GenerateRequest::read(dialect, endpoint, &parts.headers, &body, self.clock.now())?;
        let route = self.route(&pass, &asked.model, dialect).await?;
        let mut place = self.log.begin(Arc::clone(&pass), own_seat, &route, dialect.name(), self.clock.now());
        place.set_outcome(Outcome::Failed(ErrorCode::BadUsage));
        let RequestPlan { call: mut outgoing, response: way, mut dropped } = asked.plan(route, &pass.id)?;
        // The copy that is sent is the only one that is kept while the model works.
        drop((body, parts));
        place.set_outcome(Outcome::Cancelled);
        let sent = tokio::select! {
            sent = self.rejected_reasoning.send(&mut outgoing, &mut dropped) => sent.map_err(|declined| {
                (declined.failure.code, ErrorResponse::from_upstream(&declined, self.clock.now()))
            }),
            why = place.revoked() => Err((why.code, ErrorResponse::from_failure(&why, self.clock.now()))),
        };
        let mut relayed = sent.map_err(|(code, refusal)| {
            place.set_outcome(Outcome::Failed(code));
            refusal
        })?;
        let told = ResponseHeaders::new(&outgoing.route, relayed.take_headers(), &dropped);
        let content_type = relayed.take_content_type();
        let mut response = match way {
            ResponsePlan::Passthrough => stream_body(content_type, passthrough(relayed, place), turn),
            ResponsePlan::ForwardEvents(forwarder) => {
                self.stream_response(relayed, StreamEncoder::Forward(forwarder), outgoing, place, turn)
            }
            ResponsePlan::Translate(shape) => {
                let teller = StreamEncoder::Translate(Box::new(StreamTranslator::new(shape)));
                self.stream_response(relayed, teller, outgoing, place, turn)
            }
            ResponsePlan::Collect(shape) => self.collect_response(relayed, shape, outgoing, place).await?,
        };
        told.write(&mut response);
        Ok(response)
    }

    fn stream_response(
        &self,
        relayed: ForwardResponse,
        teller: StreamEncoder,
        outgoing: UpstreamCall,
        place: RequestGuard,
        turn: ResponseGuard,
    ) -> Response<ResponseBody> {
        let telling = ResponseStream::new(relayed, teller, outgoing, place, Arc::clone(&self.clock));
        stream_body(
            Some(HeaderValue::from_static("text/event-stream; charset=utf-8")),
            telling.into_chunks(),
            turn,
        )
    }

    /// The whole answer of a server that only streams.
    async fn collect_response(
        &self,
        relayed: ForwardResponse,
        shape: ResponseEncoding,
        mut outgoing: UpstreamCall,
        mut place: RequestGuard,
    ) -> Result<Response<ResponseBody>, ErrorResponse> {
        let answer = match collect(relayed, &shape, &mut outgoing, &mut place).await {
            Ok(answer) => answer,
            Err(unanswered) => {
                let now = self.clock.now();
                let (code, refusal) = match unanswered {
                    CollectError::Failed(failure) => {
                        (failure.code, ErrorResponse::from_failure(&failure, now))
                    }
                    CollectError::Provider(failure, error) => {
                        let mut refusal = ErrorResponse::from_failure(&failure, now);
                        refusal.error.original = Some(error);
                        (failure.code, refusal)
                    }
                    CollectError::Refused(declined) => {
                        (declined.failure.code, ErrorResponse::from_upstream(&declined, now))
                    }
                };
                place.set_outcome(Outcome::Failed(code));
                return Err(refusal);
            }
        };
        place.set_outcome(Outcome::Completed);
        place.set_usage(answer.usage.as_ref().map(usage_of_body));
        Ok(json(shape.encode_whole(&answer)))
    }

    /// The pass of a request, and a seat among those of that pass.
    async fn authenticate(&self, parts: &Parts) -> Result<(Arc<Pass>, PassPermit), ErrorResponse> {
        let presented = pass::from_headers(&parts.headers);
        let mut denied = PassRejected::Unknown;
        for candidate in &presented.candidates {
            match self.host.authenticate(candidate).await {
                Ok(pass) => {
                    let most = self.limits.requests_per_pass;
                    let seat = self
                        .pass_limiter
                        .try_acquire(&pass.id, most)
                        .ok_or_else(|| ErrorResponse::too_many_requests(most))?;
                    return Ok((pass, seat));
                }
                Err(PassRejected::Unknown) => {}
                Err(other) => denied = other,
            }
        }
        Err(ErrorResponse::pass_rejected(denied, presented.foreign_jwt, self.clock.now()))
    }

    async fn route(&self, pass: &Pass, model: &str, dialect: Dialect) -> Result<Route, ErrorResponse> {
        self.host.route(pass, model).await.map_err(|failure| {
            let now = self.clock.now();
            self.log.record_refused(pass, model, dialect.name(), now, failure.code);
            ErrorResponse::from_failure(&failure, now)
        })
    }

    async fn models(
        &self,
        parts: &Parts,
        dialect: Dialect,
        id: Option<&str>,
    ) -> Result<Response<ResponseBody>, ErrorResponse> {
        let (pass, _seat) = self.authenticate(parts).await?;
        if let (None, Some(version)) = (id, dialect.catalog_version(parts.uri.query())) {
            return self.codex_catalog(&pass, version).await;
        }
        let refused = |failure| ErrorResponse::from_failure(&failure, self.clock.now());
        let listed = self.host.models(&pass).await.map_err(refused)?;
        let Some(id) = id else { return Ok(json(models::list_all(&listed, dialect))) };
        let means = self.host.route(&pass, id).await.map_err(refused)?.model.id;
        models::retrieve(&listed, dialect, id, &means).map(json)
    }

    /// The provider's own catalogue, as far as the pass goes.
    async fn codex_catalog(
        &self,
        pass: &Pass,
        version: &str,
    ) -> Result<Response<ResponseBody>, ErrorResponse> {
        let route = self.host.route(pass, "").await;
        let route = route.map_err(|failure| ErrorResponse::from_failure(&failure, self.clock.now()))?;
        let asked = route.backend.raw_catalog(version).await;
        let mut catalogue =
            asked.map_err(|declined| ErrorResponse::from_upstream(&declined, self.clock.now()))?;
        if let (Some(catalogue), Some(_)) = (&mut catalogue, &pass.scope.model) {
            catalogue.retain(&route.model.id);
        }
        let mut response = json(models::encode_catalog(catalogue.as_ref()));
        if let Some(etag) = catalogue.and_then(|catalogue| catalogue.etag) {
            response.headers_mut().insert(ETAG, etag);
        }
        Ok(response)
    }

    /// The access token for a pass that was made for it; an API key is not short-lived and never leaves.
    async fn token(&self, parts: &Parts) -> Result<Response<ResponseBody>, ErrorResponse> {
        let (pass, _seat) = self.authenticate(parts).await?;
        if !pass.scope.token {
            return Err(ErrorResponse::not_allowed(
                "Usher: this pass does not allow tokens. Create one with `--allow token`.",
            ));
        }
        let authorization = self.host.authorization(&pass).await;
        let authorization =
            authorization.map_err(|failure| ErrorResponse::from_failure(&failure, self.clock.now()))?;
        let Bearer::AccessToken(token) = &authorization.bearer else {
            return Err(ErrorResponse::not_allowed(
                "Usher: this provider uses an API key, which is never returned.",
            ));
        };
        let body = serde_json::json!({
            "token_type": "Bearer",
            "access_token": token.expose(),
            "account_id": authorization.account_id,
            "expires_at": authorization.expires_at,
        });
        Ok(json(serde_json::to_vec(&body).expect("a JSON value has no key that JSON lacks")))
    }

    async fn count_tokens(
        &self,
        parts: &Parts,
        body: Incoming,
        turn: &ResponseGuard,
    ) -> Result<Response<ResponseBody>, ErrorResponse> {
        let (_, seat) = self.authenticate(parts).await?;
        let body = body::read(&parts.headers, body).await?;
        turn.has_read();
        let tokens = self.token_counter.count(body, seat).await?;
        Ok(json(format!(r#"{{"input_tokens":{tokens}}}"#).into_bytes()))
    }
}

/// What is said about an answer in its headers (contract section 3).
struct ResponseHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ResponseHeaders {
    fn new(route: &Route, theirs: HeaderMap, dropped: &[std::borrow::Cow<'static, str>]) -> Self {
        let own = [
            ("x-usher-account", route.account.clone()),
            ("x-usher-model", route.model.id.clone()),
            ("x-usher-dropped", dropped.join(", ")),
        ];
        let own = own.into_iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
        });
        let theirs = theirs.into_iter().filter_map(|(name, value)| Some((name?, value)));
        Self { headers: theirs.chain(own).collect() }
    }

    fn write(self, response: &mut Response<ResponseBody>) {
        response.headers_mut().extend(self.headers);
    }
}

fn json(body: Vec<u8>) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn stream_body(
    kind: Option<HeaderValue>,
    pieces: impl futures_util::Stream<Item = Result<Bytes, crate::response::stream::BodyAborted>> + Send + 'static,
    turn: ResponseGuard,
) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Stream(Box::pin(pieces), Some(turn)));
    if let Some(kind) = kind {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
