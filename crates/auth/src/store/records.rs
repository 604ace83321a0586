//! What is in the sealed file, and the one place where secrets are written out.
//!
//! These types can be serialised, which is why none of them leaves this crate: what others may know of a
//! sign-in is [`crate::SignInSummary`].

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use usher_domain::{AccessToken, ApiKey, HeaderSecret, Pass, PassSecret, RefreshToken, Secret};
use usher_domain::{Account, AccountId, Endpoints, ErrorCode, ProviderId, UnixTime};
use zeroize::Zeroizing;

/// All that is kept.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Vault {
    /// One per identity, in the order of sign-in.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The identity in use.
    pub(crate) active: Option<AccountId>,
    /// Sign-ins that are erased while OpenAI could not be told.
    pub(crate) pending: Vec<RevocationRecord>,
    /// Keys and secret headers, at most one record for a provider.
    #[serde(default)]
    pub(crate) keys: Vec<KeyRecord>,
    /// What other programs are let in by, in the order in which they were made.
    #[serde(default)]
    pub(crate) passes: Vec<PassRecord>,
}

/// A pass with its secret, which is kept because tools ask for it again: `usher pass print`.
#[derive(Serialize, Deserialize)]
pub(crate) struct PassRecord {
    /// What it is good for.
    #[serde(serialize_with = "shared", deserialize_with = "share")]
    pub(crate) pass: Arc<Pass>,
    /// What is presented.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) secret: Arc<PassSecret>,
}

/// What a person saved for a provider that is let in by a key.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    /// Whose.
    pub(crate) provider: ProviderId,
    /// Scheme, host and port that it was saved for; it goes nowhere else.
    pub(crate) origin: String,
    /// The key; a service may want headers only.
    #[serde(default, serialize_with = "expose_some_shared", deserialize_with = "enclose_some_shared")]
    pub(crate) key: Option<Arc<ApiKey>>,
    /// Headers that it wants besides.
    pub(crate) headers: Vec<HeaderRecord>,
    /// When the key was saved.
    pub(crate) saved_at: UnixTime,
}

/// A header whose value is a secret.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeaderRecord {
    /// In lower case.
    pub(crate) name: String,
    /// Its value.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) value: Arc<HeaderSecret>,
}

/// One sign-in: what Usher alone holds and renews.
#[derive(Serialize, Deserialize)]
pub(crate) struct SignIn {
    /// Who.
    pub(crate) account: Account,
    /// Where it was made; its tokens go nowhere else.
    pub(crate) endpoints: Endpoints,
    /// The current access token.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) access: Arc<AccessToken>,
    /// The current refresh token. Absent when the access token is one that a person made and pasted: such a token
    /// is not renewed (protocol §5.1).
    #[serde(default, serialize_with = "expose_some", deserialize_with = "enclose_some")]
    pub(crate) refresh: Option<RefreshToken>,
    /// `exp` of the access token, where it can be read.
    pub(crate) expires_at: Option<UnixTime>,
    /// When the tokens were last renewed.
    pub(crate) refreshed_at: UnixTime,
    /// A refresh whose outcome is not known: begun, and neither kept nor refused.
    pub(crate) attempt: Option<Attempt>,
    /// Why this sign-in is over, once the server has said so.
    pub(crate) ended: Option<Ended>,
}

/// The journal's entry for a refresh, written before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// When it was begun.
    pub(crate) at: UnixTime,
}

/// The server's last word on a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    /// What interfaces act on.
    pub(crate) code: ErrorCode,
    /// Why, for people.
    pub(crate) cause: String,
}

/// A refresh token that is good for nothing here but to be revoked.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevocationRecord {
    /// Names it for "try again" and "forget it".
    pub(crate) id: String,
    /// Whose it was.
    pub(crate) email: Option<String>,
    /// Where it is to be revoked.
    pub(crate) endpoints: Endpoints,
    /// What is to be revoked.
    #[serde(serialize_with = "expose", deserialize_with = "enclose")]
    pub(crate) refresh: RefreshToken,
    /// Since when it is owed.
    pub(crate) since: UnixTime,
    /// When to try next.
    pub(crate) next_try: UnixTime,
    /// How often it was tried.
    pub(crate) tries: u32,
}

