//! Signing in: one attempt at a time, which any number of callers may watch.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use url::Url;
use usher_auth::{LaunchPages, OtherAccountDecision, PastedRedirect, SignInInput, SignInProgress};
use usher_domain::{Account, AccountId, ErrorCode, Failure, SignInRoute};

use crate::accounts::PlanAccounts;
use crate::accounts::sign_in_options::{SignInOptions, codex_request, plan_kind, plan_request};
use crate::connection::Target;
use crate::connection::recorder::report_unsaved;
use crate::context::{Context, blocking};
use crate::models::catalog::ModelCatalog;
use crate::providers::kinds::CHATGPT;
use crate::view::{AccountView, OtherAccountChoice, SignInEvent, SignInMethod, SignInPurpose};

/// Hears what happens during a sign-in.
pub type OnSignInEvent = Arc<dyn Fn(&SignInEvent) + Send + Sync>;

/// A sign-in under way.
pub(crate) struct SignInAttempt {
    route: SignInRoute,
    method: SignInMethod,
    purpose: SignInPurpose,
    log: Mutex<Log>,
    pasted: mpsc::Sender<PastedRedirect>,
    decisions: mpsc::Sender<OtherAccountDecision>,
    ended: watch::Sender<Option<Result<AccountView, Failure>>>,
    task: Mutex<Option<AbortHandle>>,
}

/// What has happened so far, for callers that join late.
#[derive(Default)]
struct Log {
    events: Vec<SignInEvent>,
    listeners: Vec<OnSignInEvent>,
    page: Option<Url>,
    launch_pages: Option<LaunchPages>,
}

/// Runs sign-ins, one attempt at a time.
pub struct SignIns {
    context: Arc<Context>,
    catalog: Arc<ModelCatalog>,
    attempt: Mutex<Option<Arc<SignInAttempt>>>,
}

impl SignIns {
    pub(crate) fn new(context: Arc<Context>, catalog: Arc<ModelCatalog>) -> Self {
        Self { context, catalog, attempt: Mutex::new(None) }
    }

    /// Signs in. A second call with the same method joins the attempt that is under way and hears its
    /// events from the beginning; another method takes its place.
    pub async fn sign_in(
        self: &Arc<Self>,
        options: SignInOptions,
        on_event: OnSignInEvent,
    ) -> Result<AccountView, Failure> {
        let attempt = match self.attempt_for(&options) {
            Ok(attempt) => attempt,
            Err(failure) => {
                on_event(&SignInEvent::Failed(failure.clone().into()));
                return Err(failure);
            }
        };
        attempt.join(on_event);
        let mut ended = attempt.ended.subscribe();
        let result = ended.wait_for(Option::is_some).await;
        result.ok().and_then(|result| result.clone()).unwrap_or_else(|| Err(cancelled()))
    }

    /// Ends the attempt that is under way and closes its port.
    pub fn cancel(&self) {
        self.end(cancelled());
    }

    /// Ends the attempt that is under way with `failure`, and closes its port.
    pub fn end(&self, failure: Failure) {
        if let Some(attempt) = self.slot().take() {
            attempt.end(failure);
            self.context.changed();
        }
    }

    /// Hands in a redirected address that the person pasted.
    pub async fn paste_redirect(&self, text: String) -> Result<(), Failure> {
        let nobody = || Failure::new(ErrorCode::BadUsage, "no sign-in is waiting for an address");
        let pasted = self.slot().as_ref().map(|attempt| attempt.pasted.clone()).ok_or_else(nobody)?;
        let (reply, result) = oneshot::channel();
        pasted.send((text, reply)).await.map_err(|_| nobody())?;
        result.await.map_err(|_| nobody())?
    }

    /// Decides about the other account that has signed in. What follows comes as events of the sign-in.
    ///
    /// Fails while nothing was asked: an answer must not wait for a question that comes later.
    pub fn answer_other_account(&self, choice: OtherAccountChoice) -> Result<(), Failure> {
        let nobody = || Failure::new(ErrorCode::BadUsage, "no sign-in is waiting for an answer");
        let attempt = self.slot().clone().filter(|attempt| attempt.asks()).ok_or_else(nobody)?;
        let decision = match choice {
            OtherAccountChoice::Add => OtherAccountDecision::Add,
            OtherAccountChoice::Decline => OtherAccountDecision::Decline,
        };
        attempt.decisions.try_send(decision).map_err(|_| nobody())
    }

    pub(crate) fn is_signing_in(&self) -> bool {
        self.slot().is_some()
    }

