//! The facade: everything that window and command line can do, as services that are wired once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use usher_domain::ports::{Browser, Clock, ProcessRunner};
use usher_domain::{Failure, UnixTime};

use crate::accounts::PlanAccounts;
use crate::accounts::codex_login::CodexLogins;
use crate::accounts::sign_in::SignIns;
use crate::activity::ActivityReader;
use crate::activity::recorder::ActivityRecorder;
use crate::background::Background;
use crate::connection::connector::Connector;
use crate::connection::test_run::ConnectionTests;
use crate::context::{Context, FilesVersion, ProviderFunctions, blocking};
use crate::diagnostics::doctor::Doctor;
use crate::gateway::{GatewayController, GatewayPasses, PassLock, PassUsage};
use crate::models::catalog::ModelCatalog;
use crate::notifications::Notifications;
use crate::overview::OverviewReader;
use crate::page_language::PageLanguage;
use crate::platform::browser_page::BrowserPage;
use crate::platform::environment::{Environment, Session};
use crate::platform::home::Home;
use crate::platform::links::Links;
use crate::platform::watch::HomeWatcher;
use crate::preferences::{Preferences, ResetSettings};
use crate::providers::Providers;
use crate::providers::hosts::allowed_hosts;
use crate::providers::kinds::settings_keys;
use crate::service::GatewayService;
use crate::tools::ToolConnections;
use crate::transfer::TransferFiles;
use crate::updates::Updates;
use crate::usage::UsageReader;
use crate::view::{ResetView, SettingsFileView};

/// How long the end of the program waits: a little longer than a refresh of plan usage may take, with the server's time
/// before it and the keys after it. An exchange of a code takes less.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(45);

/// Everything that window and command line can do.
pub struct App {
    /// Signs in to the ChatGPT plan.
    pub sign_ins: Arc<SignIns>,
    /// The accounts of the plan.
    pub accounts: PlanAccounts,
    /// Runs the Codex CLI's own sign-in.
    pub codex_logins: Arc<CodexLogins>,
    /// Which providers there are.
    pub providers: Providers,
    /// Finds the provider that is meant.
    pub connector: Arc<Connector>,
    /// Model lists and choices.
    pub catalog: Arc<ModelCatalog>,
    /// How much of the plan is used.
    pub usage: UsageReader,
    /// What was counted of requests.
    pub activity: ActivityReader,
    /// Tests of a connection.
    pub tests: ConnectionTests,
    /// The gateway for other programs.
    pub gateway: Arc<GatewayController>,
    /// The process that runs the gateway while no window is open.
    pub background: Background,
    /// The passes of the gateway.
    pub passes: Arc<GatewayPasses>,
    /// Locks all passes, and unlocks them.
    pub pass_lock: PassLock,
    /// The service that runs the gateway.
    pub service: GatewayService,
    /// Tools that are connected to the gateway.
    pub tools: ToolConnections,
    /// What stands, without asking the network.
    pub overview: OverviewReader,
    /// What the person chose for the program itself.
    pub preferences: Arc<Preferences>,
    /// Moves settings and sign-ins between computers.
    pub transfer: TransferFiles,
    /// Notifies the person of limits and resets.
    pub notifications: Notifications,
    /// What can prevent a sign-in or a request.
    pub doctor: Doctor,
    /// Pages for the browser.
    pub links: Links,
    /// The language of the page.
    pub language: PageLanguage,
    /// The page in a browser, in place of the window.
    pub browser_page: BrowserPage,
    /// New versions of the program.
    pub updates: Updates,
    /// Changes of the home, by this process and others.
    pub watcher: HomeWatcher,
    pub(crate) context: Arc<Context>,
}

