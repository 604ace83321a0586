//! The public keys of the issuer (JWKS, RFC 7517), fetched when they are needed.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure, UnixTime};
use usher_net::{HttpClient, HttpRequest};

/// siwc §6.
const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
const CACHE_SECONDS: i64 = 60 * 60;

/// Fetches the keys of one issuer, and keeps them for an hour.
pub(super) struct SigningKeys {
    http: Arc<HttpClient>,
    url: Url,
    clock: Arc<dyn Clock>,
    cache: Mutex<Option<Cached>>,
}

struct Cached {
    keys: Vec<Jwk>,
    fetched_at: UnixTime,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl SigningKeys {
    pub(super) fn new(http: Arc<HttpClient>, url: Url, clock: Arc<dyn Clock>) -> Self {
        Self { http, url, clock, cache: Mutex::new(None) }
    }

    /// Returns the key with this id, or `None` if the issuer has none. Fails if its keys cannot be fetched.
    ///
    /// An id that is not among the kept keys is looked for once more at the issuer, which may have changed them.
    pub(super) async fn find(&self, key_id: &str) -> Result<Option<Jwk>, Failure> {
        // Held while fetching, so that several tokens at once cause one request.
        let mut cache = self.cache.lock().await;
        let now = self.clock.now();
        // Keys of the future mean that the clock was set back.
        let fresh =
            cache.as_ref().filter(|cached| (0..CACHE_SECONDS).contains(&now.since(cached.fetched_at)));
        if let Some(key) = fresh.and_then(|cached| find_in(&cached.keys, key_id)) {
            return Ok(Some(key));
        }
        let keys = self.fetch().await?;
        let found = find_in(&keys, key_id);
        *cache = Some(Cached { keys, fetched_at: now });
        Ok(found)
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, Failure> {
        let response = self.http.send(HttpRequest::get(self.url.clone()).with_timeout(TIMEOUT)).await?;
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        if !response.status().is_success() {
            let cause =
                format!("{} answered {} instead of its keys", response.host(), response.status().as_u16());
            return Err(Failure::new(ErrorCode::UpstreamError, cause).with_retry_at(response.retry_after()));
        }
        let set: KeySet = response.json(MAX_RESPONSE_BYTES).await?;
        // One key of a kind that is not known must not hide the others.
        Ok(set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .filter(signs_rs256)
            .collect())
    }
}

fn find_in(keys: &[Jwk], key_id: &str) -> Option<Jwk> {
    keys.iter().find(|key| key.common.key_id.as_deref() == Some(key_id)).cloned()
}

/// Returns whether the key is one that may sign by RS256 (RFC 7517 §4.2, §4.4).
fn signs_rs256(key: &Jwk) -> bool {
    matches!(key.algorithm, AlgorithmParameters::RSA(_))
        && matches!(key.common.key_algorithm, None | Some(KeyAlgorithm::RS256))
        && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}
