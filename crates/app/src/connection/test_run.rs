//! Test: credential, token, models, answer; each a real step, timed and reported as it happens.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;
use usher_domain::ports::Bearer;
use usher_domain::{ErrorCode, Failure, Model, ProviderId, Selection, Wire, sanitize_line};

use crate::accounts::scope::ModelScope;
use crate::connection::connector::Connector;
use crate::connection::{Connection, Target};
use crate::context::Context;
use crate::models::catalog::{ModelCatalog, may_have_other_path, with_manual_models};
use crate::models::chosen::chosen;
use crate::platform::watch::disconnected;
use crate::state::CachedModels;
use crate::view::{AccountView, CredentialPlace, Stage, StageFinding, StageView, TestEvent, TestView};

/// Hears what happens during a test.
pub type OnTestEvent = Arc<dyn Fn(TestEvent) + Send + Sync>;

/// A test that has ended, and whom it was about, whatever has become of them since.
#[derive(Debug, Clone)]
pub struct TestOutcome {
    /// How it went.
    pub report: TestView,
    /// The provider; none where nothing was found to test.
    pub provider: Option<ProviderId>,
    /// The account of the plan, where it has accounts.
    pub account: Option<AccountView>,
}

/// The end of the test that runs, for Stop.
pub(crate) struct RunningTest {
    stop: oneshot::Sender<()>,
}

const STAGES: [Stage; 4] = [Stage::Credential, Stage::Token, Stage::Models, Stage::Answer];
/// More than one word is cut: it is shown in one line.
const MAX_ANSWER_CHARS: usize = 60;

/// Runs tests of connections, one at a time.
pub struct ConnectionTests {
    context: Arc<Context>,
    connector: Arc<Connector>,
    catalog: Arc<ModelCatalog>,
    running: Mutex<Option<RunningTest>>,
}

impl ConnectionTests {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>, catalog: Arc<ModelCatalog>) -> Self {
        Self { context, connector, catalog, running: Mutex::new(None) }
    }

    /// Runs a test. A test that runs already is stopped first. Stopping drops the request in flight, which
    /// closes its connection. It keeps to the account that it began with, and ends when that is disconnected.
    pub async fn run_test(&self, target: &Target, on_event: OnTestEvent) -> TestOutcome {
        let (stop, stopped) = oneshot::channel();
        // Dropping the other end stops the test before this one.
        drop(self.running().replace(RunningTest { stop }));
        let mut run =
            TestRun { tests: self, target, on_event, about: None, under_way: None, stages: Vec::new() };
        tokio::select! {
            _ = run.all() => {}
            _ = stopped => {}
        }
        let (provider, account) = run.about.take().unzip();
        let report = run.end();
        // Its responses have the plan's usage, and perhaps a new version of the model list.
        self.context.changed();
        TestOutcome { report, provider, account: account.flatten() }
    }

    /// Stops the test that runs.
    pub fn stop_test(&self) {
        if let Some(test) = self.running().take() {
            // The receiver is gone when the test has just ended by itself.
            let _ = test.stop.send(());
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<RunningTest>> {
        self.running.lock()
    }
}

/// One test as it goes.
struct TestRun<'a> {
    tests: &'a ConnectionTests,
    target: &'a Target,
    on_event: OnTestEvent,
    /// Whom it found to test.
    about: Option<(ProviderId, Option<AccountView>)>,
    under_way: Option<(Stage, Instant)>,
    stages: Vec<StageView>,
}

