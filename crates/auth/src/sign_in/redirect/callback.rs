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
use url::Url;
use usher_domain::{ErrorCode, Failure};

use super::launch_page::{LaunchPages, Visit};
use super::loopback_names::LoopbackNames;
use super::peer_user::Ends;
use super::result_page::SignInResult;
use crate::sign_in::authorization::{AuthorizationRequest, AuthorizationResponse};

const PAGE: &str = include_str!("callback_page.html");
/// The shortest time between two reports of foreign redirects, of which a web page can send any number.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// The headers by which browsers mark a request that nobody has made yet.
const PREFETCH_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

const GO_BACK: &str = "You can close this tab and go back to Usher.";

/// The answer to a request.
pub(super) enum Reply {
    Page(Response<Full<Bytes>>),
    /// The sign-in has failed, and the page says so.
    Failed(Response<Full<Bytes>>, AuthorizationResponse),
    /// The code of the sign-in. Its page is [`result_page`].
    Code(AuthorizationResponse),
}

/// What a connection must send, and what to do with it.
pub(super) struct Callback {
    pub(super) request: Arc<AuthorizationRequest>,
    pub(super) launch_pages: LaunchPages,
    pub(super) path: String,
    pub(super) port: u16,
    pub(super) names: LoopbackNames,
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
    /// Returns the page for a request, and the authorization response if the request carried one.
    pub(super) fn respond(&self, request: &Request<Incoming>, ends: Option<Ends>) -> Reply {
        if !self.is_own_host(request) {
            return Reply::Page(page(StatusCode::FORBIDDEN, "Requests for other hosts are not allowed."));
        }
        let visit = match self.launch_pages.find(request.uri().path()) {
            None if request.uri().path() != self.path => {
                return Reply::Page(page(StatusCode::NOT_FOUND, "Page not found."));
            }
            visit => visit,
        };
        if request.method() != Method::GET {
            let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, "Only GET requests are allowed.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return Reply::Page(refused);
        }
        // Answered, it would use up what the page itself is then asked for.
        if is_prefetch(request) {
            return Reply::Page(page(StatusCode::SERVICE_UNAVAILABLE, "This page is not loaded in advance."));
        }
        match visit {
            Some(visit) => self.launch(&visit, ends),
            None => self.redirect(request.uri().query().unwrap_or_default()),
        }
    }

    fn redirect(&self, query: &str) -> Reply {
        let Some(response) = self.request.parse_redirect(query) else {
            self.foreign.note();
            let text = "This page belongs to another sign-in and was ignored.";
            return Reply::Page(page(StatusCode::BAD_REQUEST, text));
        };
        tracing::info!("callback received");
        match &response {
            AuthorizationResponse::Failed(_) => {
                Reply::Failed(result_page(&SignInResult::NotSignedIn), response)
            }
            AuthorizationResponse::Code(_) => Reply::Code(response),
        }
    }

    /// Sends the first visitor on to the sign-in page. A second one voids the sign-in, because then the first may have
    /// been another program, which knows the address now.
    fn launch(&self, visit: &Visit, ends: Option<Ends>) -> Reply {
        if self.launch_pages.is_first(visit) {
            let mut sent_on = page(StatusCode::SEE_OTHER, "Go on to the sign-in page.");
            let address = HeaderValue::from_str(self.page_for(ends).as_str());
            sent_on.headers_mut().insert(LOCATION, address.expect("an address is printable ASCII"));
            return Reply::Page(sent_on);
        }
        let cause = "the page that opens the browser was asked for twice; \
                     another program on this computer may have asked for it";
        let text = "This sign-in was stopped because its page was opened twice. Start again in Usher.";
        let stopped = AuthorizationResponse::Failed(Failure::new(ErrorCode::Cancelled, cause));
        Reply::Failed(page(StatusCode::GONE, text), stopped)
    }

    /// Returns the sign-in page; with its hints for programs of this user only, because one of them is a credential
    /// (siwc §3).
    fn page_for(&self, ends: Option<Ends>) -> &Url {
        let AuthorizationRequest { url, shown_url, .. } = &*self.request;
        if url == shown_url || ends.is_some_and(Ends::are_of_this_user) { url } else { shown_url }
    }

    /// Guards against DNS rebinding: a web page whose name resolves to this computer still sends its own `Host`.
    fn is_own_host(&self, request: &Request<Incoming>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let ours = |host: &[u8]| {
            let hosts = self.names.hosts();
            hosts.iter().any(|name| host == format!("{name}:{}", self.port).as_bytes())
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

/// Returns the page for the result of a sign-in. It echoes nothing of the request.
pub(super) fn result_page(result: &SignInResult) -> Response<Full<Bytes>> {
    match result {
        SignInResult::SignedIn(who) => html(StatusCode::OK, "You are signed in.", &[who, GO_BACK]),
        SignInResult::NotSignedIn => {
            html(StatusCode::OK, "You were not signed in.", &["Go back to Usher to try again."])
        }
        SignInResult::AlmostDone => html(StatusCode::OK, "Almost done.", &[GO_BACK]),
    }
}

/// Returns a fixed page with one fixed sentence; it echoes nothing of the request.
fn page(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    html(status, text, &[GO_BACK])
}

fn html(status: StatusCode, title: &str, lines: &[&str]) -> Response<Full<Bytes>> {
    let lines: Vec<String> = lines.iter().map(|line| format!("<p>{}</p>", escape_html(line))).collect();
    // The lines last: what they contain is not looked at again.
    let text = PAGE.replacen("{title}", &escape_html(title), 1).replacen("{text}", &lines.join("\n"), 1);
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CACHE_CONTROL, "no-store")
        .header(REFERRER_POLICY, "no-referrer")
        .header(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
        )
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(text)))
        .expect("names and values of the headers are constants of this function")
}

/// Escapes text for an element or an attribute.
fn escape_html(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, one| {
        match one {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            one => html.push(one),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_name_is_text_on_the_page() {
        assert_eq!(escape_html("<b>\"Ada's\" & co"), "&lt;b&gt;&quot;Ada&#39;s&quot; &amp; co");
    }
}
