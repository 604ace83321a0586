//! The backend of one provider, as the person who is signed in.

use std::sync::Arc;
use std::time::Duration;

use usher_dialect::responses::Question;
use usher_domain::ports::{Authorization, TokenSource};
use usher_domain::{Endpoints, ErrorCode, Failure, Model, Plan, Provider, Usage};
use usher_net::{Answer, Call, HttpClient};

use crate::ask::{self, Failed};
use crate::models::{Catalogue, ModelList};
use crate::observer::Observer;
use crate::refusal::{Head, Refusal, challenge};
use crate::rules::{self, Rules};
use crate::usage;

/// A list holds the system prompt of each model: a few hundred kilobytes.
const MOST_OF_A_LIST: usize = 8 * 1024 * 1024;
const MOST_OF_USAGE: usize = 256 * 1024;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the whole list or usage. Codex gives the list 5 s (§7.1); twice that, because here a person waits for it
    /// with nothing cached, perhaps through a proxy, and no second try follows by itself.
    pub lists: Duration,
    /// For the next piece of a model's answer. Codex gives 300 s (§8.3), for work; one word of a model that thinks
    /// first needs less.
    pub silence: Duration,
    /// For a model's whole answer, so that a stream of nothing ends too.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lists: Duration::from_secs(10),
            silence: Duration::from_secs(60),
            answer: Duration::from_secs(180),
        }
    }
}

/// The backend. Holds no token: each request asks the [`TokenSource`] for one.
pub struct Backend {
    http: Arc<HttpClient>,
    provider: Provider,
    tokens: Arc<dyn TokenSource>,
    observer: Arc<dyn Observer>,
    patience: Patience,
}

impl Backend {
    /// The backend of `provider`, spoken to with the tokens of `tokens`.
    pub fn new(
        http: Arc<HttpClient>,
        provider: Provider,
        tokens: Arc<dyn TokenSource>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self { http, provider, tokens, observer, patience: Patience::default() }
    }

    /// The same with another patience.
    #[must_use]
    pub fn patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The models that an account with `plan` may choose from (§7.1). Where the answer itself names the plan
    /// that it was made for (§9.2), that one counts: a plan that was changed is known to the server first.
    pub async fn models(&self, plan: &Plan) -> Result<ModelList, Failure> {
        let rules = self.rules();
        let answer = self
            .send_authorized(None, |endpoints| {
                let mut url = endpoints.at_backend(rules.models_path);
                url.query_pairs_mut().append_pair(rules.level_parameter, &self.provider.catalogue_level);
                Call::get(url).header("accept", "application/json").patience(self.patience.lists)
            })
            .await?;
        let etag = answer.header("etag").map(str::to_owned);
        let named = Head::of(&answer).plan().cloned();
        let catalogue: Catalogue = answer.json(MOST_OF_A_LIST).await?;
        let models: Vec<Model> = catalogue.for_plan(named.as_ref().unwrap_or(plan));
        Ok(ModelList { models, etag })
    }

    /// How much of the plan is used (§9.1).
    pub async fn usage(&self) -> Result<Usage, Failure> {
        let answer = self
            .send_authorized(None, |endpoints| {
                let url = endpoints.at_backend(self.rules().usage_path);
                Call::get(url).header("accept", "application/json").patience(self.patience.lists)
            })
            .await?;
        let (host, now) = (answer.host().to_owned(), answer.date());
        usage::read(&answer.json(MOST_OF_USAGE).await?, now).ok_or_else(|| {
            Failure::new(ErrorCode::MalformedAnswer, format!("the usage that {host} sent is not of its kind"))
        })
    }

    /// Asks `model` for one word and gives what it said (§8). Dropping the future closes the connection at once,
    /// which is how a test is stopped.
    pub async fn ask(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let asked = tokio::time::timeout(self.patience.answer, self.ask_for_long(model, effort));
        asked.await.unwrap_or_else(|_| {
            let seconds = self.patience.answer.as_secs();
            Err(Failure::new(ErrorCode::Timeout, format!("{model} did not answer within {seconds} s")))
        })
    }

    async fn ask_for_long(&self, model: &str, effort: Option<&str>) -> Result<String, Failure> {
        let question = Question::new(model, ask::INSTRUCTIONS, ask::WORDS).effort(effort);
        let answer = self
            .send_authorized(Some(model), |endpoints| {
                Call::post_json(endpoints.at_backend(self.rules().responses_path), &question)
                    .header("accept", "text/event-stream")
                    .patience(self.patience.silence)
            })
            .await?;
        let head = Head::of(&answer);
        ask::read(answer).await.map_err(|failed| match failed {
            Failed::Ours(failure) => failure,
            Failed::Theirs(error) => self.refused(Refusal::in_stream(head, &error), Some(model)),
        })
    }

    /// The one way to the backend: a good token, and after a 401 one other, once (§3.2). `call` is made anew for
    /// each try, below the endpoints that its token was made for.
    async fn send_authorized(
        &self,
        model: Option<&str>,
        call: impl Fn(&Endpoints) -> Call,
    ) -> Result<Answer, Failure> {
        let used = self.tokens.authorization().await?;
        let refusal = match self.send(&used, &call).await? {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        if !refusal.is_unauthorized() {
            return Err(self.refused(refusal, model));
        }
        tracing::info!("the backend refused the token; asking for another");
        let other = self.tokens.after_unauthorized(&used.bearer).await?;
        self.send(&other, &call).await?.map_err(|refusal| self.refused(refusal, model))
    }

    /// Sends once. The outer error is ours or the network's, the inner one the backend's.
    async fn send(
        &self,
        authorization: &Authorization,
        call: impl Fn(&Endpoints) -> Call,
    ) -> Result<Result<Answer, Refusal>, Failure> {
        let rules = self.rules();
        let mut call = call(&authorization.endpoints)
            .bearer(&authorization.bearer)
            .header(rules.account_header, &authorization.account_id)
            .header(rules.originator_header, &self.provider.originator);
        if authorization.fedramp {
            call = call.header(rules.fedramp_header, "true");
        }
        let answer = self.http.send(call).await?;
        if let Some(etag) = answer.header("x-models-etag") {
            self.observer.models_etag(etag);
        }
        if !answer.status().is_success() {
            return Ok(Err(Refusal::read(answer).await));
        }
        if let Some(page) = challenge(&answer) {
            return Err(page);
        }
        if let Some(usage) = Head::of(&answer).usage() {
            self.observer.usage(usage);
        }
        Ok(Ok(answer))
    }

    /// Tells the observer what a refusal says about limits, and makes a failure of it.
    fn refused(&self, refusal: Refusal, model: Option<&str>) -> Failure {
        if let Some(usage) = refusal.usage() {
            self.observer.usage(usage);
        }
        refusal.into_failure(model)
    }

    fn rules(&self) -> &'static Rules {
        rules::of(self.provider.id)
    }
}