impl TestRun<'_> {
    /// The stages in order; each begins only when the one before has passed.
    async fn all(&mut self) -> Option<()> {
        let (tests, target) = (self.tests, self.target);
        let connection = self.stage(Stage::Credential, None, tests.find_credential(target)).await?;
        self.about = Some((connection.provider.clone(), connection.account.clone()));
        let ModelScope::Account(account) = &connection.scope else { return self.rest(&connection).await };
        tokio::select! {
            passed = self.rest(&connection) => passed,
            () = disconnected(&tests.context, account) => {
                let (stage, began) = self.under_way.take()?;
                let cause = "the account was disconnected while it was tested";
                self.ended_stage(stage, began, Err(Failure::new(ErrorCode::SignInRequired, cause)));
                None
            }
        }
    }

    /// What follows when the credential was found.
    async fn rest(&mut self, connection: &Connection) -> Option<()> {
        let tests = self.tests;
        let list = self.stage(Stage::Token, None, tests.check_token(connection)).await?;
        let (model, selection) = self.stage(Stage::Models, None, tests.load_models(connection, list)).await?;
        let name = model.name.clone();
        self.stage(Stage::Answer, Some(name), tests.ask(connection, &model, &selection)).await
    }

    async fn stage<T>(
        &mut self,
        stage: Stage,
        model: Option<String>,
        work: impl Future<Output = Result<(T, StageFinding), Failure>>,
    ) -> Option<T> {
        let began = Instant::now();
        self.under_way = Some((stage, began));
        (self.on_event)(TestEvent::Started { stage, model });
        let result = work.await;
        self.under_way = None;
        match result {
            Ok((value, finding)) => {
                self.ended_stage(stage, began, Ok(finding));
                Some(value)
            }
            Err(failure) => {
                self.ended_stage(stage, began, Err(failure));
                None
            }
        }
    }

    fn ended_stage(&mut self, stage: Stage, began: Instant, result: Result<StageFinding, Failure>) {
        let ms = u64::try_from(began.elapsed().as_millis()).ok();
        let ok = Some(result.is_ok());
        let (finding, failure) = match result {
            Ok(finding) => (Some(finding), None),
            Err(failure) => (None, Some(failure.into())),
        };
        let view = StageView { stage, ok, ms, failure, finding };
        (self.on_event)(TestEvent::Finished { result: view.clone() });
        self.stages.push(view);
    }

    /// The report: what was stopped is marked so, and the rest was not tried.
    fn end(mut self) -> TestView {
        if let Some((stage, began)) = self.under_way.take() {
            let failure = Failure::new(ErrorCode::Cancelled, "the test was stopped");
            self.ended_stage(stage, began, Err(failure));
        }
        let ok = self.stages.len() == STAGES.len() && self.stages.iter().all(|stage| stage.ok == Some(true));
        let untried = STAGES.into_iter().skip(self.stages.len());
        self.stages.extend(untried.map(|stage| StageView {
            stage,
            ok: None,
            ms: None,
            failure: None,
            finding: None,
        }));
        let report = TestView { ok, stages: self.stages, ended_at: self.tests.context.clock.now() };
        (self.on_event)(TestEvent::Ended { report: report.clone() });
        report
    }
}

impl ConnectionTests {
    async fn find_credential(&self, target: &Target) -> Result<(Connection, StageFinding), Failure> {
        let connection = self.connector.connect(target).await?;
        if connection.place == CredentialPlace::Environment {
            // There may be none there either.
            connection.tokens.authorization().await?;
        }
        let place = connection.place;
        Ok((connection, StageFinding::Credential { place }))
    }

    /// A token is good or renewed. A key is tried where it costs nothing: at the model list.
    async fn check_token(
        &self,
        connection: &Connection,
    ) -> Result<(Option<Result<CachedModels, Failure>>, StageFinding), Failure> {
        let authorization = connection.tokens.authorization().await?;
        if matches!(authorization.bearer, Bearer::AccessToken(_)) {
            return Ok((
                None,
                StageFinding::Token { expires_at: authorization.expires_at, renews: connection.renews },
            ));
        }
        let list = match self.catalog.fetch_models(connection).await {
            Err(failure) if !is_about_the_list(failure.code) => return Err(failure),
            list => list,
        };
        let found = match (authorization.bearer, &list) {
            (Bearer::None, _) => StageFinding::NoKey,
            // Other services may list their models to anybody.
            (_, Ok(_)) if self.connector.backend(connection)?.is_openai() => StageFinding::Key,
            _ => StageFinding::KeyUntried,
        };
        Ok((Some(list), found))
    }

