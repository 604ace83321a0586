//! What can change about this sign-in while the sandbox runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::accounts::{self, Membership};

/// The settings of Sign in with `ChatGPT`. The default is what is known of the real servers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each set by its name")]
pub struct PlanUsageSettings {
    /// Replaces the origin in `iss` and in the discovery document, for a sandbox behind a TLS proxy.
    pub issuer: Option<String>,
    /// Lifetime of an access token (siwc §0).
    pub access_token_lifetime_s: i64,
    /// Lifetime of a refresh token, which each refresh starts again (siwc §0).
    pub refresh_token_lifetime_s: i64,
    /// What happens to a refresh before `earliest_refresh_at`.
    pub early_refresh: EarlyRefresh,
    /// The form of `earliest_refresh_at`.
    pub earliest_refresh_at: TimeFormat,
    /// Fields that the response to a code exchange lacks.
    pub exchange_omits: Vec<TokenField>,
    /// Fields that the response to a refresh lacks (siwc §7.1).
    pub refresh_omits: Vec<TokenField>,
    /// What is unusual about ID tokens; nothing when absent.
    pub id_token: Option<IdTokenVariant>,
    /// The `client_id` of the callback.
    pub callback_client_id: CallbackClientId,
    /// Whether revocation has another address than usual, which only the discovery document names (siwc §8).
    pub revocation_moved: bool,
    /// Whether a revocation ends access tokens too, which is not known (siwc §20).
    pub revocation_ends_access: bool,
    /// Whether function and custom tools may be outside of a namespace (siwc §10.3).
    pub flat_tools: bool,
    /// Whether the final response of a stream has an empty `output` (siwc §10.4).
    pub empty_output: bool,
    /// Whether a stream has a `Content-Type` (siwc §10.4).
    pub stream_content_type: bool,
    /// Who may use the plan, by account key; others may with a Plus or Pro plan (siwc §1.1).
    pub eligible: BTreeMap<String, bool>,
    /// Who has reached a limit, by account key, and when the client learns of it.
    pub limit_reached: BTreeMap<String, LimitStage>,
    /// Answers authorization requests in place of a person, without a page.
    pub answer: Option<Answer>,
}

impl Default for PlanUsageSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            access_token_lifetime_s: 60 * 60,
            refresh_token_lifetime_s: 30 * 24 * 60 * 60,
            early_refresh: EarlyRefresh::Spend,
            earliest_refresh_at: TimeFormat::Seconds,
            exchange_omits: Vec::new(),
            refresh_omits: Vec::new(),
            id_token: None,
            callback_client_id: CallbackClientId::Issued,
            revocation_moved: false,
            revocation_ends_access: false,
            flat_tools: true,
            empty_output: false,
            stream_content_type: true,
            eligible: BTreeMap::new(),
            limit_reached: BTreeMap::new(),
            answer: None,
        }
    }
}

impl PlanUsageSettings {
    /// Returns whether the plan of `membership` can be used (siwc §1.1).
    pub(crate) fn is_eligible(&self, membership: Membership) -> bool {
        let by_plan = matches!(membership.workspace.plan, "plus" | "pro");
        self.eligible.get(membership.account.key).copied().unwrap_or(by_plan)
    }

    /// Returns why the settings can't apply: an account that does not exist.
    pub(crate) fn problem(&self) -> Option<String> {
        let answered = self.answer.as_ref().map(|answer| &answer.account);
        let mut keys = self.eligible.keys().chain(self.limit_reached.keys()).chain(answered);
        keys.find(|key| accounts::account(key).is_none()).map(|key| format!("no account is called {key:?}"))
    }
}

/// What happens to a refresh before `earliest_refresh_at` (siwc §7.3).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyRefresh {
    /// `invalid_grant`, and the refresh token is used up, as seen on the real server.
    Spend,
    /// `invalid_grant`, and the refresh token stays valid.
    Refuse,
    /// It succeeds.
    Off,
}

/// The form of a time; without one there is no gate either (siwc §7.3).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// Unix seconds.
    Seconds,
    /// Unix milliseconds.
    Milliseconds,
    /// ISO 8601, in UTC.
    Iso,
    /// `null`.
    Null,
    /// No field.
    Absent,
}

impl TimeFormat {
    /// Returns whether a client can know the time.
    pub(crate) fn is_given(self) -> bool {
        !matches!(self, Self::Null | Self::Absent)
    }
}

/// A field of a token response.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenField {
    /// `access_token`, which may be missing when the plan was not allowed (siwc §5).
    AccessToken,
    /// `refresh_token`.
    RefreshToken,
    /// `id_token`.
    IdToken,
    /// `scope`.
    Scope,
    /// `expires_in`.
    ExpiresIn,
}

impl TokenField {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::IdToken => "id_token",
            Self::Scope => "scope",
            Self::ExpiresIn => "expires_in",
        }
    }
}

/// What is unusual about an ID token (siwc §6). A client has to refuse most of them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenVariant {
    /// `aud` is a string, which is valid.
    StringAudience,
    /// Two audiences, and the client's id as `azp`, which is valid.
    TwoAudiencesWithParty,
    /// Two audiences and no `azp`.
    TwoAudiences,
    /// The audience is another client.
    WrongAudience,
    /// `azp` is another client.
    WrongParty,
    /// Another issuer.
    WrongIssuer,
    /// Another nonce than the one of the request.
    WrongNonce,
    /// No nonce.
    NoNonce,
    /// An expiry an hour ago.
    Expired,
    /// No `sub`.
    NoSubject,
    /// Another person.
    OtherSubject,
    /// No signature, and `alg` is `none`.
    AlgNone,
    /// Signed by HS256 with the public key as the secret.
    AlgHs256,
    /// Signed by a key that the JWKS does not have.
    UnknownKey,
    /// The signature of another token.
    WrongSignature,
}

/// The `client_id` of the callback (siwc §4).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackClientId {
    /// The issued id.
    Issued,
    /// The issued id for a registration, none for a known account.
    OnlyIfNew,
    /// None.
    Absent,
    /// `dynamic_agent_client`.
    Dynamic,
    /// An id that was issued to somebody else.
    Other,
}

/// When a client learns of a limit (siwc §11).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitStage {
    /// By a 429.
    BeforeStream,
    /// By `response.failed`.
    InStream,
}

/// A decision without a page.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Account key.
    pub account: String,
    /// Account id of a workspace; the first one when absent.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The decision.
    #[serde(default)]
    pub decision: ConsentDecision,
}

/// What a person decides (siwc §4). Permission to sign in and permission to use the plan are separate.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentDecision {
    /// Sign-in and plan.
    #[default]
    Allow,
    /// Sign-in without the plan.
    SignInOnly,
    /// Neither.
    Deny,
}
