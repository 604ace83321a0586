//! A home and a sandbox for each test, and what every test does with them.

mod holding_proxy;
pub(crate) mod small_disk;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use usher_auth::{
    FlowKind, KeyStorage, LaunchPages, LockTimeouts, OtherAccountDecision, PastedRedirect,
    RefreshingTokenSource, RequestedIdentity, Revocation, SignInFlow, SignInInput, SignInProgress,
    SignInRequest, Store, StoreConfig, VaultSummary,
};
use usher_domain::ports::{Authorization, Clock, TokenSource as _};
use usher_domain::{Account, AccountId, Endpoints, Failure, OAuthProvider, RedirectHost, UnixTime};
use usher_net::{AllowedHosts, HttpClient, NetworkConfig};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};

use self::holding_proxy::HoldingProxy;

/// Timeout of a test: longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// Lifetime of the sandbox's access tokens, in seconds.
pub(crate) const LIFE: i64 = 8 * 24 * 60 * 60;
pub(crate) const BROWSER: FlowKind = FlowKind::Browser(RedirectHost::Ip);

/// The real time plus an offset that a test sets.
#[derive(Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> UnixTime {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        UnixTime(i64::try_from(now).unwrap() + self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) home: TempDir,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) provider: OAuthProvider,
    pub(crate) store: Arc<Store>,
    pub(crate) revocation: Arc<Revocation>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(file_store(), tempfile::tempdir().unwrap()).await
    }

    pub(crate) async fn with(mode: StoreConfig, home: TempDir) -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        let endpoints = Endpoints::parse(sandbox.issuer(), sandbox.chatgpt()).unwrap();
        let mut provider = OAuthProvider::chatgpt(endpoints);
        provider.callback_ports = vec![0];
        let clock = Arc::new(MovedClock::default());
        let http = client(&provider);
        let store = Arc::new(Store::new(home.path(), &hash(home.path()), mode, clock.clone()));
        let revocation = Revocation::new(provider.clone(), http.clone(), store.clone(), clock.clone());
        Self { sandbox, home, clock, http, provider, store, revocation }
    }

    /// Returns the world with another authorization server.
    pub(crate) fn at(mut self, issuer: &str) -> Self {
        self.provider.endpoints = Endpoints::parse(issuer, self.sandbox.chatgpt()).unwrap();
        self.http = client(&self.provider);
        let (provider, http) = (self.provider.clone(), self.http.clone());
        self.revocation = Revocation::new(provider, http, self.store.clone(), self.clock.clone());
        self
    }

    /// Returns a world whose authorization server is behind a [`HoldingProxy`].
    pub(crate) async fn behind_proxy() -> (Self, HoldingProxy) {
        let world = Self::new().await;
        let proxy = HoldingProxy::to(world.provider.endpoints.issuer.port().unwrap()).await;
        let issuer = format!("http://127.0.0.1:{}", proxy.port);
        (world.at(&issuer), proxy)
    }

    /// Returns the store as another process of the same home has it.
    pub(crate) fn another_store(&self) -> Arc<Store> {
        self.store_of(file_store())
    }

    pub(crate) fn store_of(&self, mode: StoreConfig) -> Arc<Store> {
        Arc::new(Store::new(self.home.path(), &hash(self.home.path()), mode, self.clock.clone()))
    }

    pub(crate) fn flow(&self) -> SignInFlow {
        self.flow_of(self.provider.clone())
    }

    pub(crate) fn flow_of(&self, provider: OAuthProvider) -> SignInFlow {
        let (store, revocation) = (self.store.clone(), self.revocation.clone());
        SignInFlow::new(provider, self.http.clone(), store, revocation, self.clock.clone())
    }

    pub(crate) fn source(&self, account: &Account) -> RefreshingTokenSource {
        self.source_of(self.store.clone(), account)
    }

    /// Returns a source that waits for the refresh of others for as long as a test does.
    pub(crate) fn source_of(&self, store: Arc<Store>, account: &Account) -> RefreshingTokenSource {
        let timeout = LockTimeouts { while_valid: LONG, when_needed: LONG };
        self.source_with_timeouts(store, account.id(), timeout)
    }

    pub(crate) fn source_with_timeouts(
        &self,
        store: Arc<Store>,
        account: AccountId,
        timeout: LockTimeouts,
    ) -> RefreshingTokenSource {
        let (http, provider) = (self.http.clone(), self.provider.clone());
        RefreshingTokenSource::new(store, http, provider, self.clock.clone(), account, timeout)
    }

    /// Starts a sign-in and returns it as soon as its page is known.
    pub(crate) async fn start(&self, kind: FlowKind) -> PendingSignIn {
        PendingSignIn::start(self.flow(), kind, LONG).await
    }

    /// Starts a sign-in that is to return with `account` again.
    pub(crate) async fn start_again(&self, kind: FlowKind, account: &Account) -> PendingSignIn {
        let identity = RequestedIdentity::Same(account.id());
        let request = SignInRequest { kind, timeout: LONG, identity };
        PendingSignIn::start_request(Arc::new(self.flow()), request).await
    }

    /// Signs `person` in with the browser.
    pub(crate) async fn sign_in(&self, person: &str) -> Account {
        let pending = self.start(BROWSER).await;
        let landing = Browser::new().approve(&pending.url, person).await;
        assert_eq!(landing.status, Some(200), "{landing:?}");
        pending.ended().await.unwrap()
    }

    /// Signs in, and moves the clock until the access token expires in `seconds`.
    pub(crate) async fn signed_in_with_left(&self, seconds: i64) -> Account {
        let account = self.sign_in("ada").await;
        self.forward(LIFE - seconds);
        account
    }

    /// Moves the clock, here and at the sandbox.
    pub(crate) fn forward(&self, seconds: i64) {
        self.clock.forward(seconds);
        self.sandbox.change_settings(|settings| settings.clock_offset_s += seconds);
    }

    pub(crate) fn summary(&self) -> VaultSummary {
        VaultSummary::read(&self.another_store()).unwrap()
    }

    pub(crate) fn summary_of(&self, mode: StoreConfig) -> VaultSummary {
        VaultSummary::read(&self.store_of(mode)).unwrap()
    }

    /// Returns how often a refresh token was sent.
    pub(crate) fn refreshes(&self) -> u64 {
        self.sandbox.count("token.refresh_token")
    }
}

