//! A provider as it is shown.

use url::Url;
use usher_auth::VaultSummary;
use usher_domain::{BaseUrl, Failure, ProviderId};

use crate::accounts::scope::ModelScope;
use crate::context::Context;
use crate::models::catalog::list_version;
use crate::providers::kinds::{self, CredentialRequest, ProviderKind};
use crate::settings::{EndpointSettings, Settings};
use crate::view::{CredentialView, EndpointView, FailureView, ProviderView};

/// Shows `id`, of a known kind, with what can be read of it.
pub(super) async fn view_of(
    context: &Context,
    id: &ProviderId,
    settings: &Settings,
    vault: &Result<VaultSummary, Failure>,
) -> Result<ProviderView, Failure> {
    let kind = kinds::of(id)?;
    let endpoint = settings.endpoint(id);
    let root = endpoint.clone().and_then(|endpoint| kind.root(context, id, &endpoint));
    let (root, endpoint_error) = match root {
        Ok(root) => (Some(root), None),
        Err(failure) => (None, Some(failure)),
    };
    let shown = endpoint.as_ref().ok();
    let (credential, attention) = match vault {
        Ok(vault) => kind.credential(CredentialRequest { context, id, root: root.as_ref(), vault }).await,
        Err(failure) => (CredentialView::Missing, Some(failure.clone())),
    };
    let scope = match vault {
        Ok(vault) if kind.has_accounts() => vault.active.clone().map(ModelScope::Account),
        _ => Some(ModelScope::Provider(id.clone())),
    };
    Ok(ProviderView {
        id: id.clone(),
        name: shown.map_or_else(|| id.to_string(), |endpoint| kind.display_name(id, endpoint)),
        pays: kind.billing(),
        enabled: settings.enabled(id),
        credential,
        endpoint: shown.and_then(|endpoint| endpoint_view(kind, id, endpoint, root.as_ref()?, vault)),
        selection: scope.as_ref().map(|scope| settings.selection(scope)).unwrap_or_default(),
        models_version: scope.as_ref().filter(|_| !kind.has_accounts()).and_then(|scope| {
            list_version(context.state.models(&scope.key()).as_ref(), &settings.manual_models(scope))
        }),
        attention: endpoint_error.or(attention).map(FailureView::from),
    })
}

/// Shows the address, where a key belongs to it.
fn endpoint_view(
    kind: &dyn ProviderKind,
    id: &ProviderId,
    endpoint: &EndpointSettings,
    root: &Url,
    vault: &Result<VaultSummary, Failure>,
) -> Option<EndpointView> {
    if !kind.access().takes_key() {
        return None;
    }
    let saved = vault.as_ref().ok().and_then(|vault| vault.key_for(id));
    let root = root.as_str().trim_end_matches('/').to_owned();
    Some(EndpointView {
        base_url: endpoint.base_url.as_ref().map_or_else(|| root.clone(), BaseUrl::to_string),
        root,
        wire: kind.wire(endpoint),
        timeout_seconds: u32::try_from(endpoint.timeout.as_secs()).unwrap_or(u32::MAX),
        local_network: endpoint.local_network,
        headers: saved.map(|saved| saved.headers.clone()).unwrap_or_default(),
        organization: endpoint.organization.clone(),
        project: endpoint.project.clone(),
    })
}
