//! Sign-ins that other programs of this computer hold. Looking for them changes nothing.

use usher_auth::{Advice, ExternalReadError, ExternalSignIn, discover};

use usher_domain::Failure;

use crate::accounts::PlanAccounts;
use crate::context::run_blocking;
use crate::view::{ExternalSignInAdvice, ExternalSignInView, shown_path};

impl PlanAccounts {
    /// What was found, and what could not be read.
    pub async fn external_sign_ins(&self) -> Result<Vec<ExternalSignInView>, Failure> {
        let (places, now) = (self.context.places.clone(), self.context.clock.now());
        let found = run_blocking(move || Ok(discover(&places, now))).await?;
        let hides_names = self.context.hides_names();
        let shown =
            |found: ExternalSignIn| ExternalSignIn { email: found.email.filter(|_| !hides_names), ..found };
        let readable = found.sign_ins.into_iter().map(shown).map(sign_in);
        Ok(readable.chain(found.errors.into_iter().map(read_error)).collect())
    }
}

fn sign_in(found: ExternalSignIn) -> ExternalSignInView {
    ExternalSignInView {
        program: found.program.id().into(),
        program_name: found.program.to_string(),
        place: shown_path(&found.path),
        email: found.email,
        plan_name: found.plan.map(|plan| plan.display_name().into_owned()),
        last_refresh: found.last_refresh,
        expires_at: found.expires_at,
        advice: match found.advice {
            Advice::Link => ExternalSignInAdvice::Link,
            Advice::SignIn => ExternalSignInAdvice::SignIn,
        },
        trouble: None,
    }
}

fn read_error(error: ExternalReadError) -> ExternalSignInView {
    ExternalSignInView {
        program: error.program.id().into(),
        program_name: error.program.to_string(),
        place: shown_path(&error.path),
        email: None,
        plan_name: None,
        last_refresh: None,
        expires_at: None,
        advice: ExternalSignInAdvice::SignIn,
        trouble: Some(error.cause),
    }
}
