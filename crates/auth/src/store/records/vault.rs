//! The records in the sealed file.
//!
//! Because these types can be serialized, none of them leaves this crate; other crates get a
//! [`crate::SignInSummary`].

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use usher_domain::{AccessToken, ApiKey, HeaderSecret, Pass, PassSecret, ProxyPassword, RefreshToken};
use usher_domain::{Account, AccountId, Endpoints, ErrorCode, PlanUse, ProviderId, SignInRoute, UnixTime};
use zeroize::Zeroizing;

use super::plan_grant::PlanGrant;
use super::secret_fields::{
    enclose, enclose_shared, enclose_some, enclose_some_shared, expose, expose_some, expose_some_shared,
};
use super::transfer_records::{Arriving, Leaving, TransferMark};
use crate::store::sealed_file::Format;

/// All records of a store.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Vault {
    /// One for each account, in the user's order.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The account in use.
    pub(crate) active: Option<AccountId>,
    /// Revocations of deleted sign-ins that OpenAI has not confirmed yet.
    pub(crate) pending: Vec<RevocationRecord>,
    /// Keys and secret headers, at most one record for a provider.
    #[serde(default)]
    pub(crate) keys: Vec<KeyRecord>,
    /// The passes of other programs, in the order of their creation.
    #[serde(default)]
    pub(crate) passes: Vec<PassRecord>,
    /// The password of the proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) proxy: Option<ProxyRecord>,
    /// A move to another computer that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leaving: Option<Leaving>,
    /// A move from another computer that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arriving: Option<Arriving>,
    /// The transfer files that this home made or opened, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) transfers: Vec<TransferMark>,
    /// The number of this write. An older copy has a lower one than the last.
    #[serde(default)]
    pub(in crate::store) revision: u64,
    /// Whether these records come from an older copy that was put back, until a person accepts it.
    #[serde(default)]
    pub(in crate::store) replayed: bool,
}

/// A pass with its secret, which is stored because tools read it again with `usher pass print`.
#[derive(Serialize, Deserialize)]
pub(crate) struct PassRecord {
    /// The pass and its scope.
    #[serde(serialize_with = "shared", deserialize_with = "share")]
    pub(crate) pass: Arc<Pass>,
    /// The secret that a program presents.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) secret: Arc<PassSecret>,
}

/// The key and the secret headers of a provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    /// The provider of the key.
    pub(crate) provider: ProviderId,
    /// The scheme, host and port that it was saved for; it is sent nowhere else.
    pub(crate) origin: String,
    /// The key; a service may need headers only.
    #[serde(default, serialize_with = "expose_some_shared", deserialize_with = "enclose_some_shared")]
    pub(crate) key: Option<Arc<ApiKey>>,
    /// The secret headers of each request.
    pub(crate) headers: Vec<HeaderRecord>,
    /// When the key was saved.
    pub(crate) saved_at: UnixTime,
}

/// A header whose value is a secret.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeaderRecord {
    /// The name in lower case.
    pub(crate) name: String,
    /// The secret value.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) value: Arc<HeaderSecret>,
}

/// The password of a proxy.
#[derive(Serialize, Deserialize)]
pub(crate) struct ProxyRecord {
    /// The address and the user that it was saved for; it is sent nowhere else.
    pub(crate) address: String,
    /// The password.
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) password: Arc<ProxyPassword>,
}

/// One sign-in, whose tokens only Usher has and refreshes.
#[derive(Serialize, Deserialize)]
pub(crate) struct SignIn {
    /// The account that is signed in.
    pub(crate) account: Account,
    /// Where it was made; its tokens are sent nowhere else.
    pub(crate) endpoints: Endpoints,
    /// The current access token. Empty where the server issued none, as it may without leave to use the plan (siwc §5).
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) access: Arc<AccessToken>,
    /// The current refresh token. Absent for an access token that a user created and pasted (protocol §5.1).
    #[serde(default, serialize_with = "expose_some", deserialize_with = "enclose_some")]
    pub(crate) refresh: Option<RefreshToken>,
    /// The `exp` of the access token, if it can be read.
    pub(crate) expires_at: Option<UnixTime>,
    /// When the tokens were last refreshed.
    pub(crate) refreshed_at: UnixTime,
    /// A refresh whose outcome is unknown: started, and neither saved nor refused.
    pub(crate) attempt: Option<Attempt>,
    /// Why the server ended this sign-in, if it did.
    pub(crate) ended: Option<Ended>,
    /// What only plan usage has; present exactly where the account came by that route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plan_grant: Option<PlanGrant>,
}

