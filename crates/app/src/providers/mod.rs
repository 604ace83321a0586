//! Providers: which there are, where they are, who pays; added, changed, switched and removed.

pub(crate) mod api_keys;
mod change;
pub(crate) mod hosts;
pub(crate) mod kinds;
pub(crate) mod known;
mod provider_view;

use std::sync::Arc;

use usher_auth::ApiKeys;
use usher_domain::{ErrorCode, Failure, PRESETS, ProviderId};

use crate::accounts::scope::ModelScope;
use crate::context::Context;
use crate::gateway::passes::outcomes::tools_view;
use crate::providers::change::apply;
use crate::providers::hosts::hosts;
use crate::providers::kinds::id_of_service;
use crate::providers::known::{known_providers, require_known};
use crate::providers::provider_view::view_of;
use crate::view::{NewEndpoint, ProviderChange, ProviderView, ProvidersView, ToolsView};

/// Lists, adds, changes and removes providers, with their keys.
pub struct Providers {
    context: Arc<Context>,
}

impl Providers {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// All providers, without asking the network.
    pub async fn list(&self) -> Result<ProvidersView, Failure> {
        let settings = self.context.read_settings()?;
        let vault = self.context.vault().await;
        let mut providers = Vec::new();
        for id in known_providers(&self.context, &settings) {
            providers.push(view_of(&self.context, &id, &settings, &vault).await?);
        }
        Ok(ProvidersView {
            providers,
            presets: PRESETS.to_vec(),
            hosts: hosts(&self.context, &settings),
            tools: tools_view(&self.context, &settings, &vault),
        })
    }

    /// Returns what tools use.
    pub async fn tools(&self) -> Result<ToolsView, Failure> {
        let settings = self.context.read_settings()?;
        Ok(tools_view(&self.context, &settings, &self.context.vault().await))
    }

    /// Makes `id` the provider that tools use: for new passes, and for passes that belong to no provider.
    pub async fn use_for_tools(&self, id: &ProviderId) -> Result<(), Failure> {
        require_known(&self.context, id, &self.context.read_settings()?)?;
        self.context.change_settings(|settings| settings.set_tools_provider(id)).await
    }

    /// One of them.
    pub async fn get(&self, id: &ProviderId) -> Result<ProviderView, Failure> {
        let settings = self.context.read_settings()?;
        require_known(&self.context, id, &settings)?;
        view_of(&self.context, id, &settings, &self.context.vault().await).await
    }

    /// Adds the Platform or the link to the Codex CLI; the plan is there already. What is there stays as it is.
    pub async fn add(&self, id: &ProviderId) -> Result<ProviderView, Failure> {
        if kinds::of(id)?.is_named() {
            return Err(Failure::new(ErrorCode::BadUsage, "such a provider needs a base URL"));
        }
        let mut is_new = false;
        self.context
            .change_settings(|settings| {
                is_new = !known_providers(&self.context, settings).contains(id);
                settings.add_provider(id)
            })
            .await?;
        if is_new {
            self.forget_left_key(id).await?;
        }
        self.get(id).await
    }

    /// Adds a service. Refused with [`ErrorCode::BadUrl`] or [`ErrorCode::BadUsage`]; nothing is added then.
    pub async fn add_service(&self, new: NewEndpoint) -> Result<ProviderView, Failure> {
        let id = id_of_service(&new.name)?;
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
        self.get(&id).await
    }

    /// A provider that is new begins without a key: one that is kept from before is that of a table which the person
    /// took out of the file. In a store that cannot be read it lets nobody in.
    async fn forget_left_key(&self, id: &ProviderId) -> Result<(), Failure> {
        let left = self.context.vault().await.is_ok_and(|vault| vault.key_for(id).is_some());
        if left { self.saved_keys().forget(id).await.map(drop) } else { Ok(()) }
    }

    fn saved_keys(&self) -> ApiKeys {
        ApiKeys::new(Arc::clone(&self.context.store), Arc::clone(&self.context.clock))
    }

    /// Changes what the person may change of a provider.
    pub async fn change(&self, id: &ProviderId, change: ProviderChange) -> Result<ProviderView, Failure> {
        require_known(&self.context, id, &self.context.read_settings()?)?;
        self.context.change_settings(|settings| apply(settings, id, &change)).await?;
        self.get(id).await
    }

    /// Switches a provider on or off. Off: tools are refused, and Usher does not speak to its host.
    pub async fn set_enabled(&self, id: &ProviderId, enabled: bool) -> Result<(), Failure> {
        require_known(&self.context, id, &self.context.read_settings()?)?;
        self.context.change_settings(|settings| settings.set_enabled(id, enabled)).await
    }

    /// Takes a provider out, with its key. The plan's sign-ins are disconnected instead.
    pub async fn remove(&self, id: &ProviderId) -> Result<(), Failure> {
        if let Some(cause) = kinds::of(id)?.always_listed() {
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        require_known(&self.context, id, &self.context.read_settings()?)?;
        // The settings first: they may be broken or in use, and a refused removal has taken nothing away.
        self.context.change_settings(|settings| settings.remove_provider(id)).await?;
        self.saved_keys().forget(id).await.map_err(|failure| key_not_erased(id, &failure))?;
        self.context.changed();
        if let Err(failure) = self.context.state.forget(&ModelScope::Provider(id.clone()).key()) {
            tracing::warn!(cause = %failure, "the model list of a removed provider stays until it is written over");
        }
        Ok(())
    }
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
