//! The second half of a sign-in: save the registration, exchange the code, verify whose it is, save the tokens.
//!
//! Once the code is sent, the server has issued a grant. So this half runs as its own task, like that of the Codex client:
//! the tokens are neither saved without the user's knowledge nor left valid at the server.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::{RwLock, oneshot};
use usher_domain::ports::Clock;
use usher_domain::{
    AccessToken, Account, AuthorizationCode, CodeVerifier, Endpoints, ErrorCode, Failure, Plan, PlanUse,
    RefreshToken, SignInRoute,
};

use crate::plan_usage::identity::id_token::{
    ExpectedIdentity, IdTokenError, IdTokenVerifier, VerifiedIdentity,
};
use crate::plan_usage::registrations::client_id::IssuedClientId;
use crate::plan_usage::registrations::file::RegistrationFile;
use crate::plan_usage::registrations::record::Registration;
use crate::plan_usage::token_endpoint::{IssuedPlanTokens, PlanTokenEndpoint};
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{PlanGrant, SignIn, Store};
use crate::tokens::revocation::Revocation;

/// What is exchanged for tokens.
pub(super) struct PlanCodeGrant {
    pub(super) client_id: IssuedClientId,
    pub(super) code: AuthorizationCode,
    pub(super) verifier: CodeVerifier,
    /// The redirect URI of the authorization request, byte for byte.
    pub(super) redirect_uri: String,
    pub(super) redirect_path: String,
    pub(super) nonce: String,
    /// A user may have pasted a part of the address, with a part of the client id at its end.
    pub(super) is_pasted: bool,
}

/// Completes sign-ins for plan usage.
pub(super) struct PlanExchange {
    pub(super) endpoints: Endpoints,
    pub(super) tokens: PlanTokenEndpoint,
    pub(super) verifier: IdTokenVerifier,
    pub(super) registrations: Arc<RegistrationFile>,
    pub(super) store: Arc<Store>,
    pub(super) revocation: Arc<Revocation>,
    pub(super) clock: Arc<dyn Clock>,
    /// Read-locked by every exchange in progress, so that a writer waits until there is none.
    pub(super) in_progress: Arc<RwLock<()>>,
}

/// The caller of a sign-in, as its task sees it: closed when the caller is gone.
type Caller = oneshot::Sender<Infallible>;

impl PlanExchange {
    /// Exchanges `grant`, verifies whose it is, and saves the sign-in. Dropping the future revokes the grant instead.
    pub(super) async fn run(self: &Arc<Self>, grant: PlanCodeGrant) -> Result<Account, Failure> {
        let (caller, waiting) = oneshot::channel();
        let this = Arc::clone(self);
        let in_progress = Arc::clone(&self.in_progress).read_owned().await;
        let task = tokio::spawn(async move {
            let result = this.complete(grant, caller).await;
            drop(in_progress);
            result
        });
        let result = task.await;
        // Alive until here, so that `caller` shows whether anybody still waits.
        drop(waiting);
        result.unwrap_or_else(|error| {
            Err(Failure::new(ErrorCode::Internal, "the task that completes the sign-in failed")
                .with_source(error))
        })
    }

    async fn complete(&self, grant: PlanCodeGrant, caller: Caller) -> Result<Account, Failure> {
        let subject = self.register(&grant).await?;
        let (client_id, code) = (&grant.client_id, &grant.code);
        let exchange =
            self.tokens.exchange(&self.endpoints, client_id, code, &grant.verifier, &grant.redirect_uri);
        let issued = match exchange.await {
            Err(failure) if grant.is_pasted && is_refused(&failure) => {
                self.forget_unconfirmed(client_id).await;
                return Err(failure);
            }
            issued => issued?,
        };
        let refresh = issued.refresh.as_ref().map(RefreshToken::duplicate);
        let saved = self.verify_and_save(&grant, subject, issued, caller).await;
        match (&saved, refresh) {
            (Ok(_), _) => self.revocation.process_pending_in_background(),
            (Err(_), Some(refresh)) => self.revoke_unless_stored(client_id, &refresh).await,
            (Err(_), None) => {}
        }
        saved
    }

