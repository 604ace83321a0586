//! Codex's sign-in as a token source, read again for each request (decision 1).

use std::sync::Arc;

use url::Url;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, TokenSource};
use usher_domain::{Endpoints, ErrorCode, Failure};

use super::{CodexCli, CodexSignIn, CodexState};
use crate::platform::blocking::run_blocking;

/// Hands out Codex's own access token.
///
/// It never refreshes and never writes: any run of Codex does both.
pub struct CodexTokenSource {
    codex: CodexCli,
    endpoints: Endpoints,
    clock: Arc<dyn Clock>,
}

impl CodexTokenSource {
    /// Creates the token source of `codex`, for use at `endpoints` if its sign-in was made there.
    pub fn new(codex: CodexCli, endpoints: Endpoints, clock: Arc<dyn Clock>) -> Self {
        Self { codex, endpoints, clock }
    }

    async fn read(&self) -> Result<Authorization, Failure> {
        let (codex, now) = (self.codex.clone(), self.clock.now());
        let sign_in = usable(run_blocking(move || codex.read(now)).await?)?;
        self.check_issuer(&sign_in)?;
        Ok(Authorization {
            bearer: Bearer::AccessToken(sign_in.access),
            account_id: Some(sign_in.account.account_id),
            fedramp: sign_in.account.fedramp,
            headers: Vec::new(),
            base: self.endpoints.backend.clone(),
            expires_at: sign_in.expires_at,
        })
    }

    /// Reads once more after a 401. Codex may have refreshed its token meanwhile, or be signed in with another account,
    /// to which a request of the first account must not be sent (protocol §3.2).
    async fn read_after(&self, used: &Authorization) -> Result<Authorization, Failure> {
        let now = self.read().await?;
        if now.bearer.matches(&used.bearer) {
            return Err(expired("OpenAI rejected the Codex CLI's sign-in; run codex once to refresh it"));
        }
        if now.account_id != used.account_id {
            return Err(expired("the Codex CLI is now signed in with another account"));
        }
        Ok(now)
    }

    /// Checks that the token was issued for these endpoints. Versions of Codex that write no issuer know only the default.
    fn check_issuer(&self, sign_in: &CodexSignIn) -> Result<(), Failure> {
        let issuer = sign_in.issuer.as_deref().unwrap_or(Endpoints::ISSUER);
        if Url::parse(issuer).is_ok_and(|issuer| issuer == self.endpoints.issuer) {
            return Ok(());
        }
        let cause = format!("the Codex CLI's sign-in was not made at {}", self.endpoints.issuer);
        Err(Failure::new(ErrorCode::HostNotAllowed, cause))
    }
}

impl TokenSource for CodexTokenSource {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(self.read())
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        Box::pin(self.read_after(used))
    }
}

/// Returns a valid sign-in, or fails with the reason why there is none.
fn usable(state: CodexState) -> Result<CodexSignIn, Failure> {
    let required = |cause: String| Err(Failure::new(ErrorCode::SignInRequired, cause));
    match state {
        CodexState::SignedIn(sign_in) => Ok(sign_in),
        CodexState::Expired(_) => {
            Err(expired("the Codex CLI's sign-in has expired; run codex once to refresh it"))
        }
        CodexState::Absent => required("Codex has not been used on this computer".into()),
        CodexState::SignedOut => required("Codex is signed out; run `codex login`".into()),
        CodexState::Other(other) => required(format!("{}; {}", other.description(), other.suggestion())),
    }
}

fn expired(cause: &str) -> Failure {
    Failure::new(ErrorCode::SignInExpired, cause)
}
