//! One sign-in step by step: listen, build the request, open the page, wait; then `token_exchange.rs`: exchange the
//! code, read the account, save.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use url::Url;
use usher_domain::ports::Clock;
use usher_domain::{Account, AccountId, ErrorCode, Failure, OAuthProvider, RedirectHost, UnixTime};
use usher_net::HttpClient;

use super::authorization::{AuthorizationRequest, AuthorizationResponse};
use super::callback::{Callback, ForeignRedirects};
use super::device::{self, DeviceEndpoint};
use super::identity::{IdentityCheck, OtherAccountDecision};
use super::launch_page::LaunchPages;
use super::loopback::{BusyPort, LoopbackListener};
use super::result_page::{PendingPage, Redirect};
use super::token_exchange::{CodeGrant, TokenExchange};
use crate::platform::blocking::run_blocking;
use crate::store::Store;
use crate::tokens::endpoint::TokenEndpoint;
use crate::tokens::revocation::Revocation;

/// The method of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// In a browser that is redirected to a port of this computer; the redirect URI names its host in this form.
    Browser(RedirectHost),
    /// In a browser on any computer; the user pastes the redirect address, so no port is needed.
    Paste,
    /// With a code that the user enters on any device.
    Device,
}

/// Whose sign-in it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestedIdentity {
    /// Whoever the browser remembers.
    Any,
    /// Whoever the user chooses on the page, although the browser remembers somebody.
    Chosen,
    /// This account, which the user chooses on the page. For another one [`SignInProgress::OtherAccount`] asks.
    Same(AccountId),
}

impl RequestedIdentity {
    /// Returns whether the page has to let the user choose an account.
    fn is_chosen(&self) -> bool {
        *self != Self::Any
    }

    fn expected(&self) -> Option<AccountId> {
        match self {
            Self::Same(account) => Some(account.clone()),
            Self::Any | Self::Chosen => None,
        }
    }
}

/// How to sign in.
#[derive(Debug, Clone)]
pub struct SignInRequest {
    /// The method.
    pub kind: FlowKind,
    /// How long to wait for the user.
    pub timeout: Duration,
    /// Whose sign-in it is to be.
    pub identity: RequestedIdentity,
}

/// What the user enters during a sign-in.
pub struct SignInInput {
    /// Pasted redirect addresses.
    pub pasted: mpsc::Receiver<PastedRedirect>,
    /// The answer to [`SignInProgress::OtherAccount`].
    pub decisions: mpsc::Receiver<OtherAccountDecision>,
}

/// A step of a sign-in, reported in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInProgress {
    /// The page to open.
    OpenBrowser {
        /// The authorize page.
        url: Url,
        /// Creates the addresses to start a browser with, which reveal nothing to other users of this computer. There is none
        /// where no port is listened on.
        launch_pages: Option<LaunchPages>,
        /// When the wait ends.
        until: UnixTime,
    },
    /// The first port was in use; `using` is used instead.
    PortTaken {
        /// The port in use, and the program that uses it.
        busy: BusyPort,
        /// The port that is used instead.
        using: u16,
    },
    /// The code to enter at `url`.
    UserCode {
        /// The code, as the server issued it.
        user_code: String,
        /// The page to enter it on.
        url: Url,
        /// When the code expires.
        until: UnixTime,
    },
    /// A redirect of another sign-in arrived and was ignored.
    ForeignRedirectIgnored,
    /// The redirect has arrived, and its code is being exchanged.
    Exchanging,
    /// Another account has signed in than the requested one. Nothing is saved until the user decides.
    OtherAccount {
        /// The account that has signed in.
        account: Account,
        /// The account that was to sign in.
        expected: AccountId,
    },
}

