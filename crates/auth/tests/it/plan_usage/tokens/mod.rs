//! The tokens of plan sign-ins: refreshed, verified, revoked.

mod disconnect;
mod full_disk;
mod processes;
mod refresh;
mod refresh_failures;
mod unverified;

use usher_auth::PlanIdentity;
use usher_domain::Account;
use usher_sandbox::browser::Browser;

use crate::support::World;

/// In seconds.
const MINUTE: i64 = 60;

impl World {
    /// Returns how often a refresh token of plan usage was sent.
    fn plan_refreshes(&self) -> u64 {
        self.sandbox.count("plan.token.refresh_token")
    }

    /// Asserts that no refresh token was spent before its gate.
    fn assert_never_too_early(&self) {
        assert_eq!(self.sandbox.count("plan.refresh_too_early"), 0);
    }

    /// Signs `person` in with a new registration, and without leave to use the plan.
    async fn sign_in_without_plan(&self, person: &str) -> Account {
        let pending = self.start_plan(PlanIdentity::New).await;
        Browser::new().approve_without_plan(&pending.url, person).await;
        pending.ended().await.unwrap()
    }
}
