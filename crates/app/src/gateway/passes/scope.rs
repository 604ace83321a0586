//! What a pass may use, checked when it is made or changed.

use std::path::Path;

use usher_auth::VaultSummary;
use usher_domain::{ErrorCode, Failure, PassScope, ProviderId};

use crate::accounts::scope::ModelScope;
use crate::providers::kinds::{self, has_accounts};
use crate::view::Billing;

/// Returns whose models the requests of a pass use now.
pub(super) fn owner_of(scope: &PassScope, vault: &VaultSummary) -> Option<ModelScope> {
    match &scope.provider {
        Some(provider) if !has_accounts(provider) => Some(ModelScope::Provider(provider.clone())),
        _ => scope.account.clone().or_else(|| vault.active.clone()).map(ModelScope::Account),
    }
}

/// Refuses what a pass cannot leave: no share, of a provider without a plan, or of requests that Usher does not see.
pub(super) fn check_leaves_percent(
    percent: Option<u8>,
    provider: Option<&ProviderId>,
    token: bool,
) -> Result<(), Failure> {
    let Some(percent) = percent else { return Ok(()) };
    let refused = |why: String| Err(Failure::new(ErrorCode::BadUsage, why));
    if !(1..=99).contains(&percent) {
        return refused("a background pass leaves 1 to 99 percent of the plan".into());
    }
    if token {
        let why =
            "requests with the access token itself are not seen, so a pass that may read it leaves nothing";
        return refused(why.into());
    }
    match provider {
        Some(id) if kinds::of(id)?.billing() != Billing::Plan => {
            refused(format!("{id} has no plan, so there is nothing of it to leave"))
        }
        _ => Ok(()),
    }
}

/// Returns the folder that programs must run in, as the system names it when it is asked where they run.
pub(super) fn folder_of_programs(folder: &Path) -> Result<String, Failure> {
    let refused = |why: String| Failure::new(ErrorCode::BadUsage, why);
    if !usher_gateway::KNOWS_FOLDERS_OF_PROGRAMS {
        let why =
            "on this system Usher cannot tell where a program runs, so a pass cannot be bound to a folder";
        return Err(refused(why.into()));
    }
    let real = folder.canonicalize().map_err(|error| refused(format!("{}: {error}", folder.display())))?;
    if !real.is_dir() {
        return Err(refused(format!("{} is no folder", folder.display())));
    }
    let text = real.to_str().map(str::to_owned);
    text.ok_or_else(|| refused(format!("the path of {} is no text", folder.display())))
}
