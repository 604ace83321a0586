//! The facade: everything that window and command line can do.
//!
//! [`App::new`] wires the services once. A use case without running state of its own is an `impl App` block in the file
//! it is about; one with running state is a service, to which the facade delegates.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use usher_domain::ports::{Browser, Clock, ProcessRunner};
use usher_domain::{Failure, ProviderId, Selection, UnixTime};

use crate::accounts::codex_login::{CodexLogins, OnCodexLoginEvent};
use crate::accounts::sign_in::{OnSignInEvent, SignInOptions, SignIns};
use crate::connection::Target;
use crate::connection::test_run::{ConnectionTests, OnTestEvent, TestOutcome};
use crate::context::{Context, FilesVersion};
use crate::gateway::{GatewayAddress, GatewayController, GatewayOptions};
use crate::models::catalog::ModelCatalog;
use crate::platform::environment::Environment;
use crate::platform::home::Home;
use crate::providers::kinds::settings_keys;
use crate::view::{AccountView, GatewayStatus, GatewayView, ModelsView, RequestUpdate};

/// How long the end of the program waits; a little longer than the timeout of the token endpoint.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(22);

/// Everything that window and command line can do.
pub struct App {
    pub(crate) context: Arc<Context>,
    pub(crate) catalog: Arc<ModelCatalog>,
    pub(crate) sign_ins: Arc<SignIns>,
    tests: ConnectionTests,
    pub(crate) codex_logins: CodexLogins,
    pub(crate) gateway: Arc<GatewayController>,
}

impl App {
    /// Creates the app of `environment`. Nothing is created on disk, requested or read yet.
    pub fn new(
        environment: Environment,
        clock: Arc<dyn Clock>,
        browser: Arc<dyn Browser>,
        processes: Arc<dyn ProcessRunner>,
    ) -> Result<Self, Failure> {
        let context = Arc::new(Context::new(environment, clock, browser, processes, settings_keys)?);
        let catalog = Arc::new(ModelCatalog::new(Arc::clone(&context)));
        Ok(Self {
            sign_ins: Arc::new(SignIns::new(Arc::clone(&context), Arc::clone(&catalog))),
            tests: ConnectionTests::new(Arc::clone(&context), Arc::clone(&catalog)),
            codex_logins: CodexLogins::new(Arc::clone(&context)),
            gateway: Arc::new(GatewayController::new(Arc::clone(&context), Arc::clone(&catalog))),
            catalog,
            context,
        })
    }

    /// Returns the folders of the home.
    pub fn home(&self) -> &Home {
        &self.context.home
    }

    /// Returns the current time.
    pub fn now(&self) -> UnixTime {
        self.context.clock.now()
    }

