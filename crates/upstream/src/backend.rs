//! The server of one provider, spoken to as whoever the token source stands for.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use usher_dialect::{chat_completions, responses};
use usher_domain::ports::{Authorization, Bearer, TokenSource};
use usher_domain::{ErrorCode, Failure, OAuthProvider, Plan, ProviderId, Usage, Wire, append_path};
use usher_net::{HttpClient, HttpRequest, HttpResponse};

use crate::models::catalog::{Catalog, ModelList, RawCatalog, RawModels};
use crate::models::model_list::ListBody;
use crate::observer::Observer;
use crate::probe::{self, ProbeError};
use crate::request::backend_rules::{self, Access, BackendRules, ModelsFormat};
use crate::response::error_response::{ErrorResponse, challenge};
use crate::response::head::ResponseHead;
use crate::response::redact_credentials::{redact_failure, redact_headers};
use crate::response::upstream_error::UpstreamError;
use crate::usage;

/// A list holds the system prompt of each model: a few hundred kilobytes.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;
const MAX_USAGE_BYTES: usize = 256 * 1024;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the whole list or usage. Codex gives the list 5 s (protocol §7.1); twice that, because here a person waits for it
    /// with nothing cached, perhaps through a proxy, and no second try follows by itself.
    pub lists: Duration,
    /// For the next piece of a model's answer. Codex gives 300 s (protocol §8.3), for work; one word of a model that thinks
    /// first needs less.
    pub silence: Duration,
    /// For a model's whole answer, so that a stream of nothing ends too.
    pub answer: Duration,
    /// For the head of a streamed answer to another program's request.
    pub head: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            lists: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            answer: Duration::from_secs(180),
            head: Duration::from_secs(300),
        }
    }
}

/// Which server, and what is said to it about us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Whose server.
    pub provider: ProviderId,
    /// Our own name, for those that ask for it.
    pub originator: String,
    /// Level of the model catalogue to ask for (protocol §7.1), for those that have levels.
    pub catalog_version: String,
    /// Which API a model is asked by.
    pub wire: Wire,
}

impl Service {
    /// The server of a ChatGPT plan, as `provider` has its data.
    pub fn for_plan(provider: &OAuthProvider) -> Self {
        Self {
            provider: provider.id.clone(),
            originator: provider.originator.clone(),
            catalog_version: provider.catalog_client_version.clone(),
            wire: Wire::Responses,
        }
    }

    /// A server that speaks the OpenAI API.
    pub fn for_api(provider: ProviderId, wire: Wire) -> Self {
        Self { provider, originator: String::new(), catalog_version: String::new(), wire }
    }
}

/// The server of a provider. Holds no token: each request asks the [`TokenSource`] for one.
pub struct Backend {
    http: Arc<HttpClient>,
    service: Service,
    rules: &'static BackendRules,
    tokens: Arc<dyn TokenSource>,
    observer: Arc<dyn Observer>,
    timeouts: Timeouts,
}

impl Backend {
    /// The server of `service`, spoken to with what `tokens` hands out.
    pub fn new(
        http: Arc<HttpClient>,
        service: Service,
        tokens: Arc<dyn TokenSource>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let rules = backend_rules::for_provider(&service.provider);
        Self { http, service, rules, tokens, observer, timeouts: Timeouts::default() }
    }

    /// The same with another patience.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// The models that there are to choose from (protocol §7). Of a plan's server, those of `plan`; where the answer itself
    /// names the plan that it was made for (protocol §9.2), that one counts: a plan that was changed is known to the server
    /// first.
    pub async fn models(&self, plan: Option<&Plan>) -> Result<ModelList, Failure> {
        let answer = self.list(&self.service.catalog_version).await?;
        let etag = answer.header("etag").map(str::to_owned);
        let named = ResponseHead::of(&answer).plan().cloned();
        let models = match self.rules.models {
            ModelsFormat::Catalog { .. } => {
                answer.json::<Catalog>(MAX_LIST_BYTES).await?.for_plan(named.as_ref().or(plan))
            }
            ModelsFormat::List => {
                answer.json::<ListBody>(MAX_LIST_BYTES).await?.for_provider(&self.service.provider)
            }
        };
        Ok(ModelList { models, etag })
    }

