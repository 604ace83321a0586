//! One sign-in step by step: host id, request, redirect, registration; then `completion.rs`: exchange, verify, save.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::RwLock;
use usher_domain::ports::Clock;
use usher_domain::{Account, AccountId, Endpoints, ErrorCode, Failure, SignInRoute};
use usher_net::HttpClient;

use super::completion::{PlanCodeGrant, PlanExchange};
use super::request::{KnownClient, PlanAuthorizationRequest, REDIRECT_PATH, RequestedClient};
use crate::plan_usage::identity::id_token::IdTokenVerifier;
use crate::plan_usage::registrations::client_id::IssuedClientId;
use crate::plan_usage::registrations::file::RegistrationFile;
use crate::plan_usage::registrations::host_id::HostId;
use crate::plan_usage::registrations::record::Registration;
use crate::plan_usage::token_endpoint::PlanTokenEndpoint;
use crate::platform::blocking::run_blocking;
use crate::sign_in::progress::{OnProgress, SignInInput, SignInProgress};
use crate::sign_in::redirect::{LoopbackListener, LoopbackNames, ReceivedCode, RedirectWait};
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{SignIn, Store, Vault};
use crate::tokens::revocation::Revocation;

/// The method of a sign-in. There is no device code for plan usage (siwc §15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanSignInKind {
    /// In a browser of this computer, which is redirected to a free port.
    Browser,
    /// In a browser of another computer; the user pastes the redirect address.
    Paste,
}

/// Whose sign-in it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanIdentity {
    /// A registration that Usher has, if possible one that is not signed in; a new one where there is none.
    Any,
    /// A new registration beside the others: another account or workspace (siwc §3).
    New,
    /// This account again, by its registration.
    Same(AccountId),
}

/// How to sign in.
#[derive(Debug, Clone)]
pub struct PlanSignInRequest {
    /// The method.
    pub kind: PlanSignInKind,
    /// How long to wait for the user.
    pub timeout: Duration,
    /// Whose sign-in it is to be.
    pub identity: PlanIdentity,
    /// Whether the page asks for the plan although it was refused before. Only when the user wants that (siwc §3).
    pub consent: bool,
}

/// Signs in for plan usage.
pub struct PlanSignInFlow {
    endpoints: Endpoints,
    registrations: Arc<RegistrationFile>,
    exchange: Arc<PlanExchange>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

impl PlanSignInFlow {
    /// Creates a flow that saves its registrations in `registrations` and its sign-ins in `store`.
    ///
    /// `endpoints` are the issuer and, as the backend, the API (siwc §0).
    pub fn new(
        endpoints: Endpoints,
        registrations: Arc<RegistrationFile>,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        revocation: Arc<Revocation>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let exchange = Arc::new(PlanExchange {
            endpoints: endpoints.clone(),
            tokens: PlanTokenEndpoint::new(Arc::clone(&http), Arc::clone(&clock)),
            verifier: IdTokenVerifier::new(http, &endpoints, Arc::clone(&clock)),
            registrations: Arc::clone(&registrations),
            store: Arc::clone(&store),
            revocation,
            clock: Arc::clone(&clock),
            in_progress: Arc::new(RwLock::new(())),
        });
        Self { endpoints, registrations, exchange, store, clock }
    }

    /// Signs in, and waits for the user for at most the timeout of `request`.
    ///
    /// A registration is saved as soon as its client id is known, whatever follows. A sign-in is saved only when its
    /// identity is verified; without leave to use the plan it is saved all the same. Dropping the future cancels the
    /// sign-in and closes its port; a grant that was issued already is revoked.
    pub async fn run(
        &self,
        request: PlanSignInRequest,
        mut input: SignInInput,
        on_progress: OnProgress,
    ) -> Result<Account, Failure> {
        let PlanSignInRequest { kind, timeout, identity, consent } = request;
        let (host_id, client) = self.prepare(identity).await?;
        // The port is in the address also where the browser is on another computer.
        let (listener, _) = LoopbackListener::bind(&[0], LoopbackNames::Ipv4)?;
        let request =
            PlanAuthorizationRequest::new(&self.endpoints, &host_id, client, listener.port(), consent)?;
        let PlanAuthorizationRequest { request: page, redirect_path, nonce, expected } = request;
        let page = Arc::new(page);
        let wait = RedirectWait {
            pasted: &mut input.pasted,
            timeout,
            on_progress: &on_progress,
            clock: self.clock.as_ref(),
        };
        let ReceivedCode { code, page: waiting } = match kind {
            PlanSignInKind::Browser => wait.on_port(listener, &redirect_path, &page).await?,
            PlanSignInKind::Paste => {
                drop(listener);
                wait.for_pasted(&page).await?
            }
        };
        on_progress(SignInProgress::Exchanging);
        let grant = expected.client_id_of(&code).map(|client_id| PlanCodeGrant {
            client_id,
            code: code.code,
            verifier: page.verifier.duplicate(),
            redirect_uri: page.redirect_uri.clone(),
            redirect_path,
            nonce,
            is_pasted: waiting.is_none(),
        });
        let exchange = async { self.exchange.run(grant?).await };
        match waiting {
            Some(waiting) => waiting.shown_after(exchange).await,
            None => exchange.await,
        }
    }

