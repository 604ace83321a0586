//! Disconnect: erased here, ended at OpenAI, and which of these happened.

use usher_auth::{PendingRevocation, Revocation, RevocationStatus};
use usher_domain::{ErrorCode, Failure};

use crate::app::App;
use crate::connection::find_account;
use crate::view::{DisconnectView, PendingRevocationView, RevocationView};

impl App {
    /// Disconnects an account, or the one in use, whatever state it is in. The others stay.
    pub async fn disconnect(&self, account: Option<&str>) -> Result<DisconnectView, Failure> {
        let vault = self.context.vault().await?;
        let summary = match account {
            Some(wanted) => find_account(&vault, wanted)?,
            None => vault.active().ok_or_else(|| {
                Failure::new(ErrorCode::SignInRequired, "nobody is signed in, so nothing was done")
            })?,
        };
        let id = summary.account.id();
        let told = self.context.network()?.revocation.disconnect(id.clone()).await?;
        self.context.changed();
        if let Err(failure) = self.context.state.forget(&id) {
            tracing::warn!(cause = %failure, "the model list of a disconnected account stays until it is written over");
        }
        Ok(DisconnectView {
            revoked: told.into(),
            erased: true,
            passes_refused: true,
            email: summary.account.email.clone(),
        })
    }

    /// Tells OpenAI again about a sign-in that is over here.
    pub async fn retry_revocation(&self, id: &str) -> Result<RevocationView, Failure> {
        let told = self.context.network()?.revocation.retry(id).await?;
        self.context.changed();
        Ok(told.into())
    }

    /// Lets a revocation that is owed be.
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

    /// The same at a start of Usher: what OpenAI could not be told when the person disconnected is told now.
    pub async fn process_pending_revocations_at_start(&self) -> Result<(), Failure> {
        if let Some(revocation) = self.pending_revocations().await? {
            revocation.process_pending_at_start().await?;
            self.context.changed();
        }
        Ok(())
    }

    /// Who settles what is owed; nothing when nothing is, which most starts find out without the network.
    async fn pending_revocations(&self) -> Result<Option<&Revocation>, Failure> {
        if self.context.vault().await?.pending_revocations.is_empty() {
            return Ok(None);
        }
        Ok(Some(&*self.context.network()?.revocation))
    }
}

impl From<RevocationStatus> for RevocationView {
    fn from(told: RevocationStatus) -> Self {
        match told {
            RevocationStatus::Confirmed => Self::Yes,
            RevocationStatus::Pending => Self::Pending,
            RevocationStatus::NotNeeded => Self::NotNeeded,
        }
    }
}

impl From<&PendingRevocation> for PendingRevocationView {
    fn from(owed: &PendingRevocation) -> Self {
        Self {
            id: owed.id.clone(),
            email: owed.email.clone(),
            since: owed.since,
            gives_up_at: owed.gives_up_at,
        }
    }
}
