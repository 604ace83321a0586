//! Providers: which there are, where they are, who pays; added, changed, switched and removed.

pub(crate) mod api_keys;
mod hosts;

use std::sync::Arc;

use url::Url;
use usher_auth::{ApiKeys, CodexCli, CodexState, KeyLocation, VaultSummary, key_suffix};
use usher_domain::{
    BaseUrl, ErrorCode, Failure, MAX_NAME_CHARS, PRESETS, PlainHttp, ProviderId, ProviderSlug, Wire,
    is_printable_within,
};

use crate::accounts::scope::ModelScope;
use crate::app::App;
use crate::context::{Context, run_blocking};
use crate::settings::{EndpointSettings, Setting, Settings, wire_value};
use crate::view::{
    AccountView, Billing, CredentialPlace, CredentialView, EndpointView, FailureView, NewEndpoint,
    ProviderChange, ProviderView, ProvidersView,
};

impl App {
    /// All providers, without asking the network.
    pub async fn providers(&self) -> Result<ProvidersView, Failure> {
        let settings = self.context.read_settings()?;
        let vault = self.context.vault().await;
        let mut providers = Vec::new();
        for id in self.context.known_providers(&settings) {
            providers.push(self.context.view_of(&id, &settings, &vault).await);
        }
        Ok(ProvidersView { providers, presets: PRESETS.to_vec(), hosts: self.context.hosts(&settings) })
    }

    /// One of them.
    pub async fn provider(&self, id: &ProviderId) -> Result<ProviderView, Failure> {
        let settings = self.context.read_settings()?;
        if !self.context.known_providers(&settings).contains(id) {
            return Err(no_such_provider(id));
        }
        Ok(self.context.view_of(id, &settings, &self.context.vault().await).await)
    }

    /// Adds the Platform or the link to the Codex CLI; the plan is there already. What is there stays as it is.
    pub async fn add_provider(&self, id: &ProviderId) -> Result<ProviderView, Failure> {
        if matches!(id, ProviderId::Compatible(_)) {
            return Err(Failure::new(ErrorCode::BadUsage, "such a provider needs a base URL"));
        }
        let mut is_new = false;
        self.context
            .change_settings(|settings| {
                is_new = !self.context.known_providers(settings).contains(id);
                settings.add_provider(id)
            })
            .await?;
        if is_new {
            self.forget_left_key(id).await?;
        }
        self.provider(id).await
    }

    /// Adds a service. Refused with [`ErrorCode::BadUrl`] or [`ErrorCode::BadUsage`]; nothing is added then.
    pub async fn add_endpoint(&self, new: NewEndpoint) -> Result<ProviderView, Failure> {
        let id = ProviderId::Compatible(ProviderSlug::from_title(&new.name)?);
        self.context
            .change_settings(|settings| {
                if settings.providers().contains(&id) {
                    let cause = format!("there is a provider {id} already");
                    return Err(Failure::new(ErrorCode::BadUsage, cause));
                }
                let change = ProviderChange {
                    name: Some(new.name.trim().to_owned()),
                    base_url: Some(new.base_url),
                    timeout_seconds: new.timeout_seconds,
                    local_network: new.local_network.then_some(true),
                    wire: new.wire,
                    ..ProviderChange::default()
                };
                settings.add_provider(&id)?;
                apply(settings, &id, &change)
            })
            .await?;
        self.forget_left_key(&id).await?;
        self.provider(&id).await
    }

    /// A provider that is new begins without a key: one that is kept from before is that of a table which the person
    /// took out of the file. In a store that cannot be read it lets nobody in.
    async fn forget_left_key(&self, id: &ProviderId) -> Result<(), Failure> {
        let left = self.context.vault().await.is_ok_and(|vault| vault.key_for(id).is_some());
        if left { self.context.saved_keys().forget(id).await.map(drop) } else { Ok(()) }
    }

    /// Changes what the person may change of a provider.
    pub async fn change_provider(
        &self,
        id: &ProviderId,
        change: ProviderChange,
    ) -> Result<ProviderView, Failure> {
        self.context.require_known(id)?;
        self.context.change_settings(|settings| apply(settings, id, &change)).await?;
        self.provider(id).await
    }

    /// Switches a provider on or off. Off: tools are refused, and Usher does not speak to its host.
    pub async fn set_enabled(&self, id: &ProviderId, enabled: bool) -> Result<(), Failure> {
        self.context.require_known(id)?;
        self.context.change_settings(|settings| settings.set_enabled(id, enabled)).await
    }

