//! What other programs of this computer are let in by.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, ProviderId, UnixTime};

/// Everything about a pass but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Pass {
    /// Names it for ever; two passes of one name, one after the other, are two.
    pub id: String,
    /// What the person called it.
    pub name: String,
    /// What it is good for.
    pub scope: PassScope,
    /// When it was made.
    pub created_at: UnixTime,
    /// When it ends; absent for one that is good until it is revoked.
    pub expires_at: Option<UnixTime>,
}

/// What a pass is good for. What is absent is not narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PassScope {
    /// This provider only.
    pub provider: Option<ProviderId>,
    /// This account only, also when another one comes into use.
    pub account: Option<AccountId>,
    /// This model only, whatever a request names.
    pub model: Option<String>,
    /// The folder that it was made for; for people, because a request does not say where it comes from.
    pub project: Option<String>,
    /// It may ask for the access token itself (contract §3, `POST /usher/token`).
    pub token: bool,
}

impl Pass {
    /// What the secret of every pass begins with, so that people and redaction know one when they see it.
    pub const PREFIX: &str = "usher_pass_";

    /// Whether it has ended by `now`.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
