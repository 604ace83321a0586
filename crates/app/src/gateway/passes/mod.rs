//! Passes, as window and command line handle them.

pub(crate) mod assignment;
pub(crate) mod edit;
pub(crate) mod outcomes;
pub(crate) mod runs;
pub(crate) mod scope;
mod tool_setup;
pub(crate) mod usage;

use std::path::PathBuf;
use std::sync::Arc;

use usher_auth::{Passes, VaultSummary};
use usher_domain::{AccountId, ErrorCode, Failure, Pass, PassScope, PassSecret, ProviderId, Roles, UnixTime};

use crate::accounts::lookup::{find_account, no_account_in_use};
use crate::accounts::requester::{Requester, check_requester};
use crate::connection::Target;
use crate::connection::connector::Connector;
use crate::context::{Context, blocking};
use crate::gateway::passes::outcomes::{name_of_account, pass_outcomes};
use crate::gateway::passes::scope::{check_leaves_percent, folder_of_programs, owner_of};
use crate::gateway::passes::usage::PassUsage;
use crate::providers::kinds::has_accounts;
use crate::view::{CreatedPass, NewPass, PassChange, PassOutcome, PassView, ShownSecret};

/// A pass to make.
#[derive(Debug, Clone, Default)]
pub struct PassRequest {
    /// What the user calls it.
    pub name: String,
    /// The provider and the account that it belongs to; those in use where none is named.
    pub target: Target,
    /// It belongs to none, and uses what is in use at each request.
    pub any_provider: bool,
    /// With `any_provider`: it may use a provider that is billed by the token.
    pub pay_per_token: bool,
    /// For this model only.
    pub model: Option<String>,
    /// Only for programs that run in this folder or below it.
    pub folder: Option<PathBuf>,
    /// It may request the access token itself.
    pub token: bool,
    /// How much of a plan it leaves to others, in percent.
    pub leaves_percent: Option<u8>,
    /// What its requests use by role instead of what was chosen for the account.
    pub roles: Roles,
    /// How long it is valid; `None`: until it is revoked.
    pub seconds: Option<i64>,
}

/// Makes, lists and revokes the passes of the gateway.
pub struct GatewayPasses {
    pub(in crate::gateway) context: Arc<Context>,
    connector: Arc<Connector>,
    pub(super) usage: Arc<PassUsage>,
}

