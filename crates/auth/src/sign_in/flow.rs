//! One sign-in, as its steps: listen, ask, open, wait; then `token_exchange.rs`: exchange, read who it is, keep.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use url::Url;
use usher_domain::ports::Clock;
use usher_domain::{Account, ErrorCode, Failure, OAuthProvider, RedirectHost, UnixTime};
use usher_net::HttpClient;

use super::authorization::{AuthorizationRequest, AuthorizationResponse};
use super::device::{self, DeviceEndpoint};
use super::loopback::{BusyPort, LoopbackListener};
use super::token_exchange::{CodeGrant, TokenExchange};
use crate::platform::blocking::run_blocking;
use crate::store::Store;
use crate::tokens::endpoint::TokenEndpoint;
use crate::tokens::revocation::Revocation;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// The browser, answering to a port of this computer named in this form.
    Browser(RedirectHost),
    /// The browser, with the redirected address pasted back; no port is needed.
    Paste,
    /// A code entered on any device.
    Device,
}

/// What happens on the way, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInProgress {
    /// The page to open; the wait ends at `until`.
    OpenBrowser {
        /// The authorize page.
        url: Url,
        /// When the wait ends.
        until: UnixTime,
    },
    /// The first port was taken; `using` is used instead.
    PortTaken {
        /// The one that was taken, and by whom.
        busy: BusyPort,
        /// The one that is used.
        using: u16,
    },
    /// The code to enter at `url`.
    UserCode {
        /// As the server made it.
        user_code: String,
        /// Where to enter it.
        url: Url,
        /// When it ends.
        until: UnixTime,
    },
    /// An answer of another sign-in came and was ignored.
    ForeignRedirectIgnored,
    /// The answer is in.
    Exchanging,
}

/// A redirected address that the person pasted, and where to say whether it was one.
pub type PastedRedirect = (String, oneshot::Sender<Result<(), Failure>>);

/// Signs in to one provider.
pub struct SignInFlow {
    provider: OAuthProvider,
    device: DeviceEndpoint,
    exchange: Arc<TokenExchange>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

type OnProgress = Arc<dyn Fn(SignInProgress) + Send + Sync>;

impl SignInFlow {
    /// A flow for `provider`, keeping what it gets in `store`.
    pub fn new(
        provider: OAuthProvider,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        revocation: Arc<Revocation>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let exchange = Arc::new(TokenExchange {
            endpoints: provider.endpoints.clone(),
            tokens: TokenEndpoint::new(Arc::clone(&http), provider.clone()),
            store: Arc::clone(&store),
            revocation,
            clock: Arc::clone(&clock),
            under_way: Arc::default(),
        });
        let device = DeviceEndpoint::new(http, provider.clone());
        Self { provider, device, exchange, store, clock }
    }

    /// Signs in, waiting for the person for at most `timeout`, and for a device code at most its own fifteen
    /// minutes. Nothing is kept unless all of it went well.
    /// Dropping the future ends the attempt and closes its port; a grant that it has already is ended too.
    pub async fn run(
        &self,
        way: FlowKind,
        timeout: Duration,
        choose_account: bool,
        mut pasted: mpsc::Receiver<PastedRedirect>,
        on_progress: OnProgress,
    ) -> Result<Account, Failure> {
        self.store_is_usable().await?;
        let grant = match way {
            FlowKind::Browser(host) => {
                self.by_browser(host, timeout, choose_account, &mut pasted, &on_progress).await?
            }
            FlowKind::Paste => self.by_pasting(timeout, choose_account, &mut pasted, &on_progress).await?,
            FlowKind::Device => self.by_device(timeout, &on_progress).await?,
        };
        on_progress(SignInProgress::Exchanging);
        self.exchange.run(grant).await
    }

    /// Waits until no code is being exchanged. A program does so before it ends: a grant that is on its way back
    /// would be left alive at the server, also after a cancelled sign-in.
    pub async fn wait_idle(&self) {
        drop(self.exchange.under_way.write().await);
    }