    /// The address to start a browser with, for the page of the attempt that is under way.
    pub(crate) fn pending_url(&self) -> Option<Url> {
        let attempt = Arc::clone(self.slot().as_ref()?);
        let log = attempt.log();
        launch_url(log.launch_pages.as_ref(), log.page.as_ref()?)
    }

    fn attempt_for(self: &Arc<Self>, options: &SignInOptions) -> Result<Arc<SignInAttempt>, Failure> {
        if options.route == SignInRoute::PlanUsage {
            plan_kind(options.method)?;
        }
        // Before anything is ended: without a network there is no new attempt.
        self.context.network()?;
        let mut slot = self.slot();
        match slot.take() {
            Some(pending) if pending.is_like(options) => return Ok(Arc::clone(slot.insert(pending))),
            Some(other) => other.end(cancelled()),
            None => {}
        }
        let (pasted, pasted_in) = mpsc::channel(1);
        let (decisions, decisions_in) = mpsc::channel(1);
        let attempt = Arc::new(SignInAttempt {
            route: options.route,
            method: options.method,
            purpose: options.purpose.clone(),
            log: Mutex::default(),
            pasted,
            decisions,
            ended: watch::Sender::new(None),
            task: Mutex::new(None),
        });
        let (sign_ins, running, options) = (Arc::clone(self), Arc::clone(&attempt), options.clone());
        let task = tokio::spawn(async move {
            let input = SignInInput { pasted: pasted_in, decisions: decisions_in };
            let result = sign_ins.run(&running, options, input).await;
            sign_ins.finish(&running, result).await;
        });
        *attempt.task.lock() = Some(task.abort_handle());
        *slot = Some(Arc::clone(&attempt));
        drop(slot);
        self.context.changed();
        Ok(attempt)
    }

    async fn run(
        self: &Arc<Self>,
        attempt: &Arc<SignInAttempt>,
        options: SignInOptions,
        input: SignInInput,
    ) -> Result<SignedIn, Failure> {
        // A store that cannot be read is reported by the flow.
        let vault = self.context.vault().await.unwrap_or_default();
        let before: Arc<[Account]> = vault.sign_ins.into_iter().map(|one| one.account).collect();
        let again = match &options.purpose {
            SignInPurpose::Any | SignInPurpose::AddAccount => None,
            SignInPurpose::Again { account } | SignInPurpose::AllowPlanUse { account } => {
                Some(account.clone())
            }
        };
        let on_progress = self.progress(attempt, options.open_browser, Arc::clone(&before));
        let network = self.context.network()?;
        let mut account = match options.route {
            SignInRoute::CodexClient => network.flow.run(codex_request(&options), input, on_progress).await?,
            SignInRoute::PlanUsage => {
                network.plan_flow.run(plan_request(&options)?, input, on_progress).await?
            }
        };
        // A name was meant for the account that was asked for.
        if let Some(name) = options.name.filter(|_| again.is_none_or(|again| again == account.id())) {
            match PlanAccounts::new(Arc::clone(&self.context)).rename(account.id(), &name).await {
                Ok(()) => account.label = Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
                // The sign-in stands, under the name that it has.
                Err(failure) => tracing::warn!(cause = %failure, "the account was not named"),
            }
        }
        let arrived = before.iter().all(|one| one.id() != account.id());
        let vault = self.context.vault().await.unwrap_or_default();
        let saved = vault.sign_ins.iter().find(|one| one.account.id() == account.id());
        let account = saved.map_or_else(|| AccountView::from(&account), AccountView::from);
        Ok(SignedIn { account, arrived })
    }

    /// Turns the flow's progress into events, and opens the browser where it is wanted.
    fn progress(
        self: &Arc<Self>,
        attempt: &Arc<SignInAttempt>,
        open_browser: bool,
        before: Arc<[Account]>,
    ) -> Arc<dyn Fn(SignInProgress) + Send + Sync> {
        let (sign_ins, attempt) = (Arc::clone(self), Arc::clone(attempt));
        Arc::new(move |progress| {
            let event = match progress {
                SignInProgress::OpenBrowser { url, launch_pages, until } => {
                    let launch = launch_url(launch_pages.as_ref(), &url).filter(|_| open_browser);
                    let mut log = attempt.log();
                    (log.page, log.launch_pages) = (Some(url.clone()), launch_pages);
                    drop(log);
                    let opened = launch.is_some_and(|url| sign_ins.open(&url));
                    SignInEvent::Open { url: url.into(), opened, expires_at: until }
                }
                SignInProgress::PortTaken { busy, using } => {
                    SignInEvent::PortTaken { port: busy.port, holder: busy.holder, using }
                }
                SignInProgress::UserCode { user_code, url, until } => {
                    attempt.log().page = Some(url.clone());
                    SignInEvent::Code { user_code, url: url.into(), expires_at: until }
                }
                SignInProgress::ForeignRedirectIgnored => SignInEvent::AnswerIgnored,
                SignInProgress::Exchanging => SignInEvent::Exchanging,
                SignInProgress::OtherAccount { account, expected } => {
                    other_account(&before, account, &expected, sign_ins.context.hides_names())
                }
            };
            attempt.emit(event);
        })
    }

