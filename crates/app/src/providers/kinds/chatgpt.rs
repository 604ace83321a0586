//! The person's ChatGPT plan, through the Codex backend, with Usher's own sign-in.

use url::Url;
use usher_auth::VaultSummary;
use usher_domain::ports::BoxFuture;
use usher_domain::{Failure, ProviderId, Wire};
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
        let summary = vault.active().filter(|one| one.endpoints == context.provider.endpoints);
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
            Ok(Connection {
                provider: request.id.clone(),
                plan: Some(current_plan(context, summary)),
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
                config: plan_backend(context, request.settings),
                wire: Some(Wire::Responses),
                may_be_unversioned: false,
                timeouts: Timeouts::default(),
            })
        })
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