    /// The catalogue as the server tells it to a client of `level`; nothing where there is none.
    pub async fn raw_catalog(&self, level: &str) -> Result<Option<RawCatalog>, UpstreamError> {
        if !matches!(self.rules.models, ModelsFormat::Catalog { .. }) {
            return Ok(None);
        }
        let answer = self.list(level).await?;
        let etag = answer.headers().get("etag").cloned();
        let models = answer.json::<RawModels>(MAX_LIST_BYTES).await?.models;
        Ok(Some(RawCatalog { models, etag }))
    }

    async fn list(&self, level: &str) -> Result<HttpResponse, UpstreamError> {
        let asked = self.send_authorized(None, |base| {
            let mut url = append_path(base, self.rules.models_path);
            if let ModelsFormat::Catalog { level_parameter } = self.rules.models {
                url.query_pairs_mut().append_pair(level_parameter, level);
            }
            HttpRequest::get(url).header("accept", "application/json").with_timeout(self.timeouts.lists)
        });
        asked.await.map(|(answer, _)| answer)
    }

    /// How much of the plan is used (protocol §9.1); nothing where that is not told.
    pub async fn usage(&self) -> Result<Option<Usage>, Failure> {
        let Some(path) = self.rules.usage_path else { return Ok(None) };
        let (answer, _) = self
            .send_authorized(None, |base| {
                HttpRequest::get(append_path(base, path))
                    .header("accept", "application/json")
                    .with_timeout(self.timeouts.lists)
            })
            .await?;
        let (host, now) = (answer.host().to_owned(), answer.date());
        let usage = usage::read(&answer.json(MAX_USAGE_BYTES).await?, now);
        usage.map(Some).ok_or_else(|| {
            Failure::new(ErrorCode::MalformedAnswer, format!("the usage that {host} sent is not of its kind"))
        })
    }

    /// Asks `model` for one word and gives what it said (protocol §8). Dropping the future closes the connection at once,
    /// which is how a test is stopped.
    pub async fn probe(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let asked = tokio::time::timeout(self.timeouts.answer, self.probe_within(model, effort));
        asked.await.unwrap_or_else(|_| {
            let seconds = self.timeouts.answer.as_secs();
            Err(Failure::new(ErrorCode::Timeout, format!("{model} did not answer within {seconds} s")))
        })
    }

    async fn probe_within(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let (answer, used) =
            self.send_authorized(Some(model), |base| self.probe_request(base, model, effort)).await?;
        let head = ResponseHead::of(&answer);
        let read = match self.service.wire {
            Wire::Responses => probe::read(answer, responses::ResponsesProbeReader::default()).await,
            Wire::ChatCompletions => probe::read(answer, chat_completions::ChatProbeReader::default()).await,
        };
        read.map_err(|failed| match failed {
            ProbeError::Ours(failure) => failure,
            ProbeError::Theirs(error) => {
                self.refused(ErrorResponse::in_stream(head, &error), Some(model), &used).failure
            }
        })
    }

    fn probe_request(&self, base: &Url, model: &str, effort: Option<&str>) -> HttpRequest {
        let chat = self.rules.chat_completions_path.filter(|_| self.service.wire == Wire::ChatCompletions);
        let call = if let Some(path) = chat {
            let question =
                chat_completions::ChatProbe::new(model, probe::TEST_INSTRUCTIONS, probe::TEST_PROMPT);
            HttpRequest::post_json(append_path(base, path), &question.effort(effort))
        } else {
            let question =
                responses::ResponsesProbe::new(model, probe::TEST_INSTRUCTIONS, probe::TEST_PROMPT)
                    .effort(effort);
            let question =
                if self.rules.sealed_reasoning { question.with_encrypted_reasoning() } else { question };
            HttpRequest::post_json(append_path(base, self.rules.responses_path), &question)
        };
        call.header("accept", "text/event-stream").with_timeout(self.timeouts.silence)
    }

