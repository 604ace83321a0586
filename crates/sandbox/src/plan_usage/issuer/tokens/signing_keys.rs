//! The keys that sign tokens, and their rotation (siwc §6).

use std::sync::{Mutex, MutexGuard, PoisonError};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// RSA keys of 2048 bits, in PKCS #1. They are no secrets: they were made for this repository, sign nothing but the
/// tokens of the sandbox, and are here because making one takes a second that every test would wait for.
const TEST_KEYS: [&[u8]; 3] = [
    include_bytes!("test-keys/test-key-1.der"),
    include_bytes!("test-keys/test-key-2.der"),
    include_bytes!("test-keys/test-key-3.der"),
];

/// The `kid` of a key that is never published.
const UNPUBLISHED: &str = "sandbox-unpublished";

/// The keys, by the number of the rotation that made each one current.
pub(crate) struct SigningKeys(Mutex<KeySet>);

struct KeySet {
    current: usize,
    published: Vec<usize>,
}

impl Default for SigningKeys {
    fn default() -> Self {
        Self(Mutex::new(KeySet { current: 0, published: vec![0] }))
    }
}

impl SigningKeys {
    /// Makes another key the current one; the old ones stay published, or are dropped.
    pub(crate) fn rotate(&self, keep_old: bool) {
        let mut keys = self.keys();
        keys.current += 1;
        if !keep_old {
            keys.published.clear();
        }
        let current = keys.current;
        keys.published.push(current);
    }

    /// Returns the JWKS (RFC 7517 §5).
    pub(crate) fn published(&self) -> Value {
        let keys: Vec<Jwk> = self.keys().published.iter().map(|number| public_key(*number)).collect();
        json!({ "keys": keys })
    }

    /// Signs `claims` by RS256 with the current key.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let current = self.keys().current;
        encode(&kid(current), &private_key(current), claims)
    }

    /// Signs `claims` by RS256 with a key that is not published.
    pub(super) fn sign_unpublished(&self, claims: &Value) -> String {
        let other = self.keys().current + 1;
        encode(UNPUBLISHED, &private_key(other), claims)
    }

    /// Signs `claims` by HS256 with the modulus of the current key, which everybody knows, as the secret.
    pub(super) fn sign_with_public_key(&self, claims: &Value) -> String {
        let current = self.keys().current;
        let AlgorithmParameters::RSA(public) = public_key(current).algorithm else {
            unreachable!("all keys are RSA keys")
        };
        let header = Header { kid: Some(kid(current)), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(public.n.as_bytes()))
            .expect("HS256 signs any JSON object")
    }

    fn keys(&self) -> MutexGuard<'_, KeySet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kid(number: usize) -> String {
    format!("sandbox-{number}")
}

fn private_key(number: usize) -> EncodingKey {
    EncodingKey::from_rsa_der(TEST_KEYS[number % TEST_KEYS.len()])
}

fn public_key(number: usize) -> Jwk {
    let mut key =
        Jwk::from_encoding_key(&private_key(number), Algorithm::RS256).expect("the test keys are RSA keys");
    key.common.key_id = Some(kid(number));
    key.common.public_key_use = Some(PublicKeyUse::Signature);
    key
}

fn encode(kid: &str, key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, key).expect("RS256 signs any JSON object")
}
