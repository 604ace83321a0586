//! The claims of tokens (protocol §2.3) and their signature.
//!
//! HS256 with a key made at start: no client can verify it, and Codex does not (protocol §2.3). `OpenAI` signs with a
//! published key, and so does the second issuer here (siwc §6).

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::Membership;
use crate::issuer::constants::CLIENT_ID;
use crate::random;

const AUTH: &str = "https://api.openai.com/auth";
const PROFILE: &str = "https://api.openai.com/profile";

/// The audience of an access token: our guess, it is not on the protocol page.
const API_AUDIENCE: &str = "https://api.openai.com/v1";

/// The lifetime of an id token: our guess, it is not on the protocol page.
const ID_TOKEN_LIFETIME_S: i64 = 3600;

pub(crate) struct Signer {
    issuer: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// The claims that the sandbox reads from its own access token.
#[derive(Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) jti: String,
    pub(crate) exp: i64,
}

impl Signer {
    pub(crate) fn new(issuer: String) -> Self {
        let key = random::key();
        Self { issuer, encoding: EncodingKey::from_secret(&key), decoding: DecodingKey::from_secret(&key) }
    }

    pub(crate) fn id_token(&self, membership: Membership, organizations: bool, now: i64) -> String {
        let mut auth = auth_claims(membership);
        if organizations {
            // Not an account id, on purpose: a client that falls back to it fails at the backend (protocol §1.3, G12).
            auth["organizations"] = json!([
                { "id": format!("org-{}", membership.account.key), "is_default": true, "role": "owner", "title": "Personal" }
            ]);
        }
        self.sign(&json!({
            "iss": self.issuer,
            "aud": [CLIENT_ID],
            "sub": membership.account.user_id,
            "iat": now,
            "exp": now + ID_TOKEN_LIFETIME_S,
            "email": membership.account.email,
            "email_verified": true,
            "name": membership.account.name,
            AUTH: auth,
        }))
    }

    pub(crate) fn access_token(
        &self,
        membership: Membership,
        jti: &str,
        now: i64,
        expires_at: i64,
    ) -> String {
        self.sign(&json!({
            "iss": self.issuer,
            "aud": [API_AUDIENCE],
            "sub": membership.account.user_id,
            "jti": jti,
            "iat": now,
            "exp": expires_at,
            PROFILE: { "email": membership.account.email, "email_verified": true },
            AUTH: auth_claims(membership),
        }))
    }

    /// Verifies a token and returns its claims. The caller checks the expiry, by the sandbox's clock.
    pub(crate) fn read(&self, access_token: &str) -> Option<AccessClaims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.set_audience(&[API_AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        jsonwebtoken::decode(access_token, &self.decoding, &validation).ok().map(|token| token.claims)
    }

    fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Header::default(), claims, &self.encoding).expect("HS256 signs any JSON object")
    }
}

fn auth_claims(membership: Membership) -> Value {
    json!({
        "chatgpt_account_id": membership.workspace.account_id,
        "chatgpt_plan_type": membership.workspace.plan,
        "chatgpt_user_id": membership.account.user_id,
        "user_id": membership.account.user_id,
        "chatgpt_account_is_fedramp": false,
        "completed_platform_onboarding": true,
        "is_org_owner": false,
        "groups": [],
    })
}
