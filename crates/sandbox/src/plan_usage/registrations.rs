//! Registered clients: one for each person and workspace that connected an app (siwc §2).

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::constants::ISSUED_CLIENT_PREFIX;
use crate::accounts::{Membership, account};
use crate::random;

/// A registered client, as the person sees it in the settings of `ChatGPT`.
#[derive(Clone, Debug, Serialize)]
pub struct Registration {
    /// The issued client id.
    pub client_id: String,
    /// Key of the account.
    pub account: &'static str,
    /// Account id of the workspace.
    pub account_id: &'static str,
    /// The app's name, from `agent_name_hint`.
    pub agent_name: String,
    /// The hosts that signed in with it.
    pub host_ids: BTreeSet<String>,
    /// The path of the redirect, which never changes.
    pub redirect_path: String,
    /// Whether the person allowed the plan.
    pub plan_allowed: bool,
}

impl Registration {
    /// Makes a registration, which has no client id yet.
    pub(super) fn new(membership: Membership, agent_name: String, redirect_path: String) -> Self {
        Self {
            client_id: String::new(),
            account: membership.account.key,
            account_id: membership.workspace.account_id,
            agent_name,
            host_ids: BTreeSet::new(),
            redirect_path,
            plan_allowed: false,
        }
    }

    /// Returns whose it is.
    pub(super) fn membership(&self) -> Membership {
        Membership::find(self.account, Some(self.account_id)).expect("registered for an account")
    }

    /// Returns whether this account is the registered person; `sub` decides (siwc §6).
    pub(super) fn is_of(&self, key: &str) -> bool {
        account(key).is_some_and(|account| account.user_id == self.membership().account.user_id)
    }
}

/// All registrations.
#[derive(Default)]
pub(crate) struct Registrations(Mutex<Vec<Registration>>);

impl Registrations {
    /// Adds a registration and returns its client id.
    pub(super) fn add(&self, registration: Registration) -> String {
        let client_id = random::string(ISSUED_CLIENT_PREFIX);
        self.list().push(Registration { client_id: client_id.clone(), ..registration });
        client_id
    }

    pub(super) fn find(&self, client_id: &str) -> Option<Registration> {
        self.list().iter().find(|known| known.client_id == client_id).cloned()
    }

    /// Notes a sign-in from `host_id`, and whether the plan is allowed from now on.
    pub(super) fn note_sign_in(&self, client_id: &str, host_id: String, plan_allowed: bool) {
        if let Some(known) = self.list().iter_mut().find(|known| known.client_id == client_id) {
            known.host_ids.insert(host_id);
            known.plan_allowed = plan_allowed;
        }
    }

    /// Removes the registrations of `account`, or all. Returns how many.
    pub(super) fn remove(&self, account: Option<&str>) -> usize {
        let mut list = self.list();
        let before = list.len();
        list.retain(|known| account.is_some_and(|key| known.account != key));
        before - list.len()
    }

    /// Returns all of them, in the order of registration.
    pub(crate) fn all(&self) -> Vec<Registration> {
        self.list().clone()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Registration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