    /// A sign-in that could not be kept would be the person's trouble for nothing.
    async fn store_is_usable(&self) -> Result<(), Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.check()).await
    }

    async fn by_browser(
        &self,
        host: RedirectHost,
        timeout: Duration,
        choose_account: bool,
        pasted: &mut mpsc::Receiver<PastedRedirect>,
        on_progress: &OnProgress,
    ) -> Result<CodeGrant, Failure> {
        let (listener, busy) = LoopbackListener::bind(&self.provider.callback_ports).await?;
        if let Some(first) = busy.into_iter().next() {
            on_progress(SignInProgress::PortTaken { busy: first, using: listener.port() });
        }
        let request = AuthorizationRequest::new(&self.provider, host, listener.port(), choose_account)?;
        let request = Arc::new(request);
        let until = self.announce(&request, timeout, on_progress);
        let on_foreign = {
            let on_progress = Arc::clone(on_progress);
            move || on_progress(SignInProgress::ForeignRedirectIgnored)
        };
        let redirected = listener.answer(Arc::clone(&request), &self.provider.callback_path, on_foreign);
        let response = tokio::select! {
            response = redirected => response,
            response = pasted_answer(&request, pasted) => response,
            () = tokio::time::sleep_until(until) => return Err(too_late(timeout)),
        };
        granted(&request, response)
    }

    async fn by_pasting(
        &self,
        timeout: Duration,
        choose_account: bool,
        pasted: &mut mpsc::Receiver<PastedRedirect>,
        on_progress: &OnProgress,
    ) -> Result<CodeGrant, Failure> {
        let port = self.provider.callback_ports.first().copied().unwrap_or_default();
        let request = AuthorizationRequest::new(&self.provider, RedirectHost::Ip, port, choose_account)?;
        let until = self.announce(&request, timeout, on_progress);
        let response = tokio::select! {
            response = pasted_answer(&request, pasted) => response,
            () = tokio::time::sleep_until(until) => return Err(too_late(timeout)),
        };
        granted(&request, response)
    }

    async fn by_device(&self, timeout: Duration, on_progress: &OnProgress) -> Result<CodeGrant, Failure> {
        let device = self.device.begin().await?;
        let timeout = timeout.min(device::CODE_LIFETIME);
        let until = Instant::now() + timeout;
        on_progress(SignInProgress::UserCode {
            user_code: device.user_code.clone(),
            url: self.device.page(),
            until: self.in_future(timeout),
        });
        self.device.wait(&device, until).await
    }

    fn announce(
        &self,
        request: &AuthorizationRequest,
        timeout: Duration,
        on_progress: &OnProgress,
    ) -> Instant {
        let until = Instant::now() + timeout;
        on_progress(SignInProgress::OpenBrowser { url: request.url.clone(), until: self.in_future(timeout) });
        until
    }

    fn in_future(&self, span: Duration) -> UnixTime {
        self.clock.now().plus(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }
}

/// What is to be exchanged after `response`.
fn granted(request: &AuthorizationRequest, response: AuthorizationResponse) -> Result<CodeGrant, Failure> {
    match response {
        AuthorizationResponse::Code(code) => Ok(CodeGrant {
            code,
            verifier: request.verifier.duplicate(),
            redirect_uri: request.redirect_uri.clone(),
        }),
        AuthorizationResponse::Refused(failure) => Err(failure),
    }
}

/// The first pasted text that is the answer; others are refused to the person at once.
async fn pasted_answer(
    request: &AuthorizationRequest,
    pasted: &mut mpsc::Receiver<PastedRedirect>,
) -> AuthorizationResponse {
    while let Some((text, said)) = pasted.recv().await {
        // The receiver is gone when the person left the field; then nobody needs the word.
        match request.pasted(&text) {
            Ok(response) => {
                let _ = said.send(Ok(()));
                return response;
            }
            Err(failure) => drop(said.send(Err(failure))),
        }
    }
    std::future::pending().await
}

fn too_late(timeout: Duration) -> Failure {
    let cause = format!("the sign-in was not finished within {} s", timeout.as_secs());
    Failure::new(ErrorCode::Timeout, cause)
}
