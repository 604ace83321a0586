//! A gateway whose passes and providers a test chooses.

mod meaning;
mod scripted_service;
mod wire;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use usher_domain::ports::{Authorization, BoxFuture, TokenSource};
use usher_domain::{ErrorCode, Failure, Model, Pass, PassScope, ProviderId, UnixTime};
use usher_gateway::{Gateway, GatewayHost, Limits, PassRejected, RequestLog, Route};
use usher_net::{AllowedHosts, HttpClient, NetworkConfig};
use usher_upstream::{Backend, BackendConfig, Observer};

pub(crate) use self::meaning::{End, Meaning};
pub(crate) use self::scripted_service::{Answer, ScriptedService};
pub(crate) use self::wire::{
    DONE, call_item, chunk, completed, created, event, message_events, message_item, reason, usage,
};

const NOW: UnixTime = UnixTime(1_800_000_000);

struct NoObserver;

impl Observer for NoObserver {
    fn usage(&self, _: usher_upstream::ObservedUsage) {}
    fn models_etag(&self, _: &str) {}
}

struct FixedToken(Authorization);

impl TokenSource for FixedToken {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(async { Ok(self.0.clone()) })
    }

    fn after_unauthorized<'a>(
        &'a self,
        _: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        self.authorization()
    }
}

/// Accepts a pass for each of its routes, whose secret and id is the route's name.
struct Host {
    routes: HashMap<&'static str, Route>,
    /// All passes are revoked.
    revoked: Arc<AtomicBool>,
}

impl GatewayHost for Host {
    fn authenticate<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, PassRejected>> {
        let is_known = self.routes.contains_key(presented);
        let pass = Pass {
            id: presented.into(),
            name: presented.into(),
            scope: PassScope::default(),
            created_at: UnixTime(0),
            expires_at: None,
            run: None,
        };
        Box::pin(async move { if is_known { Ok(Arc::new(pass)) } else { Err(PassRejected::Unknown) } })
    }

    fn route<'a>(&'a self, pass: &'a Pass, _: &'a str) -> BoxFuture<'a, Result<Route, Failure>> {
        Box::pin(async { Ok(self.routes[pass.id.as_str()].clone()) })
    }

    fn models<'a>(&'a self, _: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn authorization<'a>(&'a self, _: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>> {
        unreachable!("no test requests a token")
    }

    fn revocation<'a>(&'a self, _: &'a Pass, _: Option<&'a Route>) -> BoxFuture<'a, Option<Failure>> {
        let revoked = self.revoked.load(Ordering::Relaxed);
        let failure = revoked.then(|| Failure::new(ErrorCode::AccessDenied, "the pass was revoked"));
        Box::pin(async { failure })
    }
}

/// Returns the route to the server that `authorization` is for.
pub(crate) fn route(config: BackendConfig, authorization: Authorization, model: &str) -> Route {
    let hosts = AllowedHosts::from_urls([&authorization.base]);
    let http = HttpClient::new(&NetworkConfig::default(), hosts).unwrap();
    let wire = config.wire;
    let tokens = Arc::new(FixedToken(authorization));
    Route {
        backend: Arc::new(Backend::new(Arc::new(http), config, tokens, Arc::new(NoObserver))),
        provider: ProviderId::of_kind("chatgpt"),
        provider_name: "OpenAI".into(),
        account: "ada".into(),
        account_name: Some("ada@example.com".into()),
        paid_by: "plan",
        uses_api_key: false,
        wire,
        model: Model { id: model.into(), ..Model::default() },
        effort: None,
        tier: None,
    }
}

/// A running gateway.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<RequestLog>,
    /// All passes are revoked.
    pub(crate) revoked: Arc<AtomicBool>,
    /// Dropping it shuts the gateway down.
    pub(crate) shutdown: oneshot::Sender<()>,
}

/// Starts a gateway with a pass for each of `routes`.
pub(crate) async fn serve(routes: HashMap<&'static str, Route>, limits: Limits) -> Served {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let log: Arc<RequestLog> = Arc::default();
    let revoked: Arc<AtomicBool> = Arc::default();
    let host = Arc::new(Host { routes, revoked: Arc::clone(&revoked) });
    let gateway = Gateway::new(host, Arc::new(|| NOW)).limits(limits).log(Arc::clone(&log));
    let (shutdown, dropped) = oneshot::channel();
    tokio::spawn(gateway.run(vec![listener], async {
        let _: Result<(), _> = dropped.await;
    }));
    Served { address, log, revoked, shutdown }
}
