//! Passes, as window and command line handle them.

use std::sync::Arc;

use usher_auth::Passes;
use usher_domain::{ErrorCode, Failure, Pass, PassScope, PassSecret, ProviderId, UnixTime};

use crate::app::App;
use crate::connection::{Target, find_account};

impl App {
    fn passes(&self) -> Passes {
        Passes::new(Arc::clone(&self.store), Arc::clone(&self.clock))
    }

    /// Makes a pass for `target`, which may be narrowed by neither provider nor account. It is good for `seconds`, or
    /// until it is revoked.
    pub async fn make_pass(
        &self,
        name: &str,
        target: &Target,
        mut scope: PassScope,
        seconds: Option<i64>,
    ) -> Result<(Arc<Pass>, Arc<PassSecret>), Failure> {
        if let Some(provider) = &target.provider {
            let known = self.known_providers(&self.read_settings()?);
            if !known.contains(provider) {
                let cause = format!("there is no provider {provider}; add it first");
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
        }
        scope.provider.clone_from(&target.provider);
        if let Some(wanted) = &target.account {
            if target.provider.as_ref().is_some_and(|provider| *provider != ProviderId::Chatgpt) {
                let cause = "accounts belong to your ChatGPT plan; leave out --account or --provider";
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            scope.account = Some(find_account(&self.standings().await?, wanted)?.account.id());
            scope.provider = Some(ProviderId::Chatgpt);
        }
        let expires_at: Option<UnixTime> = seconds.map(|seconds| self.clock.now().plus(seconds));
        let made = self.passes().make(name, scope, expires_at).await?;
        self.changed();
        Ok(made)
    }

    /// All passes, the ones that have ended too.
    pub async fn list_passes(&self) -> Result<Vec<Arc<Pass>>, Failure> {
        self.passes().list().await
    }

    /// The secret of the pass `name`, for a tool that asks for it.
    pub async fn pass_secret(&self, name: &str) -> Result<Arc<PassSecret>, Failure> {
        self.passes().secret_of(name).await
    }

    /// Revokes the pass `name`.
    pub async fn revoke_pass(&self, name: &str) -> Result<(), Failure> {
        self.passes().revoke(name).await?;
        self.changed();
        Ok(())
    }
}
