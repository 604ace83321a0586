//! Providers, their keys and models, and the connection test.

use std::sync::Arc;

use usher_domain::{AccountId, ApiKey, Failure, HeaderSecret, ProviderId, Role, Selection};

use super::{CommandContext, Events};
use crate::connection::Target;
use crate::models::role_edit::RoleEdit;
use crate::view::{
    ModelsView, NewEndpoint, ProviderChange, ProviderView, ProvidersView, TestEvent, UsageView,
};

pub(super) async fn providers(context: &CommandContext) -> Result<ProvidersView, Failure> {
    context.app.providers.list().await
}

pub(super) async fn add_provider(
    context: &CommandContext,
    provider: ProviderId,
) -> Result<ProviderView, Failure> {
    context.app.providers.add(&provider).await
}

pub(super) async fn add_endpoint(
    context: &CommandContext,
    endpoint: NewEndpoint,
) -> Result<ProviderView, Failure> {
    context.app.providers.add_service(endpoint).await
}

pub(super) async fn change_provider(
    context: &CommandContext,
    provider: ProviderId,
    change: ProviderChange,
) -> Result<ProviderView, Failure> {
    context.app.providers.change(&provider, change).await
}

pub(super) async fn remove_provider(context: &CommandContext, provider: ProviderId) -> Result<(), Failure> {
    context.app.providers.remove(&provider).await
}

pub(super) async fn set_enabled(
    context: &CommandContext,
    provider: ProviderId,
    enabled: bool,
) -> Result<(), Failure> {
    context.app.providers.set_enabled(&provider, enabled).await
}

pub(super) async fn use_provider(
    context: &CommandContext,
    provider: ProviderId,
    account: Option<AccountId>,
) -> Result<(), Failure> {
    // The account first, so that one that is not there changes nothing.
    if let Some(account) = account {
        context.app.accounts.make_active(account).await?;
    }
    context.app.providers.use_for_tools(&provider).await
}

pub(super) async fn save_key(
    context: &CommandContext,
    provider: ProviderId,
    key: String,
) -> Result<ProviderView, Failure> {
    context.app.providers.save_key(&provider, ApiKey::new(key)).await
}

pub(super) async fn forget_key(
    context: &CommandContext,
    provider: ProviderId,
) -> Result<ProviderView, Failure> {
    context.app.providers.forget_key(&provider).await
}

pub(super) async fn save_header(
    context: &CommandContext,
    provider: ProviderId,
    name: String,
    value: String,
) -> Result<ProviderView, Failure> {
    context.app.providers.save_header(&provider, &name, HeaderSecret::new(value)).await
}

pub(super) async fn remove_header(
    context: &CommandContext,
    provider: ProviderId,
    name: String,
) -> Result<ProviderView, Failure> {
    context.app.providers.remove_header(&provider, &name).await
}

pub(super) async fn models(
    context: &CommandContext,
    provider: ProviderId,
    refresh: bool,
) -> Result<ModelsView, Failure> {
    context.app.catalog.models(&Target::of(provider), refresh).await
}

pub(super) async fn choose(
    context: &CommandContext,
    provider: ProviderId,
    model: Option<String>,
    effort: Option<String>,
    small: Option<String>,
) -> Result<Selection, Failure> {
    let target = Target::of(provider);
    context.app.catalog.select_model(&target, model.as_deref(), effort.as_deref(), small.as_deref()).await
}

pub(super) async fn choose_role(
    context: &CommandContext,
    provider: ProviderId,
    role: Role,
    edit: RoleEdit,
) -> Result<Selection, Failure> {
    context.app.catalog.select_role(&Target::of(provider), role, edit).await
}

pub(super) async fn add_model(
    context: &CommandContext,
    provider: ProviderId,
    id: String,
) -> Result<ModelsView, Failure> {
    context.app.catalog.set_manual_model(&Target::of(provider), &id, true).await
}

pub(super) async fn remove_model(
    context: &CommandContext,
    provider: ProviderId,
    id: String,
) -> Result<ModelsView, Failure> {
    context.app.catalog.set_manual_model(&Target::of(provider), &id, false).await
}

pub(super) async fn usage(context: &CommandContext, provider: ProviderId) -> Result<UsageView, Failure> {
    context.app.usage.read(&Target::of(provider)).await
}

pub(super) async fn run_test(
    context: &CommandContext,
    provider: ProviderId,
    events: Events<TestEvent>,
) -> Result<(), Failure> {
    // Its last event says how it ended.
    context.app.tests.run_test(&Target::of(provider), Arc::new(move |event| events.emit(&event))).await;
    Ok(())
}

pub(super) async fn stop_test(context: &CommandContext) -> Result<(), Failure> {
    context.app.tests.stop_test();
    Ok(())
}
