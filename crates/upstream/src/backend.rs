//! The server of one provider, with the credentials of a token source.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use usher_dialect::{chat_completions, responses};
use usher_domain::ports::{Authorization, Bearer, TokenSource};
use usher_domain::{ErrorCode, Failure, OAuthProvider, Plan, ResetCredits, Usage, Wire, append_path};
use usher_net::{ErrorBody, HttpClient, HttpRequest, HttpResponse};

use crate::models::catalog::{CatalogBody, ModelList, RawCatalog, RawCatalogBody};
use crate::models::model_list::ListBody;
use crate::observer::{ObservedUsage, Observer};
use crate::probe::{self, ProbeError};
use crate::request::backend_rules::{Access, BackendRules, CODEX_BACKEND, ModelsFormat, PLAN_USAGE};
use crate::response::error_response::{ErrorResponse, challenge_page, with_words};
use crate::response::head::ResponseHead;
use crate::response::redact_credentials::{redact_error_body, redact_failure};
use crate::response::upstream_error::UpstreamError;
use crate::usage;

/// A list has the system prompt of each model: a few hundred kilobytes.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;
const MAX_USAGE_BYTES: usize = 256 * 1024;
/// A page in place of an answer; its title is at the beginning.
const MAX_PAGE_BYTES: usize = 256 * 1024;

/// How long requests wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Limits a request for models or usage.
    ///
    /// Codex gives the list 5 s (protocol §7.1); twice that, because here a person waits for it with nothing cached,
    /// perhaps through a proxy, and there is no automatic retry.
    pub lists: Duration,
    /// Limits the wait for the next chunk of a connection test's response.
    ///
    /// Codex gives 300 s (protocol §8.3), for work; one word of a model that reasons first needs less.
    pub idle: Duration,
    /// Limits a connection test from start to end, so that a stream without text ends too.
    pub response: Duration,
    /// Limits the wait for the head of a streamed response to another program's request.
    pub head: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            lists: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            response: Duration::from_secs(180),
            head: Duration::from_secs(300),
        }
    }
}

/// A server, and what it is sent about us.
#[derive(Debug, Clone)]
pub struct BackendConfig {
    /// The rules of the server.
    pub rules: &'static BackendRules,
    /// Our own name, for servers with a header for it.
    pub originator: String,
    /// Version of the client that the catalog is requested for (protocol §7.1), for servers with a catalog.
    pub catalog_version: String,
    /// The API that the server has for models.
    pub wire: Wire,
}

impl BackendConfig {
    /// Returns the server of a ChatGPT plan, from the data of `provider`.
    pub fn for_plan(provider: &OAuthProvider) -> Self {
        Self {
            rules: &CODEX_BACKEND,
            originator: provider.originator.clone(),
            catalog_version: provider.catalog_client_version.clone(),
            wire: Wire::Responses,
        }
    }

    /// Returns the API for Sign in with ChatGPT (siwc §10), from the data of `provider`.
    pub fn for_plan_usage(provider: &OAuthProvider) -> Self {
        Self { rules: &PLAN_USAGE, ..Self::for_plan(provider) }
    }

    /// Returns a server with the OpenAI API.
    pub fn for_api(rules: &'static BackendRules, wire: Wire) -> Self {
        Self { rules, originator: String::new(), catalog_version: String::new(), wire }
    }
}

/// The server of a provider.
///
/// Stores no token: each request takes one from the [`TokenSource`].
pub struct Backend {
    http: Arc<HttpClient>,
    config: BackendConfig,
    tokens: Arc<dyn TokenSource>,
    observer: Arc<dyn Observer>,
    timeouts: Timeouts,
}

impl Backend {
    /// Makes a backend for the server of `config`, with credentials from `tokens`.
    pub fn new(
        http: Arc<HttpClient>,
        config: BackendConfig,
        tokens: Arc<dyn TokenSource>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self { http, config, tokens, observer, timeouts: Timeouts::default() }
    }

