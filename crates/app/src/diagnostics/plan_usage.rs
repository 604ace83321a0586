//! What Continue with ChatGPT needs besides what any sign-in needs.

use usher_domain::{SignInRoute, append_path};

use super::doctor::{Doctor, check, reach};
use crate::context::run_blocking;
use crate::view::{Check, Verdict};

const KEYS_PATH: &str = "/.well-known/jwks.json";
const MODELS_PATH: &str = "/models";

impl Doctor {
    /// Looks at the registrations, and at the hosts that such an account needs. Empty where Usher is registered nowhere.
    pub(super) async fn check_plan_usage(&self) -> Vec<Check> {
        let file = self.context.registrations();
        let path = file.path().display().to_string();
        let number = match run_blocking(move || file.read()).await {
            Ok(registrations) if registrations.is_empty() => return Vec::new(),
            Ok(registrations) => registrations.len(),
            // The cause includes the remedy.
            Err(failure) => {
                return vec![check("registrations", Verdict::Bad, failure.cause, Some(failure.code))];
            }
        };
        let found = format!("{number} in ChatGPT accounts, kept in {path}");
        let mut checks = vec![check("registrations", Verdict::Good, found, None)];
        // Without a network the check of the certificates says why.
        if let Ok(network) = self.context.network() {
            let endpoints = self.context.endpoints(SignInRoute::PlanUsage);
            checks.push(reach(network, "sign-in keys", endpoints.at_issuer(KEYS_PATH)).await);
            let models = append_path(&endpoints.backend, MODELS_PATH);
            checks.push(reach(network, "host chatgpt plan", models).await);
        }
        checks
    }
}
