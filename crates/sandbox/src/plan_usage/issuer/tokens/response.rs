//! The tokens of a grant: signed, noted, and as the response of the token endpoint (siwc §5).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::id_token::IdToken;
use crate::accounts::Membership;
use crate::plan_usage::constants::{RESOURCE, granted_scope};
use crate::plan_usage::issuer::discovery;
use crate::plan_usage::issuer::grants::{Authorization, Issue, RefreshWindow};
use crate::plan_usage::registrations::Registration;
use crate::plan_usage::settings::{PlanUsageSettings, TimeFormat, TokenField};
use crate::random;
use crate::state::SandboxState;

/// The tokens of a sign-in.
#[derive(Clone, Debug, Serialize)]
pub struct PlanUsageTokens {
    /// The issued client id, which a client learns from the callback.
    #[serde(skip)]
    pub client_id: String,
    /// Access token.
    pub access_token: String,
    /// Refresh token.
    pub refresh_token: String,
    /// Identity token.
    pub id_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Lifetime of the access token in seconds.
    pub expires_in: i64,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When a refresh may be sent, in one of several forms; none when the field is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_refresh_at: Option<Value>,
}

impl PlanUsageTokens {
    /// Returns the response of the token endpoint without `omitted` fields.
    pub(crate) fn to_response(&self, omitted: &[TokenField]) -> Value {
        let mut response = json!(self);
        if let Some(fields) = response.as_object_mut() {
            fields.retain(|name, _| !omitted.iter().any(|field| field.name() == name));
        }
        response
    }
}

/// Registers a client for `membership` and signs it in, without a person.
pub(crate) fn sign_in(state: &SandboxState, membership: Membership, plan_allowed: bool) -> PlanUsageTokens {
    let registrations = &state.plan_usage.registrations;
    let client_id = registrations.add(Registration::new(
        membership,
        "an app that a test signed in".to_owned(),
        "/auth/callback".to_owned(),
    ));
    registrations.note_sign_in(
        &client_id,
        "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(),
        plan_allowed,
    );
    let authorization = Authorization { client_id, membership, scope: granted_scope(plan_allowed) };
    let window = refresh_window(&state.settings().plan_usage, state.now());
    issue(state, state.plan_usage.grants.add(authorization, window))
}

/// Returns when a refresh token that is made now may be used.
pub(crate) fn refresh_window(settings: &PlanUsageSettings, now: i64) -> RefreshWindow {
    RefreshWindow {
        earliest: settings.earliest_refresh_at.is_given().then(|| earliest_refresh(settings, now)),
        expires_at: now + settings.refresh_token_lifetime_s,
    }
}

/// Returns the gate: after 90 % of the access token's lifetime, minute 54 of an hour (siwc §7.3).
fn earliest_refresh(settings: &PlanUsageSettings, now: i64) -> i64 {
    now + settings.access_token_lifetime_s * 9 / 10
}

/// Signs the tokens of a grant.
pub(crate) fn issue(state: &SandboxState, issue: Issue) -> PlanUsageTokens {
    let settings = state.settings().plan_usage;
    let now = state.now();
    let issuer = discovery::issuer(state);
    let Authorization { client_id, membership, scope } = issue.authorization;
    let expires_at = now + settings.access_token_lifetime_s;
    let access_token = state.plan_usage.keys.sign(&json!({
        "iss": issuer,
        "aud": [RESOURCE],
        "sub": membership.account.user_id,
        "client_id": client_id,
        "scope": scope,
        "iat": now,
        "nbf": now,
        "exp": expires_at,
        "jti": random::string(""),
        // Opaque by contract: no account id and no plan (siwc §6).
        "https://api.openai.com/auth": {
            "per_user_salt": random::string(""),
            "encrypted_auth_metadata": random::string(""),
        },
    }));
    let id_token = IdToken {
        issuer: &issuer,
        client_id: &client_id,
        account: membership.account,
        nonce: issue.nonce.as_deref(),
        now,
    }
    .sign(&state.plan_usage.keys, settings.id_token);
    state.plan_usage.grants.note_tokens(issue.grant, &access_token, expires_at, &id_token);
    PlanUsageTokens {
        client_id,
        access_token,
        refresh_token: issue.refresh_token,
        id_token,
        token_type: "Bearer",
        expires_in: settings.access_token_lifetime_s,
        scope,
        earliest_refresh_at: format_time(settings.earliest_refresh_at, earliest_refresh(&settings, now)),
    }
}

fn format_time(format: TimeFormat, seconds: i64) -> Option<Value> {
    match format {
        TimeFormat::Seconds => Some(seconds.into()),
        TimeFormat::Milliseconds => Some((seconds * 1000).into()),
        TimeFormat::Iso => Timestamp::from_second(seconds).ok().map(|time| time.to_string().into()),
        TimeFormat::Null => Some(Value::Null),
        TimeFormat::Absent => None,
    }
}
