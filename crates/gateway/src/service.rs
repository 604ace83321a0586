//! Serves one request, from its head to its response.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use hyper::body::{Body as _, Incoming};
use tokio::task::spawn_blocking;
use usher_domain::ports::{Bearer, Clock};
use usher_domain::{ErrorCode, Pass};
use usher_upstream::ForwardResponse;

use crate::admission::endpoint::{self, Endpoint};
use crate::admission::{body, origin, pass};
use crate::dialects::{Dialect, DialectEndpoint};
use crate::endpoints::models;
use crate::endpoints::token_count::TokenCounter;
use crate::host::{GatewayHost, PassRejected, Route};
use crate::request_log::{Outcome, RequestGuard, RequestLog, Requested, SentFacts};
use crate::response::body::{BodyAborted, ResponseBody};
use crate::response::encode::collect::{CollectError, collect};
use crate::response::encode::encoding::ResponseEncoding;
use crate::response::encode::event_reader::token_counts;
use crate::response::encode::stream_encoder::{StreamEncoder, StreamTranslator};
use crate::response::error::GatewayError;
use crate::response::headers::ResponseHeaders;
use crate::response::stream::{ResponseStream, passthrough};
use crate::server::io_timeout::{ConnectionState, ResponseGuard};
use crate::server::limits::Limits;
use crate::server::memory_budget::MemoryBudget;
use crate::server::pass_limiter::{PassLimiter, PassPermit};
use crate::server::peer::Peer;
use crate::server::token_limiter::TokenLimiter;
use crate::translate::plan::{GenerateRequest, RequestPlan, ResponsePlan, UpstreamCall};
use crate::translate::prompt_cache::PromptCaches;
use crate::translate::rejected_reasoning::RejectedReasoning;

/// Serves all requests of a gateway; holds what they share.
pub(crate) struct GatewayService {
    pub(crate) host: Arc<dyn GatewayHost>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) limits: Limits,
    pub(crate) token_counter: TokenCounter,
    pub(crate) pass_limiter: PassLimiter,
    pub(crate) token_limiter: TokenLimiter,
    pub(crate) memory: MemoryBudget,
    pub(crate) rejected_reasoning: RejectedReasoning,
    pub(crate) prompts: PromptCaches,
    /// The port of the listeners.
    pub(crate) port: u16,
    /// Requests for `localhost` are answered.
    pub(crate) answers_localhost: bool,
}

