//! Renews the sign-ins of accounts that are not used, where the person lets Usher do so.
//!
//! A sign-in is refreshed when somebody uses it. One that nobody uses can end: *Continue with ChatGPT* after 30 days
//! (siwc §2), a sign-in of the Codex client after a time that is not known (protocol §3.2, `refresh_token_expired`).

use std::time::Duration;

use usher_domain::Failure;
use usher_domain::ports::TokenSource as _;

use crate::accounts::PlanAccounts;
use crate::accounts::lookup::unused_days;

/// How often it is looked for them.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

impl PlanAccounts {
    /// Renews what is not used, now and each hour. Never returns. Processes of one home can all do this: the first one
    /// refreshes, and the others find new tokens.
    pub async fn renew_unused_forever(&self) {
        loop {
            if let Err(failure) = self.renew_unused().await {
                tracing::warn!(cause = %failure, "accounts that are not used could not be renewed");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Renews the sign-ins that are not used and whose access token has expired, one after the other. Does nothing
    /// unless the person allowed it.
    pub async fn renew_unused(&self) -> Result<(), Failure> {
        if self.context.read_settings()?.renew_unused() != Some(true) {
            return Ok(());
        }
        let vault = self.context.vault().await?;
        let now = self.context.clock.now();
        for summary in vault.sign_ins.iter().filter(|one| unused_days(one, now).is_some()) {
            let id = summary.account.id();
            match self.context.tokens(&id)?.authorization().await {
                Ok(_) => tracing::debug!("an account that is not used was renewed"),
                // Shown with the account where it has ended; otherwise it is tried again in an hour.
                Err(failure) => {
                    tracing::warn!(cause = %failure, "an account that is not used could not be renewed");
                }
            }
        }
        self.context.changed();
        Ok(())
    }
}
