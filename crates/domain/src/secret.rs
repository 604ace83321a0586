//! Types for secrets.
//!
//! A [`Secret`] cannot be printed, serialised, cloned or compared by accident: it has none of those
//! traits, and `tests/secrets` proves it by programs that must not compile. Its memory is wiped when it
//! is dropped. The one way to the text is [`Secret::expose`], so a search for that word is the audit.

use std::marker::PhantomData;

use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The kinds of secrets, so that an access token cannot be passed in place of a refresh token.
pub mod kind {
    /// Access token (RFC 6749 §1.4).
    pub enum Access {}
    /// Refresh token (RFC 6749 §1.5).
    pub enum Refresh {}
    /// ID token (OpenID Connect Core §2).
    pub enum Id {}
    /// Authorization code (RFC 6749 §1.3.1).
    pub enum Code {}
    /// PKCE code verifier (RFC 7636 §4.1).
    pub enum Verifier {}
    /// Key of the Platform, or of a service that speaks its API.
    pub enum Key {}
    /// Secret by which a local program authenticates at the gateway.
    pub enum Pass {}
    /// Value of a header that a service requires besides a key, or instead of one.
    pub enum Header {}
    /// Password of a proxy.
    pub enum Proxy {}
    /// Passphrase from which a key is derived.
    pub enum Passphrase {}
}

/// A secret of one [`kind`].
pub struct Secret<Kind> {
    text: Zeroizing<String>,
    kind: PhantomData<fn() -> Kind>,
}

/// Access token (RFC 6749 §1.4): sent to the backend as a bearer.
pub type AccessToken = Secret<kind::Access>;
/// Refresh token (RFC 6749 §1.5): sent to the token endpoint only, never out of the core.
pub type RefreshToken = Secret<kind::Refresh>;
/// ID token (OpenID Connect Core §2): read for its claims, and a hint at the next sign-in of plan usage (siwc §3).
pub type IdToken = Secret<kind::Id>;
/// Authorization code (RFC 6749 §1.3.1): valid for one exchange.
pub type AuthorizationCode = Secret<kind::Code>;
/// PKCE code verifier (RFC 7636 §4.1).
pub type CodeVerifier = Secret<kind::Verifier>;

/// API key: sent as a bearer to the service that it was saved for.
pub type ApiKey = Secret<kind::Key>;
/// Value of a secret header: sent to the service that it was saved for.
pub type HeaderSecret = Secret<kind::Header>;

/// Password of a proxy: sent to the proxy that it was saved for.
pub type ProxyPassword = Secret<kind::Proxy>;

/// Passphrase: a key is derived from it, and it is saved nowhere.
pub type Passphrase = Secret<kind::Passphrase>;

/// Secret of a pass: compared, and shown to the user who made it.
pub type PassSecret = Secret<kind::Pass>;

/// Its only field is wiped on drop, which the test below checks.
impl<Kind> ZeroizeOnDrop for Secret<Kind> {}

impl<Kind> Secret<Kind> {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Zeroizing::new(text.into()), kind: PhantomData }
    }

    /// Returns the text. Each call marks a place where a secret leaves its type.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns whether both have the same text, in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.text.as_bytes().ct_eq(other.text.as_bytes()).into()
    }

    /// Returns a copy. There is no `Clone`, so that copies are visible in the code.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_zeroized_on_drop() {
        fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}
        let secret = AccessToken::new("text");
        is_wiped(&secret.text);
        is_wiped(&secret.duplicate().text);
        assert!(std::mem::needs_drop::<AccessToken>());
    }
}
