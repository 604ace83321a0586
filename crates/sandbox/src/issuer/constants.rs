//! The client and the grant type that the authorization server knows.

/// The Codex client's id, public and without a secret (protocol §0).
pub(super) const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

/// The grant type by which Codex requests an API key (protocol §2.5).
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