impl App {
    /// Creates the app of `environment`. Nothing is created on disk, requested or read yet.
    pub fn new(
        environment: Environment,
        clock: Arc<dyn Clock>,
        browser: Arc<dyn Browser>,
        processes: Arc<dyn ProcessRunner>,
    ) -> Result<Self, Failure> {
        let providers = ProviderFunctions { settings_keys, allowed_hosts };
        let context = Arc::new(Context::new(environment, clock, Arc::clone(&browser), processes, providers)?);
        let shared = || Arc::clone(&context);
        let connector = Arc::new(Connector::new(shared()));
        let catalog = Arc::new(ModelCatalog::new(shared(), Arc::clone(&connector)));
        let sign_ins = Arc::new(SignIns::new(shared(), Arc::clone(&catalog)));
        let codex_logins = Arc::new(CodexLogins::new(shared()));
        let pass_usage = Arc::new(PassUsage::default());
        let counted = Arc::new(ActivityRecorder::default());
        let gateway = Arc::new(GatewayController::new(
            shared(),
            Arc::clone(&connector),
            Arc::clone(&catalog),
            Arc::clone(&pass_usage),
            Arc::clone(&counted),
        ));
        let passes = Arc::new(GatewayPasses::new(shared(), Arc::clone(&connector), pass_usage));
        let preferences = Arc::new(Preferences::new(shared()));
        Ok(Self {
            accounts: PlanAccounts::new(shared()),
            providers: Providers::new(shared()),
            usage: UsageReader::new(shared(), Arc::clone(&connector)),
            activity: ActivityReader::new(shared(), counted),
            tests: ConnectionTests::new(shared(), Arc::clone(&connector), Arc::clone(&catalog)),
            pass_lock: PassLock::new(shared()),
            service: GatewayService::new(shared()),
            tools: ToolConnections::new(shared(), Arc::clone(&passes), Arc::clone(&catalog)),
            watcher: HomeWatcher::new(shared(), Arc::clone(&gateway), Arc::clone(&passes)),
            passes,
            overview: OverviewReader::new(shared(), Arc::clone(&sign_ins)),
            transfer: TransferFiles::new(shared(), Arc::clone(&preferences)),
            preferences,
            notifications: Notifications::new(shared()),
            doctor: Doctor::new(shared(), Arc::clone(&codex_logins)),
            language: PageLanguage::new(shared()),
            browser_page: BrowserPage::new(shared()),
            updates: Updates::new(shared()),
            background: Background::new(shared(), Arc::clone(&gateway)),
            links: Links::new(Arc::clone(&sign_ins), browser),
            sign_ins,
            codex_logins,
            connector,
            catalog,
            gateway,
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

    /// Returns how this computer is reached, as far as the environment says.
    pub fn session(&self) -> Session {
        self.context.session
    }

    /// Returns whether the environment asks for questions as plain lines.
    pub fn prefers_plain_questions(&self) -> bool {
        self.context.plain_questions
    }

    /// Returns a counter of the changes that this process made to what an overview shows.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.context.changes()
    }

    /// Returns the version of sign-ins, settings and the lock of all passes, which also changes when another process changed them.
    ///
    /// Cheap enough to call several times a second.
    pub fn stamp(&self) -> FilesVersion {
        self.context.stamp()
    }

    /// Returns the path of the settings file.
    pub fn settings_path(&self) -> &Path {
        self.context.settings_path()
    }

    /// Returns where the settings file is, and what is wrong with it.
    pub fn settings_file(&self) -> SettingsFileView {
        blocking(|| self.context.settings_file())
    }

    /// Returns warnings about the settings file: keys that are not used, and why it cannot be read.
    pub fn settings_warnings(&self) -> Vec<String> {
        self.context.settings_warnings()
    }

    /// Gives every setting its default; with `disconnect`, also disconnects every account.
    pub async fn reset(&self, disconnect: bool) -> Result<ResetView, Failure> {
        let accounts = if disconnect { self.accounts.list().await? } else { Vec::new() };
        let mut disconnected = 0;
        for card in accounts {
            self.accounts.disconnect(Some(&card.account.id.0), None).await?;
            disconnected += 1;
        }
        let ResetSettings { backup, started_at_login } = self.preferences.reset().await?;
        Ok(ResetView {
            backup: backup.map(|path| path.display().to_string()),
            started_at_login,
            disconnected,
        })
    }

    /// Asks the keyring to unlock, while the person types their password.
    pub async fn unlock_store(&self) -> Result<(), Failure> {
        self.context.unlock_store().await
    }

    /// Waits, within a limit, for the gateway's last responses, running refreshes and token exchanges, and programs
    /// that are being ended.
    ///
    /// For the end of the program: the new token of an interrupted refresh is lost, and the sign-in with it.
    pub async fn wait_idle(&self) {
        let all = async {
            // First, because its requests also refresh tokens.
            self.gateway.close().await;
            self.context.wait_tokens_idle().await;
            self.codex_logins.wait_idle().await;
        };
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, all).await.is_err() {
            tracing::warn!("a refresh or a token exchange did not end in time");
        }
    }
}