/// The record of a refresh, written before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// When it was started.
    pub(crate) at: UnixTime,
}

/// The error by which the server ended a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    /// The error code.
    pub(crate) code: ErrorCode,
    /// The cause, for people.
    pub(crate) cause: String,
}

/// A pending revocation. Its refresh token is used for nothing else.
#[derive(Serialize, Deserialize)]
pub(crate) struct RevocationRecord {
    /// Identifies it for a retry or for giving up.
    pub(crate) id: String,
    /// The e-mail address of the sign-in.
    pub(crate) email: Option<String>,
    /// Where to revoke it.
    pub(crate) endpoints: Endpoints,
    /// The issued client id of a sign-in of plan usage; those of Codex share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The token to revoke.
    #[serde(serialize_with = "expose", deserialize_with = "enclose")]
    pub(crate) refresh: RefreshToken,
    /// When it was enqueued.
    pub(crate) since: UnixTime,
    /// When to retry.
    pub(crate) next_try: UnixTime,
    /// The number of tries so far.
    pub(crate) tries: u32,
}

impl SignIn {
    /// Returns whether `refresh` is its current refresh token.
    pub(crate) fn has_refresh_token(&self, refresh: &RefreshToken) -> bool {
        self.refresh.as_ref().is_some_and(|current| current.matches(refresh))
    }

    /// Returns whether it was moved to another computer, or is about to be: no token of it is used here.
    pub(crate) fn is_moved(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.code == ErrorCode::SignInMoved)
    }

    /// Returns whether the plan may be used; `None` where that is no consent of its own.
    pub(crate) fn plan_use(&self) -> Option<PlanUse> {
        self.plan_grant.as_ref().map(|grant| grant.scopes.plan_use())
    }
}

impl Vault {
    /// Returns the sign-in of `id`.
    pub(crate) fn sign_in(&self, id: &AccountId) -> Option<&SignIn> {
        self.sign_ins.iter().find(|one| one.account.id() == *id)
    }

    /// Returns the sign-in of `id` for a change.
    pub(crate) fn sign_in_mut(&mut self, id: &AccountId) -> Option<&mut SignIn> {
        self.sign_ins.iter_mut().find(|one| one.account.id() == *id)
    }

    /// Adds `sign_in`, or replaces the one of the same account, whose names it keeps. Returns the account as it is stored,
    /// and the replaced sign-in.
    ///
    /// It becomes the one in use only where none is: another account in use is switched by the user, because a plan pays
    /// for what follows.
    pub(crate) fn put(&mut self, mut sign_in: SignIn) -> (Account, Option<SignIn>) {
        let id = sign_in.account.id();
        self.active.get_or_insert_with(|| id.clone());
        if let Some(same) = self.sign_ins.iter_mut().find(|one| one.account.id() == id) {
            let account = &mut sign_in.account;
            (account.label, account.default_name) =
                (same.account.label.clone(), same.account.default_name.clone());
            return (sign_in.account.clone(), Some(std::mem::replace(same, sign_in)));
        }
        sign_in.account.default_name = Some(self.free_name(&sign_in.account));
        let account = sign_in.account.clone();
        self.sign_ins.push(sign_in);
        (account, None)
    }

    /// Does what [`put`](Self::put) does, and enqueues the revocation of the sign-in that is replaced. Returns the account as
    /// it is stored.
    ///
    /// `id` is that of the revocation, as for [`enqueue_revocation`](Self::enqueue_revocation).
    pub(crate) fn put_and_revoke_replaced(&mut self, sign_in: SignIn, id: String, now: UnixTime) -> Account {
        let (account, replaced) = self.put(sign_in);
        if let Some(replaced) = replaced {
            self.enqueue_revocation(id, replaced, now);
        }
        account
    }

    /// Sets the user's name for the account at `index`. Without one it returns to a name that none of the others has.
    pub(crate) fn rename(&mut self, index: usize, label: Option<String>) {
        self.sign_ins[index].account.label = label;
        let account = &self.sign_ins[index].account;
        if account.label.is_none() && self.others(account).any(|other| other.is_called(&account.name())) {
            self.sign_ins[index].account.default_name = Some(self.free_name(account));
        }
    }

    fn others(&self, account: &Account) -> impl Iterator<Item = &Account> {
        let id = account.id();
        self.sign_ins.iter().map(|one| &one.account).filter(move |other| other.id() != id)
    }

    /// Returns a name for an account which none of the others has.
    fn free_name(&self, account: &Account) -> String {
        account.free_name(|name| self.others(account).any(|other| other.is_called(name)))
    }