impl SignIn {
    /// Whether `refresh` is its current refresh token.
    pub(crate) fn holds(&self, refresh: &RefreshToken) -> bool {
        self.refresh.as_ref().is_some_and(|current| current.matches(refresh))
    }
}

impl Vault {
    /// The sign-in of `id`.
    pub(crate) fn sign_in(&self, id: &AccountId) -> Option<&SignIn> {
        self.sign_ins.iter().find(|one| one.account.id() == *id)
    }

    /// The sign-in of `id`, to change.
    pub(crate) fn sign_in_mut(&mut self, id: &AccountId) -> Option<&mut SignIn> {
        self.sign_ins.iter_mut().find(|one| one.account.id() == *id)
    }

    /// Puts `sign_in` in place of the same identity's, else behind the others, and makes it the one in
    /// use. Gives back the one that it replaced.
    pub(crate) fn put(&mut self, sign_in: SignIn) -> Option<SignIn> {
        let id = sign_in.account.id();
        self.active = Some(id.clone());
        if let Some(same) = self.sign_ins.iter_mut().find(|one| one.account.id() == id) {
            return Some(std::mem::replace(same, sign_in));
        }
        self.sign_ins.push(sign_in);
        None
    }

    /// Takes the sign-in of `id` out; the first of the rest comes into use.
    pub(crate) fn take(&mut self, id: &AccountId) -> Option<SignIn> {
        let at = self.sign_ins.iter().position(|one| one.account.id() == *id)?;
        let taken = self.sign_ins.remove(at);
        if self.active.as_ref() == Some(id) {
            self.active = self.sign_ins.first().map(|one| one.account.id());
        }
        Some(taken)
    }

    /// Notes that `sign_in` is to be revoked, as part of the change that removes it; nothing when there is nothing
    /// that Usher may revoke: a token that a person made elsewhere is theirs. `id` is drawn at random: a number that
    /// is given twice would revoke one and forget the other.
    pub(crate) fn enqueue_revocation(
        &mut self,
        id: String,
        sign_in: SignIn,
        now: UnixTime,
    ) -> Option<String> {
        let refresh = sign_in.refresh?;
        self.pending.push(RevocationRecord {
            id: id.clone(),
            email: sign_in.account.email,
            endpoints: sign_in.endpoints,
            refresh,
            since: now,
            next_try: now,
            tries: 0,
        });
        Some(id)
    }

    /// What was saved for `provider`.
    pub(crate) fn key_for(&self, provider: &ProviderId) -> Option<&KeyRecord> {
        self.keys.iter().find(|one| one.provider == *provider)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sign_ins.is_empty() && self.pending.is_empty() && self.keys.is_empty() && self.passes.is_empty()
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(
            serde_json::to_vec(self).expect("structs of text and numbers have no key that JSON lacks"),
        )
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

fn expose<Kind, S: Serializer>(secret: &Secret<Kind>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

fn enclose<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Secret<Kind>, D::Error> {
    String::deserialize(from).map(Secret::new)
}

fn enclose_shared<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Arc<Secret<Kind>>, D::Error> {
    enclose(from).map(Arc::new)
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn expose_some<Kind, S: Serializer>(secret: &Option<Secret<Kind>>, to: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => to.serialize_some(secret.expose()),
        None => to.serialize_none(),
    }
}

fn enclose_some<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Option<Secret<Kind>>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(Secret::new))
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
fn expose_some_shared<Kind, S: Serializer>(
    secret: &Option<Arc<Secret<Kind>>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => to.serialize_some(secret.expose()),
        None => to.serialize_none(),
    }
}

fn enclose_some_shared<'de, Kind, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Arc<Secret<Kind>>>, D::Error> {
    Ok(enclose_some(from)?.map(Arc::new))
}

fn shared<T: Serialize, S: Serializer>(value: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
    value.as_ref().serialize(to)
}

fn share<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Arc<T>, D::Error> {
    T::deserialize(from).map(Arc::new)
}
