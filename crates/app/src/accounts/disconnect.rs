//! Disconnect: erased here, ended at OpenAI, and which of these happened.

use std::time::Duration;

use usher_auth::{PendingRevocation, Revocation, RevocationStatus, SignInSummary, VaultSummary};
use usher_domain::{AccountId, ErrorCode, Failure};

use crate::accounts::PlanAccounts;
use crate::accounts::lookup::find_account;
use crate::gateway::passes::outcomes::pass_outcomes;
use crate::view::{DisconnectView, PassChange, PassUse, PendingRevocationView, RevocationView};

/// How often pending revocations are checked; each has its own retry time.
const REVOCATION_INTERVAL: Duration = Duration::from_secs(60);

impl PlanAccounts {
    /// Returns what [`disconnect`](Self::disconnect) with the same arguments would change, after the same checks.
    pub async fn disconnect_change(
        &self,
        account: Option<&str>,
        next: Option<&str>,
    ) -> Result<PassChange, Failure> {
        let vault = self.context.vault().await?;
        let (summary, next) = disconnected(&vault, account, next)?;
        Ok(PassChange::Disconnect { account: summary.account.id(), next })
    }

    /// Disconnects an account, or the one in use, whatever state it is in. The others stay.
    ///
    /// No other account is used instead of the one in use, unless the user chose it as `next`.
    pub async fn disconnect(
        &self,
        account: Option<&str>,
        next: Option<&str>,
    ) -> Result<DisconnectView, Failure> {
        let vault = self.context.vault().await?;
        let (summary, next) = disconnected(&vault, account, next)?;
        let id = summary.account.id();
        let change = PassChange::Disconnect { account: id.clone(), next: next.clone() };
        // Only for the report: whether it can be made must not decide whether an account can be disconnected.
        let passes = pass_outcomes(&self.context, Some(&change)).await.unwrap_or_default();
        let status = self.context.network()?.revocation.disconnect(id.clone()).await?;
        if let Some(next) = next {
            self.kept_accounts().make_active(next).await?;
        }
        self.context.changed();
        if let Err(failure) = self.context.state.forget(&id) {
            tracing::warn!(cause = %failure, "the model list of a disconnected account stays until it is written over");
        }
        Ok(DisconnectView {
            revoked: status.into(),
            erased: true,
            passes_refused: !passes.iter().any(|one| one.changed && matches!(one.next, PassUse::Uses { .. })),
            email: summary.account.email.clone(),
            route: summary.account.route,
            passes,
        })
    }

    /// Sends a pending revocation to OpenAI again.
    pub async fn retry_revocation(&self, id: &str) -> Result<RevocationView, Failure> {
        let status = self.context.network()?.revocation.retry(id).await?;
        self.context.changed();
        Ok(status.into())
    }

    /// Gives up a pending revocation.
    pub async fn forget_revocation(&self, id: &str) -> Result<(), Failure> {
        self.context.network()?.revocation.forget(id).await?;
        self.context.changed();
        Ok(())
    }

    /// Makes the revocations that are due. Once in a while.
    pub async fn process_pending_revocations(&self) -> Result<(), Failure> {
        if let Some(revocation) = self.pending_revocations().await? {
            revocation.process_pending().await?;
            self.context.changed();
        }
        Ok(())
    }

    /// Starts to send the pending revocations when Usher starts.
    pub async fn process_pending_revocations_at_start(&self) -> Result<(), Failure> {
        if let Some(revocation) = self.pending_revocations().await? {
            revocation.process_pending_at_start().await?;
            self.context.changed();
        }
        Ok(())
    }

    /// Processes pending revocations at the start and whenever one is due. Never returns.
    pub async fn process_revocations_forever(&self) {
        let mut processed = self.process_pending_revocations_at_start().await;
        loop {
            if let Err(failure) = &processed {
                tracing::warn!(cause = %failure, "pending revocations could not be processed");
            }
            tokio::time::sleep(REVOCATION_INTERVAL).await;
            processed = self.process_pending_revocations().await;
        }
    }

    /// Returns the service that sends pending revocations; `None` if there are none, so that most starts need no network.
    async fn pending_revocations(&self) -> Result<Option<&Revocation>, Failure> {
        if self.context.vault().await?.pending_revocations.is_empty() {
            return Ok(None);
        }
        Ok(Some(&*self.context.network()?.revocation))
    }
}

/// Returns the account that is to be disconnected, and the one that is to be used instead.
fn disconnected<'a>(
    vault: &'a VaultSummary,
    account: Option<&str>,
    next: Option<&str>,
) -> Result<(&'a SignInSummary, Option<AccountId>), Failure> {
    let summary = match account {
        Some(wanted) => find_account(vault, wanted)?,
        None => vault.active().ok_or_else(|| {
            let cause = if vault.sign_ins.is_empty() {
                "nobody is signed in, so nothing was done"
            } else {
                "no account is in use, so nothing was done; name one with --account"
            };
            Failure::new(ErrorCode::SignInRequired, cause)
        })?,
    };
    let next = next.map(|wanted| find_account(vault, wanted)).transpose()?.map(|one| one.account.id());
    if next.as_ref() == Some(&summary.account.id()) {
        let cause = "the account that is disconnected cannot be used instead of itself";
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    Ok((summary, next))
}

impl From<RevocationStatus> for RevocationView {
    fn from(status: RevocationStatus) -> Self {
        match status {
            RevocationStatus::Confirmed => Self::Yes,
            RevocationStatus::Pending => Self::Pending,
            RevocationStatus::NotNeeded => Self::NotNeeded,
        }
    }
}

impl From<&PendingRevocation> for PendingRevocationView {
    fn from(pending: &PendingRevocation) -> Self {
        Self {
            id: pending.id.clone(),
            email: pending.email.clone(),
            since: pending.since,
            gives_up_at: pending.gives_up_at,
        }
    }
}