/// A redirect address that the user pasted, with the channel for the result of checking it.
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
    /// Creates a flow for `provider` that saves its sign-ins in `store`.
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
            in_progress: Arc::default(),
        });
        let device = DeviceEndpoint::new(http, provider.clone());
        Self { provider, device, exchange, store, clock }
    }

    /// Signs in, and waits for the user for at most the timeout of `request`.
    ///
    /// A device code is waited for at most fifteen minutes, its own lifetime. Nothing is saved unless every step
    /// succeeds. Dropping the future cancels the sign-in and closes its port; a grant that was issued already is revoked.
    pub async fn run(
        &self,
        request: SignInRequest,
        input: SignInInput,
        on_progress: OnProgress,
    ) -> Result<Account, Failure> {
        self.check_store().await?;
        let SignInRequest { kind, timeout, identity } = request;
        let SignInInput { mut pasted, decisions } = input;
        let choose_account = identity.is_chosen();
        let (grant, page) = match kind {
            FlowKind::Browser(host) => {
                self.in_browser(host, timeout, choose_account, &mut pasted, &on_progress).await?
            }
            FlowKind::Paste => {
                (self.with_pasted_redirect(timeout, choose_account, &mut pasted, &on_progress).await?, None)
            }
            FlowKind::Device => (self.with_device_code(timeout, &on_progress).await?, None),
        };
        on_progress(SignInProgress::Exchanging);
        let ask = Box::new(move |account, expected| {
            on_progress(SignInProgress::OtherAccount { account, expected });
        });
        let check = IdentityCheck { expected: identity.expected(), decisions, ask };
        let exchange = self.exchange.run(grant, check);
        match page {
            Some(page) => page.shown_after(exchange).await,
            None => exchange.await,
        }
    }

    /// Waits until no code is being exchanged.
    ///
    /// A program does so before it exits, also after a cancelled sign-in: otherwise a grant whose response is still in
    /// transit would stay valid at the server.
    pub async fn wait_idle(&self) {
        drop(self.exchange.in_progress.write().await);
    }

    /// Fails before the user has done anything when the sign-in could not be saved.
    async fn check_store(&self) -> Result<(), Failure> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.check()).await
    }

    async fn in_browser(
        &self,
        host: RedirectHost,
        timeout: Duration,
        choose_account: bool,
        pasted: &mut mpsc::Receiver<PastedRedirect>,
        on_progress: &OnProgress,
    ) -> Result<(CodeGrant, Option<PendingPage>), Failure> {
        let (listener, busy) = LoopbackListener::bind(&self.provider.callback_ports)?;
        if let Some(first) = busy.into_iter().next() {
            on_progress(SignInProgress::PortTaken { busy: first, using: listener.port() });
        }
        let request = AuthorizationRequest::new(&self.provider, host, listener.port(), choose_account)?;
        let request = Arc::new(request);
        let launch_pages = LaunchPages::new(listener.port());
        let until = self.announce(&request, Some(launch_pages.clone()), timeout, on_progress);
        let foreign = {
            let on_progress = Arc::clone(on_progress);
            ForeignRedirects::new(move || on_progress(SignInProgress::ForeignRedirectIgnored))
        };
        let callback = Callback {
            request: Arc::clone(&request),
            launch_pages,
            path: self.provider.callback_path.clone(),
            port: listener.port(),
            foreign,
        };
        let Redirect { response, page } = tokio::select! {
            redirect = listener.wait_for_redirect(callback) => redirect,
            response = pasted_response(&request, pasted) => Redirect { response, page: None },
            () = tokio::time::sleep_until(until) => return Err(timed_out(timeout)),
        };
        Ok((code_grant(&request, response)?, page))
    }

    async fn with_pasted_redirect(
        &self,
        timeout: Duration,
        choose_account: bool,
        pasted: &mut mpsc::Receiver<PastedRedirect>,
        on_progress: &OnProgress,
    ) -> Result<CodeGrant, Failure> {
        let port = self.provider.callback_ports.first().copied().unwrap_or_default();
        let request = AuthorizationRequest::new(&self.provider, RedirectHost::Ip, port, choose_account)?;
        let until = self.announce(&request, None, timeout, on_progress);
        let response = tokio::select! {
            response = pasted_response(&request, pasted) => response,
            () = tokio::time::sleep_until(until) => return Err(timed_out(timeout)),
        };
        code_grant(&request, response)
    }

    async fn with_device_code(
        &self,
        timeout: Duration,
        on_progress: &OnProgress,
    ) -> Result<CodeGrant, Failure> {
        let device = self.device.request_code().await?;
        let timeout = timeout.min(device::CODE_LIFETIME);
        let until = Instant::now() + timeout;
        on_progress(SignInProgress::UserCode {
            user_code: device.user_code.clone(),
            url: self.device.verification_page(),
            until: self.time_after(timeout),
        });
        self.device.wait(&device, until).await
    }

    fn announce(
        &self,
        request: &AuthorizationRequest,
        launch_pages: Option<LaunchPages>,
        timeout: Duration,
        on_progress: &OnProgress,
    ) -> Instant {
        let until = Instant::now() + timeout;
        on_progress(SignInProgress::OpenBrowser {
            url: request.url.clone(),
            launch_pages,
            until: self.time_after(timeout),
        });
        until
    }

    fn time_after(&self, span: Duration) -> UnixTime {
        self.clock.now().plus(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The grant to exchange after `response`.
fn code_grant(request: &AuthorizationRequest, response: AuthorizationResponse) -> Result<CodeGrant, Failure> {
    match response {
        AuthorizationResponse::Code(code) => Ok(CodeGrant {
            code,
            verifier: request.verifier.duplicate(),
            redirect_uri: request.redirect_uri.clone(),
        }),
        AuthorizationResponse::Failed(failure) => Err(failure),
    }
}

/// Waits for a pasted text that is the redirect of `request`. Any other is rejected at once, so that the user can
/// paste again.
async fn pasted_response(
    request: &AuthorizationRequest,
    pasted: &mut mpsc::Receiver<PastedRedirect>,
) -> AuthorizationResponse {
    while let Some((text, result)) = pasted.recv().await {
        // The receiver is gone when the user has left the field; then nobody needs the result.
        match request.parse_pasted(&text) {
            Ok(response) => {
                let _ = result.send(Ok(()));
                return response;
            }
            Err(failure) => drop(result.send(Err(failure))),
        }
    }
    std::future::pending().await
}

fn timed_out(timeout: Duration) -> Failure {
    let cause = format!("the sign-in was not finished within {} s", timeout.as_secs());
    Failure::new(ErrorCode::Timeout, cause)
}
