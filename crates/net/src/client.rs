//! The client.

use std::path::PathBuf;
use std::sync::{Arc, Once, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::Url;
use usher_domain::{ErrorCode, Failure, is_loopback};

use crate::error::{Dispatch, Unresolved};
use crate::patience::patiently;
use crate::pieces::Pieces;
use crate::roots::{Roots, roots};
use crate::{AllowedHosts, Answer, Call, NetError, ProxyInForce};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);

/// What the surroundings say about the network; read once, at the edge.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `SSL_CERT_FILE`: authorities to trust beside the system's.
    pub extra_certificates: Option<PathBuf>,
}

/// Speaks to allowed hosts, with our own `User-Agent`.
pub struct HttpClient {
    /// Loopback never goes through a proxy, whatever the environment says.
    direct: reqwest::Client,
    /// The same with trust anchors. Made when a service of this computer first wants TLS: reading the anchors
    /// takes longer than most answers of this computer, which hardly ever need them.
    direct_tls: OnceLock<reqwest::Client>,
    outward: reqwest::Client,
    roots: Roots,
    proxy: ProxyInForce,
    hosts: RwLock<AllowedHosts>,
}

impl HttpClient {
    /// A client for `hosts`.
    pub fn new(environment: &Environment, hosts: AllowedHosts) -> Result<Self, Failure> {
        use_ring();
        let roots = roots(environment.extra_certificates.as_deref())?;
        Ok(Self {
            direct: build(builder().no_proxy().tls_certs_only([]))?,
            direct_tls: OnceLock::new(),
            outward: build(trusting(builder(), &roots))?,
            roots,
            proxy: ProxyInForce::from_system(),
            hosts: RwLock::new(hosts),
        })
    }

    /// The hosts that may be spoken to.
    pub fn hosts(&self) -> AllowedHosts {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on these hosts may be spoken to, and no others.
    pub fn allow(&self, hosts: AllowedHosts) {
        // The value is replaced whole, so a panic elsewhere cannot have left half of one.
        *self.hosts.write().unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    /// Sends `call` once and returns as soon as the head of the answer is in.
    pub async fn send(&self, call: Call) -> Result<Answer, NetError> {
        self.check(&call.url).map_err(NetError::refused)?;
        let host = call.url.host_str().unwrap_or_default().to_owned();
        let client = self.client_for(&call.url).map_err(NetError::refused)?;
        let proxy = self.proxy.of(&call.url);
        tracing::debug!(method = %call.method, host, path = call.url.path(), "sending");
        let request = client.request(call.method, call.url).headers(call.headers).body(body(call.body));
        let Some(sent) = patiently(call.patience, request.send()).await else {
            return Err(NetError::silent(&host));
        };
        let answer = sent.map_err(|error| NetError::from_client(&error, &host, proxy.as_deref()))?;
        tracing::debug!(host, status = answer.status().as_u16(), "answered");
        self.check_redirect(&answer, &host)?;
        Ok(Answer::new(answer, host, call.patience))
    }

    fn check(&self, url: &Url) -> Result<(), Failure> {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner).check(url)
    }

    /// A redirect is never followed. One to a host that may not be spoken to is refused by that host's name, because
    /// it is what a wrong address or a captive portal looks like; any other is the caller's to make sense of.
    fn check_redirect(&self, answer: &reqwest::Response, host: &str) -> Result<(), NetError> {
        if !answer.status().is_redirection() {
            return Ok(());
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(target) = location.and_then(|text| answer.url().join(text).ok()) else { return Ok(()) };
        self.check(&target).map_err(|refused| {
            let failure = Failure::new(refused.code, format!("{host} sends on to another host: {refused}"));
            NetError { failure, dispatch: Dispatch::Possible }
        })
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        match (is_loopback(url), url.scheme()) {
            (false, _) => Ok(&self.outward),
            (true, "https") => {
                if let Some(client) = self.direct_tls.get() {
                    return Ok(client);
                }
                let client = build(trusting(builder().no_proxy(), &self.roots))?;
                // Two at once make two; the first one in stays.
                Ok(self.direct_tls.get_or_init(|| client))
            }
            (true, _) => Ok(&self.direct),
        }
    }
}

/// `pieces` as one body.
fn body(mut pieces: Vec<Bytes>) -> reqwest::Body {
    match pieces.len() {
        0 | 1 => pieces.pop().unwrap_or_default().into(),
        _ => reqwest::Body::wrap(Pieces::new(pieces)),
    }
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Failure> {
    builder
        .build()
        .map_err(|error| Failure::new(ErrorCode::Tls, format!("the HTTP client could not be made: {error}")))
}

fn trusting(builder: reqwest::ClientBuilder, roots: &Roots) -> reqwest::ClientBuilder {
    match roots {
        Roots::System => builder,
        Roots::Only(certificates) => builder.tls_certs_only(certificates.clone()),
        Roots::SystemAnd(certificates) => builder.tls_certs_merge(certificates.clone()),
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(format!(
            "usher/{} ({}; {})",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ))
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .dns_resolver(Arc::new(SystemResolver))
}

/// reqwest is built without a default provider; ring is lighter to build than the other choice.
fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that another part of the process chose already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The system's resolver, with a failure that can be told from others by type.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let looked_up = tokio::net::lookup_host((host.clone(), 0)).await;
            match looked_up {
                Ok(found) => Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs),
                Err(why) => Err(Box::new(Unresolved { host, why }) as _),
            }
        })
    }
}
