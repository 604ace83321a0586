//! The second half of a sign-in: exchange the code, read the account from the tokens, save.
//!
//! Once the code is sent, the server has issued a grant. So this half runs as its own task: the caller may be dropped
//! at any moment, and the tokens are then neither saved without the user's knowledge nor left valid at the server.

use std::sync::Arc;

use tokio::sync::{RwLock, oneshot};
use usher_domain::ports::Clock;
use usher_domain::{
    Account, AuthorizationCode, CodeVerifier, Endpoints, ErrorCode, Failure, RefreshToken, UnixTime,
};

use super::identity::{Caller, IdentityCheck};
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{SignIn, Store};
use crate::tokens::claims;
use crate::tokens::endpoint::{IssuedTokens, TokenEndpoint};
use crate::tokens::revocation::Revocation;

/// What is exchanged for tokens (RFC 6749 §4.1.3).
pub(crate) struct CodeGrant {
    pub(crate) code: AuthorizationCode,
    pub(crate) verifier: CodeVerifier,
    /// The redirect URI of the authorization request, byte for byte.
    pub(crate) redirect_uri: String,
}

/// Completes sign-ins to one provider.
pub(crate) struct TokenExchange {
    pub(crate) endpoints: Endpoints,
    pub(crate) tokens: TokenEndpoint,
    pub(crate) store: Arc<Store>,
    pub(crate) revocation: Arc<Revocation>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Read-locked by every exchange in progress, so that a writer waits until there is none.
    pub(crate) in_progress: Arc<RwLock<()>>,
}

impl TokenExchange {
    /// Exchanges `grant`, checks whose it is, and saves the sign-in. Dropping the future revokes the grant instead.
    pub(crate) async fn run(
        self: &Arc<Self>,
        grant: CodeGrant,
        check: IdentityCheck,
    ) -> Result<Account, Failure> {
        let (caller, waiting) = oneshot::channel();
        let this = Arc::clone(self);
        let in_progress = Arc::clone(&self.in_progress).read_owned().await;
        let task = tokio::spawn(async move {
            let result = this.complete(grant, check, caller).await;
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

    async fn complete(
        &self,
        grant: CodeGrant,
        check: IdentityCheck,
        caller: Caller,
    ) -> Result<Account, Failure> {
        let issued = self.tokens.exchange(&grant.code, &grant.verifier, &grant.redirect_uri).await?;
        let refresh = issued.refresh.duplicate();
        let saved = self.save(issued, check, caller).await;
        match &saved {
            Ok(_) => self.revocation.process_pending_in_background(),
            Err(_) => self.revoke_unless_stored(&refresh).await,
        }
        saved
    }

    async fn save(
        &self,
        issued: IssuedTokens,
        check: IdentityCheck,
        mut caller: Caller,
    ) -> Result<Account, Failure> {
        let now = self.clock.now();
        let account = claims::account(&issued.id, &issued.access)?;
        let expires_at = claims::expires_at(&issued.access);
        if expires_at.is_some_and(|end| end <= now) {
            return Err(clock_is_wrong(now, issued.date));
        }
        check.accept(&account, &mut caller).await?;
        let sign_in = SignIn {
            account,
            endpoints: self.endpoints.clone(),
            access: Arc::new(issued.access),
            refresh: Some(issued.refresh),
            expires_at,
            refreshed_at: now,
            attempt: None,
            ended: None,
            plan_grant: None,
        };
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(&self.store);
        run_blocking(move || {
            let id = new_id()?;
            if caller.is_closed() {
                return Err(Failure::new(ErrorCode::Cancelled, "the sign-in was cancelled"));
            }
            store.update(&guard, |vault| vault.put_and_revoke_replaced(sign_in, id, now))
        })
        .await
    }

    /// Revokes a grant that was not saved, so that it does not stay valid at the server. Reads the store first: a write
    /// that failed at its very last step has saved it.
    async fn revoke_unless_stored(&self, refresh: &RefreshToken) {
        let (store, token) = (Arc::clone(&self.store), refresh.duplicate());
        let saved = run_blocking(move || {
            let vault = store.read()?;
            Ok(vault.sign_ins.iter().any(|one| one.has_refresh_token(&token)))
        });
        if !saved.await.unwrap_or(false) {
            self.tokens.revoke_unsaved(refresh).await;
        }
    }
}

fn clock_is_wrong(now: UnixTime, theirs: Option<UnixTime>) -> Failure {
    let off = theirs.map_or("unknown".to_owned(), |theirs| format!("{} s", now.since(theirs)));
    Failure::new(
        ErrorCode::ClockSkew,
        format!("a new token is already expired by this computer's clock; clock difference: {off}"),
    )
}
