//! Keys and secret headers of providers that are let in by them: saved, shown by their last characters, handed out.

use std::sync::Arc;

use url::Url;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, ExtraHeader, TokenSource};
use usher_domain::{ApiKey, ErrorCode, Failure, HeaderSecret, ProviderId, UnixTime};

use crate::platform::blocking::run_blocking;
use crate::store::{HeaderRecord, KeyRecord, Store};

/// A key that is shorter than this would be told in good part by its last characters.
const MIN_KEY_CHARS_FOR_SUFFIX: usize = 12;

/// What others may know of what was saved: everything but the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySummary {
    /// Whose.
    pub provider: ProviderId,
    /// Scheme, host and port that it was saved for.
    pub origin: String,
    /// Last four characters of the key; absent when there are headers only.
    pub key_suffix: Option<String>,
    /// Names of the headers.
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

/// The last four characters of a key, by which people know it; none of a key that is too short for that.
pub fn key_suffix(key: &ApiKey) -> String {
    let count = key.expose().chars().count();
    if count < MIN_KEY_CHARS_FOR_SUFFIX {
        return String::new();
    }
    key.expose().chars().skip(count - 4).collect()
}

/// Keeps keys.
pub struct ApiKeys {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

impl ApiKeys {
    /// Those that `store` keeps.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Keeps `key` for `provider` at `base`, in place of an earlier one. Headers that were saved for another address
    /// go with it.
    pub async fn save(&self, provider: &ProviderId, base: &Url, key: ApiKey) -> Result<(), Failure> {
        let now = self.clock.now();
        self.change(provider, base, move |record| {
            record.key = Some(Arc::new(key));
            record.saved_at = now;
        })
        .await
    }

    /// Keeps a header for `provider` at `base`, in place of an earlier one of that name. `name` is in lower case.
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

    /// Forgets a header.
    pub async fn remove_header(&self, provider: &ProviderId, name: &str) -> Result<(), Failure> {
        let (provider, name) = (provider.clone(), name.to_owned());
        self.store
            .change(move |vault| {
                if let Some(record) = vault.keys.iter_mut().find(|one| one.provider == provider) {
                    record.headers.retain(|header| header.name != name);
                }
                vault.keys.retain(|one| one.key.is_some() || !one.headers.is_empty());
            })
            .await
    }

    /// Forgets all that was saved for `provider`. True when there was something.
    pub async fn forget(&self, provider: &ProviderId) -> Result<bool, Failure> {
        let provider = provider.clone();
        self.store
            .change(move |vault| {
                let before = vault.keys.len();
                vault.keys.retain(|one| one.provider != provider);
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
                vault.keys.retain(|one| one.provider != provider || one.origin == origin);
                let at = vault.keys.iter().position(|one| one.provider == provider).unwrap_or_else(|| {
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

/// What lets in at one provider by a key: the saved one, else that of the environment, else nothing.
pub struct KeyTokenSource {
    store: Arc<Store>,
    /// Whose.
    provider: ProviderId,
    /// Where it goes.
    base: Url,
    /// Used when none is saved.
    environment: Option<Arc<ApiKey>>,
    /// Refuses to go on without a key.
    needed: bool,
    /// Sent besides, and no secret.
    headers: Vec<ExtraHeader>,
}

impl KeyTokenSource {
    /// Those of `provider` at `base`.
    pub fn new(store: Arc<Store>, provider: ProviderId, base: Url) -> Self {
        Self { store, provider, base, environment: None, needed: false, headers: Vec::new() }
    }

    /// With a key of the environment, for when none is saved, and no way without one.
    #[must_use]
    pub fn require_key(self, environment: Option<Arc<ApiKey>>) -> Self {
        Self { environment, needed: true, ..self }
    }

    /// With these headers besides.
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
        if key.is_none() && self.needed {
            return Err(Failure::new(
                ErrorCode::SignInRequired,
                format!("no key is saved for {}", self.provider),
            ));
        }
        let secret = saved.map(|saved| saved.headers.as_slice()).unwrap_or_default().iter();
        let secret = secret.map(|one| ExtraHeader { name: one.name.clone(), value: Arc::clone(&one.value) });
        Ok(Authorization {
            bearer: key.map_or(Bearer::None, Bearer::ApiKey),
            account_id: None,
            fedramp: false,
            headers: self.headers.iter().cloned().chain(secret).collect(),
            base: self.base.clone(),
            expires_at: None,
        })
    }

    /// A key is not renewed, but another process may have saved another one.
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