    /// Replaces the timeouts.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Fetches the models that a person can choose from (protocol §7).
    ///
    /// The catalog is filtered by `plan`, unless the list is the account's own (siwc §9). Where the response itself names the plan that it was made for (protocol §9.2),
    /// that one counts: the server knows of a changed plan first.
    pub async fn models(&self, plan: Option<&Plan>) -> Result<ModelList, Failure> {
        let (response, used) = self.fetch_models(&self.config.catalog_version).await?;
        let etag = response.header("etag").map(str::to_owned);
        let head = ResponseHead::of(&response);
        let models = match self.config.rules.models {
            ModelsFormat::Catalog { of_account: true, .. } => {
                response.json::<CatalogBody>(MAX_LIST_BYTES).await?.for_account()
            }
            ModelsFormat::Catalog { .. } => {
                let current_plan = head.plan().cloned();
                response.json::<CatalogBody>(MAX_LIST_BYTES).await?.for_plan(current_plan.as_ref().or(plan))
            }
            ModelsFormat::List { known_models } => {
                let list = response.json::<ListBody>(MAX_LIST_BYTES).await?;
                list.into_models(known_models).map_err(|error| {
                    let error = ErrorResponse::instead_of_answer(head, &error);
                    self.to_upstream_error(error, None, &used).failure
                })?
            }
        };
        Ok(ModelList { models, etag })
    }

    /// Fetches the catalog as the server sends it to a client of `version`; `None` where the server has none.
    pub async fn raw_catalog(&self, version: &str) -> Result<Option<RawCatalog>, UpstreamError> {
        if !matches!(self.config.rules.models, ModelsFormat::Catalog { .. }) {
            return Ok(None);
        }
        let (response, _) = self.fetch_models(version).await?;
        let etag = response.headers().get("etag").cloned();
        let models = response.json::<RawCatalogBody>(MAX_LIST_BYTES).await?.models;
        Ok(Some(RawCatalog { models, etag }))
    }

    async fn fetch_models(&self, version: &str) -> Result<(HttpResponse, Authorization), UpstreamError> {
        self.send_authorized(None, |base| {
            let mut url = append_path(base, self.config.rules.models_path);
            if let ModelsFormat::Catalog { version_parameter, .. } = self.config.rules.models {
                url.query_pairs_mut().append_pair(version_parameter, version);
            }
            HttpRequest::get(url).header("accept", "application/json").with_timeout(self.timeouts.lists)
        })
        .await
    }

    /// Fetches how much of the plan is used (protocol §9.1); `None` where the server has no usage endpoint.
    pub async fn usage(&self) -> Result<Option<Usage>, Failure> {
        let Some(path) = self.config.rules.usage_path else { return Ok(None) };
        let response = self.get_json(path).await?;
        let (host, now) = (response.host().to_owned(), response.date());
        let usage = usage::parse(&response.json(MAX_USAGE_BYTES).await?, now);
        let mut usage = usage.ok_or_else(|| {
            Failure::new(ErrorCode::MalformedAnswer, format!("the usage that {host} sent is not of its kind"))
        })?;
        if usage.reset_credits.as_ref().is_some_and(|credits| credits.available > 0) {
            match self.reset_credits().await {
                Ok(credits) => usage.reset_credits = credits.or(usage.reset_credits),
                // How many there are is known; only their expiry is missing.
                Err(failure) => tracing::info!(cause = %failure, "the expiry of reset credits is not known"),
            }
        }
        Ok(Some(usage))
    }

    /// Fetches when the resets in reserve expire (protocol §9.1).
    async fn reset_credits(&self) -> Result<Option<ResetCredits>, Failure> {
        let Some(path) = self.config.rules.reset_credits_path else { return Ok(None) };
        let response = self.get_json(path).await?;
        let now = response.date();
        Ok(usage::parse_reset_credits(&response.json(MAX_USAGE_BYTES).await?, now))
    }

