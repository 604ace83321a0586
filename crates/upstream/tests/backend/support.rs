//! A sandbox, a backend that is signed in to it, and what the observer received.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, TokenSource};
use usher_domain::{AccessToken, ApiKey, Endpoints, ErrorCode, Failure, OAuthProvider, Plan, Usage, Wire};
use usher_net::{AllowedHosts, HttpClient, NetworkConfig};
use usher_sandbox::{ACCOUNTS, Options, Sandbox, Workspace};
use usher_upstream::{Backend, BackendConfig, OPENAI_PLATFORM, ObservedUsage, Observer, Timeouts};

/// Short enough for a test that waits for it, long enough for a busy computer.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
/// Never reached, unless something is wrong.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) struct Fixture {
    pub(crate) sandbox: Sandbox,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) plan: Plan,
    pub(crate) endpoints: Endpoints,
    pub(crate) backend: Backend,
}

/// Signs `account` in to a new sandbox.
pub(crate) async fn fixture(account: &str) -> Fixture {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    fixture_at(sandbox, account)
}

pub(crate) fn fixture_at(sandbox: Sandbox, account: &str) -> Fixture {
    let endpoints = Endpoints::parse(sandbox.issuer(), sandbox.chatgpt()).unwrap();
    let first = AccessToken::new(sandbox.issue(account).access_token);
    let workspace = workspace(account);
    let tokens = Arc::new(Tokens::starting_with(Authorization {
        bearer: Bearer::AccessToken(Arc::new(first)),
        account_id: Some(workspace.account_id.to_owned()),
        fedramp: false,
        headers: Vec::new(),
        base: endpoints.backend.clone(),
        expires_at: None,
    }));
    let seen = Arc::new(Seen::default());
    let backend = backend(&OAuthProvider::chatgpt(endpoints.clone()), &tokens, &seen);
    Fixture { sandbox, tokens, seen, plan: Plan(workspace.plan.to_owned()), endpoints, backend }
}

/// Signs `account` in to a new sandbox by Sign in with `ChatGPT`.
pub(crate) async fn plan_usage_fixture(account: &str) -> Fixture {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let endpoints = Endpoints::parse(sandbox.issuer(), sandbox.chatgpt()).unwrap();
    let issued = sandbox.issue_plan_usage(account);
    let first = Authorization {
        bearer: Bearer::AccessToken(Arc::new(AccessToken::new(issued.access_token))),
        account_id: Some(issued.client_id),
        fedramp: false,
        headers: Vec::new(),
        base: sandbox.platform().parse().unwrap(),
        expires_at: None,
    };
    let tokens = Arc::new(Tokens::starting_with(first));
    let seen = Arc::new(Seen::default());
    let config = BackendConfig::for_plan_usage(&OAuthProvider::chatgpt(endpoints.clone()));
    let backend = backend_of(config, &tokens, &seen);
    Fixture { sandbox, tokens, seen, plan: Plan("unknown".to_owned()), endpoints, backend }
}

pub(crate) fn backend(provider: &OAuthProvider, tokens: &Arc<Tokens>, seen: &Arc<Seen>) -> Backend {
    backend_of(BackendConfig::for_plan(provider), tokens, seen)
}

/// Makes a backend for the OpenAI API at `base`, with an API key.
pub(crate) fn api_backend(base: &str, key: &str) -> Backend {
    backend_with(base, Bearer::ApiKey(Arc::new(ApiKey::new(key))))
}

/// Makes a backend for the OpenAI API at `base`, with an API key or with nothing.
pub(crate) fn backend_with(base: &str, bearer: Bearer) -> Backend {
    let tokens = Tokens {
        first: Authorization {
            bearer,
            account_id: None,
            fedramp: false,
            headers: Vec::new(),
            base: base.parse().unwrap(),
            expires_at: None,
        },
        second: Mutex::new(Err(Failure::new(ErrorCode::InvalidKey, "there is no other key"))),
        refreshes: AtomicUsize::new(0),
    };
    let config = BackendConfig::for_api(&OPENAI_PLATFORM, Wire::Responses);
    backend_of(config, &Arc::new(tokens), &Arc::new(Seen::default()))
}

fn backend_of(config: BackendConfig, tokens: &Arc<Tokens>, seen: &Arc<Seen>) -> Backend {
    let http =
        HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([&tokens.first.base])).unwrap();
    let timeouts = Timeouts { lists: LONG, idle: LONG, response: LONG, ..Timeouts::default() };
    Backend::new(Arc::new(http), config, Arc::<Tokens>::clone(tokens), Arc::<Seen>::clone(seen))
        .with_timeouts(timeouts)
}

fn workspace(account: &str) -> &'static Workspace {
    let account = ACCOUNTS.iter().find(|known| known.key == account).unwrap();
    &account.workspaces[0]
}

/// Returns one token, and after a 401 the prepared one.
pub(crate) struct Tokens {
    pub(crate) first: Authorization,
    pub(crate) second: Mutex<Result<Authorization, Failure>>,
    pub(crate) refreshes: AtomicUsize,
}

impl Tokens {
    /// Makes a source that has no second token yet.
    fn starting_with(first: Authorization) -> Self {
        let none = Failure::new(ErrorCode::SignInReused, "no second token was prepared");
        Self { first, second: Mutex::new(Err(none)), refreshes: AtomicUsize::new(0) }
    }

    /// Prepares `token` for the next 401.
    pub(crate) fn prepare(&self, token: String) {
        let authorization = Authorization {
            bearer: Bearer::AccessToken(Arc::new(AccessToken::new(token))),
            ..self.first.clone()
        };
        *self.second.lock().unwrap() = Ok(authorization);
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes.load(Ordering::SeqCst)
    }
}

impl TokenSource for Tokens {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(async { Ok(self.first.clone()) })
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        assert!(used.bearer.matches(&self.first.bearer), "asked about a token that was not used");
        self.refreshes.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { self.second.lock().unwrap().clone() })
    }
}

/// What the observer received.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) usage: Mutex<Vec<Usage>>,
    pub(crate) etags: Mutex<Vec<String>>,
    /// Notified when usage arrives: the head of a response was received.
    pub(crate) head_received: Notify,
}

impl Observer for Seen {
    fn usage(&self, observed: ObservedUsage) {
        self.usage.lock().unwrap().push(observed.usage);
        self.head_received.notify_one();
    }

    fn models_etag(&self, etag: &str) {
        self.etags.lock().unwrap().push(etag.to_owned());
    }
}
