//! What the kinds with an API key have in common.

use std::sync::Arc;

use url::Url;
use usher_auth::{KeyTokenSource, VaultSummary, key_suffix};
use usher_domain::{BaseUrl, Failure, ProviderId, Wire};
use usher_upstream::{BackendConfig, Timeouts};

use super::{ConnectRequest, CredentialRequest, ProviderAccess, ProviderKind};
use crate::accounts::scope::ModelScope;
use crate::connection::Connection;
use crate::context::Context;
use crate::settings::EndpointSettings;
use crate::view::{CredentialPlace, CredentialView};

/// Returns the key in use. A key that was saved for another address is not sent to this one.
pub(super) fn credential(
    kind: &(impl ProviderKind + ?Sized),
    request: &CredentialRequest<'_>,
) -> CredentialView {
    let here = request.root.map(|root| root.origin().ascii_serialization());
    match request.vault.key_for(request.id) {
        Some(saved) if here.is_some_and(|here| here != saved.origin) => {
            CredentialView::KeyOfOtherAddress { origin: saved.origin.clone() }
        }
        Some(saved) => match &saved.key_suffix {
            Some(ends_in) => CredentialView::Key { ends_in: ends_in.clone(), saved_at: saved.saved_at },
            None => CredentialView::Headers,
        },
        None => match kind.environment_key(request.context) {
            Some(found) => CredentialView::Environment {
                variable: found.variable.into(),
                ends_in: key_suffix(&found.key),
            },
            None if kind.access() == ProviderAccess::RequiredKey => CredentialView::Missing,
            None => CredentialView::NotNeeded,
        },
    }
}

pub(super) async fn connect(
    kind: &(impl ProviderKind + ?Sized),
    request: ConnectRequest<'_>,
) -> Result<Connection, Failure> {
    let ConnectRequest { context, id, settings, vault, .. } = &request;
    let (context, id) = (*context, *id);
    let settings = settings.endpoint(id)?;
    let endpoint = EndpointSettings { unversioned: settings.unversioned || request.unversioned, ..settings };
    let root = kind.root(context, id, &endpoint)?;
    let list_source = list_source(kind, &request, &endpoint, &root);
    let credential = credential_mark(kind, context, id, vault);
    let tokens = KeyTokenSource::new(Arc::clone(&context.store), id.clone(), root);
    let is_required = kind.access() == ProviderAccess::RequiredKey;
    let tokens = if is_required {
        tokens.require_key(kind.environment_key(context).map(|found| found.key))
    } else {
        tokens
    };
    let place = match vault.key_for(id) {
        Some(_) => context.store_place().await?,
        None if is_required => CredentialPlace::Environment,
        None => CredentialPlace::NotNeeded,
    };
    let lists = kind.list_timeout(&endpoint);
    let wire = kind.wire(&endpoint);
    Ok(Connection {
        provider: id.clone(),
        scope: ModelScope::Provider(id.clone()),
        account: None,
        name: kind.display_name(id, &endpoint),
        list_source,
        credential,
        plan: None,
        tokens: Arc::new(tokens.with_headers(kind.extra_headers(&endpoint))),
        place,
        renews: false,
        caches_tokens: true,
        config: BackendConfig::for_api(kind.rules(), wire.unwrap_or(Wire::Responses)),
        wire,
        may_be_unversioned: may_be_unversioned(&endpoint),
        timeouts: Timeouts { lists, idle: endpoint.timeout.max(lists), ..Timeouts::default() },
    })
}

/// Returns why the server refused the key in use the last time it was sent.
pub(super) fn refusal(
    kind: &(impl ProviderKind + ?Sized),
    CredentialRequest { context, id, vault, .. }: &CredentialRequest<'_>,
) -> Option<Failure> {
    let mark = credential_mark(kind, context, id, vault)?;
    context.state.refusal(&ModelScope::Provider((*id).clone()).key(), &mark)
}

/// Returns which key is in use, without its secret: when and for what it was saved, and its end. `None` without a key.
fn credential_mark(
    kind: &(impl ProviderKind + ?Sized),
    context: &Context,
    id: &ProviderId,
    vault: &VaultSummary,
) -> Option<String> {
    match vault.key_for(id) {
        Some(saved) => {
            let suffix = saved.key_suffix.as_deref().unwrap_or_default();
            Some(format!("{} {} {suffix}", saved.saved_at.0, saved.origin))
        }
        None => kind
            .environment_key(context)
            .map(|found| format!("{} {}", found.variable, key_suffix(&found.key))),
    }
}

/// Returns what decides which models the server lists, without any secret.
fn list_source(
    kind: &(impl ProviderKind + ?Sized),
    request: &ConnectRequest<'_>,
    endpoint: &EndpointSettings,
    root: &Url,
) -> String {
    // Not the root: that `/v1` does not belong behind the address is found out with the list.
    let address = endpoint.base_url.as_ref().map_or_else(|| root.to_string(), BaseUrl::to_string);
    let key = match request.vault.key_for(request.id) {
        Some(saved) => format!("{} {}", saved.saved_at.0, saved.origin),
        None => kind.environment_key(request.context).map(|found| key_suffix(&found.key)).unwrap_or_default(),
    };
    let of = [&endpoint.organization, &endpoint.project].map(|text| text.as_deref().unwrap_or_default());
    format!("{address} {key} {} {}", of[0], of[1])
}

/// Returns whether the server has to say if `/v1` belongs behind the address.
fn may_be_unversioned(endpoint: &EndpointSettings) -> bool {
    let open = endpoint.base_url.as_ref().is_some_and(|base| !base.has_version_segment());
    open && !endpoint.unversioned
}