    async fn get_json(&self, path: &str) -> Result<HttpResponse, UpstreamError> {
        let (response, _) = self
            .send_authorized(None, |base| {
                HttpRequest::get(append_path(base, path))
                    .header("accept", "application/json")
                    .with_timeout(self.timeouts.lists)
            })
            .await?;
        Ok(response)
    }

    /// Requests one word from `model`, and returns its text (protocol §8).
    ///
    /// Dropping the future closes the connection at once, which is how a test is stopped.
    pub async fn probe(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let probe = tokio::time::timeout(self.timeouts.response, self.send_probe(model, effort));
        probe.await.unwrap_or_else(|_| {
            let seconds = self.timeouts.response.as_secs();
            Err(Failure::new(ErrorCode::Timeout, format!("{model} did not answer within {seconds} s")))
        })
    }

    async fn send_probe(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let (response, used) =
            self.send_authorized(Some(model), |base| self.probe_request(base, model, effort)).await?;
        let head = ResponseHead::of(&response);
        let read = match self.config.wire {
            Wire::Responses => probe::read(response, responses::ResponsesProbeReader::default()).await,
            Wire::ChatCompletions => {
                probe::read(response, chat_completions::ChatProbeReader::default()).await
            }
        };
        read.map_err(|error| {
            let error = match error {
                ProbeError::Local(failure) => return failure,
                ProbeError::Upstream(error) => ErrorResponse::in_stream(head, &error),
                ProbeError::InsteadOfAnswer(error) => ErrorResponse::instead_of_answer(head, &error),
            };
            self.to_upstream_error(error, Some(model), &used).failure
        })
    }

    fn probe_request(&self, base: &Url, model: &str, effort: Option<&str>) -> HttpRequest {
        let chat =
            self.config.rules.chat_completions_path.filter(|_| self.config.wire == Wire::ChatCompletions);
        let request = if let Some(path) = chat {
            let probe = chat_completions::ChatProbe::new(model, probe::TEST_INSTRUCTIONS, probe::TEST_PROMPT);
            HttpRequest::post_json(append_path(base, path), &probe.effort(effort))
        } else {
            let probe = responses::ResponsesProbe::new(model, probe::TEST_INSTRUCTIONS, probe::TEST_PROMPT)
                .effort(effort);
            let probe =
                if self.config.rules.codex_reasoning { probe.with_encrypted_reasoning() } else { probe };
            HttpRequest::post_json(append_path(base, self.config.rules.responses_path), &probe)
        };
        request.header("accept", "text/event-stream").with_timeout(self.timeouts.idle)
    }

    /// Sends a request, and after a 401 once more with another token (protocol §3.2). Every request goes through here.
    ///
    /// `build` makes the request for each try, below the base that the token was made for. Returns the response together
    /// with the credentials that it was requested with.
    pub(crate) async fn send_authorized(
        &self,
        model: Option<&str>,
        build: impl Fn(&Url) -> HttpRequest,
    ) -> Result<(HttpResponse, Authorization), UpstreamError> {
        let used = self.tokens.authorization().await.map_err(UpstreamError::local)?;
        let error = match self.send_once(&used, model, &build).await? {
            Ok(response) => return Ok((response, used)),
            Err(error) => error,
        };
        if !error.is_unauthorized(self.config.rules.access) {
            return Err(self.to_upstream_error(error, model, &used));
        }
        tracing::info!("the server refused the token; asking for another");
        let other = match self.tokens.after_unauthorized(&used).await {
            Ok(other) => other,
            // There is no other key; the server's own message explains best what is wrong with this one.
            Err(_) if self.config.rules.access == Access::Key => {
                return Err(self.to_upstream_error(error, model, &used));
            }
            Err(failure) => {
                self.observer.refused(&failure);
                return Err(UpstreamError::local(failure));
            }
        };
        match self.send_once(&other, model, &build).await? {
            Ok(response) => Ok((response, other)),
            Err(error) => Err(self.to_upstream_error(error, model, &other)),
        }
    }

