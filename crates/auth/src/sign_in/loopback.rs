//! Waits for one browser redirect on the loopback address (RFC 8252 §7.3).
//!
//! A redirect with a wrong `state` gets a 400 and is ignored, so a stray page cannot end a sign-in. Only the right
//! redirect can: there is no cancel path. Every connection is served on its own task, so idle connections that a
//! browser opens in advance cannot block the real one.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue,
    REFERRER_POLICY,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use usher_domain::{ErrorCode, Failure, MAX_NAME_CHARS, sanitize_line};

use super::authorization::{AuthorizationRequest, AuthorizationResponse};

/// Limits how long a connection may take to send its request head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after a failed accept: without a free file handle the next one would fail at once.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// More connections than any browser opens; further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 64;
const PAGE: &str = include_str!("callback_page.html");

/// The listener that receives the redirect.
pub(crate) struct LoopbackListener {
    v4: TcpListener,
    /// For browsers that resolve `localhost` to `::1` first. Best effort: the sign-in works without it as long as
    /// 127.0.0.1 is bound.
    v6: Option<TcpListener>,
    port: u16,
}

/// A port that another program uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyPort {
    /// The port.
    pub port: u16,
    /// The program that uses it, if the system reveals it.
    pub holder: Option<String>,
}

impl LoopbackListener {
    /// Binds the first free port of `ports`, and returns it with the busy ones before it.
    pub(crate) async fn bind(ports: &[u16]) -> Result<(Self, Vec<BusyPort>), Failure> {
        let mut busy = Vec::new();
        for &port in ports {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                Ok(v4) => {
                    let port = v4.local_addr().map_or(port, |address| address.port());
                    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
                    return Ok((Self { v4, v6, port }, busy));
                }
                Err(error) => {
                    tracing::info!(port, %error, "callback port not free");
                    busy.push(BusyPort { port, holder: port_holder(port) });
                }
            }
        }
        Err(Failure::new(ErrorCode::PortBusy, describe(&busy)))
    }

    /// Returns the bound port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the redirect of `request` has arrived and its page has been sent.
    ///
    /// Calls `on_foreign` for each redirect of another sign-in. Dropping the future closes the port.
    pub(crate) async fn wait_for_redirect(
        self,
        request: Arc<AuthorizationRequest>,
        path: &str,
        on_foreign: impl Fn() + Send + Sync + 'static,
    ) -> AuthorizationResponse {
        let (done, mut responses) = mpsc::channel(1);
        let callback = Arc::new(Callback {
            request,
            path: path.to_owned(),
            port: self.port,
            on_foreign: Box::new(on_foreign),
        });
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(response) = responses.recv() => return response,
                accepted = accept(&self.v4, self.v6.as_ref()), if connections.len() < MAX_CONNECTIONS => {
                    match accepted {
                        Ok(stream) => drop(connections.spawn(serve(stream, Arc::clone(&callback), done.clone()))),
                        // One connection failed, or no file handle was free for a moment; keep waiting.
                        Err(error) => {
                            tracing::warn!(%error, "a connection was not accepted");
                            tokio::time::sleep(ACCEPT_BACKOFF).await;
                        }
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// What a connection must send, and what to do with it.
struct Callback {
    request: Arc<AuthorizationRequest>,
    path: String,
    port: u16,
    on_foreign: Box<dyn Fn() + Send + Sync>,
}

async fn accept(v4: &TcpListener, v6: Option<&TcpListener>) -> io::Result<TcpStream> {
    let accepted = match v6 {
        Some(v6) => tokio::select! { accepted = v4.accept() => accepted, accepted = v6.accept() => accepted },
        None => v4.accept().await,
    };
    accepted.map(|(stream, _): (TcpStream, SocketAddr)| stream)
}

async fn serve(stream: TcpStream, callback: Arc<Callback>, done: mpsc::Sender<AuthorizationResponse>) {
    let received = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&received);
    let service = service_fn(move |request| {
        let (page, response) = callback.respond(&request);
        if response.is_some() {
            *slot.lock() = response;
        }
        async move { Ok::<_, Infallible>(page) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = connection {
        tracing::debug!(%error, "a callback connection ended early");
    }
    // Only now has the page been sent; ending the wait earlier could cut it off.
    let response = received.lock().take();
    if let Some(response) = response {
        // The receiver is gone when the sign-in was cancelled meanwhile.
        let _ = done.send(response).await;
    }
}

impl Callback {
    /// The page for a request, and the authorization response if the request carried one.
    fn respond(&self, request: &Request<Incoming>) -> (Response<Full<Bytes>>, Option<AuthorizationResponse>) {
        if !self.is_own_host(request) {
            return (page(StatusCode::FORBIDDEN, "Requests for other hosts are not allowed."), None);
        }
        if request.uri().path() != self.path {
            return (page(StatusCode::NOT_FOUND, "Page not found."), None);
        }
        if request.method() != Method::GET {
            let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, "Only GET requests are allowed.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return (refused, None);
        }
        let query = request.uri().query().unwrap_or_default();
        let response = self.request.parse_redirect(query);
        tracing::info!(
            has_code = query.contains("code="),
            has_state = query.contains("state="),
            state_valid = response.is_some(),
            "callback received"
        );
        let Some(response) = response else {
            (self.on_foreign)();
            let text = "This page belongs to another sign-in and was ignored.";
            return (page(StatusCode::BAD_REQUEST, text), None);
        };
        let text = match &response {
            AuthorizationResponse::Failed(_) => "You were not signed in.",
            AuthorizationResponse::Code(_) => "Almost done.",
        };
        (page(StatusCode::OK, text), Some(response))
    }

    /// Guards against DNS rebinding: a web page whose name resolves to this computer still sends its own `Host`.
    fn is_own_host(&self, request: &Request<Incoming>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let ours = |host: &[u8]| {
            let names = ["127.0.0.1", "localhost", "[::1]"];
            names.iter().any(|name| host == format!("{name}:{}", self.port).as_bytes())
        };
        // A request line in absolute form overrides `Host` (RFC 9112 §3.2.2).
        ours(host.as_bytes()) && request.uri().authority().is_none_or(|named| ours(named.as_str().as_bytes()))
    }
}

/// A fixed page with one fixed sentence; it echoes nothing of the request.
fn page(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CACHE_CONTROL, "no-store")
        .header(REFERRER_POLICY, "no-referrer")
        .header(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        )
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(PAGE.replace("{words}", text))))
        .expect("names and values of the headers are constants of this function")
}

/// Returns the program that listens on `port`, if the system reveals it.
pub fn port_holder(port: u16) -> Option<String> {
    let process = listeners::get_process_by_port(port, listeners::Protocol::TCP).ok()?;
    Some(format!("{} (process {})", sanitize_line(&process.name, MAX_NAME_CHARS), process.pid))
}

fn describe(busy: &[BusyPort]) -> String {
    let one = |busy: &BusyPort| match &busy.holder {
        Some(holder) => format!("port {} is used by {holder}", busy.port),
        None => format!("port {} is used by another program", busy.port),
    };
    busy.iter().map(one).collect::<Vec<_>>().join(", and ")
}
