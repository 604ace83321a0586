//! The router as the gateway sees it.

use std::sync::Arc;

use usher_domain::ports::{Authorization, BoxFuture};
use usher_domain::{ErrorCode, Failure, Model, Pass};
use usher_gateway::{GatewayHost, PassRejected, Route};

use crate::gateway::pass_lock::locked;
use crate::gateway::passes::outcomes::pass_revoked;
use crate::gateway::routes::{Router, Snapshot};
use crate::providers::kinds::has_accounts;

/// The router as the gateway's port. A type of its own because reading a snapshot needs an `Arc` of the router.
pub(crate) struct RouterHandle(pub(in crate::gateway) Arc<Router>);

impl GatewayHost for RouterHandle {
    fn authenticate<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, PassRejected>> {
        Box::pin(async {
            let seen = self.0.snapshot().await.map_err(PassRejected::Failed)?;
            let pass = seen.passes.find(presented).ok_or(PassRejected::Unknown)?;
            let now = self.0.context.clock.now();
            if pass.is_expired(now) {
                return Err(PassRejected::Expired);
            }
            // As if it had been revoked, which happens when its process ends in order.
            if !seen.passes.run_lasts(&pass).map_err(PassRejected::Failed)? {
                return Err(PassRejected::Unknown);
            }
            if seen.locked {
                return Err(PassRejected::Locked { pass, failure: locked() });
            }
            self.0.pass_usage.note(&pass.id, now, &self.0.context.state);
            Ok(pass)
        })
    }

    fn route<'a>(&'a self, pass: &'a Pass, model: &'a str) -> BoxFuture<'a, Result<Route, Failure>> {
        Box::pin(self.0.find_route(pass, model))
    }

    fn models<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>> {
        Box::pin(async {
            self.0.check_budget(pass)?;
            let cached_route = self.0.own_route(&pass.scope).await?;
            let fits = |model: &&Model| pass.scope.model.as_ref().is_none_or(|only| *only == model.id);
            Ok(cached_route.models.iter().filter(|model| model.text).filter(fits).cloned().collect())
        })
    }

    fn authorization<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>> {
        Box::pin(async {
            let cached_route = self.0.own_route(&pass.scope).await?;
            cached_route.tokens.authorization().await
        })
    }

    fn count_tokens(&self, pass: &Pass, tokens: u64) {
        self.0.pass_usage.count_tokens(&pass.id, tokens, &self.0.context.state);
    }

    fn revocation<'a>(&'a self, pass: &'a Pass, route: Option<&'a Route>) -> BoxFuture<'a, Option<Failure>> {
        Box::pin(async move {
            match self.0.snapshot().await {
                Ok(seen) => self.revoked_by(&seen, pass, route),
                // A slow disk must not cut off a running request; the next check decides. A lock needs nothing else to be
                // readable.
                Err(_) if self.0.context.pass_lock.since().is_some() => Some(locked()),
                Err(failure) => {
                    tracing::warn!(cause = %failure, "the passes could not be read");
                    None
                }
            }
        })
    }
}

impl RouterHandle {
    /// Returns why a request must end, by what was seen last.
    fn revoked_by(&self, seen: &Snapshot, pass: &Pass, route: Option<&Route>) -> Option<Failure> {
        if seen.locked {
            return Some(locked());
        }
        if !seen.passes.has(&pass.id) {
            return Some(pass_revoked());
        }
        match seen.passes.run_lasts(pass) {
            Ok(true) => {}
            Ok(false) => return Some(Failure::new(ErrorCode::Cancelled, "the run of this pass is over")),
            Err(failure) => tracing::warn!(cause = %failure, "the run of a pass could not be checked"),
        }
        if pass.is_expired(self.0.context.clock.now()) {
            return Some(Failure::new(ErrorCode::Cancelled, "the pass has expired"));
        }
        account_gone(seen, route?)
    }
}

/// Returns why the provider or the account of a route may not be used any more.
fn account_gone(seen: &Snapshot, route: &Route) -> Option<Failure> {
    if !seen.enabled.contains(&route.provider) {
        let cause = format!("{} was switched off or removed", route.provider);
        return Some(Failure::new(ErrorCode::HostNotAllowed, cause));
    }
    if route.uses_api_key && seen.vault.key_for(&route.provider).is_none() {
        return Some(Failure::new(ErrorCode::SignInRequired, "the key was removed"));
    }
    if !has_accounts(&route.provider) {
        return None;
    }
    match seen.vault.sign_ins.iter().find(|one| one.account.id().0 == route.account) {
        None => Some(Failure::new(ErrorCode::SignInRequired, "the account was disconnected")),
        // The other computer is its one user now. A sign-in that OpenAI ended is for OpenAI to cut off.
        Some(sign_in) => sign_in.ended.clone().filter(|ended| ended.code == ErrorCode::SignInMoved),
    }
}
