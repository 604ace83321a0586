//! Authorization requests that wait for a person's decision.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::accounts::Account;
use crate::issuer::consent::return_to::ReturnTo;
use crate::plan_usage::registrations::Registration;
use crate::random;

/// A valid authorization request (siwc §3).
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub(super) back: ReturnTo,
    pub(super) client: Client,
    pub(super) host_id: String,
    pub(super) nonce: String,
    pub(super) code_challenge: String,
    /// The e-mail to show first.
    pub(super) login_hint: Option<String>,
    /// Whether the person has to decide about the plan: at a registration, and with `prompt=consent`.
    pub(super) needs_consent: bool,
    /// The chosen account.
    pub(super) account: Option<&'static Account>,
}

/// Who asks.
#[derive(Clone)]
pub(super) enum Client {
    /// An app that registers.
    New { agent_name: String, redirect_path: String },
    /// A registered app.
    Known(Registration),
}

impl AuthorizationRequest {
    /// Returns the name that the person sees.
    pub(super) fn agent_name(&self) -> &str {
        match &self.client {
            Client::New { agent_name, .. } => agent_name,
            Client::Known(registration) => &registration.agent_name,
        }
    }
}

/// The requests, by the id that their pages have.
#[derive(Default)]
pub(crate) struct PendingRequests(Mutex<HashMap<String, AuthorizationRequest>>);

impl PendingRequests {
    pub(super) fn begin(&self, request: AuthorizationRequest) -> String {
        let id = random::string("");
        self.table().insert(id.clone(), request);
        id
    }

    pub(super) fn get(&self, id: &str) -> Option<AuthorizationRequest> {
        self.table().get(id).cloned()
    }

    /// Notes the chosen account and returns the request.
    pub(super) fn choose(&self, id: &str, account: &'static Account) -> Option<AuthorizationRequest> {
        let mut table = self.table();
        let request = table.get_mut(id)?;
        request.account = Some(account);
        Some(request.clone())
    }

    /// Removes a request: it is decided once.
    pub(super) fn finish(&self, id: &str) {
        self.table().remove(id);
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, AuthorizationRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
