//! What a transfer file holds once it is open.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use usher_domain::{AccountId, Endpoints, SignInRoute, UnixTime};
use zeroize::Zeroizing;

use crate::store::{KeyRecord, SignIn};

/// The contents of a transfer file.
#[derive(Deserialize)]
pub(super) struct Payload {
    /// The id of the file.
    pub(super) id: String,
    /// When it was made.
    pub(super) made_at: UnixTime,
    /// The text of the settings file.
    pub(super) settings: String,
    /// The account that was in use.
    pub(super) active: Option<AccountId>,
    pub(super) sign_ins: Vec<SignIn>,
    pub(super) keys: Vec<KeyRecord>,
}

/// The same, of records that stay in the store.
#[derive(Serialize)]
pub(super) struct PayloadOf<'a> {
    pub(super) id: &'a str,
    pub(super) made_at: UnixTime,
    pub(super) settings: &'a str,
    pub(super) active: Option<&'a AccountId>,
    pub(super) sign_ins: Vec<&'a SignIn>,
    pub(super) keys: Vec<&'a KeyRecord>,
}

impl Payload {
    /// Parses the payload of the file `id`. `None` for one that this version of Usher does not write.
    pub(super) fn from_bytes(bytes: &[u8], id: &str) -> Option<Self> {
        let payload: Self = serde_json::from_slice(bytes).ok()?;
        // The id beside the sealed part could be that of another file.
        (payload.id == id && payload.has_movable_records()).then_some(payload)
    }

    fn has_movable_records(&self) -> bool {
        let is_movable = |one: &SignIn| {
            one.account.route == SignInRoute::CodexClient
                && one.plan_grant.is_none()
                && one.ended.is_none()
                && one.attempt.is_none()
        };
        let mut accounts = HashSet::new();
        let mut providers = HashSet::new();
        self.sign_ins.iter().all(|one| is_movable(one) && accounts.insert(one.account.id()))
            && self.keys.iter().all(|record| providers.insert(&record.provider))
    }

    /// Returns whether the sign-ins were made where this computer makes them. Requests would go to others otherwise.
    pub(super) fn is_of(&self, endpoints: &Endpoints) -> bool {
        self.sign_ins.iter().all(|one| one.endpoints == *endpoints)
    }
}

impl PayloadOf<'_> {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(
            serde_json::to_vec(self).expect("structs of text and numbers have no key that JSON lacks"),
        )
    }
}
