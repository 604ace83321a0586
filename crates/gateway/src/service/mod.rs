//! Serves one request, from its head to its response.

mod admit;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use hyper::body::{Body as _, Incoming};
use usher_domain::ports::{Bearer, Clock};
use usher_domain::{ErrorCode, Pass};
use usher_upstream::ForwardResponse;

use crate::admission::endpoint::{self, Endpoint};
use crate::admission::origin;
use crate::dialects::{Dialect, DialectEndpoint};
use crate::endpoints::models;
use crate::endpoints::token_count::TokenCounter;
use crate::host::GatewayHost;
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
use crate::server::pass_limiter::PassLimiter;
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
        let mut admitted = self.admit(&parts, dialect, &response_guard).await?;
        let body = self.read_body(&mut admitted, &parts, dialect, body, &response_guard).await?;
        let parsing = body.share_for_parsing(&self.memory)?;
        let request = GenerateRequest::read(
            dialect,
            endpoint,
            &parts.headers,
            &body.bytes,
            self.clock.now(),
            &self.prompts,
        )?;
        let route = self.find_route(&mut admitted, &request.model, dialect).await?;
        let pass = Arc::clone(&admitted.pass);
        let now = self.clock.now();
        let requested = Requested { dialect: dialect.name(), model: &request.model };
        let mut guard = self.log.begin(&self.host, admitted, &route, requested, now);
        guard.set_outcome(Outcome::Failed(ErrorCode::BadUsage));
        let terms = request.terms();
        let RequestPlan { mut call, response: plan, mut dropped, effort, tier, cache_miss } =
            request.plan(route, &pass.id)?;
        // Only the copy that is sent stays in memory while the model works.
        call.share = Some(body.share);
        drop((body.bytes, parts, parsing));
        guard.set_outcome(Outcome::Cancelled);
        let sent = guard.unless_revoked(self.rejected_reasoning.send(&mut call, &mut dropped)).await;
        let sent = match sent {
            Ok(sent) => sent
                .map_err(|error| (error.failure.code, GatewayError::from_upstream(&error, self.clock.now()))),
            Err(failure) => Err((failure.code, GatewayError::from_failure(&failure, self.clock.now()))),
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

    async fn models(
        &self,
        parts: &Parts,
        dialect: Dialect,
        id: Option<&str>,
        response_guard: &ResponseGuard,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let mut admitted = self.admit(parts, dialect, response_guard).await?;
        let pass = Arc::clone(&admitted.pass);
        let listing = self.list_models(&pass, parts, dialect, id);
        let listed = self.while_valid(&mut admitted, listing).await;
        listed.map_err(|failure| self.refuse(&pass, "", dialect, &failure))?
    }

    async fn list_models(
        &self,
        pass: &Pass,
        parts: &Parts,
        dialect: Dialect,
        id: Option<&str>,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        if let (None, Some(version)) = (id, dialect.catalog_version(parts.uri.query())) {
            return self.codex_catalog(pass, version).await;
        }
        let refused = |failure| GatewayError::from_failure(&failure, self.clock.now());
        let listed = self.host.models(pass).await.map_err(refused)?;
        let Some(id) = id else { return Ok(json(models::list_all(&listed, dialect))) };
        let resolved = self.host.route(pass, id).await.map_err(refused)?.model.id;
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
        let mut admitted = self.admit(parts, dialect, response_guard).await?;
        let pass = Arc::clone(&admitted.pass);
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
        let authorization = self.while_valid(&mut admitted, self.host.authorization(&pass)).await;
        let authorization = authorization
            .flatten()
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
        let mut admitted = self.admit(parts, dialect, response_guard).await?;
        let body = self.read_body(&mut admitted, parts, dialect, body, response_guard).await?;
        let parsing = body.share_for_parsing(&self.memory)?;
        let tokens = self.token_counter.count(dialect, body, (admitted, parsing)).await?;
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
