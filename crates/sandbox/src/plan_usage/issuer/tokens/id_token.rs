//! The ID token (siwc §6), right or with a fault that a test set.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::signing_keys::SigningKeys;
use crate::accounts::Account;
use crate::plan_usage::settings::IdTokenVariant;

/// The lifetime of an ID token, which no page has: as long as the access token's.
const LIFETIME_S: i64 = 3600;

const OTHER_CLIENT: &str = "oaiapp_sandbox_somebody_else";

/// What an ID token is about.
pub(super) struct IdToken<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) account: &'static Account,
    /// The nonce of the authorization request; none after a refresh (siwc §6).
    pub(super) nonce: Option<&'a str>,
    pub(super) now: i64,
}

impl IdToken<'_> {
    /// Returns the signed token.
    pub(super) fn sign(&self, keys: &SigningKeys, variant: Option<IdTokenVariant>) -> String {
        let mut claims = self.claims();
        let Some(variant) = variant else { return keys.sign(&claims) };
        self.change_claims(&mut claims, variant);
        match variant {
            IdTokenVariant::AlgNone => unsigned(&claims),
            IdTokenVariant::AlgHs256 => keys.sign_with_public_key(&claims),
            IdTokenVariant::UnknownKey => keys.sign_unpublished(&claims),
            IdTokenVariant::WrongSignature => {
                let other = keys.sign(&json!({ "sub": "another token" }));
                with_signature_of(&keys.sign(&claims), &other)
            }
            _ => keys.sign(&claims),
        }
    }

    fn claims(&self) -> Value {
        let mut claims = json!({
            "iss": self.issuer,
            "aud": [self.client_id],
            "sub": self.account.user_id,
            "iat": self.now,
            "exp": self.now + LIFETIME_S,
            "email": self.account.email,
            "email_verified": true,
            "name": self.account.name,
        });
        if let Some(nonce) = self.nonce {
            claims["nonce"] = nonce.into();
        }
        claims
    }

    /// Changes the claims that `variant` is about; a fault of the signature leaves them right.
    fn change_claims(&self, claims: &mut Value, variant: IdTokenVariant) {
        match variant {
            IdTokenVariant::StringAudience => claims["aud"] = self.client_id.into(),
            IdTokenVariant::TwoAudiencesWithParty => {
                claims["aud"] = json!([self.client_id, OTHER_CLIENT]);
                claims["azp"] = self.client_id.into();
            }
            IdTokenVariant::TwoAudiences => claims["aud"] = json!([self.client_id, OTHER_CLIENT]),
            IdTokenVariant::WrongAudience => claims["aud"] = json!([OTHER_CLIENT]),
            IdTokenVariant::WrongParty => claims["azp"] = OTHER_CLIENT.into(),
            IdTokenVariant::WrongIssuer => claims["iss"] = "https://auth.openai.com.sandbox.invalid".into(),
            IdTokenVariant::WrongNonce => claims["nonce"] = "another-nonce".into(),
            IdTokenVariant::NoNonce => remove(claims, "nonce"),
            IdTokenVariant::Expired => {
                claims["iat"] = (self.now - 2 * LIFETIME_S).into();
                claims["exp"] = (self.now - LIFETIME_S).into();
            }
            IdTokenVariant::NoSubject => remove(claims, "sub"),
            IdTokenVariant::OtherSubject => claims["sub"] = "user-somebody-else".into(),
            IdTokenVariant::AlgNone
            | IdTokenVariant::AlgHs256
            | IdTokenVariant::UnknownKey
            | IdTokenVariant::WrongSignature => {}
        }
    }
}

fn remove(claims: &mut Value, name: &str) {
    if let Some(claims) = claims.as_object_mut() {
        claims.remove(name);
    }
}

/// Returns an unsecured JWT (RFC 7519 §6).
fn unsigned(claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}.", encode(&json!({ "alg": "none", "typ": "JWT" })), encode(claims))
}

fn with_signature_of(token: &str, other: &str) -> String {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    let signature = other.rsplit_once('.').map_or("", |(_, signature)| signature);
    format!("{signed}.{signature}")
}