    /// The one way to the server: a good token, and after a 401 one other, once (protocol §3.2). `call` is made anew for
    /// each try, below the address that its token was made for. Gives what the answer was let in by along with it.
    pub(crate) async fn send_authorized(
        &self,
        model: Option<&str>,
        call: impl Fn(&Url) -> HttpRequest,
    ) -> Result<(HttpResponse, Authorization), UpstreamError> {
        let used = self.tokens.authorization().await.map_err(UpstreamError::before_sending)?;
        let refusal = match self.send(&used, &call).await? {
            Ok(answer) => return Ok((answer, used)),
            Err(refusal) => refusal,
        };
        if !refusal.is_unauthorized() {
            return Err(self.refused(refusal, model, &used));
        }
        tracing::info!("the server refused the token; asking for another");
        let other = match self.tokens.after_unauthorized(&used).await {
            Ok(other) => other,
            // There is no other key; the server's own words say best what is wrong with this one.
            Err(_) if self.rules.access == Access::Key => return Err(self.refused(refusal, model, &used)),
            Err(failure) => return Err(UpstreamError::before_sending(failure)),
        };
        match self.send(&other, &call).await? {
            Ok(answer) => Ok((answer, other)),
            Err(refusal) => Err(self.refused(refusal, model, &other)),
        }
    }

    /// Sends once. The outer error is ours or the network's, the inner one the server's.
    async fn send(
        &self,
        authorization: &Authorization,
        call: impl Fn(&Url) -> HttpRequest,
    ) -> Result<Result<HttpResponse, ErrorResponse>, UpstreamError> {
        let answer = self.http.send(self.authorized(call(&authorization.base), authorization)).await?;
        if let Some(etag) = answer.header("x-models-etag") {
            self.observer.models_etag(etag);
        }
        if !answer.status().is_success() {
            return Ok(Err(ErrorResponse::read(answer).await));
        }
        if let Some(page) = challenge(&answer) {
            let failure = redact_failure(page, authorization);
            return Err(UpstreamError { failure, body: None, raw: false });
        }
        if let Some(usage) = ResponseHead::of(&answer).usage() {
            self.observer.usage(usage);
        }
        Ok(Ok(answer))
    }

    fn authorized(&self, call: HttpRequest, authorization: &Authorization) -> HttpRequest {
        let rules = self.rules;
        let mut call = match &authorization.bearer {
            Bearer::None => call,
            Bearer::AccessToken(token) => call.bearer(token),
            Bearer::ApiKey(key) => call.bearer(key),
        };
        if let Some(account) = &authorization.account_id {
            call = call.header(rules.account_header, account);
        }
        if authorization.fedramp {
            call = call.header(rules.fedramp_header, "true");
        }
        if let Some(header) = rules.originator_header {
            call = call.header(header, &self.service.originator);
        }
        authorization
            .headers
            .iter()
            .fold(call, |call, header| call.secret_header(&header.name, &header.value))
    }

    /// Tells the observer what a refusal says about limits, and makes a failure of it.
    pub(crate) fn refused(
        &self,
        mut refusal: ErrorResponse,
        model: Option<&str>,
        used: &Authorization,
    ) -> UpstreamError {
        if let Some(usage) = refusal.usage() {
            self.observer.usage(usage);
        }
        let mut said = refusal.take_raw().map(Box::new);
        if let Some(said) = &mut said {
            redact_headers(said, used);
        }
        let failure = redact_failure(refusal.into_failure(model, self.rules.access), used);
        UpstreamError { failure, body: said, raw: false }
    }

    pub(crate) fn rules(&self) -> &'static BackendRules {
        self.rules
    }

    pub(crate) fn current_timeouts(&self) -> Timeouts {
        self.timeouts
    }
}