    /// Takes a provider out, with its key. The plan's sign-ins are disconnected instead.
    pub async fn remove_provider(&self, id: &ProviderId) -> Result<(), Failure> {
        if *id == ProviderId::Chatgpt {
            let cause = "the ChatGPT plan is always there; disconnect its accounts instead";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        self.context.require_known(id)?;
        // The settings first: they may be broken or in use, and a refused removal has taken nothing away.
        self.context.change_settings(|settings| settings.remove_provider(id)).await?;
        self.context.saved_keys().forget(id).await.map_err(|failure| key_not_erased(id, &failure))?;
        self.context.changed();
        if let Err(failure) = self.context.state.forget(&ModelScope::Provider(id.clone()).key()) {
            tracing::warn!(cause = %failure, "the model list of a removed provider stays until it is written over");
        }
        Ok(())
    }
}

impl Context {
    /// The plan, which is always there; the Platform when it was added or the environment has a key; then those of the
    /// file, in its order.
    pub(crate) fn known_providers(&self, settings: &Settings) -> Vec<ProviderId> {
        let mut known = vec![ProviderId::Chatgpt];
        let of_file = settings.providers();
        if self.api_key.is_some() && !of_file.contains(&ProviderId::Openai) {
            known.push(ProviderId::Openai);
        }
        known.extend(of_file.into_iter().filter(|id| *id != ProviderId::Chatgpt));
        known
    }

    /// Providers whose key is kept here and that are in the settings no more.
    pub(crate) fn left_keys(&self, settings: &Settings, vault: &VaultSummary) -> Vec<ProviderId> {
        let known = self.known_providers(settings);
        vault.keys.iter().map(|key| key.provider.clone()).filter(|id| !known.contains(id)).collect()
    }

    pub(crate) fn require_known(&self, id: &ProviderId) -> Result<(), Failure> {
        if self.known_providers(&self.read_settings()?).contains(id) {
            Ok(())
        } else {
            Err(no_such_provider(id))
        }
    }

    pub(crate) fn saved_keys(&self) -> ApiKeys {
        ApiKeys::new(Arc::clone(&self.store), Arc::clone(&self.clock))
    }

    /// Where the paths of `id` are appended.
    pub(crate) fn root_of(&self, id: &ProviderId, endpoint: &EndpointSettings) -> Result<Url, Failure> {
        match (id, &endpoint.base_url) {
            (ProviderId::Openai, _) => Ok(self.platform.clone()),
            (ProviderId::Compatible(_), Some(base)) => Ok(base.root(endpoint.unversioned)),
            (ProviderId::Compatible(_), None) => {
                Err(Failure::new(ErrorCode::BadUrl, format!("{id} has no base_url in config.toml")))
            }
            (ProviderId::Chatgpt | ProviderId::CodexCli, _) => Ok(self.provider.endpoints.backend.clone()),
        }
    }

    /// Where the store's key is, as the place of a credential.
    pub(crate) async fn store_place(&self) -> Result<CredentialPlace, Failure> {
        let store = Arc::clone(&self.store);
        Ok(match run_blocking(move || store.key_location()).await? {
            KeyLocation::Keyring => CredentialPlace::Keyring,
            KeyLocation::Passphrase | KeyLocation::KeyFile => CredentialPlace::File,
        })
    }

    /// The Codex CLI of this person, as far as the system says where their home is.
    pub(crate) fn codex(&self) -> Option<CodexCli> {
        CodexCli::from_paths(&self.places)
    }

    pub(crate) async fn view_of(
        &self,
        id: &ProviderId,
        settings: &Settings,
        vault: &Result<VaultSummary, Failure>,
    ) -> ProviderView {
        let endpoint = settings.endpoint(id);
        let endpoint_error = endpoint.as_ref().err().cloned();
        let shown = endpoint.as_ref().ok();
        let root = shown.and_then(|endpoint| self.root_of(id, endpoint).ok());
        let (credential, attention) = match vault {
            Ok(vault) => self.credential_of(id, root.as_ref(), vault).await,
            Err(failure) => (CredentialView::Missing, Some(failure.clone())),
        };
        let scope = match vault {
            Ok(vault) if *id == ProviderId::Chatgpt => vault.active.clone().map(ModelScope::Account),
            _ => Some(ModelScope::Provider(id.clone())),
        };
        ProviderView {
            id: id.clone(),
            name: shown.map_or_else(|| id.to_string(), |endpoint| name_of(id, endpoint)),
            pays: pays(id),
            enabled: settings.enabled(id),
            credential,
            endpoint: shown.and_then(|endpoint| endpoint_view(id, endpoint, root.as_ref()?, vault)),
            selection: scope.map(|scope| settings.selection(&scope)).unwrap_or_default(),
            attention: endpoint_error.or(attention).map(FailureView::from),
        }
    }

