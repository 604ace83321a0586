//! The types of grants: tokens, consent, and changes that a test makes.

use serde::{Deserialize, Serialize};

use crate::accounts::Membership;

/// A response of the token endpoint (protocol §2.2).
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
    /// Lifetime of the access token in seconds.
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
    /// Expired, or set so by a test.
    Expired,
    /// Its grant was revoked.
    Invalidated,
}

/// A change of grants, for tests.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum GrantOperation {
    /// Access tokens count as expired.
    ExpireAccess,
    /// The grants are revoked: backend `token_invalidated`, refresh `refresh_token_invalidated`.
    Invalidate,
    /// A refresh gets `refresh_token_expired`.
    ExpireRefresh,
    /// The current refresh token counts as used, as if another program had rotated it.
    Reuse,
    /// The personal access tokens, which belong to no grant, are revoked (protocol §5.1).
    RevokeAccessToken,
}