    /// Names the accounts of an older Usher, in their order; the next write saves it.
    fn name_accounts(&mut self) {
        for index in 0..self.sign_ins.len() {
            if self.sign_ins[index].account.default_name.is_none() {
                let name = self.free_name(&self.sign_ins[index].account);
                self.sign_ins[index].account.default_name = Some(name);
            }
        }
    }

    /// Removes the sign-in of `id`. None of the others becomes the one in use: the user chooses who pays next.
    pub(crate) fn take(&mut self, id: &AccountId) -> Option<SignIn> {
        let at = self.sign_ins.iter().position(|one| one.account.id() == *id)?;
        let taken = self.sign_ins.remove(at);
        self.active.take_if(|active| active == id);
        Some(taken)
    }

    /// Enqueues the revocation of `sign_in`, as part of the change that removes it.
    ///
    /// Returns `None` without a refresh token: an access token that a user created is theirs, so Usher must not revoke
    /// it. Nor for one that was moved: the other computer uses its token. `id` must be random: with a number that occurs twice, one revocation would delete the record of the other.
    pub(crate) fn enqueue_revocation(
        &mut self,
        id: String,
        sign_in: SignIn,
        now: UnixTime,
    ) -> Option<String> {
        if sign_in.is_moved() {
            return None;
        }
        let account = sign_in.account;
        let unverified = sign_in.plan_grant.and_then(|grant| grant.unverified);
        let refresh = unverified.map(|tokens| tokens.refresh).or(sign_in.refresh)?;
        self.pending.push(RevocationRecord {
            id: id.clone(),
            email: account.email,
            endpoints: sign_in.endpoints,
            client_id: (account.route == SignInRoute::PlanUsage).then_some(account.account_id),
            refresh,
            since: now,
            next_try: now,
            tries: 0,
        });
        Some(id)
    }

    /// Returns the key record of `provider`.
    pub(crate) fn key_for(&self, provider: &ProviderId) -> Option<&KeyRecord> {
        self.keys.iter().find(|one| one.provider == *provider)
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.sign_ins.is_empty()
            && self.pending.is_empty()
            && self.keys.is_empty()
            && self.passes.is_empty()
            && self.proxy.is_none()
            && self.leaving.is_none()
            && self.arriving.is_none()
            && self.transfers.is_empty()
    }

    /// Returns the format that a version of Usher has to know so as to damage none of the records.
    pub(in crate::store) fn format(&self) -> Format {
        if self.has_transfer_records() {
            return Format::TRANSFER;
        }
        let of_plan_usage = self.sign_ins.iter().any(|one| one.account.route == SignInRoute::PlanUsage)
            || self.pending.iter().any(|record| record.client_id.is_some());
        if of_plan_usage { Format::PLAN_USAGE } else { Format::FIRST }
    }

    fn has_transfer_records(&self) -> bool {
        self.leaving.is_some()
            || self.arriving.is_some()
            || !self.transfers.is_empty()
            || self.sign_ins.iter().any(SignIn::is_moved)
    }

    pub(in crate::store) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(
            serde_json::to_vec(self).expect("structs of text and numbers have no key that JSON lacks"),
        )
    }

    pub(in crate::store) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut vault: Self = serde_json::from_slice(bytes).ok()?;
        vault.name_accounts();
        Some(vault)
    }
}

fn shared<T: Serialize, S: Serializer>(value: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
    value.as_ref().serialize(to)
}

fn share<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Arc<T>, D::Error> {
    T::deserialize(from).map(Arc::new)
}

/// Records for the tests of the store and of the refresh.
#[cfg(test)]
pub(crate) mod tests {
    use usher_domain::{PassScope, Plan};

    use super::*;

    pub(crate) fn sign_in(user: &str) -> SignIn {
        let account = Account {
            user_id: user.into(),
            account_id: "workspace".into(),
            route: SignInRoute::CodexClient,
            email: None,
            plan: Plan("plus".into()),
            fedramp: false,
            label: None,
            default_name: None,
        };
        SignIn {
            account,
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            access: Arc::new(AccessToken::new("access")),
            refresh: Some(RefreshToken::new("refresh")),
            expires_at: None,
            refreshed_at: UnixTime(0),
            attempt: None,
            ended: None,
            plan_grant: None,
        }
    }

    pub(in crate::store) fn pass(name: &str) -> PassRecord {
        let scope = PassScope::default();
        let pass = Pass {
            id: name.into(),
            name: name.into(),
            scope,
            created_at: UnixTime(0),
            expires_at: None,
            run: None,
        };
        PassRecord { pass: Arc::new(pass), secret: Arc::new(PassSecret::new("secret")) }
    }
}
