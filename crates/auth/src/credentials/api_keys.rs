//! API keys and secret headers of providers: saved, shown by their last characters, handed out.

use std::sync::Arc;

use url::Url;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, ExtraHeader, TokenSource};
use usher_domain::{ApiKey, ErrorCode, Failure, HeaderSecret, ProviderId, UnixTime};

use crate::platform::blocking::run_blocking;
use crate::store::{HeaderRecord, KeyRecord, Store};

/// The last characters of a shorter key would reveal too much of it.
const MIN_KEY_CHARS_FOR_SUFFIX: usize = 12;

/// A saved key without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySummary {
    /// The provider of the key.
    pub provider: ProviderId,
    /// The scheme, host and port that it was saved for.
    pub origin: String,
    /// The last four characters of the key; absent when there are headers only.
    pub key_suffix: Option<String>,
    /// The names of the secret headers.
    pub headers: Vec<String>,
    /// When the key was saved.
    pub saved_at: UnixTime,
}

impl From<&KeyRecord> for KeySummary {
    fn from(record: &KeyRecord) -> Self {
        Self {
            provider: record.provider.clone(),
            origin: record.origin.clone(),
            key_suffix: record.key.as_deref().map(key_suffix),
            headers: record.headers.iter().map(|header| header.name.clone()).collect(),
            saved_at: record.saved_at,
        }
    }
}

/// Returns the last four characters of a key, by which people recognize it; none if the key is short.
pub fn key_suffix(key: &ApiKey) -> String {
    let count = key.expose().chars().count();
    if count < MIN_KEY_CHARS_FOR_SUFFIX {
        return String::new();
    }
    key.expose().chars().skip(count - 4).collect()
}

/// Saves and deletes API keys and secret headers.
pub struct ApiKeys {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

impl ApiKeys {
    /// Creates the API keys of `store`.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Saves `key` for `provider` at `base`, and replaces an earlier one.
    ///
    /// Headers that were saved for another address are deleted.
    pub async fn save(&self, provider: &ProviderId, base: &Url, key: ApiKey) -> Result<(), Failure> {
        let now = self.clock.now();
        self.change(provider, base, move |record| {
            record.key = Some(Arc::new(key));
            record.saved_at = now;
        })
        .await
    }

    /// Saves a header for `provider` at `base`, and replaces an earlier one of that name.
    ///
    /// `name` is in lower case.
    pub async fn save_header(
        &self,
        provider: &ProviderId,
        base: &Url,
        name: String,
        value: HeaderSecret,
    ) -> Result<(), Failure> {
        self.change(provider, base, move |record| {
            record.headers.retain(|header| header.name != name);
            record.headers.push(HeaderRecord { name, value: Arc::new(value) });
        })
        .await
    }

    /// Deletes a header.
    pub async fn remove_header(&self, provider: &ProviderId, name: &str) -> Result<(), Failure> {
        let (provider, name) = (provider.clone(), name.to_owned());
        self.store
            .change(move |vault| {
                if let Some(record) = vault.keys.iter_mut().find(|record| record.provider == provider) {
                    record.headers.retain(|header| header.name != name);
                }
                vault.keys.retain(|record| record.key.is_some() || !record.headers.is_empty());
            })
            .await
    }

    /// Deletes the key and the headers of `provider`. Returns whether there were any.
    pub async fn forget(&self, provider: &ProviderId) -> Result<bool, Failure> {
        let provider = provider.clone();
        self.store
            .change(move |vault| {
                let before = vault.keys.len();
                vault.keys.retain(|record| record.provider != provider);
                vault.keys.len() < before
            })
            .await
    }

    async fn change(
        &self,
        provider: &ProviderId,
        base: &Url,
        change: impl FnOnce(&mut KeyRecord) + Send + 'static,
    ) -> Result<(), Failure> {
        let (provider, origin, now) = (provider.clone(), origin(base), self.clock.now());
        self.store
            .change(move |vault| {
                vault.keys.retain(|record| record.provider != provider || record.origin == origin);
                let at =
                    vault.keys.iter().position(|record| record.provider == provider).unwrap_or_else(|| {
                        vault.keys.push(KeyRecord {
                            provider,
                            origin,
                            key: None,
                            headers: Vec::new(),
                            saved_at: now,
                        });
                        vault.keys.len() - 1
                    });
                change(&mut vault.keys[at]);
            })
            .await
    }
}

/// Hands out the API key of one provider: the saved one, else that of the environment, else none.
pub struct KeyTokenSource {
    store: Arc<Store>,
    /// The provider of the key.
    provider: ProviderId,
    /// The base URL it is sent to.
    base: Url,
    /// The key that is used when none is saved.
    environment: Option<Arc<ApiKey>>,
    /// Whether a missing key is a failure.
    required: bool,
    /// Headers that are sent with each request and are not secret.
    headers: Vec<ExtraHeader>,
}

impl KeyTokenSource {
    /// Creates the token source of `provider` at `base`.
    pub fn new(store: Arc<Store>, provider: ProviderId, base: Url) -> Self {
        Self { store, provider, base, environment: None, required: false, headers: Vec::new() }
    }

    /// Requires a key; `environment` is used when none is saved.
    #[must_use]
    pub fn require_key(self, environment: Option<Arc<ApiKey>>) -> Self {
        Self { environment, required: true, ..self }
    }

    /// Adds headers that are sent with each request.
    #[must_use]
    pub fn with_headers(self, headers: Vec<ExtraHeader>) -> Self {
        Self { headers, ..self }
    }

    async fn read(&self) -> Result<Authorization, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        let saved = vault.key_for(&self.provider);
        if let Some(other) = saved.filter(|saved| saved.origin != origin(&self.base)) {
            let cause = format!(
                "the key was saved for {}, and the address is now {}; save it again for this one",
                other.origin,
                origin(&self.base)
            );
            return Err(Failure::new(ErrorCode::SignInRequired, cause));
        }
        let key = saved.and_then(|saved| saved.key.clone()).or_else(|| self.environment.clone());
        if key.is_none() && self.required {
            return Err(Failure::new(
                ErrorCode::SignInRequired,
                format!("no key is saved for {}", self.provider),
            ));
        }
        let secret = saved.map(|saved| saved.headers.as_slice()).unwrap_or_default().iter();
        let secret =
            secret.map(|record| ExtraHeader { name: record.name.clone(), value: Arc::clone(&record.value) });
        Ok(Authorization {
            bearer: key.map_or(Bearer::None, Bearer::ApiKey),
            account_id: None,
            fedramp: false,
            headers: self.headers.iter().cloned().chain(secret).collect(),
            base: self.base.clone(),
            expires_at: None,
        })
    }

    /// Reads once more after a 401. A key is not refreshed, but another process may have saved another one.
    async fn read_after(&self, used: &Authorization) -> Result<Authorization, Failure> {
        let now = self.read().await?;
        if now.bearer.matches(&used.bearer) {
            return Err(Failure::new(
                ErrorCode::InvalidKey,
                format!("{} rejected the key", origin(&self.base)),
            ));
        }
        Ok(now)
    }
}

impl TokenSource for KeyTokenSource {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(self.read())
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        Box::pin(self.read_after(used))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
