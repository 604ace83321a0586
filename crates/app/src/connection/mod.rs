//! From what an interface asks for to a provider that can be spoken to.

pub(crate) mod test_run;

use std::sync::Arc;

use usher_auth::{CodexTokenSource, KeyTokenSource, SignInSummary, VaultSummary};
use usher_domain::ports::{ExtraHeader, TokenSource};
use usher_domain::{ErrorCode, Failure, HeaderSecret, Plan, ProviderId, Wire};
use usher_upstream::{Backend, Observer, Service, Timeouts};

use crate::accounts::scope::ModelScope;
use crate::context::Context;
use crate::providers::name_of;
use crate::settings::{EndpointSettings, Settings};
use crate::usage::Recorder;
use crate::view::{AccountView, CredentialPlace};

/// Which provider and which of its accounts; what is absent is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Absent: the ChatGPT plan if somebody is signed in to it, else the first provider that has what it needs.
    pub provider: Option<ProviderId>,
    /// An account's id, e-mail, name or workspace. Absent: the one in use.
    pub account: Option<String>,
}

impl Target {
    /// This provider, and the account that is in use there.
    pub fn of(provider: ProviderId) -> Self {
        Self { provider: Some(provider), account: None }
    }
}

impl Target {
    /// Refuses an account of a provider that has none, instead of asking with whatever lets it in.
    pub(crate) fn check_accounts(&self, provider: &ProviderId) -> Result<(), Failure> {
        if self.account.is_none() || *provider == ProviderId::Chatgpt {
            return Ok(());
        }
        let cause = format!("{provider} has no accounts to choose from; they belong to chatgpt");
        Err(Failure::new(ErrorCode::BadUsage, cause))
    }
}

/// A provider that can be spoken to.
pub(crate) struct Connection {
    pub(crate) provider: ProviderId,
    /// Whose lists and choices.
    pub(crate) scope: ModelScope,
    /// The account of the plan that it authenticates with.
    pub(crate) account: Option<AccountView>,
    /// The name that people see.
    pub(crate) name: String,
    /// The plan whose models are listed, where there are plans.
    pub(crate) plan: Option<Plan>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    /// Where its credential was found.
    pub(crate) place: CredentialPlace,
    /// Whether Usher renews it by itself.
    pub(crate) renews: bool,
    /// Which API it has, where that is known.
    pub(crate) wire: Option<Wire>,
    /// The address has no version, and whether `/v1` belongs behind it is not known yet.
    pub(crate) may_be_unversioned: bool,
    timeouts: Timeouts,
}

impl Context {
    /// The provider that `target` means.
    pub(crate) fn provider_of(
        &self,
        target: &Target,
        vault: &VaultSummary,
        settings: &Settings,
    ) -> ProviderId {
        if let Some(named) = &target.provider {
            return named.clone();
        }
        if !vault.sign_ins.is_empty() || target.account.is_some() {
            return ProviderId::Chatgpt;
        }
        let usable = |id: &ProviderId| match id {
            ProviderId::Chatgpt => false,
            ProviderId::Openai => self.api_key.is_some() || vault.key_for(id).is_some(),
            ProviderId::CodexCli | ProviderId::Compatible(_) => true,
        };
        let found = self.known_providers(settings).into_iter().find(|id| settings.enabled(id) && usable(id));
        found.unwrap_or(ProviderId::Chatgpt)
    }

    /// The same from what is kept now.
    pub(crate) async fn resolve_provider(&self, target: &Target) -> Result<ProviderId, Failure> {
        let settings = self.read_settings()?;
        // An unreadable store has nothing about other providers either; the plan's status has the reason.
        let vault = self.vault().await.unwrap_or_default();
        let provider = self.provider_of(target, &vault, &settings);
        if !self.known_providers(&settings).contains(&provider) {
            let cause = format!("there is no provider {provider}; add it first");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        target.check_accounts(&provider)?;
        Ok(provider)
    }

    /// The way to the provider that `target` means. Nothing is asked yet. Refused with
    /// [`ErrorCode::HostNotAllowed`] when that is switched off.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let settings = self.read_settings()?;
        let vault = self.vault().await?;
        let provider = self.provider_of(target, &vault, &settings);
        target.check_accounts(&provider)?;
        self.require(&provider, &settings)?;
        match &provider {
            ProviderId::Chatgpt => self.connect_plan(target, &vault).await,
            ProviderId::CodexCli => self.connect_codex(),
            ProviderId::Openai | ProviderId::Compatible(_) => {
                let endpoint = settings.endpoint(&provider)?;
                self.connect_by_key(provider, &endpoint, &vault).await
            }
        }
    }

