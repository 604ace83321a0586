//! What every use case works on: the home and its files, the settings, the clock, the network.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::watch;
use url::Url;
pub(crate) use usher_auth::run_blocking;
use usher_auth::{
    ExternalPaths, FileVersion, KeyLocation, LOCK_TIMEOUT, LockTimeouts, PlanSignInFlow,
    RefreshingTokenSource, RegistrationFile, Revocation, SignInFlow, Store, UnreadableStore, VaultSummary,
    machine_id,
};
use usher_domain::ports::{Browser, Clock, ProcessRunner};
use usher_domain::{AccountId, ApiKey, Endpoints, Failure, OAuthProvider, SignInRoute};
use usher_net::{AllowedHosts, HttpClient};
use usher_tools::Surroundings;

use crate::activity::period::{days_before, today};
use crate::platform::environment::{Environment, Session};
use crate::platform::home::Home;
use crate::platform::pass_lock_file::PassLockFiles;
use crate::privacy::hide_names;
use crate::settings::{ProviderKeys, Settings, SettingsFile};
use crate::state::State;
use crate::view::{CredentialPlace, Language, SettingsFileView};

/// The shared parts of the program. It holds no running state of a use case: that belongs to the services.
pub(crate) struct Context {
    pub(crate) home: Home,
    /// What one signs in to: the ChatGPT plan.
    pub(crate) provider: OAuthProvider,
    /// Where the Platform is.
    pub(crate) platform: Url,
    /// The key of the environment.
    pub(crate) api_key: Option<Arc<ApiKey>>,
    /// Why there is none although the variable is set.
    pub(crate) api_key_unused: Option<&'static str>,
    /// Where other programs keep their sign-ins.
    pub(crate) places: ExternalPaths,
    /// Where the tools are that can use the gateway.
    pub(crate) tools: Surroundings,
    pub(crate) overriding: Vec<String>,
    pub(crate) session: Session,
    pub(crate) plain_questions: bool,
    /// The languages that the person prefers, best first.
    pub(crate) languages: Vec<String>,
    pub(crate) processes: Arc<dyn ProcessRunner>,
    pub(crate) store: Arc<Store>,
    pub(crate) settings: SettingsFile,
    pub(crate) state: Arc<State>,
    /// Says whether all passes are locked.
    pub(crate) pass_lock: PassLockFiles,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) browser: Arc<dyn Browser>,
    /// Counts changes made by this process, for those who watch.
    changes: watch::Sender<u64>,
    /// `SSL_CERT_FILE`.
    pub(crate) extra_certificates: Option<PathBuf>,
    allowed_hosts: fn(&Self) -> AllowedHosts,
    /// Made when the network is first needed: reading trust roots costs more than all of `usher status`.
    network: OnceLock<Network>,
    /// What the network was last configured by.
    configured: Mutex<Option<FilesVersion>>,
    /// Whether names are hidden, by the settings file of this time.
    hides_names: Mutex<Option<(Option<SystemTime>, bool)>>,
    /// One per account, so that callers of this process share one refresh.
    tokens: Mutex<HashMap<AccountId, Arc<RefreshingTokenSource>>>,
}

/// What the context has to know of providers, which know the context.
#[derive(Clone, Copy)]
pub(crate) struct ProviderFunctions {
    /// Returns the keys of one provider's table in the settings file.
    pub(crate) settings_keys: ProviderKeys,
    /// Returns the hosts that requests may go to, by the settings of this moment.
    pub(crate) allowed_hosts: fn(&Context) -> AllowedHosts,
}

/// What needs the network.
pub(crate) struct Network {
    pub(crate) http: Arc<HttpClient>,
    pub(crate) revocation: Arc<Revocation>,
    pub(crate) flow: Arc<SignInFlow>,
    pub(crate) plan_flow: Arc<PlanSignInFlow>,
}

impl Context {
    /// Creates the context of `environment`, with what `providers` knows of these. Nothing is created on disk, requested or read yet.
    pub(crate) fn new(
        environment: Environment,
        clock: Arc<dyn Clock>,
        browser: Arc<dyn Browser>,
        processes: Arc<dyn ProcessRunner>,
        providers: ProviderFunctions,
    ) -> Result<Self, Failure> {
        let home = Home::at(environment.home.as_deref())?;
        let settings = SettingsFile::new(&home.config, &home.data, providers.settings_keys);
        let provider = OAuthProvider::chatgpt(environment.endpoints);
        let store = Store::new(&home.data, &home.hash, environment.store, Arc::clone(&clock));
        let store = Arc::new(store.with_older_hashes(&home.older_hashes));
        let state = Arc::new(State::new(&home.data));
        let pass_lock = PassLockFiles::new(&home.data);
        Ok(Self {
            home,
            provider,
            platform: environment.platform,
            api_key: environment.api_key,
            api_key_unused: environment.api_key_unused,
            places: environment.places,
            tools: environment.tools,
            overriding: environment.overriding,
            session: environment.session,
            plain_questions: environment.plain_questions,
            languages: environment.languages,
            processes,
            store,
            settings,
            state,
            pass_lock,
            clock,
            browser,
            changes: watch::Sender::new(0),
            extra_certificates: environment.extra_certificates,
            allowed_hosts: providers.allowed_hosts,
            network: OnceLock::new(),
            configured: Mutex::default(),
            hides_names: Mutex::default(),
            tokens: Mutex::new(HashMap::new()),
        })
    }