    /// Waits until no code is being exchanged; see [`crate::SignInFlow::wait_idle`].
    pub async fn wait_idle(&self) {
        drop(self.exchange.in_progress.write().await);
    }

    /// Fails before the user has done anything when the sign-in could not be saved, and finds whose it is to be.
    async fn prepare(&self, identity: PlanIdentity) -> Result<(HostId, RequestedClient), Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, registrations) = (Arc::clone(&self.store), Arc::clone(&self.registrations));
        run_blocking(move || {
            store.check()?;
            let host_id = registrations.host_id(&guard)?;
            let client = requested_client(&registrations.read()?, &*store.read()?, identity)?;
            Ok((host_id, client))
        })
        .await
    }
}

fn requested_client(
    registrations: &[Registration],
    vault: &Vault,
    identity: PlanIdentity,
) -> Result<RequestedClient, Failure> {
    let signed_in = |client_id: &IssuedClientId| {
        vault.sign_ins.iter().find(|one| is_of(one, client_id) && one.ended.is_none())
    };
    match identity {
        PlanIdentity::New => Ok(RequestedClient::New),
        // The newest: an older one may be of an account that the person has left. Where all are signed in, that account
        // signs in again; only a wish for another one makes another registration.
        PlanIdentity::Any => {
            let newest_first = || registrations.iter().rev();
            let unused = newest_first().find(|one| signed_in(&one.client_id).is_none());
            let chosen = unused.or_else(|| newest_first().next()).cloned();
            // Where the file was lost, the accounts still know their client ids.
            let chosen = chosen.or_else(|| vault.sign_ins.iter().rev().find_map(registration_of));
            Ok(chosen.map_or(RequestedClient::New, |one| known_client(&one, vault)))
        }
        PlanIdentity::Same(account) => {
            let sign_in = vault.sign_in(&account).filter(|one| one.account.route == SignInRoute::PlanUsage);
            let sign_in = sign_in.ok_or_else(|| {
                let cause = "this account did not sign in with ChatGPT, so it cannot do so again";
                Failure::new(ErrorCode::BadUsage, cause)
            })?;
            let saved = registrations.iter().find(|one| is_of(sign_in, &one.client_id)).cloned();
            let known = saved.or_else(|| registration_of(sign_in)).ok_or_else(|| {
                let cause = "the client id of this account is not one; sign in with a new registration";
                Failure::new(ErrorCode::RegistrationIncomplete, cause)
            })?;
            Ok(known_client(&known, vault))
        }
    }
}

fn known_client(registration: &Registration, vault: &Vault) -> RequestedClient {
    let sign_in = vault.sign_ins.iter().find(|one| is_of(one, &registration.client_id));
    let id_hint = sign_in.and_then(|one| one.plan_grant.as_ref()?.id.as_ref());
    let email = sign_in.and_then(|one| one.account.email.clone());
    RequestedClient::Known(KnownClient {
        client_id: registration.client_id.clone(),
        id_hint: id_hint.map(usher_domain::Secret::duplicate),
        email: registration.email.clone().or(email),
        redirect_path: registration.redirect_path.clone(),
    })
}

/// Returns the registration of an account of plan usage, for where the file was lost.
fn registration_of(sign_in: &SignIn) -> Option<Registration> {
    let account = &sign_in.account;
    let client_id = IssuedClientId::parse(&account.account_id).ok()?;
    (account.route == SignInRoute::PlanUsage)
        .then(|| Registration::new(client_id, REDIRECT_PATH, sign_in.refreshed_at))
}

fn is_of(sign_in: &SignIn, client_id: &IssuedClientId) -> bool {
    sign_in.account.route == SignInRoute::PlanUsage && sign_in.account.account_id == client_id.as_str()
}