    /// Refuses a provider that there is not, or that is switched off.
    fn require(&self, provider: &ProviderId, settings: &Settings) -> Result<(), Failure> {
        if !self.known_providers(settings).contains(provider) {
            let cause = format!("there is no provider {provider}; add it first");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        if !settings.enabled(provider) {
            let cause = format!("{provider} is switched off, so Usher does not speak to it");
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        Ok(())
    }

    async fn connect_plan(&self, target: &Target, vault: &VaultSummary) -> Result<Connection, Failure> {
        let summary = self.sign_in_of(target, vault)?;
        let account = summary.account.id();
        Ok(Connection {
            provider: ProviderId::Chatgpt,
            plan: Some(self.current_plan(summary)),
            tokens: self.tokens(&account)?,
            scope: ModelScope::Account(account),
            account: Some(AccountView::from(&summary.account)),
            name: "OpenAI".into(),
            place: self.store_place().await?,
            renews: summary.renews,
            wire: Some(Wire::Responses),
            may_be_unversioned: false,
            timeouts: Timeouts::default(),
        })
    }

    fn connect_codex(&self) -> Result<Connection, Failure> {
        let nowhere =
            || Failure::new(ErrorCode::SignInRequired, "this system names no home folder for the Codex CLI");
        let codex = self.codex().ok_or_else(nowhere)?;
        let link = CodexTokenSource::new(codex, self.provider.endpoints.clone(), Arc::clone(&self.clock));
        Ok(Connection {
            provider: ProviderId::CodexCli,
            scope: ModelScope::Provider(ProviderId::CodexCli),
            account: None,
            name: "the Codex CLI's sign-in".into(),
            plan: None,
            tokens: Arc::new(link),
            place: CredentialPlace::CodexCli,
            renews: false,
            wire: Some(Wire::Responses),
            may_be_unversioned: false,
            timeouts: Timeouts::default(),
        })
    }

    async fn connect_by_key(
        &self,
        provider: ProviderId,
        endpoint: &EndpointSettings,
        vault: &VaultSummary,
    ) -> Result<Connection, Failure> {
        let root = self.root_of(&provider, endpoint)?;
        let saved = vault.key_for(&provider).is_some();
        let tokens = KeyTokenSource::new(Arc::clone(&self.store), provider.clone(), root);
        let tokens = match &provider {
            ProviderId::Openai => tokens.require_key(self.api_key.clone()),
            _ => tokens,
        };
        let place = match (&provider, saved) {
            (_, true) => self.store_place().await?,
            (ProviderId::Openai, false) => CredentialPlace::Environment,
            (_, false) => CredentialPlace::NotNeeded,
        };
        let lists = if provider == ProviderId::Openai { Timeouts::default().lists } else { endpoint.timeout };
        Ok(Connection {
            scope: ModelScope::Provider(provider.clone()),
            account: None,
            name: name_of(&provider, endpoint),
            provider: provider.clone(),
            plan: None,
            tokens: Arc::new(tokens.with_headers(platform_headers(endpoint))),
            place,
            renews: false,
            wire: if provider == ProviderId::Openai { Some(Wire::Responses) } else { endpoint.wire },
            may_be_unversioned: may_be_unversioned(endpoint),
            timeouts: Timeouts { lists, idle: endpoint.timeout.max(lists), ..Timeouts::default() },
        })
    }

    /// The sign-in that `target` means, which must have been made with the addresses in force: a credential is never
    /// sent to others.
    pub(crate) fn sign_in_of<'a>(
        &self,
        target: &Target,
        vault: &'a VaultSummary,
    ) -> Result<&'a SignInSummary, Failure> {
        let summary = match &target.account {
            Some(wanted) => find_account(vault, wanted)?,
            None => vault
                .active()
                .ok_or_else(|| Failure::new(ErrorCode::SignInRequired, "nobody is signed in"))?,
        };
        if summary.endpoints != self.provider.endpoints {
            let cause = format!(
                "the sign-in was made at {}, and Usher is now pointed at {}",
                summary.endpoints.issuer, self.provider.endpoints.issuer
            );
            return Err(Failure::new(ErrorCode::SignInRequired, cause));
        }
        Ok(summary)
    }

    /// The same connection with the API at the address itself.
    pub(crate) async fn unversioned(&self, connection: &Connection) -> Result<Connection, Failure> {
        let mut endpoint = self.read_settings()?.endpoint(&connection.provider)?;
        endpoint.unversioned = true;
        self.connect_by_key(connection.provider.clone(), &endpoint, &self.vault().await?).await
    }

