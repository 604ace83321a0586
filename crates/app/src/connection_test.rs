//! Test: credential, token, models, answer; each a real step, timed and told as it happens.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;
use usher_auth::{KeyPlace, Standing};
use usher_domain::ports::TokenSource as _;
use usher_domain::{AccountId, ErrorCode, Failure, Model, Selection};

use crate::app::{App, off_thread};
use crate::catalog::chosen;
use crate::view::{CredentialPlace, Stage, StageFinding, StageView, TestEvent, TestView};

/// Hears what happens during a test.
pub type OnTestEvent = Arc<dyn Fn(TestEvent) + Send + Sync>;

/// The end of the test that runs, for Stop.
pub(crate) struct RunningTest {
    stop: oneshot::Sender<()>,
}

const STAGES: [Stage; 4] = [Stage::Credential, Stage::Token, Stage::Models, Stage::Answer];
/// More than one word is cut: it is shown in one line.
const MOST_ANSWER_CHARACTERS: usize = 60;

impl App {
    /// Runs a test. A test that runs already is stopped first. Stopping drops the request in flight, which
    /// closes its connection.
    pub async fn run_test(&self, on_event: OnTestEvent) -> TestView {
        let (stop, stopped) = oneshot::channel();
        // Dropping the other end stops the test before this one.
        drop(self.running().replace(RunningTest { stop }));
        let mut run = Run { app: self, on_event, under_way: None, stages: Vec::new() };
        tokio::select! {
            _ = run.all() => {}
            _ = stopped => {}
        }
        let report = run.end();
        // Its answers said how much of the plan is used, and perhaps that the model list is another.
        self.changed();
        report
    }

    /// Stops the test that runs.
    pub fn stop_test(&self) {
        if let Some(test) = self.running().take() {
            // The receiver is gone when the test has just ended by itself.
            let _ = test.stop.send(());
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<RunningTest>> {
        // The value is replaced whole, so a panic elsewhere cannot have left half of one.
        self.test.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One test as it goes.
struct Run<'a> {
    app: &'a App,
    on_event: OnTestEvent,
    under_way: Option<(Stage, Instant)>,
    stages: Vec<StageView>,
}

impl Run<'_> {
    /// The stages in order; each begins only when the one before has passed.
    async fn all(&mut self) -> Option<()> {
        let app = self.app;
        let standing = self.stage(Stage::Credential, None, app.find_credential()).await?;
        let account = standing.account.id();
        self.stage(Stage::Token, None, app.check_token(&account)).await?;
        let (model, selection) = self.stage(Stage::Models, None, app.load_models(&standing)).await?;
        let name = model.name.clone();
        self.stage(Stage::Answer, Some(name), app.ask(&account, &model, &selection)).await
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
        let report = TestView { ok, stages: self.stages, ended_at: self.app.clock.now() };
        (self.on_event)(TestEvent::Ended { report: report.clone() });
        report
    }
}

impl App {
    async fn find_credential(&self) -> Result<(Standing, StageFinding), Failure> {
        let standing = self.active().await?;
        let store = Arc::clone(&self.store);
        let place = off_thread(move || store.key_place()).await?;
        Ok((standing, StageFinding::Credential { place: credential_place(place) }))
    }

    async fn check_token(&self, account: &AccountId) -> Result<((), StageFinding), Failure> {
        let authorization = self.tokens(account)?.authorization().await?;
        Ok(((), StageFinding::Token { expires_at: authorization.expires_at }))
    }

    async fn load_models(&self, standing: &Standing) -> Result<((Model, Selection), StageFinding), Failure> {
        let list = self.fetch_models(standing).await?;
        let selection = self.read_settings()?.selection(&standing.account.id());
        let Some(model) = chosen(&list.models, &selection) else {
            return Err(Failure::new(ErrorCode::ModelUnavailable, "OpenAI offers no models to this account"));
        };
        let count = u32::try_from(list.models.len()).unwrap_or(u32::MAX);
        let finding = StageFinding::Models { count, model: model.name.clone() };
        Ok(((model.clone(), selection), finding))
    }

    /// Asks the chosen model. One that was chosen and is no longer listed is not silently replaced.
    async fn ask(
        &self,
        account: &AccountId,
        model: &Model,
        selection: &Selection,
    ) -> Result<((), StageFinding), Failure> {
        if let Some(id) = selection.model.as_ref().filter(|id| **id != model.id) {
            let cause = format!("OpenAI no longer offers {} to this plan", usher_domain::redact(id));
            return Err(Failure::new(ErrorCode::ModelUnavailable, cause));
        }
        let effort = selection.effort.as_deref().filter(|effort| model.supports(effort));
        let said = self.backend(account)?.ask(&model.id, effort.or(model.default_effort.as_deref())).await?;
        let text = said.trim().chars().take(MOST_ANSWER_CHARACTERS).collect();
        Ok(((), StageFinding::Answer { model: model.name.clone(), text }))
    }
}

fn credential_place(key: KeyPlace) -> CredentialPlace {
    match key {
        KeyPlace::Keyring => CredentialPlace::Keyring,
        KeyPlace::Passphrase | KeyPlace::KeyFile => CredentialPlace::File,
    }
}