impl GatewayService {
    /// Serves one request. Errors are responses too.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        connection: ConnectionState,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let response_guard = connection.begin(!request.body().is_end_stream());
        let (parts, body) = request.into_parts();
        let (dialect, request) = endpoint::match_endpoint(&parts);
        // Boxed, because hyper reserves the future's size for the whole connection, and this is needed only until the
        // response begins.
        let served = Box::pin(async {
            origin::check(&parts, self.port, self.answers_localhost)?;
            match request? {
                Endpoint::Health => Ok(json(br#"{"status":"ok"}"#.to_vec())),
                Endpoint::Models { id } => self.models(&parts, dialect, id.as_deref(), &response_guard).await,
                Endpoint::Token => self.token(&parts, dialect, &response_guard).await,
                Endpoint::Dialect(DialectEndpoint::CountTokens) => {
                    self.count_tokens(&parts, dialect, body, &response_guard).await
                }
                Endpoint::Dialect(endpoint) => {
                    self.generate(parts, dialect, endpoint, body, response_guard).await
                }
            }
        });
        Ok(served.await.unwrap_or_else(|error: GatewayError| {
            tracing::debug!(status = error.error.status, code = error.error.code, "refused");
            error.into_response(dialect)
        }))
    }

    async fn generate(
        &self,
        parts: Parts,
        dialect: Dialect,
        endpoint: DialectEndpoint,
        body: Incoming,
        response_guard: ResponseGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (pass, permit) = self.authenticate(&parts, dialect, &response_guard).await?;
        let body = body::read(&parts.headers, body, &self.memory).await?;
        response_guard.has_read();
        let parsing = body.share_for_parsing(&self.memory)?;
        let request = GenerateRequest::read(
            dialect,
            endpoint,
            &parts.headers,
            &body.bytes,
            self.clock.now(),
            &self.prompts,
        )?;
        let route = self.route(&pass, &request.model, dialect).await?;
        let now = self.clock.now();
        let requested = Requested { dialect: dialect.name(), model: &request.model };
        let mut guard = self.log.begin(&self.host, Arc::clone(&pass), permit, &route, requested, now);
        guard.set_outcome(Outcome::Failed(ErrorCode::BadUsage));
        let terms = request.terms();
        let RequestPlan { mut call, response: plan, mut dropped, effort, tier, cache_miss } =
            request.plan(route, &pass.id)?;
        // Only the copy that is sent stays in memory while the model works.
        call.share = Some(body.share);
        drop((body.bytes, parts, parsing));
        guard.set_outcome(Outcome::Cancelled);
        let sent = tokio::select! {
            sent = self.rejected_reasoning.send(&mut call, &mut dropped) => sent.map_err(|error| {
                (error.failure.code, GatewayError::from_upstream(&error, self.clock.now()))
            }),
            failure = guard.revoked() => {
                Err((failure.code, GatewayError::from_failure(&failure, self.clock.now())))
            }
        };
        guard.set_sent(SentFacts {
            requested: terms,
            effort,
            tier: tier.clone(),
            dropped: dropped.clone(),
            cache_miss,
        });
        let mut upstream = sent.map_err(|(code, error)| {
            guard.set_outcome(Outcome::Failed(code));
            error
        })?;
        let response_headers = ResponseHeaders::new(&call.route, tier, upstream.take_headers(), &dropped);
        let content_type = upstream.take_content_type();
        let mut response = match plan {
            ResponsePlan::Passthrough => {
                stream_body(content_type, passthrough(upstream, guard), response_guard)
            }
            ResponsePlan::ForwardEvents(forwarder) => self.stream_response(
                upstream,
                StreamEncoder::Forward(Box::new(forwarder)),
                call,
                guard,
                response_guard,
            ),
            ResponsePlan::Translate(encoding) => {
                let encoder = StreamEncoder::Translate(Box::new(StreamTranslator::new(encoding)));
                self.stream_response(upstream, encoder, call, guard, response_guard)
            }
            ResponsePlan::Collect(encoding) => self.collect_response(upstream, encoding, call, guard).await?,
        };
        response_headers.write(&mut response);
        Ok(response)
    }

    fn stream_response(
        &self,
        upstream: ForwardResponse,
        encoder: StreamEncoder,
        call: UpstreamCall,
        guard: RequestGuard,
        response_guard: ResponseGuard,
    ) -> Response<ResponseBody> {
        let stream = ResponseStream::new(upstream, encoder, call, guard, Arc::clone(&self.clock));
        stream_body(
            Some(HeaderValue::from_static("text/event-stream; charset=utf-8")),
            stream.into_chunks(),
            response_guard,
        )
    }

    /// Collects the response of a provider that only streams.
    async fn collect_response(
        &self,
        upstream: ForwardResponse,
        encoding: ResponseEncoding,
        mut call: UpstreamCall,
        mut guard: RequestGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let collected = match collect(upstream, &encoding, &mut call, &mut guard).await {
            Ok(collected) => collected,
            Err(error) => {
                let now = self.clock.now();
                let (code, response) = match error {
                    CollectError::Failed(failure) => {
                        (failure.code, GatewayError::from_failure(&failure, now))
                    }
                    CollectError::Provider(failure, error) => {
                        let response = GatewayError::from_failure(&failure, now);
                        (failure.code, response.with_original(error, &failure, now))
                    }
                    CollectError::Refused(error) => {
                        (error.failure.code, GatewayError::from_upstream(&error, now))
                    }
                };
                guard.set_outcome(Outcome::Failed(code));
                return Err(response);
            }
        };
        guard.has_output();
        guard.set_outcome(Outcome::Completed);
        guard.set_usage(collected.usage.as_ref().map(token_counts));
        Ok(json(encoding.encode_response(&collected)))
    }

    /// Returns the pass of a request and a permit of its concurrency limit.
    async fn authenticate(
        &self,
        parts: &Parts,
        dialect: Dialect,
        response_guard: &ResponseGuard,
    ) -> Result<(Arc<Pass>, PassPermit), GatewayError> {
        let presented = pass::from_headers(&parts.headers);
        let mut rejected = PassRejected::Unknown;
        for candidate in &presented.candidates {
            match self.host.authenticate(candidate).await {
                Ok(pass) => {
                    self.check_folder(&pass, parts, dialect).await?;
                    response_guard.has_pass();
                    let limit = self.limits.requests_per_pass;
                    let permit = self
                        .pass_limiter
                        .try_acquire(&pass.id, limit)
                        .ok_or_else(|| GatewayError::too_many_requests(limit))?;
                    return Ok((pass, permit));
                }
                Err(PassRejected::Unknown) => {}
                Err(PassRejected::Locked { pass, failure }) => {
                    let now = self.clock.now();
                    self.log.record_refused(&pass, "", dialect.name(), now, failure.code);
                    return Err(GatewayError::from_failure(&failure, now));
                }
                Err(other) => rejected = other,
            }
        }
        let sign_in_only = presented.foreign_jwt && presented.candidates.is_empty();
        Err(GatewayError::pass_rejected(rejected, sign_in_only, self.clock.now()))
    }

    /// Refuses a program that runs outside of the folder of the pass, and one of which that is not known.
    async fn check_folder(
        &self,
        pass: &Arc<Pass>,
        parts: &Parts,
        dialect: Dialect,
    ) -> Result<(), GatewayError> {
        let Some(folder) = pass.scope.folder.clone() else { return Ok(()) };
        let peer = parts.extensions.get::<Peer>().cloned();
        let checked = spawn_blocking(move || {
            peer.map_or_else(|| Err("bound to a folder".to_owned()), |peer| peer.check_runs_in(&folder))
        });
        let checked = checked.await.unwrap_or_else(|error| Err(error.to_string()));
        checked.map_err(|why| {
            self.log.record_refused(pass, "", dialect.name(), self.clock.now(), ErrorCode::AccessDenied);
            GatewayError::not_allowed(&format!("Usher: this pass is {why}."))
        })
    }

    async fn route(&self, pass: &Pass, model: &str, dialect: Dialect) -> Result<Arc<Route>, GatewayError> {
        self.host.route(pass, model).await.map(Arc::new).map_err(|failure| {
            let now = self.clock.now();
            self.log.record_refused(pass, model, dialect.name(), now, failure.code);
            GatewayError::from_failure(&failure, now)
        })
    }

    async fn models(
        &self,
        parts: &Parts,
        dialect: Dialect,
        id: Option<&str>,
        response_guard: &ResponseGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (pass, _permit) = self.authenticate(parts, dialect, response_guard).await?;
        if let (None, Some(version)) = (id, dialect.catalog_version(parts.uri.query())) {
            return self.codex_catalog(&pass, version).await;
        }
        let refused = |failure| GatewayError::from_failure(&failure, self.clock.now());
        let listed = self.host.models(&pass).await.map_err(refused)?;
        let Some(id) = id else { return Ok(json(models::list_all(&listed, dialect))) };
        let resolved = self.host.route(&pass, id).await.map_err(refused)?.model.id;
        models::retrieve(&listed, dialect, id, &resolved).map(json)
    }

    /// Returns the provider's own catalog, limited to what the pass allows.
    async fn codex_catalog(
        &self,
        pass: &Pass,
        version: &str,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let route = self.host.route(pass, "").await;
        let route = route.map_err(|failure| GatewayError::from_failure(&failure, self.clock.now()))?;
        let request = route.backend.raw_catalog(version).await;
        let mut catalog = request.map_err(|error| GatewayError::from_upstream(&error, self.clock.now()))?;
        if let (Some(catalog), Some(_)) = (&mut catalog, &pass.scope.model) {
            catalog.retain_model(&route.model.id);
        }
        let mut response = json(models::encode_catalog(catalog.as_ref()));
        if let Some(etag) = catalog.and_then(|catalog| catalog.etag) {
            response.headers_mut().insert(ETAG, etag);
        }
        Ok(response)
    }

    /// Returns the access token, for a pass that allows it. API keys are long-lived and never returned.
    async fn token(
        &self,
        parts: &Parts,
        dialect: Dialect,
        response_guard: &ResponseGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (pass, _permit) = self.authenticate(parts, dialect, response_guard).await?;
        let now = self.clock.now();
        let refused = |code: ErrorCode, error: GatewayError| {
            self.log.record_token(&pass, now, Outcome::Refused(code));
            error
        };
        if !pass.scope.token {
            let why = "Usher: this pass does not allow tokens. Create one with `--allow token`.";
            return Err(refused(ErrorCode::AccessDenied, GatewayError::not_allowed(why)));
        }
        let limit = self.limits.tokens_per_minute;
        if let Err(wait) = self.token_limiter.count(&pass.id, limit) {
            return Err(refused(ErrorCode::RateLimited, GatewayError::too_many_tokens(limit, wait)));
        }
        let authorization = self.host.authorization(&pass).await;
        let authorization = authorization
            .map_err(|failure| refused(failure.code, GatewayError::from_failure(&failure, now)))?;
        let Bearer::AccessToken(token) = &authorization.bearer else {
            let why = "Usher: this provider uses an API key, which is never returned.";
            return Err(refused(ErrorCode::AccessDenied, GatewayError::not_allowed(why)));
        };
        self.log.record_token(&pass, now, Outcome::Completed);
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
        dialect: Dialect,
        body: Incoming,
        response_guard: &ResponseGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (_, permit) = self.authenticate(parts, dialect, response_guard).await?;
        let body = body::read(&parts.headers, body, &self.memory).await?;
        response_guard.has_read();
        let parsing = body.share_for_parsing(&self.memory)?;
        let tokens = self.token_counter.count(dialect, body, parsing, permit).await?;
        Ok(json(dialect.encode_token_count(tokens)))
    }
}

fn json(body: Vec<u8>) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn stream_body(
    content_type: Option<HeaderValue>,
    chunks: impl futures_util::Stream<Item = Result<Bytes, BodyAborted>> + Send + 'static,
    response_guard: ResponseGuard,
) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Stream(Box::pin(chunks), Some(response_guard)));
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