    /// Returns where sign-ins of `route` are made, and where their requests go.
    pub(crate) fn endpoints(&self, route: SignInRoute) -> Endpoints {
        let endpoints = self.provider.endpoints.clone();
        match route {
            SignInRoute::CodexClient => endpoints,
            SignInRoute::PlanUsage => Endpoints { backend: self.platform.clone(), ..endpoints },
        }
    }

    /// Counts up whenever something that an overview shows was changed by this process.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns the versions of the sign-ins, the settings and the lock of all passes, which differ when any process has
    /// changed them.
    ///
    /// Cheap enough to call several times a second.
    pub(crate) fn stamp(&self) -> FilesVersion {
        FilesVersion {
            store: self.store.file_version(),
            settings: self.settings.modified(),
            pass_lock: self.pass_lock.versions(),
        }
    }

    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Returns what needs the network, by the settings of this moment.
    pub(crate) fn network(&self) -> Result<&Network, Failure> {
        let now = self.stamp();
        if let Some(network) = self.network.get() {
            // Providers may have come and gone since, and the proxy changed, also by another process.
            if self.configured.lock().as_ref() != Some(&now) {
                network.http.configure(&self.network_config()?)?;
                *self.configured.lock() = Some(now);
            }
            network.http.allow((self.allowed_hosts)(self));
            return Ok(network);
        }
        let http = Arc::new(HttpClient::new(&self.network_config()?, (self.allowed_hosts)(self))?);
        let (provider, store, clock) = (&self.provider, &self.store, &self.clock);
        let revocation =
            Revocation::new(provider.clone(), Arc::clone(&http), Arc::clone(store), Arc::clone(clock));
        let flow = Arc::new(SignInFlow::new(
            provider.clone(),
            Arc::clone(&http),
            Arc::clone(store),
            Arc::clone(&revocation),
            Arc::clone(clock),
        ));
        let plan_flow = Arc::new(PlanSignInFlow::new(
            self.endpoints(SignInRoute::PlanUsage),
            Arc::new(self.registrations()),
            Arc::clone(&http),
            Arc::clone(store),
            Arc::clone(&revocation),
            Arc::clone(clock),
        ));
        // Two at once make two; the first one in stays.
        Ok(self.network.get_or_init(|| Network { http, revocation, flow, plan_flow }))
    }

    /// Returns the file with what Usher is registered as in ChatGPT accounts.
    pub(crate) fn registrations(&self) -> RegistrationFile {
        RegistrationFile::new(&self.home.config, machine_id())
    }

    /// All sign-ins, without names where the person hides these. Waits for the disk, and may wait for a keyring.
    pub(crate) fn read_vault(&self) -> Result<VaultSummary, Failure> {
        let mut vault = VaultSummary::read(&self.store)?;
        if self.hides_names() {
            hide_names(&mut vault);
        }
        Ok(vault)
    }

    /// All sign-ins, read off the async threads, without names where the person hides these.
    pub(crate) async fn vault(&self) -> Result<VaultSummary, Failure> {
        let mut vault = self.vault_with_names().await?;
        if self.hides_names() {
            hide_names(&mut vault);
        }
        Ok(vault)
    }

