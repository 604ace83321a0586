//! ID tokens as a verifying client sees them, and the keys that sign them (siwc §6).

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use usher_sandbox::IdTokenVariant;

use super::support::{NONCE, SignIn};
use crate::support::{Rig, claims, read};

async fn published_keys(rig: &Rig) -> JwkSet {
    let response = rig.http.get(rig.at("/.well-known/jwks.json")).send().await.expect("a response");
    serde_json::from_value(read(response).await.1).expect("a JWKS")
}

/// Verifies an ID token by every rule of siwc §6. The error names the one that it breaks.
async fn verify(rig: &Rig, sign_in: &SignIn) -> Result<Value, String> {
    let header = jsonwebtoken::decode_header(sign_in.id_token()).map_err(|error| error.to_string())?;
    if header.alg != Algorithm::RS256 {
        return Err("alg".to_owned());
    }
    let keys = published_keys(rig).await;
    let kid = header.kid.ok_or("kid")?;
    let key = keys.find(&kid).ok_or("kid")?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[rig.sandbox.issuer()]);
    validation.set_audience(&[&sign_in.client_id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let claims = jsonwebtoken::decode::<Value>(sign_in.id_token(), &key, &validation)
        .map_err(|error| error.to_string())?
        .claims;
    let several = claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1);
    let wrong_party = !claims["azp"].is_null() && claims["azp"] != sign_in.client_id;
    if wrong_party || (several && claims["azp"].is_null()) {
        return Err("azp".to_owned());
    }
    if claims["nonce"] != NONCE {
        return Err("nonce".to_owned());
    }
    if claims["sub"] != "user-ada" {
        return Err("another sub".to_owned());
    }
    Ok(claims)
}

#[tokio::test]
async fn id_token_is_verified_by_published_key() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let claims = verify(&rig, &sign_in).await.expect("a valid ID token");
    assert_eq!(claims["email"], "ada@example.com");
    let response = rig.http.get(rig.at("/.well-known/jwks.json")).send().await.expect("a response");
    let (_, keys) = read(response).await;
    let key = &keys["keys"][0];
    assert_eq!(
        (key["kty"].as_str(), key["use"].as_str(), key["alg"].as_str()),
        (Some("RSA"), Some("sig"), Some("RS256"))
    );
    assert!(key.get("d").is_none(), "no private part");
}

#[tokio::test]
async fn valid_variants_are_accepted() {
    let rig = Rig::start().await;
    for variant in [IdTokenVariant::StringAudience, IdTokenVariant::TwoAudiencesWithParty] {
        rig.change_plan_settings(|settings| settings.id_token = Some(variant));
        let sign_in = rig.plan_sign_in("ada").await;
        verify(&rig, &sign_in).await.unwrap_or_else(|error| panic!("{variant:?}: {error}"));
    }
    rig.change_plan_settings(|settings| settings.id_token = Some(IdTokenVariant::StringAudience));
    let sign_in = rig.plan_sign_in("ada").await;
    assert_eq!(claims(sign_in.id_token())["aud"], sign_in.client_id);
}

#[tokio::test]
async fn each_fault_breaks_its_own_rule() {
    let rig = Rig::start().await;
    for (variant, rule) in [
        (IdTokenVariant::TwoAudiences, "azp"),
        (IdTokenVariant::WrongParty, "azp"),
        (IdTokenVariant::WrongAudience, "InvalidAudience"),
        (IdTokenVariant::WrongIssuer, "InvalidIssuer"),
        (IdTokenVariant::WrongNonce, "nonce"),
        (IdTokenVariant::NoNonce, "nonce"),
        (IdTokenVariant::Expired, "ExpiredSignature"),
        (IdTokenVariant::NoSubject, "sub"),
        (IdTokenVariant::OtherSubject, "another sub"),
        (IdTokenVariant::AlgHs256, "alg"),
        (IdTokenVariant::UnknownKey, "kid"),
        (IdTokenVariant::WrongSignature, "InvalidSignature"),
    ] {
        rig.change_plan_settings(|settings| settings.id_token = Some(variant));
        let sign_in = rig.plan_sign_in("ada").await;
        let error = verify(&rig, &sign_in).await.expect_err("a fault");
        assert!(error.contains(rule), "{variant:?}: {error}");
    }
}

#[tokio::test]
async fn unsigned_id_token_says_none() {
    let rig = Rig::start().await;
    rig.change_plan_settings(|settings| settings.id_token = Some(IdTokenVariant::AlgNone));
    let sign_in = rig.plan_sign_in("ada").await;
    verify(&rig, &sign_in).await.expect_err("no algorithm of the library");
    assert!(sign_in.id_token().starts_with("eyJhbGciOiJub25lI"), "alg is none");
    assert!(sign_in.id_token().ends_with('.'), "no signature");
    assert_eq!(claims(sign_in.id_token())["nonce"], NONCE, "all else is right");
}

#[tokio::test]
async fn rotation_keeps_or_drops_old_key() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    rig.sandbox.rotate_signing_keys(true);
    let second = rig.plan_sign_in("ada").await;
    let kid = |sign_in: &SignIn| jsonwebtoken::decode_header(sign_in.id_token()).expect("a header").kid;
    assert_ne!(kid(&first), kid(&second));
    verify(&rig, &first).await.expect("the old key is still published");
    verify(&rig, &second).await.expect("the new key is published");
    rig.sandbox.rotate_signing_keys(false);
    assert_eq!(verify(&rig, &second).await, Err("kid".to_owned()), "the old keys are gone");
    let third = rig.plan_sign_in("ada").await;
    verify(&rig, &third).await.expect("the newest key is published");
    assert_eq!(published_keys(&rig).await.keys.len(), 1);
}
