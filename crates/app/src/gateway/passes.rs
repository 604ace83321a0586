//! Passes, as window and command line handle them.

use std::sync::Arc;

use usher_auth::{Passes, VaultSummary};
use usher_domain::{ErrorCode, Failure, Pass, PassScope, PassSecret, UnixTime};

use crate::accounts::lookup::find_account;
use crate::accounts::scope::ModelScope;
use crate::connection::Target;
use crate::context::{Context, blocking};
use crate::gateway::pass_usage::PassUsage;
use crate::providers::kinds::{CHATGPT, has_accounts};
use crate::providers::known::require_known;
use crate::view::{CreatedPass, NewPass, PassView, ShownSecret};

/// Makes, lists and revokes the passes of the gateway.
pub struct GatewayPasses {
    pub(super) context: Arc<Context>,
    usage: Arc<PassUsage>,
}

impl GatewayPasses {
    pub(crate) fn new(context: Arc<Context>, usage: Arc<PassUsage>) -> Self {
        Self { context, usage }
    }

    fn saved(&self) -> Passes {
        Passes::new(Arc::clone(&self.context.store), Arc::clone(&self.context.clock))
    }

    /// Makes a pass for `target`, which may be narrowed by neither provider nor account. It is good for `seconds`, or
    /// until it is revoked.
    pub async fn create(
        &self,
        name: &str,
        target: &Target,
        mut scope: PassScope,
        seconds: Option<i64>,
    ) -> Result<(Arc<Pass>, Arc<PassSecret>), Failure> {
        if let Some(provider) = &target.provider {
            require_known(&self.context, provider, &self.context.read_settings()?)?;
        }
        if scope.token && (scope.model.is_some() || scope.project.is_some()) {
            let cause = "an access token is good for every model and project, so a pass that may read it cannot be \
                         limited to one; leave out --allow token, or --model and --project";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        scope.provider.clone_from(&target.provider);
        if let Some(wanted) = &target.account {
            if target.provider.as_ref().is_some_and(|provider| !has_accounts(provider)) {
                let cause = "accounts belong to your ChatGPT plan; leave out --account or --provider";
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            scope.account = Some(find_account(&self.context.vault().await?, wanted)?.account.id());
            scope.provider = Some(CHATGPT);
        }
        let expires_at: Option<UnixTime> = seconds.map(|seconds| self.context.clock.now().plus(seconds));
        let made = self.saved().create(name, scope, expires_at).await?;
        self.context.changed();
        Ok(made)
    }

    /// All passes, the ones that have ended too.
    pub async fn list(&self) -> Result<Vec<Arc<Pass>>, Failure> {
        self.saved().list().await
    }

    /// The secret of the pass `name`, for a tool that asks for it.
    pub async fn secret_of(&self, name: &str) -> Result<Arc<PassSecret>, Failure> {
        self.saved().secret_of(name).await
    }

    /// Revokes the pass `name`.
    pub async fn revoke(&self, name: &str) -> Result<(), Failure> {
        self.saved().revoke(name).await?;
        self.revoked().await
    }

    /// Revokes the pass with this id, if it is still there.
    pub async fn revoke_by_id(&self, id: &str) -> Result<(), Failure> {
        self.saved().revoke_id(id).await?;
        self.revoked().await
    }

    /// What is no pass any more was used for the last time.
    async fn revoked(&self) -> Result<(), Failure> {
        self.context.changed();
        let kept: Vec<String> = self.list().await?.iter().map(|pass| pass.id.clone()).collect();
        if let Err(failure) = blocking(|| self.context.state.retain_pass_uses(&kept)) {
            tracing::info!(cause = %failure, "when revoked passes were used last could not be forgotten");
        }
        Ok(())
    }

    /// Makes a pass as the window asks for it. This is the one answer that holds a secret.
    pub async fn create_view(&self, new: NewPass) -> Result<CreatedPass, Failure> {
        let NewPass { name, provider, account, model, project, days } = new;
        let target = Target { provider, account: account.map(|account| account.0) };
        let scope = PassScope { model, project, ..PassScope::default() };
        let seconds = days.map(|days| i64::from(days) * SECONDS_OF_A_DAY);
        // Read before: afterwards there is a pass, and nothing may keep its secret from being shown.
        let vault = self.context.vault().await?;
        let (pass, secret) = self.create(&name, &target, scope, seconds).await?;
        let pass = self.pass_view(&pass, &vault, None);
        Ok(CreatedPass { pass, secret: ShownSecret::new(secret) })
    }

    /// All passes with what the window shows of them, in the order in which they were made.
    pub async fn list_views(&self) -> Result<Vec<PassView>, Failure> {
        let (passes, vault) = (self.list().await?, self.context.vault().await?);
        Ok(blocking(|| {
            let uses = self.usage.all(&self.context.state);
            let view = |pass: &Arc<Pass>| self.pass_view(pass, &vault, uses.get(&pass.id).copied());
            passes.iter().map(view).collect()
        }))
    }

    fn pass_view(&self, pass: &Pass, vault: &VaultSummary, last_used_at: Option<UnixTime>) -> PassView {
        let scope = &pass.scope;
        let account = scope.account.as_ref().and_then(|id| {
            let account = &vault.sign_ins.iter().find(|one| one.account.id() == *id)?.account;
            account.label.clone().or_else(|| account.email.clone())
        });
        PassView {
            id: pass.id.clone(),
            name: pass.name.clone(),
            provider: scope.provider.clone(),
            account: scope.account.clone(),
            account_name: account,
            model_name: scope.model.as_deref().map(|id| self.model_name(id, scope, vault)),
            model: scope.model.clone(),
            project: scope.project.clone(),
            token: scope.token,
            created_at: pass.created_at,
            expires_at: pass.expires_at,
            last_used_at,
        }
    }

    /// The name of a model in the list that was seen last, else its id.
    fn model_name(&self, id: &str, scope: &PassScope, vault: &VaultSummary) -> String {
        let owner = match &scope.provider {
            Some(provider) if !has_accounts(provider) => Some(ModelScope::Provider(provider.clone())),
            _ => scope.account.clone().or_else(|| vault.active.clone()).map(ModelScope::Account),
        };
        let listed = owner.and_then(|owner| self.context.state.models(&owner.key())).map(|list| list.models);
        let known = listed.unwrap_or_default().into_iter().find(|model| model.id == id);
        known.map_or_else(|| id.to_owned(), |model| model.name)
    }
}

const SECONDS_OF_A_DAY: i64 = 86_400;