    /// All sign-ins with their names, for comparisons and never for a screen.
    pub(crate) async fn vault_with_names(&self) -> Result<VaultSummary, Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || VaultSummary::read(&store)).await
    }

    /// Returns whether the person hides names and e-mail addresses from screens.
    pub(crate) fn hides_names(&self) -> bool {
        let modified = self.settings.modified();
        if let Some((seen, hides)) = *self.hides_names.lock()
            && seen == modified
        {
            return hides;
        }
        let hides = blocking(|| self.read_settings()).is_ok_and(|settings| settings.hides_personal_data());
        *self.hides_names.lock() = Some((modified, hides));
        hides
    }

    /// Where the store's key is, as the place of a credential.
    pub(crate) async fn store_place(&self) -> Result<CredentialPlace, Failure> {
        let store = Arc::clone(&self.store);
        Ok(match run_blocking(move || store.key_location()).await? {
            KeyLocation::Keyring => CredentialPlace::Keyring,
            KeyLocation::Passphrase | KeyLocation::KeyFile => CredentialPlace::File,
        })
    }

    /// Returns why the store cannot be read, if a person has to decide what becomes of its files.
    pub(crate) async fn unreadable_store(&self) -> Result<Option<UnreadableStore>, Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.unreadable()).await
    }

    /// Renames the files of a store that cannot be read, after a person's yes. Returns their new names.
    pub(crate) async fn set_unreadable_store_aside(&self) -> Result<Vec<PathBuf>, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(&self.store);
        let kept = run_blocking(move || store.set_unreadable_aside(&guard)).await?;
        self.changed();
        Ok(kept)
    }

    /// Asks the keyring to unlock.
    pub(crate) async fn unlock_store(&self) -> Result<(), Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.unlock(UNLOCK_TIMEOUT)).await?;
        self.changed();
        Ok(())
    }

    pub(crate) fn tokens(&self, account: &AccountId) -> Result<Arc<RefreshingTokenSource>, Failure> {
        let http = Arc::clone(&self.network()?.http);
        let mut known = self.tokens.lock();
        let source = known.entry(account.clone()).or_insert_with(|| {
            Arc::new(RefreshingTokenSource::new(
                Arc::clone(&self.store),
                http,
                self.provider.clone(),
                Arc::clone(&self.clock),
                account.clone(),
                LockTimeouts::default(),
            ))
        });
        Ok(Arc::clone(source))
    }

    /// Waits until running refreshes and token exchanges have ended.
    ///
    /// For the end of the program: the new token of an interrupted refresh is lost, and the sign-in with it.
    pub(crate) async fn wait_tokens_idle(&self) {
        let sources: Vec<_> = self.tokens.lock().values().cloned().collect();
        for source in sources {
            source.wait_idle().await;
        }
        if let Some(network) = self.network.get() {
            network.flow.wait_idle().await;
            network.plan_flow.wait_idle().await;
        }
    }

    pub(crate) fn read_settings(&self) -> Result<Settings, Failure> {
        self.settings.read()
    }

    /// Returns the language that the person chose. Settings that cannot be read choose none; the page reports what is wrong
    /// with them.
    pub(crate) fn chosen_language(&self) -> Option<Language> {
        self.read_settings().ok()?.language()
    }

    /// Returns the language that Usher speaks to the person: the chosen one, otherwise the system's.
    pub(crate) fn language(&self) -> Language {
        let of_system = || Language::of_reader(self.languages.iter().map(String::as_str));
        self.chosen_language().unwrap_or_else(of_system)
    }

    /// The settings file.
    pub(crate) fn settings_path(&self) -> &Path {
        self.settings.path()
    }

    /// Returns where the settings file is, and what is wrong with it.
    pub(crate) fn settings_file(&self) -> SettingsFileView {
        let path = self.settings_path().display().to_string();
        let (failure, last_valid) = match self.read_settings() {
            Ok(settings) => (settings.file_error().cloned(), true),
            Err(failure) => (Some(failure), false),
        };
        let error = failure.map(|failure| {
            let named =
                failure.cause.strip_prefix(&path).map(|rest| rest.trim_start_matches([',', ' ']).to_owned());
            named.unwrap_or(failure.cause)
        });
        SettingsFileView { path, last_valid: last_valid && error.is_some(), error }
    }

    /// Returns warnings about the settings file for the person: why it is invalid, or what this version does not use.
    ///
    /// Empty for an invalid file without a valid copy: whatever reads it fails with the reason.
    pub(crate) fn settings_warnings(&self) -> Vec<String> {
        let Ok(settings) = self.read_settings() else { return Vec::new() };
        if let Some(error) = settings.file_error() {
            return vec![format!("{error}; the last valid settings stay in force")];
        }
        let path = self.settings_path().display();
        settings.warnings().iter().map(|warning| format!("{path}, {warning}")).collect()
    }

    /// Changes the settings file under the home's lock, so that two commands at once lose nothing.
    pub(crate) async fn change_settings(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let _guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        self.settings.update(change)?;
        self.settings_replaced();
        Ok(())
    }

    /// Notifies those who watch that the settings are others now.
    pub(crate) fn settings_replaced(&self) {
        *self.hides_names.lock() = None;
        *self.configured.lock() = None;
        self.changed();
    }

    /// Deletes what was counted of requests of more than the last `days` days.
    pub(crate) fn delete_old_activity(&self, days: u32) -> Result<(), Failure> {
        let now = self.clock.now();
        if days == 0 {
            return self.state.clear_activity(now);
        }
        self.state.delete_activity_before(&days_before(today(now), days))
    }
}

/// How long the person has to type the password of the keyring.
pub(crate) const UNLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// One state of what an overview shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesVersion {
    store: Option<FileVersion>,
    settings: Option<SystemTime>,
    pass_lock: [Option<FileVersion>; 2],
}

/// Runs short work on a disk where it is called, without holding up what else its thread has to do.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // The command line's one thread has one command to do, and outside of a runtime there is nothing else.
        _ => work(),
    }
}