    async fn load_models(
        &self,
        connection: &Connection,
        fetched: Option<Result<CachedModels, Failure>>,
    ) -> Result<((Model, Selection), StageFinding), Failure> {
        let fetched = match fetched {
            Some(fetched) => fetched,
            None => self.catalog.fetch_models(connection).await,
        };
        let settings = self.context.read_settings()?;
        let by_hand = settings.manual_models(&connection.scope);
        let listed = match fetched {
            Ok(list) => list.models,
            // Some services have no list; what the person added can be asked all the same.
            Err(failure) if by_hand.is_empty() => return Err(failure),
            Err(_) => Vec::new(),
        };
        let models = with_manual_models(listed, by_hand);
        let selection = settings.selection(&connection.scope);
        let Some(model) = chosen(&models, &selection) else {
            let cause = format!("{} offers no models here", connection.name);
            return Err(Failure::new(ErrorCode::ModelUnavailable, cause));
        };
        let count = u32::try_from(models.iter().filter(|one| one.text).count()).unwrap_or(u32::MAX);
        let finding = StageFinding::Models { count, model: model.name.clone() };
        Ok(((model.clone(), selection), finding))
    }

    /// Asks the chosen model. One that was chosen and is no longer listed is not silently replaced.
    async fn ask(
        &self,
        connection: &Connection,
        model: &Model,
        selection: &Selection,
    ) -> Result<((), StageFinding), Failure> {
        if let Some(id) = selection.model.as_ref().filter(|id| **id != model.id) {
            let cause = format!("{} no longer offers {}", connection.name, usher_domain::redact(id));
            return Err(Failure::new(ErrorCode::ModelUnavailable, cause));
        }
        let effort = selection.effort.as_deref().filter(|effort| model.supports_effort(effort));
        let effort = effort.or(model.default_effort.as_deref());
        let again;
        let connection = match connection.scope {
            // The account in use may be another by now.
            ModelScope::Account(_) => connection,
            // The models may just have shown that the API is at the address itself.
            ModelScope::Provider(_) => {
                again = self.connector.connect(&Target::of(connection.provider.clone())).await?;
                &again
            }
        };
        let answer = match connection.wire {
            Some(_) => self.connector.backend(connection)?.probe(&model.id, effort).await?,
            None => self.request_answer_with_either_api(connection, &model.id, effort).await?,
        };
        let text = sanitize_line(&answer, MAX_ANSWER_CHARS);
        Ok(((), StageFinding::Answer { model: model.name.clone(), text }))
    }

    /// Finds out which API the service has: Responses, else Chat Completions. Which one it was is kept.
    async fn request_answer_with_either_api(
        &self,
        connection: &Connection,
        model: &str,
        effort: Option<&str>,
    ) -> Result<String, Failure> {
        let first = self.connector.backend_for_api(connection, Wire::Responses)?.probe(model, effort).await;
        let (wire, answer) = match first {
            Err(failure) if may_have_other_path(failure.code) => {
                let second = self
                    .connector
                    .backend_for_api(connection, Wire::ChatCompletions)?
                    .probe(model, effort)
                    .await?;
                (Wire::ChatCompletions, second)
            }
            other => (Wire::Responses, other?),
        };
        self.connector.save_wire(&connection.provider, wire).await;
        Ok(answer)
    }
}

/// What says nothing about the key: the list is missing or strange, and the key may be good.
fn is_about_the_list(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EndpointNotFound
            | ErrorCode::MalformedAnswer
            | ErrorCode::UpstreamError
            | ErrorCode::ModelUnavailable
    )
}
