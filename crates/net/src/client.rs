//! The HTTP client of the process.

use std::path::PathBuf;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use parking_lot::RwLock;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::Url;
use usher_domain::{ErrorCode, Failure, is_loopback};

use crate::chunked_body::ChunkedBody;
use crate::error::{Delivery, DnsError, root_cause};
use crate::timeout::with_timeout;
use crate::trust_roots::{CertificateVariables, TrustRoots, load_roots};
use crate::{AllowedHosts, HttpRequest, HttpResponse, NetError, ProxyPreference, ProxySettings};

/// The longest time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many unused connections to a host stay open for the next requests. Each takes 40 kB and more of memory for a minute
/// and a half; more than so many are left of many requests at once, which are not soon followed by as many.
const MAX_IDLE_CONNECTIONS: usize = 64;

/// The network settings of the environment and of the person.
#[derive(Clone, Default)]
pub struct NetworkConfig {
    /// Files of certificate authorities to trust in addition to the system's: that of `SSL_CERT_FILE`, and the person's.
    pub extra_certificates: Vec<PathBuf>,
    /// What the person chose for proxies.
    pub proxy: ProxyPreference,
}

impl NetworkConfig {
    fn is_same(&self, other: &Self) -> bool {
        self.extra_certificates == other.extra_certificates && self.proxy.is_same(&other.proxy)
    }
}

/// Sends requests to allowed hosts, with Usher's own `User-Agent`.
pub struct HttpClient {
    /// Replaced as a whole when the settings change; requests that run keep theirs.
    clients: RwLock<Arc<Clients>>,
    hosts: RwLock<AllowedHosts>,
}

/// The clients of one configuration.
struct Clients {
    config: NetworkConfig,
    /// For loopback addresses, which never go through a proxy, whatever the environment says.
    direct: reqwest::Client,
    /// The same with trust anchors. Built when a local service first needs TLS: reading the anchors takes longer than
    /// most local responses, and local services rarely use TLS.
    direct_tls: OnceLock<reqwest::Client>,
    remote: reqwest::Client,
    roots: TrustRoots,
    proxy: ProxySettings,
}

impl HttpClient {
    /// Returns a client that may send to `hosts`.
    pub fn new(config: &NetworkConfig, hosts: AllowedHosts) -> Result<Self, Failure> {
        install_crypto_provider();
        let clients = RwLock::new(Arc::new(Clients::new(config)?));
        Ok(Self { clients, hosts: RwLock::new(hosts) })
    }

    /// Takes over `config` from the next request on, if it is another one. A failure changes nothing.
    pub fn configure(&self, config: &NetworkConfig) -> Result<(), Failure> {
        if self.clients.read().config.is_same(config) {
            return Ok(());
        }
        // Built without the lock: reading trust anchors takes a while. Of two at once the last one stays.
        let clients = Arc::new(Clients::new(config)?);
        *self.clients.write() = clients;
        Ok(())
    }

    /// Returns the allowed hosts.
    pub fn hosts(&self) -> AllowedHosts {
        self.hosts.read().clone()
    }

    /// Replaces the allowed hosts.
    pub fn allow(&self, hosts: AllowedHosts) {
        *self.hosts.write() = hosts;
    }

    /// Sends `request` once and returns when the head of the response has arrived.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NetError> {
        self.check(&request.url).map_err(NetError::before_sending)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let clients = Arc::clone(&self.clients.read());
        let client = clients.client_for(&request.url).map_err(NetError::before_sending)?;
        let proxy = clients.proxy.used_for(&request.url);
        let ignored = clients.proxy.ignored_for(&request.url);
        tracing::debug!(method = %request.method, host, path = request.url.path(), "sending");
        let timeout = request.timeout;
        let sending = client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(body(request.body))
            .send();
        let Some(sent) = with_timeout(timeout, sending).await else {
            return Err(NetError::timed_out(&host));
        };
        let response = sent.map_err(|error| NetError::from_client(error, &host, proxy.as_ref(), ignored))?;
        tracing::debug!(host, status = response.status().as_u16(), "answered");
        self.check_redirect(&response, &host)?;
        Ok(HttpResponse::new(response, host, timeout))
    }

    fn check(&self, url: &Url) -> Result<(), Failure> {
        self.hosts.read().check(url)
    }

    /// Rejects a redirect to a host that is not allowed.
    ///
    /// The error names that host, because a wrong address or a captive portal looks like this. Redirects are never
    /// followed; one to an allowed host is returned to the caller.
    fn check_redirect(&self, response: &reqwest::Response, host: &str) -> Result<(), NetError> {
        if !response.status().is_redirection() {
            return Ok(());
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let Some(target) = location.and_then(|text| response.url().join(text).ok()) else { return Ok(()) };
        self.check(&target).map_err(|rejected| {
            let failure =
                Failure::new(rejected.code, format!("{host} redirects to another host: {rejected}"));
            NetError { failure, delivery: Delivery::MaybeSent }
        })
    }
}

impl Clients {
    fn new(config: &NetworkConfig) -> Result<Self, Failure> {
        let roots = load_roots(&config.extra_certificates, &CertificateVariables::read())?;
        let proxy = ProxySettings::from_system(&config.proxy);
        let for_client = proxy.clone();
        let through_proxy = reqwest::Proxy::custom(move |url| for_client.address_for(url));
        Ok(Self {
            config: config.clone(),
            direct: build(builder().no_proxy().tls_certs_only([]))?,
            direct_tls: OnceLock::new(),
            // Given to it, because by itself it would read the variables in another way.
            remote: build(with_roots(builder().no_proxy().proxy(through_proxy), &roots))?,
            roots,
            proxy,
        })
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        match (is_loopback(url), url.scheme()) {
            (false, _) => Ok(&self.remote),
            (true, "https") => {
                if let Some(client) = self.direct_tls.get() {
                    return Ok(client);
                }
                let client = build(with_roots(builder().no_proxy(), &self.roots))?;
                // Two concurrent calls build two; the first one is kept.
                Ok(self.direct_tls.get_or_init(|| client))
            }
            (true, _) => Ok(&self.direct),
        }
    }
}

/// Joins `chunks` into one body.
fn body(mut chunks: Vec<Bytes>) -> reqwest::Body {
    match chunks.len() {
        0 | 1 => chunks.pop().unwrap_or_default().into(),
        _ => reqwest::Body::wrap(ChunkedBody::new(chunks)),
    }
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Failure> {
    builder.build().map_err(|error| {
        let cause = format!("the HTTP client could not be made: {}", root_cause(&error));
        Failure::new(ErrorCode::Tls, cause).with_source(error)
    })
}

fn with_roots(builder: reqwest::ClientBuilder, roots: &TrustRoots) -> reqwest::ClientBuilder {
    match roots {
        TrustRoots::System => builder,
        TrustRoots::Custom(certificates) => builder.tls_certs_only(certificates.clone()),
        TrustRoots::SystemAnd(certificates) => builder.tls_certs_merge(certificates.clone()),
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
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .dns_resolver(Arc::new(SystemResolver))
}

/// Installs ring as the crypto provider: reqwest is built without one, and ring builds faster than the alternative.
fn install_crypto_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that another part of the process has installed one, which works as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The system's resolver, with an error type of its own, so that DNS failures are recognized by type.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let looked_up = tokio::net::lookup_host((host.clone(), 0)).await;
            match looked_up {
                Ok(found) => Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs),
                Err(why) => Err(Box::new(DnsError { host, source: why }) as _),
            }
        })
    }
}

#[cfg(test)]
mod tests;
