//! What the sandbox knows of this sign-in.

use super::issuer::grants::Grants;
use super::issuer::requests::PendingRequests;
use super::issuer::tokens::signing_keys::SigningKeys;
use super::registrations::Registrations;

/// Registrations, grants, keys, and requests that wait for a decision.
#[derive(Default)]
pub(crate) struct PlanUsageState {
    pub(crate) registrations: Registrations,
    pub(super) grants: Grants,
    pub(crate) keys: SigningKeys,
    pub(super) requests: PendingRequests,
}
