//! Keys and secret headers: saved for one provider at one address, and forgotten.

use usher_domain::{ApiKey, ErrorCode, Failure, HeaderSecret, ProviderId, is_control_or_format};

use crate::accounts::scope::ModelScope;
use crate::connection::recorder::report_unsaved;
use crate::providers::Providers;
use crate::providers::kinds::{self, OPENAI};
use crate::providers::known::require_known;
use crate::providers::provider_view::view_of;
use crate::view::ProviderView;

/// Headers that the connection itself needs, or that Usher sets.
const RESERVED_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept",
];

/// It is sent in one header, and servers take no longer ones.
const MAX_KEY_BYTES: usize = 8 * 1024;

impl Providers {
    /// Keeps `key` for `provider` and adds the provider if need be. The shape of the Platform's keys is checked; what a
    /// key is good for is found out by a test.
    pub async fn save_key(&self, provider: &ProviderId, key: ApiKey) -> Result<ProviderView, Failure> {
        check_key(provider, &key)?;
        if !kinds::of(provider)?.is_named() {
            self.add(provider).await?;
        }
        let base = self.address_of(provider)?;
        self.saved_keys().save(provider, &base, key).await?;
        self.credential_changed(provider);
        self.get(provider).await
    }

    /// Forgets what was saved for `provider`, also for one whose table the person has taken out of the file: its key
    /// would else stay unseen. A key of the environment stays where it is.
    pub async fn forget_key(&self, provider: &ProviderId) -> Result<ProviderView, Failure> {
        let settings = self.context.read_settings()?;
        let forgotten = self.saved_keys().forget(provider).await?;
        if !forgotten {
            require_known(&self.context, provider, &settings)?;
        }
        self.credential_changed(provider);
        view_of(&self.context, provider, &settings, &self.context.vault().await).await
    }

    /// Keeps a secret header for `provider`.
    pub async fn save_header(
        &self,
        provider: &ProviderId,
        name: &str,
        value: HeaderSecret,
    ) -> Result<ProviderView, Failure> {
        let name = check_header(provider, name, &value)?;
        let base = self.address_of(provider)?;
        self.saved_keys().save_header(provider, &base, name, value).await?;
        self.credential_changed(provider);
        self.get(provider).await
    }

    /// Forgets a header.
    pub async fn remove_header(&self, provider: &ProviderId, name: &str) -> Result<ProviderView, Failure> {
        self.saved_keys().remove_header(provider, &name.trim().to_ascii_lowercase()).await?;
        self.credential_changed(provider);
        self.get(provider).await
    }

    /// Forgets that the credential before was refused.
    fn credential_changed(&self, provider: &ProviderId) {
        report_unsaved(self.context.state.forget_refusal(&ModelScope::Provider(provider.clone()).key()));
        self.context.changed();
    }

    fn address_of(&self, provider: &ProviderId) -> Result<url::Url, Failure> {
        let settings = self.context.read_settings()?;
        require_known(&self.context, provider, &settings)?;
        kinds::of(provider)?.root(&self.context, provider, &settings.endpoint(provider)?)
    }
}

/// Refuses what cannot be a key for `provider`, so that nothing is changed for one that is refused later.
pub fn check_key(provider: &ProviderId, key: &ApiKey) -> Result<(), Failure> {
    let text = key.expose();
    let kind = kinds::of(provider)?;
    if !kind.access().takes_key() {
        let cause = format!("{provider} is signed in to; a key belongs to the provider {OPENAI}");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    let no_key = |cause: &str| Err(Failure::new(ErrorCode::InvalidKey, cause));
    if text.is_empty() || text.len() > MAX_KEY_BYTES {
        return no_key("this is no key: it is empty or far too long");
    }
    if text.chars().any(is_control_or_format) {
        return no_key("this is no key: it has line breaks or invisible characters; copy it again");
    }
    if !text.chars().all(|one| one.is_ascii_graphic()) {
        return no_key("this is no key: it has spaces or characters other than ASCII");
    }
    if let Some(cause) = copied_wrongly(text) {
        return no_key(cause);
    }
    kind.key_error(text).map_or(Ok(()), no_key)
}

/// Returns what came along with the key, or is missing of it, when it was copied from a page, a list or a file.
fn copied_wrongly(text: &str) -> Option<&'static str> {
    let quotes = ['"', '\'', '`'];
    if text.starts_with(quotes) || text.ends_with(quotes) {
        return Some("this is no key: it has quotes around it; leave them out");
    }
    if text.contains("...") || text.contains("**") {
        return Some("this is a shortened key, as lists show it; copy the whole key, or make a new one");
    }
    if text.ends_with([',', ';']) {
        return Some("this is no key: it ends in a comma or semicolon; leave it out");
    }
    let is_variable = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_')
    };
    // A key may end in `=`, which is padding; then nothing else follows.
    let (name, value) = text.split_once('=')?;
    let found = is_variable(name) && !value.trim_start_matches('=').is_empty();
    found.then_some(
        "this is no key: the name of a variable stands before it; leave out everything up to the =",
    )
}

/// The same for a header. Gives its name as it is kept.
pub fn check_header(provider: &ProviderId, name: &str, value: &HeaderSecret) -> Result<String, Failure> {
    let name = name.trim().to_ascii_lowercase();
    let wrong = |why: &str| Err(Failure::new(ErrorCode::BadUsage, format!("{name}: {why}")));
    if !kinds::of(provider)?.takes_headers() {
        return wrong("only services of your own choice take extra headers");
    }
    if name.is_empty() || !name.chars().all(|one| one.is_ascii_alphanumeric() || "-_".contains(one)) {
        return wrong("this is no name of a header");
    }
    if RESERVED_HEADERS.contains(&name.as_str()) {
        return wrong("this header is set by Usher");
    }
    if value.expose().is_empty() || !value.expose().chars().all(|one| one.is_ascii_graphic() || one == ' ') {
        return wrong("the value is empty, or has characters that a header cannot carry");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_that_was_copied_wrongly_is_refused_with_the_reason() {
        let groq: ProviderId = "openai-compatible:groq".parse().unwrap();
        let rows = [
            ("sk-...7890", "shortened"),
            ("sk-proj-****", "shortened"),
            ("\"gsk_abc\"", "quotes"),
            ("'gsk_abc'", "quotes"),
            ("GROQ_API_KEY=gsk_abc", "variable"),
            ("X=gsk_abc", "variable"),
            ("gsk_abc,", "comma"),
        ];
        for (text, words) in rows {
            let refused = check_key(&groq, &ApiKey::new(text)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::InvalidKey, "{words}");
            assert!(refused.cause.contains(words), "{refused}");
        }
        for text in ["gsk_abc", "YWJj==", "QUJD=", "a=b", "none", "eyJ.a-b_c.d"] {
            assert!(check_key(&groq, &ApiKey::new(text)).is_ok(), "{text}");
        }
    }
}
