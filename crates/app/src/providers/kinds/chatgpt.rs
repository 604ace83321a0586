//! The person's ChatGPT plan, through the Codex backend, with Usher's own sign-in.

use url::Url;
use usher_auth::{SignInSummary, VaultSummary};
use usher_domain::ports::BoxFuture;
use usher_domain::{ErrorCode, Failure, PlanUse, ProviderId, SignInRoute, Wire};
use usher_upstream::{BackendConfig, BackendRules, CODEX_BACKEND, Timeouts};

use super::{CHATGPT, ConnectRequest, CredentialRequest, ProviderAccess, ProviderKind};
use crate::accounts::lookup::{current_plan, sign_in_of};
use crate::accounts::scope::ModelScope;
use crate::connection::Connection;
use crate::context::Context;
use crate::settings::{EndpointSettings, Keys, Settings, ValueType};
use crate::view::{AccountView, Billing, CredentialView};

pub(super) const KIND: &str = "chatgpt";
const NAME: &str = "OpenAI";

pub(super) struct Chatgpt;

impl ProviderKind for Chatgpt {
    fn id(&self) -> &'static str {
        KIND
    }

    fn access(&self) -> ProviderAccess {
        ProviderAccess::SignIn
    }

    fn billing(&self) -> Billing {
        Billing::Plan
    }

    fn display_name(&self, _: &ProviderId, _: &EndpointSettings) -> String {
        NAME.into()
    }

    fn rules(&self) -> &'static BackendRules {
        &CODEX_BACKEND
    }

    fn root(&self, context: &Context, _: &ProviderId, _: &EndpointSettings) -> Result<Url, Failure> {
        Ok(context.provider.endpoints.backend.clone())
    }

    fn settings_keys(&self) -> Keys {
        &[("client_version", ValueType::Text)]
    }

    fn always_listed(&self) -> Option<&'static str> {
        Some("the ChatGPT plan is always there; disconnect its accounts instead")
    }

    fn has_accounts(&self) -> bool {
        true
    }

    fn is_ready(&self, _: &Context, _: &ProviderId, vault: &VaultSummary) -> bool {
        !vault.sign_ins.is_empty()
    }

    fn credential<'a>(
        &'a self,
        request: CredentialRequest<'a>,
    ) -> BoxFuture<'a, (CredentialView, Option<Failure>)> {
        let CredentialRequest { context, vault, .. } = request;
        let summary = vault.active().filter(|one| one.endpoints == context.endpoints(one.account.route));
        let credential = summary.map_or(CredentialView::Missing, |one| CredentialView::SignIn {
            account: AccountView::from(one),
            accounts: vault.sign_ins.len(),
        });
        let ended = summary.and_then(|one| one.ended.clone());
        Box::pin(async { (credential, ended) })
    }

    fn connect<'a>(&'a self, request: ConnectRequest<'a>) -> BoxFuture<'a, Result<Connection, Failure>> {
        Box::pin(async move {
            let context = request.context;
            let summary = sign_in_of(context, request.target, request.vault)?;
            let account = summary.account.id();
            check_plan_use(summary)?;
            let (plan, config) = match summary.account.route {
                SignInRoute::CodexClient => {
                    (Some(current_plan(context, summary)), plan_backend(context, request.settings))
                }
                // The list is the account's, whatever its plan is (siwc §9).
                SignInRoute::PlanUsage => (None, plan_usage_backend(context, request.settings)),
            };
            Ok(Connection {
                provider: request.id.clone(),
                plan,
                tokens: context.tokens(&account)?,
                scope: ModelScope::Account(account),
                account: Some(AccountView::from(summary)),
                name: NAME.into(),
                // The account decides, and the list is kept for it alone.
                list_source: String::new(),
                // An ended sign-in is kept with the account.
                credential: None,
                place: context.store_place().await?,
                renews: summary.renews,
                caches_tokens: true,
                config,
                wire: Some(Wire::Responses),
                may_be_unversioned: false,
                timeouts: Timeouts::default(),
            })
        })
    }
}

/// Fails where the person is signed in and does not let Usher use their plan (siwc §4).
fn check_plan_use(summary: &SignInSummary) -> Result<(), Failure> {
    if summary.plan_use != Some(PlanUse::NotAllowed) {
        return Ok(());
    }
    let cause = format!("{} is signed in, and its plan may not be used by Usher", summary.account.name());
    Err(Failure::new(ErrorCode::PlanUseNotAllowed, cause))
}

/// Returns OpenAI's API for a plan that may be used, with the catalog's version of the settings where these have one.
fn plan_usage_backend(context: &Context, settings: &Settings) -> BackendConfig {
    let usual = BackendConfig::for_plan_usage(&context.provider);
    match settings.client_version(&CHATGPT) {
        Some(catalog_version) => BackendConfig { catalog_version, ..usual },
        None => usual,
    }
}

/// Returns the Codex backend with our name, and the catalog's version of the settings where these have one.
pub(super) fn plan_backend(context: &Context, settings: &Settings) -> BackendConfig {
    let usual = BackendConfig::for_plan(&context.provider);
    match settings.client_version(&CHATGPT) {
        Some(catalog_version) => BackendConfig { catalog_version, ..usual },
        None => usual,
    }
}