impl GatewayPasses {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>, usage: Arc<PassUsage>) -> Self {
        Self { context, connector, usage }
    }

    pub(super) fn saved(&self) -> Passes {
        Passes::new(Arc::clone(&self.context.store), Arc::clone(&self.context.clock))
    }

    /// Makes a pass.
    ///
    /// It belongs to a provider and an account from then on, those in use where none is named, so that nothing that the
    /// user does later changes who pays for its requests. Only a pass for any provider follows what is in use.
    pub async fn create(&self, request: PassRequest) -> Result<(Arc<Pass>, Arc<PassSecret>), Failure> {
        if request.token && (request.model.is_some() || request.folder.is_some()) {
            let cause = "an access token is good for every model and project, so a pass that may read it cannot be \
                         limited to one; leave out --allow token, or --model and --project";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let (provider, account) = self.binding(&request).await?;
        check_leaves_percent(request.leaves_percent, provider.as_ref(), request.token)?;
        let PassRequest { name, model, folder, token, pay_per_token, leaves_percent, roles, seconds, .. } =
            request;
        let folder = folder.as_deref().map(folder_of_programs).transpose()?;
        let scope = PassScope {
            provider,
            account,
            model,
            project: None,
            folder,
            pay_per_token,
            token,
            budget: None,
            leaves_percent,
            roles,
        };
        self.check_roles(&scope).await?;
        let expires_at: Option<UnixTime> = seconds.map(|seconds| self.context.clock.now().plus(seconds));
        let made = self.saved().create(&name, scope, expires_at).await?;
        self.context.changed();
        Ok(made)
    }

    /// Returns the provider and the account that a new pass belongs to.
    pub(crate) async fn binding(
        &self,
        request: &PassRequest,
    ) -> Result<(Option<ProviderId>, Option<AccountId>), Failure> {
        let Target { provider, account } = &request.target;
        if request.any_provider {
            if provider.is_some() || account.is_some() {
                let cause = "a pass for any provider belongs to no provider and no account";
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            return Ok((None, None));
        }
        if request.pay_per_token {
            let cause = "only a pass for any provider needs a yes to pay per token";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let provider = self.connector.resolve_provider_for(&request.target, Requester::Pass).await?;
        if !has_accounts(&provider) {
            return Ok((Some(provider), None));
        }
        let vault = self.context.vault().await?;
        let account = match account {
            Some(wanted) => find_account(&vault, wanted)?,
            None => vault.active().ok_or_else(|| no_account_in_use(vault.sign_ins.is_empty()))?,
        };
        check_requester(account.account.route, Requester::Pass)?;
        Ok((Some(provider), Some(account.account.id())))
    }

    /// Returns the ids of the passes whose runs last. Cheap enough to call several times a second.
    pub(crate) fn lasting_runs(&self) -> Vec<String> {
        self.saved().lasting_runs()
    }

    /// All passes, the ones that have ended too, but for those of runs.
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
    pub(super) async fn revoked(&self) -> Result<(), Failure> {
        self.context.changed();
        let kept: Vec<String> = self.list().await?.iter().map(|pass| pass.id.clone()).collect();
        if let Err(failure) = blocking(|| self.context.state.retain_pass_uses(&kept)) {
            tracing::info!(cause = %failure, "when revoked passes were used last could not be forgotten");
        }
        Ok(())
    }

    /// Makes a pass as the window asks for it. This is the one answer that holds a secret.
    pub async fn create_view(&self, new: NewPass) -> Result<CreatedPass, Failure> {
        let NewPass {
            name,
            provider,
            account,
            any_provider,
            pay_per_token,
            model,
            folder,
            leaves_percent,
            roles,
            days,
        } = new;
        let request = PassRequest {
            name,
            target: Target { provider, account: account.map(|account| account.0) },
            any_provider,
            pay_per_token,
            model,
            folder: folder.map(PathBuf::from),
            token: false,
            leaves_percent,
            roles,
            seconds: days.map(|days| i64::from(days) * SECONDS_OF_A_DAY),
        };
        // Read before: afterwards there is a pass, and nothing may keep its secret from being shown.
        let vault = self.context.vault().await?;
        let (pass, secret) = self.create(request).await?;
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

    /// Returns what each valid pass will use after `change`; without one, what it uses now.
    pub async fn outcomes(&self, change: Option<&PassChange>) -> Result<Vec<PassOutcome>, Failure> {
        pass_outcomes(&self.context, change).await
    }

    fn pass_view(&self, pass: &Pass, vault: &VaultSummary, last_used_at: Option<UnixTime>) -> PassView {
        let scope = &pass.scope;
        let account = scope.account.as_ref().and_then(|id| name_of_account(id, vault));
        PassView {
            id: pass.id.clone(),
            name: pass.name.clone(),
            provider: scope.provider.clone(),
            account: scope.account.clone(),
            account_name: account,
            model_name: scope.model.as_deref().map(|id| self.model_name(id, scope, vault)),
            model: scope.model.clone(),
            project: scope.project.clone(),
            folder: scope.folder.clone(),
            pay_per_token: scope.pay_per_token,
            token: scope.token,
            budget: scope.budget,
            leaves_percent: scope.leaves_percent,
            roles: scope.roles.clone(),
            run: pass.run.is_some(),
            created_at: pass.created_at,
            expires_at: pass.expires_at,
            last_used_at,
        }
    }

    /// The name of a model in the list that was seen last, else its id.
    fn model_name(&self, id: &str, scope: &PassScope, vault: &VaultSummary) -> String {
        let listed = owner_of(scope, vault)
            .and_then(|owner| self.context.state.models(&owner.key()))
            .map(|list| list.models);
        let known = listed.unwrap_or_default().into_iter().find(|model| model.id == id);
        known.map_or_else(|| id.to_owned(), |model| model.name)
    }
}

const SECONDS_OF_A_DAY: i64 = 86_400;