    async fn credential_of(
        &self,
        id: &ProviderId,
        root: Option<&Url>,
        vault: &VaultSummary,
    ) -> (CredentialView, Option<Failure>) {
        match id {
            ProviderId::Chatgpt => {
                let summary = vault.active().filter(|one| one.endpoints == self.provider.endpoints);
                let credential = summary.map_or(CredentialView::Missing, |one| CredentialView::SignIn {
                    account: AccountView::from(&one.account),
                    accounts: vault.sign_ins.len(),
                });
                (credential, summary.and_then(|one| one.ended.clone()))
            }
            ProviderId::CodexCli => self.codex_credential().await,
            ProviderId::Openai | ProviderId::Compatible(_) => (self.key_credential(id, root, vault), None),
        }
    }

    fn key_credential(&self, id: &ProviderId, root: Option<&Url>, vault: &VaultSummary) -> CredentialView {
        let here = root.map(|root| root.origin().ascii_serialization());
        match vault.key_for(id) {
            Some(saved) if here.is_some_and(|here| here != saved.origin) => {
                CredentialView::KeyOfOtherAddress { origin: saved.origin.clone() }
            }
            Some(saved) => match &saved.key_suffix {
                Some(ends_in) => CredentialView::Key { ends_in: ends_in.clone(), saved_at: saved.saved_at },
                None => CredentialView::Headers,
            },
            None => match (&self.api_key, id) {
                (Some(key), ProviderId::Openai) => CredentialView::Environment {
                    variable: "OPENAI_API_KEY".into(),
                    ends_in: key_suffix(key),
                },
                (None, ProviderId::Openai) => CredentialView::Missing,
                _ => CredentialView::NotNeeded,
            },
        }
    }