    /// Sends a request once. The outer error is ours or the network's, the inner one the server's.
    async fn send_once(
        &self,
        authorization: &Authorization,
        model: Option<&str>,
        build: impl Fn(&Url) -> HttpRequest,
    ) -> Result<Result<HttpResponse, ErrorResponse>, UpstreamError> {
        let response = self.http.send(self.authorize(build(&authorization.base), authorization)).await?;
        if let Some(etag) = response.header("x-models-etag") {
            self.observer.models_etag(etag);
        }
        if !response.status().is_success() {
            return Ok(Err(ErrorResponse::read(response).await));
        }
        if let Some(page) = challenge_page(&response) {
            let bytes = response.bytes(MAX_PAGE_BYTES).await.unwrap_or_default();
            let page = with_words(page, &ErrorBody::parse(&bytes));
            return Err(UpstreamError::local(redact_failure(page, authorization)));
        }
        if model.is_some() || self.is_openai() {
            self.observer.accepted();
        }
        match ResponseHead::of(&response).usage() {
            Some(usage) => {
                self.observer.usage(ObservedUsage { usage, reports_limit: model.is_some() });
            }
            None if model.is_some() => self.observer.unlimited(),
            None => {}
        }
        Ok(Ok(response))
    }

    /// Adds the credentials, and the headers that identify the account and us.
    fn authorize(&self, request: HttpRequest, authorization: &Authorization) -> HttpRequest {
        let rules = self.config.rules;
        let mut request = match &authorization.bearer {
            Bearer::None => request,
            Bearer::AccessToken(token) => request.bearer(token),
            Bearer::ApiKey(key) => request.bearer(key),
        };
        if let (Some(header), Some(account)) = (rules.account_header, &authorization.account_id) {
            request = request.header(header, account);
        }
        if let (Some(header), true) = (rules.fedramp_header, authorization.fedramp) {
            request = request.header(header, "true");
        }
        if let Some(header) = rules.originator_header {
            request = request.header(header, &self.config.originator);
        }
        authorization
            .headers
            .iter()
            .fold(request, |request, header| request.secret_header(&header.name, &header.value))
    }

    /// Reports the limits in an error response to the observer, and makes an error for callers of it.
    pub(crate) fn to_upstream_error(
        &self,
        mut error: ErrorResponse,
        model: Option<&str>,
        used: &Authorization,
    ) -> UpstreamError {
        if let Some(usage) = error.usage() {
            self.observer.usage(ObservedUsage { usage, reports_limit: false });
        }
        let mut body = error.take_body().map(Box::new);
        if let Some(body) = &mut body {
            redact_error_body(body, used);
        }
        let mut failure = redact_failure(error.into_failure(model, self.config.rules.access), used);
        // Nothing was sent that could be wrong.
        if failure.code == ErrorCode::InvalidKey
            && matches!(used.bearer, Bearer::None)
            && used.headers.is_empty()
        {
            failure.code = ErrorCode::SignInRequired;
        }
        self.observer.refused(&failure);
        UpstreamError { failure, body }
    }

    pub(crate) fn rules(&self) -> &'static BackendRules {
        self.config.rules
    }

    /// Returns whether the server has Responses and Chat Completions alike.
    pub fn has_both_apis(&self) -> bool {
        self.config.rules.has_both_apis
    }

    /// Returns whether the server summarizes its reasoning for every account.
    pub fn summarizes_reasoning(&self) -> bool {
        self.config.rules.codex_reasoning
    }

    /// Returns whether the server is OpenAI's and takes the fields that others may refuse.
    pub fn is_openai(&self) -> bool {
        self.config.rules.is_openai
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.timeouts
    }
}
