//! Pending sign-ins: browser sessions, requests that wait for consent, and device codes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::return_to::ReturnTo;
use crate::accounts::Account;
use crate::random;

/// A client's request that a person has to decide about.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) purpose: Purpose,
    pub(crate) scope: String,
    pub(crate) organizations: bool,
    /// `allowed_workspace_id` (protocol §1.1); `None` = any.
    pub(crate) allowed_workspaces: Option<Vec<String>>,
    pub(crate) originator: String,
    /// Whether an account has to be chosen, even with a session (`prompt=login`, protocol §1.1).
    pub(crate) choose_first: bool,
}

/// What the decision is for.
#[derive(Clone)]
pub(crate) enum Purpose {
    /// A redirect to the client's loopback address.
    Redirect { back: ReturnTo, code_challenge: String },
    /// A device sign-in with this user code.
    Device { user_code: String },
}

/// A device sign-in (protocol §5).
struct DeviceCode {
    device_auth_id: String,
    expires_at: i64,
    last_poll: Option<Instant>,
    approved: Option<Approval>,
}

/// What a poll gets after approval: the server made the PKCE pair.
#[derive(Clone)]
pub(crate) struct Approval {
    pub(crate) authorization_code: String,
    pub(crate) code_challenge: String,
    pub(crate) code_verifier: String,
}

/// The result of a poll.
pub(crate) enum Poll {
    Unknown,
    SlowDown,
    Expired,
    Pending,
    Approved(Approval),
}

#[derive(Default)]
pub(crate) struct SignIns(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    sessions: HashMap<String, &'static Account>,
    requests: HashMap<String, Request>,
    devices: HashMap<String, DeviceCode>,
}

impl SignIns {
    pub(crate) fn begin(&self, request: Request) -> String {
        let id = random::string("");
        self.tables().requests.insert(id.clone(), request);
        id
    }

    pub(crate) fn request(&self, id: &str) -> Option<Request> {
        self.tables().requests.get(id).cloned()
    }

    /// Notes that an account was chosen.
    pub(crate) fn set_account_chosen(&self, id: &str) {
        if let Some(request) = self.tables().requests.get_mut(id) {
            request.choose_first = false;
        }
    }

    /// Removes a request: it is decided once.
    pub(crate) fn finish(&self, id: &str) {
        self.tables().requests.remove(id);
    }

    pub(crate) fn open_session(&self, account: &'static Account) -> String {
        let cookie = random::string("");
        self.tables().sessions.insert(cookie.clone(), account);
        cookie
    }

    pub(crate) fn session(&self, cookie: &str) -> Option<&'static Account> {
        self.tables().sessions.get(cookie).copied()
    }

    pub(crate) fn new_device(&self, expires_at: i64) -> (String, String) {
        let (device_auth_id, user_code) = (random::string("deviceauth_sandbox_"), random::user_code());
        let device = DeviceCode {
            device_auth_id: device_auth_id.clone(),
            expires_at,
            last_poll: None,
            approved: None,
        };
        self.tables().devices.insert(user_code.clone(), device);
        (device_auth_id, user_code)
    }

    pub(crate) fn is_device_pending(&self, user_code: &str, now: i64) -> bool {
        self.tables()
            .devices
            .get(user_code)
            .is_some_and(|device| device.approved.is_none() && now < device.expires_at)
    }

    pub(crate) fn approve_device(&self, user_code: &str, approval: Approval) {
        if let Some(device) = self.tables().devices.get_mut(user_code) {
            device.approved = Some(approval);
        }
    }

    /// Handles a poll. The first may come at once, later ones after `interval` only (protocol correction 6).
    pub(crate) fn poll_device(
        &self,
        device_auth_id: &str,
        user_code: &str,
        now: i64,
        interval: Duration,
    ) -> Poll {
        let mut tables = self.tables();
        let Some(device) = tables.devices.get_mut(user_code) else { return Poll::Unknown };
        if device.device_auth_id != device_auth_id {
            return Poll::Unknown;
        }
        if now >= device.expires_at {
            return Poll::Expired;
        }
        // A client's timer may be some milliseconds early; that is accepted.
        let too_early = interval.mul_f32(0.95);
        let last_poll = device.last_poll.replace(Instant::now());
        if last_poll.is_some_and(|last| last.elapsed() < too_early) {
            return Poll::SlowDown;
        }
        match device.approved.clone() {
            Some(approval) => {
                tables.devices.remove(user_code);
                Poll::Approved(approval)
            }
            None => Poll::Pending,
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