    /// The server of `connection`.
    pub(crate) fn backend(&self, connection: &Connection) -> Result<Backend, Failure> {
        self.backend_for_api(connection, connection.wire.unwrap_or(Wire::Responses))
    }

    /// The same, asked by `wire`.
    pub(crate) fn backend_for_api(&self, connection: &Connection, wire: Wire) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, wire, |recorder| Arc::new(recorder))
    }

    /// The same for many requests: `observer` stands between what answers say in passing and where it is kept.
    pub(crate) fn backend_observed(
        &self,
        connection: &Connection,
        observer: impl FnOnce(Recorder) -> Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, connection.wire.unwrap_or(Wire::Responses), observer)
    }

    fn backend_with_observer(
        &self,
        connection: &Connection,
        wire: Wire,
        observer: impl FnOnce(Recorder) -> Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        let http = Arc::clone(&self.network()?.http);
        let recorder =
            Recorder::new(Arc::clone(&self.state), connection.scope.key(), Arc::clone(&self.clock));
        let service = match &connection.provider {
            ProviderId::Chatgpt | ProviderId::CodexCli => {
                let usual = Service::for_plan(&self.provider);
                let raised = self.read_settings()?.client_version(&ProviderId::Chatgpt);
                let catalogue_level = raised.unwrap_or_else(|| usual.catalog_version.clone());
                Service { provider: connection.provider.clone(), catalog_version: catalogue_level, ..usual }
            }
            other => Service::for_api(other.clone(), wire),
        };
        let backend = Backend::new(http, service, Arc::clone(&connection.tokens), observer(recorder));
        Ok(backend.with_timeouts(connection.timeouts))
    }
}

/// Whether the server has to say if `/v1` belongs behind the address.
fn may_be_unversioned(endpoint: &EndpointSettings) -> bool {
    let open = endpoint.base_url.as_ref().is_some_and(|base| !base.has_version_segment());
    open && !endpoint.unversioned
}

/// The two headers of the Platform (protocol §7.2).
fn platform_headers(endpoint: &EndpointSettings) -> Vec<ExtraHeader> {
    let named = [("openai-organization", &endpoint.organization), ("openai-project", &endpoint.project)];
    let given = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    given
        .map(|(name, value)| ExtraHeader { name: name.into(), value: Arc::new(HeaderSecret::new(value)) })
        .collect()
}

/// The one account that `wanted` names. An id is final, whatever others are called; an e-mail that several have names
/// none of them.
pub(crate) fn find_account<'a>(vault: &'a VaultSummary, wanted: &str) -> Result<&'a SignInSummary, Failure> {
    let names = |one: &&SignInSummary| {
        let account = &one.account;
        let workspace = account.workspace_label();
        [account.email.as_deref(), account.label.as_deref(), Some(workspace.as_str())].contains(&Some(wanted))
    };
    if let Some(one) = vault.sign_ins.iter().find(|one| one.account.id().0 == wanted) {
        return Ok(one);
    }
    let found: Vec<&SignInSummary> = vault.sign_ins.iter().filter(names).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::new(
            ErrorCode::BadUsage,
            format!("{} is no account here; `usher accounts` lists them", usher_domain::redact(wanted)),
        )),
        several => {
            let ids: Vec<String> = several.iter().map(|one| one.account.id().0).collect();
            let cause = format!("several accounts go by that; say which by its id: {}", ids.join(", "));
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::{Account, Endpoints, UnixTime};

    use super::*;

    fn summary(user: &str, label: Option<&str>) -> SignInSummary {
        SignInSummary {
            account: Account {
                user_id: user.into(),
                account_id: "acct".into(),
                email: Some("ada@example.com".into()),
                plan: Plan("plus".into()),
                fedramp: false,
                label: label.map(str::to_owned),
            },
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(0),
            renews: true,
            ended: None,
        }
    }

    #[test]
    fn an_id_is_final_whatever_others_are_called() {
        let all = vec![summary("a", None), summary("b", Some("a:acct"))];
        let vault = VaultSummary { sign_ins: all, ..VaultSummary::default() };
        assert_eq!(find_account(&vault, "a:acct").unwrap().account.user_id, "a");
        assert_eq!(find_account(&vault, "b:acct").unwrap().account.user_id, "b");
        assert_eq!(find_account(&vault, "ada@example.com").unwrap_err().code, ErrorCode::BadUsage);
    }
}
