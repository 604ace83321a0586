//! The client.

use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use usher_domain::{ErrorCode, Failure, is_loopback};

use crate::error::Unresolved;
use crate::patience::patiently;
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
    outward: reqwest::Client,
    proxy: ProxyInForce,
    hosts: AllowedHosts,
}

impl HttpClient {
    /// A client for `hosts`.
    pub fn new(environment: &Environment, hosts: AllowedHosts) -> Result<Self, Failure> {
        use_ring();
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| {
                Failure::new(ErrorCode::Tls, format!("the HTTP client could not be made: {error}"))
            })
        };
        let roots = roots(environment.extra_certificates.as_deref())?;
        let trusting = |builder: reqwest::ClientBuilder| match &roots {
            Roots::System => builder,
            Roots::Only(certificates) => builder.tls_certs_only(certificates.clone()),
            Roots::SystemAnd(certificates) => builder.tls_certs_merge(certificates.clone()),
        };
        let direct = builder().no_proxy();
        // Reading trust anchors takes longer than most answers of this computer, which hardly ever need them.
        let direct = if hosts.any_tls_on_loopback() { trusting(direct) } else { direct.tls_certs_only([]) };
        let outward = trusting(builder());
        Ok(Self {
            direct: build(direct)?,
            outward: build(outward)?,
            proxy: ProxyInForce::from_system(),
            hosts,
        })
    }

    /// The hosts that may be spoken to.
    pub fn hosts(&self) -> &AllowedHosts {
        &self.hosts
    }

    /// Sends `call` once and returns as soon as the head of the answer is in.
    pub async fn send(&self, call: Call) -> Result<Answer, NetError> {
        self.hosts.check(&call.url).map_err(NetError::refused)?;
        let host = call.url.host_str().unwrap_or_default().to_owned();
        let client = if is_loopback(&call.url) { &self.direct } else { &self.outward };
        let proxy = self.proxy.of(&call.url);
        tracing::debug!(method = %call.method, host, path = call.url.path(), "sending");
        // Handed over with its owner, which wipes it when the client is through with it.
        let body = Bytes::from_owner(call.body);
        let request = client.request(call.method, call.url).headers(call.headers).body(body);
        let Some(sent) = patiently(call.patience, request.send()).await else {
            return Err(NetError::silent(&host));
        };
        let answer = sent.map_err(|error| NetError::from_client(&error, &host, proxy.as_deref()))?;
        tracing::debug!(host, status = answer.status().as_u16(), "answered");
        Ok(Answer::new(answer, host, call.patience))
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
