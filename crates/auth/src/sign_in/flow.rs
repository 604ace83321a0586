//! One sign-in step by step: listen, build the request, open the page, wait; then `token_exchange.rs`: exchange the
//! code, read the account, save.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use usher_domain::ports::Clock;
use usher_domain::{Account, AccountId, Failure, OAuthProvider, RedirectHost, UnixTime};
use usher_net::HttpClient;

use super::authorization::{AuthorizationParameters, AuthorizationRequest, AuthorizedCode};
use super::device::{self, DeviceEndpoint};
use super::identity::IdentityCheck;
use super::progress::{OnProgress, SignInInput, SignInProgress};
use super::redirect::{LoopbackListener, LoopbackNames, PendingPage, ReceivedCode, RedirectWait};
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

/// Signs in to one provider.
pub struct SignInFlow {
    provider: OAuthProvider,
    device: DeviceEndpoint,
    exchange: Arc<TokenExchange>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

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
        let wait = RedirectWait {
            pasted: &mut pasted,
            timeout,
            on_progress: &on_progress,
            clock: self.clock.as_ref(),
        };
        let (grant, page) = match kind {
            FlowKind::Browser(host) => self.in_browser(host, choose_account, wait).await?,
            FlowKind::Paste => (self.with_pasted_redirect(choose_account, wait).await?, None),
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
        choose_account: bool,
        wait: RedirectWait<'_>,
    ) -> Result<(CodeGrant, Option<PendingPage>), Failure> {
        let (listener, busy) = LoopbackListener::bind(&self.provider.callback_ports, LoopbackNames::All)?;
        if let Some(first) = busy.into_iter().next() {
            (wait.on_progress)(SignInProgress::PortTaken { busy: first, using: listener.port() });
        }
        let parameters =
            AuthorizationParameters::of_codex(&self.provider, host, listener.port(), choose_account);
        let request = Arc::new(AuthorizationRequest::new(parameters)?);
        let ReceivedCode { code, page } =
            wait.on_port(listener, &self.provider.callback_path, &request).await?;
        Ok((code_grant(&request, code), page))
    }

    async fn with_pasted_redirect(
        &self,
        choose_account: bool,
        wait: RedirectWait<'_>,
    ) -> Result<CodeGrant, Failure> {
        let port = self.provider.callback_ports.first().copied().unwrap_or_default();
        let parameters =
            AuthorizationParameters::of_codex(&self.provider, RedirectHost::Ip, port, choose_account);
        let request = AuthorizationRequest::new(parameters)?;
        Ok(code_grant(&request, wait.for_pasted(&request).await?.code))
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

    fn time_after(&self, span: Duration) -> UnixTime {
        self.clock.now().plus(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }
}

fn code_grant(request: &AuthorizationRequest, code: AuthorizedCode) -> CodeGrant {
    CodeGrant {
        code: code.code,
        verifier: request.verifier.duplicate(),
        redirect_uri: request.redirect_uri.clone(),
    }
}