/// A sign-in that waits for the user.
pub(crate) struct PendingSignIn {
    pub(crate) url: String,
    pub(crate) launch_pages: Option<LaunchPages>,
    pub(crate) paste: mpsc::Sender<PastedRedirect>,
    pub(crate) decide: mpsc::Sender<OtherAccountDecision>,
    pub(crate) progress: mpsc::UnboundedReceiver<SignInProgress>,
    pub(crate) before: Vec<SignInProgress>,
    task: JoinHandle<Result<Account, Failure>>,
}

impl PendingSignIn {
    pub(crate) async fn start(flow: SignInFlow, kind: FlowKind, timeout: Duration) -> Self {
        Self::start_shared(Arc::new(flow), kind, timeout).await
    }

    pub(crate) async fn start_shared(flow: Arc<SignInFlow>, kind: FlowKind, timeout: Duration) -> Self {
        Self::start_request(flow, SignInRequest { kind, timeout, identity: RequestedIdentity::Any }).await
    }

    pub(crate) async fn start_request(flow: Arc<SignInFlow>, request: SignInRequest) -> Self {
        let (paste, pasted) = mpsc::channel(1);
        let (decide, decisions) = mpsc::channel(1);
        let (sender, mut progress) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let on_progress = Arc::new(move |event| drop(sender.send(event)));
            flow.run(request, SignInInput { pasted, decisions }, on_progress).await
        });
        let (mut before, mut launch_pages) = (Vec::new(), None);
        let url = loop {
            match progress.recv().await {
                Some(SignInProgress::OpenBrowser { url, launch_pages: pages, .. }) => {
                    launch_pages = pages;
                    break url.to_string();
                }
                Some(SignInProgress::UserCode { user_code, .. }) => break user_code,
                Some(other) => before.push(other),
                // Ended before there was a page; `ended` returns why.
                None => break String::new(),
            }
        };
        Self { url, launch_pages, paste, decide, progress, before, task }
    }

    pub(crate) async fn ended(self) -> Result<Account, Failure> {
        tokio::time::timeout(LONG, self.task).await.expect("a sign-in ends").unwrap()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Drops the future of the flow, as a cancelled sign-in does.
    pub(crate) async fn cancel(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Returns a parameter of the authorization URL.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let url = url::Url::parse(&self.url).unwrap();
        url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    }

    /// Returns the port of the redirect URI.
    pub(crate) fn port(&self) -> u16 {
        url::Url::parse(&self.parameter("redirect_uri")).unwrap().port().unwrap()
    }

    pub(crate) async fn next(&mut self) -> SignInProgress {
        tokio::time::timeout(LONG, self.progress.recv()).await.expect("progress").expect("under way")
    }
}

pub(crate) fn file_store() -> StoreConfig {
    StoreConfig { storage: KeyStorage::File, passphrase: None }
}

pub(crate) fn client(provider: &OAuthProvider) -> Arc<HttpClient> {
    let hosts = AllowedHosts::from_urls([&provider.endpoints.issuer, &provider.endpoints.backend]);
    Arc::new(HttpClient::new(&NetworkConfig::default(), hosts).unwrap())
}

/// Returns the hash that names the keyring entry of a home.
pub(crate) fn hash(home: &Path) -> String {
    home.file_name().unwrap().to_string_lossy().trim_start_matches('.').to_lowercase()
}

pub(crate) async fn token(source: &RefreshingTokenSource) -> Result<Authorization, Failure> {
    tokio::time::timeout(LONG, source.authorization()).await.expect("a token or a failure, in time")
}

pub(crate) async fn after_401(
    source: &RefreshingTokenSource,
    used: &Authorization,
) -> Result<Authorization, Failure> {
    let requested = source.after_unauthorized(used);
    tokio::time::timeout(LONG, requested).await.expect("a token or a failure, in time")
}

/// Sends `request` unchanged and reads until the other side closes.
pub(crate) async fn raw(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // A reset after the response counts as a close.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut response)).await.expect("an answer");
    String::from_utf8(response).unwrap()
}

/// Sends a GET of `target` with the right `Host`.
pub(crate) async fn get(port: u16, target: &str) -> String {
    raw(port, &format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")).await
}

/// Returns a command that runs only the ignored test `name` of this program, started through `through`.
pub(crate) fn run_test_in_process(through: &[&str], name: &str) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut arguments: Vec<&std::ffi::OsStr> = through.iter().map(std::ffi::OsStr::new).collect();
    arguments.push(program.as_os_str());
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Sends a signal with the program `kill`.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
