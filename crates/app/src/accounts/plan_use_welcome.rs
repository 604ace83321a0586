//! The one-time notice that requests count on the ChatGPT plan (siwc §13). That it was shown outlives the sign-in.

use usher_auth::{LOCK_TIMEOUT, LockGuard, Registration, RegistrationFile, SignInSummary};
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
        let file = self.context.registrations();
        run_blocking(move || set_shown(&file, &guard, &client_id)).await?;
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
    let (file, client_id) = (context.registrations(), summary.account.account_id.clone());
    run_blocking(move || Ok(!is_shown(&file, &client_id)?)).await.unwrap_or(false)
}

/// Returns whether the notice was shown for the registration `client_id`.
fn is_shown(file: &RegistrationFile, client_id: &str) -> Result<bool, Failure> {
    Ok(registration(file, client_id)?.welcome_shown)
}

fn set_shown(file: &RegistrationFile, guard: &LockGuard, client_id: &str) -> Result<(), Failure> {
    file.set_welcome_shown(guard, &registration(file, client_id)?.client_id)
}

fn registration(file: &RegistrationFile, client_id: &str) -> Result<Registration, Failure> {
    let registrations = file.read()?;
    registrations
        .into_iter()
        .find(|one| one.client_id.as_str() == client_id)
        .ok_or_else(|| Failure::new(ErrorCode::BadUsage, "the registration of this account is lost"))
}

#[cfg(test)]
mod tests {
    use usher_auth::{HomeLock, IssuedClientId};
    use usher_domain::UnixTime;

    use super::*;

    #[test]
    fn is_shown_once_for_each_registration() {
        let folder = tempfile::tempdir().unwrap();
        let file = RegistrationFile::new(folder.path(), None);
        let guard = HomeLock::new(folder.path()).acquire_blocking(LOCK_TIMEOUT).unwrap();
        for id in ["oaiapp_1", "oaiapp_2"] {
            let client_id = IssuedClientId::parse(id).unwrap();
            file.add(&guard, &Registration::new(client_id, "/auth/callback", UnixTime(0))).unwrap();
        }
        set_shown(&file, &guard, "oaiapp_1").unwrap();
        assert!(is_shown(&file, "oaiapp_1").unwrap());
        assert!(!is_shown(&file, "oaiapp_2").unwrap());
        assert_eq!(is_shown(&file, "oaiapp_3").unwrap_err().code, ErrorCode::BadUsage);
    }
}
