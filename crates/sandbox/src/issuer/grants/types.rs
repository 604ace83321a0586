//! What is granted, what it is made of, and how it may be refused.

use serde::{Deserialize, Serialize};

use crate::accounts::Membership;

/// An answer of the token endpoint (protocol §2.2).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenSet {
    /// Identity token.
    pub id_token: String,
    /// Access token.
    pub access_token: String,
    /// Refresh token; absent when `offline_access` was not granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Always `Bearer`.
    pub token_type: String,
    /// Life of the access token in seconds.
    pub expires_in: i64,
}

/// What a person allowed.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    pub(crate) membership: Membership,
    pub(crate) scope: String,
    pub(crate) organizations: bool,
}

/// What an authorization code is bound to.
pub(crate) struct CodeBinding {
    pub(crate) consent: Consent,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
}

/// Why an access token is not accepted (protocol §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessRefusal {
    /// Not a token of this sandbox.
    Unknown,
    /// Too old, or declared so by a test.
    Expired,
    /// Its grant is dead.
    Invalidated,
}

/// A change of grants that a test asks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum GrantOperation {
    /// Access tokens count as expired.
    ExpireAccess,
    /// The grants die: backend `token_invalidated`, refresh `refresh_token_invalidated`.
    Invalidate,
    /// Refresh answers `refresh_token_expired`.
    ExpireRefresh,
    /// The current refresh token counts as used, as if another program had rotated it.
    Reuse,
    /// The personal access tokens die, which belong to no grant (protocol §5.1).
    RevokeAccessToken,
}
