//! The responses of the callback port: the one right redirect, the page that a browser is started with, and refusals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue, LOCATION,
    REFERRER_POLICY,
};
use hyper::{Method, Request, Response, StatusCode};
use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure};

use super::authorization::{AuthorizationRequest, AuthorizationResponse};
use super::launch_page::{LaunchPages, Visit};

const PAGE: &str = include_str!("callback_page.html");
/// The shortest time between two reports of foreign redirects, of which a web page can send any number.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// The headers by which browsers mark a request that nobody has made yet.
const PREFETCH_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// What a connection must send, and what to do with it.
pub(super) struct Callback {
    pub(super) request: Arc<AuthorizationRequest>,
    pub(super) launch_pages: LaunchPages,
    pub(super) path: String,
    pub(super) port: u16,
    pub(super) foreign: ForeignRedirects,
}

/// Reports redirects of other sign-ins, at most one a second.
pub(super) struct ForeignRedirects {
    report: Box<dyn Fn() + Send + Sync>,
    last: Mutex<Option<Instant>>,
}

impl ForeignRedirects {
    pub(super) fn new(report: impl Fn() + Send + Sync + 'static) -> Self {
        Self { report: Box::new(report), last: Mutex::new(None) }
    }

    fn note(&self) {
        let mut last = self.last.lock();
        if last.is_some_and(|last| last.elapsed() < REPORT_INTERVAL) {
            return;
        }
        *last = Some(Instant::now());
        drop(last);
        tracing::info!("a callback with another state was ignored");
        (self.report)();
    }
}

impl Callback {
    /// The page for a request, and the authorization response if the request carried one.
    pub(super) fn respond(
        &self,
        request: &Request<Incoming>,
    ) -> (Response<Full<Bytes>>, Option<AuthorizationResponse>) {
        if !self.is_own_host(request) {
            return (page(StatusCode::FORBIDDEN, "Requests for other hosts are not allowed."), None);
        }
        let visit = match self.launch_pages.find(request.uri().path()) {
            None if request.uri().path() != self.path => {
                return (page(StatusCode::NOT_FOUND, "Page not found."), None);
            }
            visit => visit,
        };
        if request.method() != Method::GET {
            let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, "Only GET requests are allowed.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return (refused, None);
        }
        // Answered, it would use up what the page itself is then asked for.
        if is_prefetch(request) {
            return (page(StatusCode::SERVICE_UNAVAILABLE, "This page is not loaded in advance."), None);
        }
        match visit {
            Some(visit) => self.launch(&visit),
            None => self.redirect(request.uri().query().unwrap_or_default()),
        }
    }

    fn redirect(&self, query: &str) -> (Response<Full<Bytes>>, Option<AuthorizationResponse>) {
        let Some(response) = self.request.parse_redirect(query) else {
            self.foreign.note();
            let text = "This page belongs to another sign-in and was ignored.";
            return (page(StatusCode::BAD_REQUEST, text), None);
        };
        tracing::info!("callback received");
        let text = match &response {
            AuthorizationResponse::Failed(_) => "You were not signed in.",
            AuthorizationResponse::Code(_) => "Almost done.",
        };
        (page(StatusCode::OK, text), Some(response))
    }

    /// Sends the first visitor on to the sign-in page. A second one voids the sign-in, because then the first may have
    /// been another program, which knows the address now.
    fn launch(&self, visit: &Visit) -> (Response<Full<Bytes>>, Option<AuthorizationResponse>) {
        if self.launch_pages.is_first(visit) {
            let mut sent_on = page(StatusCode::SEE_OTHER, "Go on to the sign-in page.");
            let address = HeaderValue::from_str(self.request.url.as_str());
            sent_on.headers_mut().insert(LOCATION, address.expect("an address is printable ASCII"));
            return (sent_on, None);
        }
        let cause = "the page that opens the browser was asked for twice; \
                     another program on this computer may have asked for it";
        let text = "This sign-in was stopped because its page was opened twice. Start again in Usher.";
        let stopped = AuthorizationResponse::Failed(Failure::new(ErrorCode::Cancelled, cause));
        (page(StatusCode::GONE, text), Some(stopped))
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

fn is_prefetch(request: &Request<Incoming>) -> bool {
    let marks = PREFETCH_HEADERS.iter().filter_map(|name| request.headers().get(*name)?.to_str().ok());
    marks.into_iter().any(|mark| {
        let mark = mark.to_ascii_lowercase();
        ["prefetch", "preview", "prerender"].iter().any(|kind| mark.contains(kind))
    })
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
