//! Which providers there are.

use usher_auth::VaultSummary;
use usher_domain::{ErrorCode, Failure, ProviderId};

use crate::context::Context;
use crate::providers::kinds;
use crate::settings::Settings;

/// Those that are always listed; those whose key the environment has; then those of the file, in its order.
pub(crate) fn known_providers(context: &Context, settings: &Settings) -> Vec<ProviderId> {
    let of_file: Vec<ProviderId> =
        settings.providers().into_iter().filter(|id| kinds::find(id).is_some()).collect();
    let mut known: Vec<ProviderId> = kinds::unnamed()
        .filter(|(id, kind)| {
            let is_added = kind.environment_key(context).is_some() && !of_file.contains(id);
            kind.always_listed().is_some() || is_added
        })
        .map(|(id, _)| id)
        .collect();
    let others: Vec<ProviderId> = of_file.into_iter().filter(|id| !known.contains(id)).collect();
    known.extend(others);
    known
}

/// Refuses a provider that there is not, with [`ErrorCode::BadUsage`].
pub(crate) fn require_known(context: &Context, id: &ProviderId, settings: &Settings) -> Result<(), Failure> {
    if known_providers(context, settings).contains(id) { Ok(()) } else { Err(no_such_provider(id)) }
}

/// Providers whose key is kept here and that are in the settings no more.
pub(crate) fn left_keys(context: &Context, settings: &Settings, vault: &VaultSummary) -> Vec<ProviderId> {
    let known = known_providers(context, settings);
    vault.keys.iter().map(|key| key.provider.clone()).filter(|id| !known.contains(id)).collect()
}

fn no_such_provider(id: &ProviderId) -> Failure {
    Failure::new(ErrorCode::BadUsage, format!("there is no provider {id}; add it first"))
}