    async fn codex_credential(&self) -> (CredentialView, Option<Failure>) {
        let nobody = |place: String| CredentialView::Codex { account: None, place, expires_at: None };
        let Some(codex) = self.codex() else {
            let failure = Failure::new(ErrorCode::SignInRequired, "this system names no home folder");
            return (nobody(String::new()), Some(failure));
        };
        let now = self.clock.now();
        let required = |cause: &str| Some(Failure::new(ErrorCode::SignInRequired, cause));
        match run_blocking(move || codex.read(now)).await {
            Ok(CodexState::SignedIn(sign_in)) => (signed_in_with(&sign_in), None),
            Ok(CodexState::Expired(sign_in)) => {
                let cause = "the Codex CLI's sign-in has expired; run codex once to refresh it";
                (signed_in_with(&sign_in), Some(Failure::new(ErrorCode::SignInExpired, cause)))
            }
            Ok(CodexState::Absent) => (nobody(String::new()), required("there is no Codex CLI set up here")),
            Ok(CodexState::SignedOut) => (nobody(String::new()), required("the Codex CLI is not signed in")),
            Ok(CodexState::Other(other)) => {
                (nobody(String::new()), required(&format!("{}; {}", other.description(), other.suggestion())))
            }
            Err(failure) => (nobody(String::new()), Some(failure)),
        }
    }
}

fn signed_in_with(sign_in: &usher_auth::CodexSignIn) -> CredentialView {
    CredentialView::Codex {
        account: Some(AccountView::from(&sign_in.account)),
        place: crate::accounts::external_sign_ins::place_of(&sign_in.path),
        expires_at: sign_in.expires_at,
    }
}

/// The name that people see.
pub(crate) fn name_of(id: &ProviderId, endpoint: &EndpointSettings) -> String {
    match id {
        ProviderId::Chatgpt => "OpenAI".into(),
        ProviderId::Openai => "OpenAI API key".into(),
        ProviderId::CodexCli => "Codex CLI".into(),
        ProviderId::Compatible(name) => endpoint.name.clone().unwrap_or_else(|| name.to_string()),
    }
}

fn pays(id: &ProviderId) -> Billing {
    match id {
        ProviderId::Chatgpt | ProviderId::CodexCli => Billing::Plan,
        ProviderId::Openai => Billing::PerToken,
        ProviderId::Compatible(_) => Billing::Service,
    }
}

fn endpoint_view(
    id: &ProviderId,
    endpoint: &EndpointSettings,
    root: &Url,
    vault: &Result<VaultSummary, Failure>,
) -> Option<EndpointView> {
    if matches!(id, ProviderId::Chatgpt | ProviderId::CodexCli) {
        return None;
    }
    let saved = vault.as_ref().ok().and_then(|vault| vault.key_for(id));
    let root = root.as_str().trim_end_matches('/').to_owned();
    Some(EndpointView {
        base_url: endpoint.base_url.as_ref().map_or_else(|| root.clone(), BaseUrl::to_string),
        root,
        // The Platform has both, and is asked by the newer one.
        wire: if *id == ProviderId::Openai { Some(Wire::Responses) } else { endpoint.wire },
        timeout_seconds: u32::try_from(endpoint.timeout.as_secs()).unwrap_or(u32::MAX),
        local_network: endpoint.local_network,
        headers: saved.map(|saved| saved.headers.clone()).unwrap_or_default(),
        organization: endpoint.organization.clone(),
        project: endpoint.project.clone(),
    })
}

/// Writes `change` into the table of `id`. What is absent stays; an empty text takes the value away.
fn apply(settings: &mut Settings, id: &ProviderId, change: &ProviderChange) -> Result<(), Failure> {
    let compatible = matches!(id, ProviderId::Compatible(_));
    let only = |allowed: bool, what: &str| {
        let cause = format!("{id} has no {what}");
        if allowed { Ok(()) } else { Err(Failure::new(ErrorCode::BadUsage, cause)) }
    };
    if let Some(local) = change.local_network {
        only(compatible, "local network")?;
        settings.set_provider_key(
            id,
            "local_network",
            if local { Setting::Flag(true) } else { Setting::Absent },
        )?;
    }
    if let Some(text) = &change.base_url {
        only(compatible, "base URL of its own")?;
        let local = settings.endpoint(id).map_or(change.local_network, |now| Some(now.local_network));
        let plain = if local.unwrap_or_default() { PlainHttp::LocalNetwork } else { PlainHttp::LoopbackOnly };
        let base = BaseUrl::parse(text, plain)?;
        settings.set_provider_key(id, "base_url", Setting::Text(&base.to_string()))?;
        // What was found out about the old address says nothing of the new one.
        settings.set_provider_key(id, "unversioned", Setting::Absent)?;
        settings.set_provider_key(id, "wire", Setting::Absent)?;
    } else if change.local_network == Some(false) {
        // The address must still be one that may be used.
        settings.endpoint(id)?;
    }
    if let Some(wire) = change.wire {
        only(compatible, "choice of API")?;
        settings.set_provider_key(id, "wire", Setting::Text(wire_value(wire)))?;
    }
    if let Some(seconds) = change.timeout_seconds {
        only(compatible, "timeout")?;
        settings.set_provider_key(id, "timeout", Setting::Seconds(seconds))?;
    }
    let texts = [
        ("name", &change.name, compatible),
        ("organization", &change.organization, *id == ProviderId::Openai),
        ("project", &change.project, *id == ProviderId::Openai),
    ];
    for (key, text, allowed) in texts {
        let Some(text) = text.as_deref().map(str::trim) else { continue };
        only(allowed, key)?;
        if !text.is_empty() && !is_printable_within(text, MAX_NAME_CHARS) {
            return Err(Failure::new(ErrorCode::BadUsage, crate::accounts::not_a_name(key)));
        }
        settings.set_provider_key(
            id,
            key,
            if text.is_empty() { Setting::Absent } else { Setting::Text(text) },
        )?;
    }
    Ok(())
}

/// Returns the error for a removed provider whose key could not be erased. Its text has the remedy, because the key is
/// shown nowhere else.
fn key_not_erased(id: &ProviderId, failure: &Failure) -> Failure {
    let cause = format!(
        "{id} was taken out of the settings, but its key is still kept here: {}; erase it with `usher logout --provider {id}`",
        failure.cause
    );
    Failure::new(failure.code, cause).with_retry_at(failure.retry_at)
}

fn no_such_provider(id: &ProviderId) -> Failure {
    Failure::new(ErrorCode::BadUsage, format!("there is no provider {id}"))
}