    /// A browser that does not open is no failure: the address is shown as well.
    fn open(&self, url: &Url) -> bool {
        match self.context.browser.open(url) {
            Ok(()) => true,
            Err(failure) => {
                tracing::warn!(cause = %failure, "the browser did not open");
                false
            }
        }
    }

    async fn finish(&self, attempt: &Arc<SignInAttempt>, result: Result<SignedIn, Failure>) {
        self.slot().take_if(|pending| Arc::ptr_eq(pending, attempt));
        if let Ok(SignedIn { account, .. }) = &result {
            // Perhaps because its plan was changed.
            report_unsaved(blocking(|| self.context.state.forget_usage_ask(&account.id)));
        }
        self.context.changed();
        attempt.emit(match &result {
            Ok(SignedIn { account, arrived }) => {
                SignInEvent::SignedIn { account: account.clone(), arrived: *arrived }
            }
            Err(failure) => SignInEvent::Failed(failure.clone().into()),
        });
        let result = result.map(|signed_in| signed_in.account);
        if let Ok(account) = &result
            && let Err(failure) = self.catalog.models(&of_account(&account.id), true).await
        {
            // The sign-in stands; the list is asked for again when it is shown.
            tracing::warn!(cause = %failure, "the model list did not load after the sign-in");
        }
        attempt.ended.send_replace(Some(result));
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<SignInAttempt>>> {
        self.attempt.lock()
    }
}

impl SignInAttempt {
    fn is_like(&self, options: &SignInOptions) -> bool {
        (self.route, self.method, &self.purpose) == (options.route, options.method, &options.purpose)
    }

    /// Returns whether it waits for a decision about another account.
    fn asks(&self) -> bool {
        matches!(self.log().events.last(), Some(SignInEvent::OtherAccount { .. }))
    }

    fn join(&self, on_event: OnSignInEvent) {
        let mut log = self.log();
        log.events.iter().for_each(|event| on_event(event));
        log.listeners.push(on_event);
    }

    fn emit(&self, event: SignInEvent) {
        let mut log = self.log();
        log.listeners.iter().for_each(|listener| listener(&event));
        log.events.push(event);
    }

    fn end(&self, failure: Failure) {
        if let Some(task) = self.task.lock().take() {
            task.abort();
        }
        // An attempt that has just ended by itself keeps the end that it had.
        let first = self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert_with(|| Err(failure.clone()));
            first
        });
        if first {
            self.emit(SignInEvent::Failed(failure.into()));
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock()
    }
}

/// The address to start a browser with: other users of this computer can read it, so it is a page that works once where
/// there can be one.
fn launch_url(pages: Option<&LaunchPages>, page: &Url) -> Option<Url> {
    let Some(pages) = pages else { return Some(page.clone()) };
    pages.create().inspect_err(|failure| tracing::warn!(cause = %failure, "no page for the browser")).ok()
}

/// The end of a sign-in that was saved.
struct SignedIn {
    account: AccountView,
    /// Whether it was not among the accounts before.
    arrived: bool,
}

fn of_account(account: &AccountId) -> Target {
    Target { account: Some(account.0.clone()), ..Target::of(CHATGPT) }
}

/// Names the account that signed in as it is called, or would be.
fn other_account(
    before: &[Account],
    mut account: Account,
    expected: &AccountId,
    hides_names: bool,
) -> SignInEvent {
    let find = |id: &AccountId| before.iter().find(|one| one.id() == *id);
    let known = find(&account.id());
    account.default_name = Some(match known {
        Some(same) => same.name(),
        None => account.free_name(|name| before.iter().any(|one| one.is_called(name))),
    });
    let shown = |account: &Account| {
        let view = AccountView::from(account);
        if hides_names { view.without_names() } else { view }
    };
    SignInEvent::OtherAccount {
        account: shown(&account),
        expected: find(expected).map(shown),
        known: known.is_some(),
    }
}

fn cancelled() -> Failure {
    Failure::new(ErrorCode::Cancelled, "the sign-in was cancelled")
}
