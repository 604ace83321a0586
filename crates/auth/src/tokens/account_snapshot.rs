//! The record of one account as it was read, and the authorization that callers get of it.

use std::sync::Arc;

use usher_domain::ports::{Authorization, Bearer};
use usher_domain::{AccountId, ErrorCode, Failure, PlanUse, SignInRoute};

use crate::store::{SignIn, Vault};

/// The records as they were read, with the account to look up in them.
pub(crate) struct AccountSnapshot {
    pub(super) vault: Arc<Vault>,
    pub(super) account: AccountId,
}

impl AccountSnapshot {
    /// Returns the sign-in. Fails when there is none, when the server has ended it, or when it may not be used.
    pub(crate) fn get(&self) -> Result<&SignIn, Failure> {
        let sign_in = self.vault.sign_in(&self.account).ok_or_else(signed_out)?;
        if let Some(ended) = &sign_in.ended {
            return Err(Failure::new(ended.code, ended.cause.clone()));
        }
        check_plan_use(sign_in)?;
        Ok(sign_in)
    }
}

/// Returns the authorization that callers get of `sign_in`. Fails without the consent that it needs.
pub(crate) fn authorization(sign_in: &SignIn) -> Result<Authorization, Failure> {
    check_plan_use(sign_in)?;
    let account = &sign_in.account;
    // What plan usage has in its place is the client id, which is no header (siwc §10.1).
    let account_id = (account.route == SignInRoute::CodexClient).then(|| account.account_id.clone());
    Ok(Authorization {
        bearer: Bearer::AccessToken(Arc::clone(&sign_in.access)),
        account_id,
        fedramp: account.fedramp,
        headers: Vec::new(),
        base: sign_in.endpoints.backend.clone(),
        expires_at: sign_in.expires_at,
    })
}

/// Consent to sign in and consent to use the plan are two things (siwc §4).
fn check_plan_use(sign_in: &SignIn) -> Result<(), Failure> {
    if sign_in.plan_use() != Some(PlanUse::NotAllowed) {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::PlanUseNotAllowed, "the sign-in does not include use of the plan"))
}

pub(super) fn signed_out() -> Failure {
    Failure::new(ErrorCode::SignInRequired, "this account is no longer signed in")
}
