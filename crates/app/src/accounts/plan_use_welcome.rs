//! The one-time notice that requests count on the ChatGPT plan (siwc §13). That it was shown outlives the sign-in.

use usher_auth::{LOCK_TIMEOUT, RegistrationFile, SignInSummary};
use usher_domain::{AccountId, ErrorCode, Failure, PlanUse, SignInRoute};

use crate::accounts::PlanAccounts;
use crate::context::{Context, run_blocking};

impl PlanAccounts {
    /// Notes that the page showed that requests of `account` count on its plan.
    ///
    /// Fails with [`ErrorCode::BadUsage`] if there is no such account, or if it is none of plan usage.
    pub async fn set_welcome_seen(&self, account: AccountId) -> Result<(), Failure> {
        let vault = self.context.vault().await?;
        let summary = vault.sign_ins.iter().find(|one| one.account.id() == account);
        let client_id = summary
            .filter(|one| one.account.route == SignInRoute::PlanUsage)
            .map(|one| one.account.account_id.clone())
            .ok_or_else(|| Failure::new(ErrorCode::BadUsage, "there is no such account with plan usage"))?;
        let guard = self.context.store.lock().acquire(LOCK_TIMEOUT).await?;
        let file = registration_file(&self.context);
        run_blocking(move || {
            let registrations = file.read()?;
            match registrations.iter().find(|one| one.client_id.as_str() == client_id) {
                Some(registration) => file.set_welcome_shown(&guard, &registration.client_id),
                None => Err(Failure::new(ErrorCode::BadUsage, "the registration of this account is lost")),
            }
        })
        .await?;
        self.context.changed();
        Ok(())
    }
}

/// Returns whether the plan is used and that was not shown yet. A file that cannot be read is reported where it is
/// needed.
pub(crate) async fn is_welcome_due(context: &Context, summary: &SignInSummary) -> bool {
    if summary.plan_use != Some(PlanUse::Allowed) {
        return false;
    }
    let (file, client_id) = (registration_file(context), summary.account.account_id.clone());
    let registrations = run_blocking(move || file.read()).await.unwrap_or_default();
    registrations.iter().any(|one| one.client_id.as_str() == client_id && !one.welcome_shown)
}

/// Returns the file; whose computer it is does not matter for the welcome.
fn registration_file(context: &Context) -> RegistrationFile {
    RegistrationFile::new(&context.home.config, None)
}