    /// Saves the registration before the code is exchanged: if that fails, the next attempt has to use the issued id.
    /// Returns whose it is, if that is known.
    async fn register(&self, grant: &PlanCodeGrant) -> Result<Option<String>, Failure> {
        let new = Registration::new(grant.client_id.clone(), &grant.redirect_path, self.clock.now());
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (registrations, store) = (Arc::clone(&self.registrations), Arc::clone(&self.store));
        run_blocking(move || {
            registrations.add(&guard, &new)?;
            let saved = registrations.read()?.into_iter().find(|one| one.client_id == new.client_id);
            // Where the file was lost, the account still says whose it is.
            let of_account = |account: &Account| {
                account.route == SignInRoute::PlanUsage && account.account_id == new.client_id.as_str()
            };
            let vault = store.read()?;
            let signed_in = vault.sign_ins.iter().find(|one| of_account(&one.account));
            let subject = saved.and_then(|one| one.subject);
            Ok(subject.or_else(|| signed_in.map(|one| one.account.user_id.clone())))
        })
        .await
    }

    async fn verify_and_save(
        &self,
        grant: &PlanCodeGrant,
        subject: Option<String>,
        issued: IssuedPlanTokens,
        caller: Caller,
    ) -> Result<Account, Failure> {
        if issued.access.is_none() && issued.scopes.plan_use() == PlanUse::Allowed {
            let cause = "the response grants the use of the plan and has no access token for it";
            return Err(Failure::new(ErrorCode::MalformedAnswer, cause));
        }
        let expected = ExpectedIdentity {
            client_id: &grant.client_id,
            nonce: Some(&grant.nonce),
            subject: subject.as_deref(),
        };
        let now = self.clock.now();
        let identity = self
            .verifier
            .verify(&issued.id, expected, issued.server_time.unwrap_or(now))
            .await
            .map_err(IdTokenError::into_failure)?;
        let sign_in = self.sign_in(&grant.client_id, &identity, issued);
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, registrations) = (Arc::clone(&self.store), Arc::clone(&self.registrations));
        let client_id = grant.client_id.clone();
        run_blocking(move || {
            let id = new_id()?;
            if caller.is_closed() {
                return Err(Failure::new(ErrorCode::Cancelled, "the sign-in was cancelled"));
            }
            registrations.set_person(&guard, &client_id, &identity.subject, identity.email)?;
            store.update(&guard, |vault| vault.put_and_revoke_replaced(sign_in, id, now))
        })
        .await
    }

    fn sign_in(
        &self,
        client_id: &IssuedClientId,
        identity: &VerifiedIdentity,
        issued: IssuedPlanTokens,
    ) -> SignIn {
        SignIn {
            account: Account {
                user_id: identity.subject.clone(),
                account_id: client_id.to_string(),
                route: SignInRoute::PlanUsage,
                email: identity.email.clone(),
                // Nobody says which one it is (siwc §1.1).
                plan: Plan("unknown".into()),
                fedramp: false,
                label: None,
                default_name: None,
            },
            endpoints: self.endpoints.clone(),
            access: Arc::new(issued.access.unwrap_or_else(|| AccessToken::new(""))),
            refresh: issued.refresh,
            expires_at: Some(issued.window.expires_at()),
            refreshed_at: self.clock.now(),
            attempt: None,
            ended: None,
            plan_grant: Some(PlanGrant {
                id: Some(issued.id),
                scopes: issued.scopes,
                window: issued.window,
                unverified: None,
            }),
        }
    }

    /// Removes a registration that no exchange has confirmed: its client id may not be complete.
    async fn forget_unconfirmed(&self, client_id: &IssuedClientId) {
        let (registrations, client_id) = (Arc::clone(&self.registrations), client_id.clone());
        let forgotten = async {
            let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
            run_blocking(move || registrations.remove_unconfirmed(&guard, &client_id)).await
        };
        if let Err(failure) = forgotten.await {
            tracing::warn!(
                cause = failure.chain(),
                "a registration that is not complete could not be removed"
            );
        }
    }

    /// Revokes a grant that was not saved. Reads the store first: a write that failed at its very last step has saved it.
    async fn revoke_unless_stored(&self, client_id: &IssuedClientId, refresh: &RefreshToken) {
        let (store, token) = (Arc::clone(&self.store), refresh.duplicate());
        let saved = run_blocking(move || {
            let vault = store.read()?;
            Ok(vault.sign_ins.iter().any(|one| one.has_refresh_token(&token)))
        });
        if !saved.await.unwrap_or(false) {
            self.tokens.revoke_unsaved(&self.endpoints, client_id, refresh).await;
        }
    }
}

/// Returns whether the server refused the code or the client id, as it does where one of them is cut off.
fn is_refused(failure: &Failure) -> bool {
    matches!(failure.code, ErrorCode::SignInExpired | ErrorCode::RegistrationIncomplete)
}