    /// Returns a counter of the changes that this process made to what an overview shows.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.context.changes()
    }

    /// Returns the version of sign-ins and settings, which also changes when another process changed them.
    ///
    /// Cheap enough to call several times a second.
    pub fn stamp(&self) -> FilesVersion {
        self.context.stamp()
    }

    /// Returns the path of the settings file.
    pub fn settings_path(&self) -> &Path {
        self.context.settings_path()
    }

    /// Returns warnings about the settings file: keys that are not used, and why it cannot be read.
    pub fn settings_warnings(&self) -> Vec<String> {
        self.context.settings_warnings()
    }

    /// Returns the provider that `target` means.
    pub async fn resolve_provider(&self, target: &Target) -> Result<ProviderId, Failure> {
        self.context.resolve_provider(target).await
    }

    /// Signs in; see [`SignIns::sign_in`].
    pub async fn sign_in(
        &self,
        options: SignInOptions,
        on_event: OnSignInEvent,
    ) -> Result<AccountView, Failure> {
        self.sign_ins.sign_in(options, on_event).await
    }

    /// Ends the running sign-in and closes its port.
    pub fn cancel_sign_in(&self) {
        self.sign_ins.cancel_sign_in();
    }

    /// Completes the running sign-in with a redirect address that the user pasted.
    pub async fn paste_redirect(&self, text: String) -> Result<(), Failure> {
        self.sign_ins.paste_redirect(text).await
    }

    /// Returns the model list of `target`; see [`ModelCatalog::models`].
    pub async fn models(&self, target: &Target, refresh: bool) -> Result<ModelsView, Failure> {
        self.catalog.models(target, refresh).await
    }

    /// Selects a model and an effort; see [`ModelCatalog::select_model`].
    pub async fn select_model(
        &self,
        target: &Target,
        model: Option<&str>,
        effort: Option<&str>,
        small: Option<&str>,
    ) -> Result<Selection, Failure> {
        self.catalog.select_model(target, model, effort, small).await
    }

    /// Adds a model id by hand, or removes one that was added.
    pub async fn set_manual_model(
        &self,
        target: &Target,
        id: &str,
        wanted: bool,
    ) -> Result<ModelsView, Failure> {
        self.catalog.set_manual_model(target, id, wanted).await
    }

    /// Runs a test of the connection; see [`ConnectionTests::run_test`].
    pub async fn run_test(&self, target: &Target, on_event: OnTestEvent) -> TestOutcome {
        self.tests.run_test(target, on_event).await
    }

    /// Stops the running test.
    pub fn stop_test(&self) {
        self.tests.stop_test();
    }

    /// Runs `codex login`; see [`CodexLogins::codex_login`].
    pub async fn codex_login(&self, on_event: OnCodexLoginEvent) -> Result<(), Failure> {
        self.codex_logins.codex_login(on_event).await
    }

    /// Stops the running `codex login`.
    pub fn stop_codex_login(&self) {
        self.codex_logins.stop_codex_login();
    }

    /// Runs the gateway until `shutdown`. `on_listening` is called with the address as soon as it can be reached.
    pub async fn serve_gateway(
        &self,
        options: GatewayOptions,
        on_listening: impl FnOnce(&GatewayAddress),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        self.gateway.serve_gateway(options, on_listening, shutdown).await
    }

    /// Runs the window's gateway as the settings say. Never returns; needs [`watch`](Self::watch) beside it.
    pub async fn run_gateway_controller(self: Arc<Self>) {
        self.gateway.run_gateway_controller().await;
    }

    /// Returns the status of the gateway as the window shows it.
    pub async fn gateway_status(&self) -> GatewayStatus {
        self.gateway.gateway_status().await
    }

    /// Switches the window's gateway on or off, now and for the next start. Off ends running requests.
    pub async fn switch_gateway(&self, on: bool) -> Result<GatewayStatus, Failure> {
        self.gateway.switch_gateway(on).await
    }

    /// Returns whether a gateway runs in this home, and where.
    pub fn gateway_view(&self) -> GatewayView {
        self.context.gateway_view()
    }

    /// Calls `on_update` with all known requests, and then with each change.
    ///
    /// Ends by [`stop_watching_requests`](Self::stop_watching_requests), or when another caller begins to watch.
    pub async fn watch_requests(&self, on_update: impl Fn(RequestUpdate) + Send) {
        self.gateway.watch_requests(on_update).await;
    }

    /// Ends [`watch_requests`](Self::watch_requests).
    pub fn stop_watching_requests(&self) {
        self.gateway.stop_watching_requests();
    }

    /// Waits, within a limit, for the gateway's last responses, running refreshes and token exchanges, and programs that are being ended.
    ///
    /// For the end of the program: the new token of an interrupted refresh is lost, and the sign-in with it.
    pub async fn wait_idle(&self) {
        let all = async {
            // First, because its requests also refresh tokens.
            self.gateway.close_gateway().await;
            self.context.wait_tokens_idle().await;
            self.codex_logins.wait_idle().await;
        };
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, all).await.is_err() {
            tracing::warn!("a refresh or a token exchange did not end in time");
        }
    }
}
