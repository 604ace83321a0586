//! Passes, by which other programs of this computer authenticate at the gateway.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, ProviderId, Roles, UnixTime};

/// A pass without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Pass {
    /// Its unique id: a later pass of the same name has another one.
    pub id: String,
    /// The name that the user gave it.
    pub name: String,
    /// What it may be used for.
    pub scope: PassScope,
    /// When it was made.
    pub created_at: UnixTime,
    /// When it expires; `None` for one that is valid until it is revoked.
    pub expires_at: Option<UnixTime>,
    /// The run of a program that it was made for, and with which it ends.
    #[serde(default)]
    pub run: Option<PassRun>,
}

/// The run of a program that a pass was made for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PassRun {
    /// The id of the pass whose scope it has, and without which it is not valid either.
    pub of: Option<String>,
}

/// What a pass may be used for; `None` is no restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PassScope {
    /// This provider only.
    pub provider: Option<ProviderId>,
    /// This account only, also when another one is selected.
    pub account: Option<AccountId>,
    /// This model only, whichever a request names.
    pub model: Option<String>,
    /// A note of what it is for, in passes that older versions made. It limits nothing.
    pub project: Option<String>,
    /// Only for programs that run in this folder or below it: an absolute path without links.
    #[serde(default)]
    pub folder: Option<String>,
    /// Whether a pass for any provider may use one that is billed by the token. Off unless the user agreed: a plan that
    /// ends must not turn into a bill.
    #[serde(default)]
    pub pay_per_token: bool,
    /// Whether it may request the access token itself (contract §3, `POST /usher/token`).
    pub token: bool,
    /// How many tokens its requests may use together, as the providers count them.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub budget: Option<u64>,
    /// How much of a plan's windows it leaves to others, in percent: requests are refused when less than this is left. A pass
    /// that leaves something is a background pass.
    #[serde(default)]
    pub leaves_percent: Option<u8>,
    /// What its requests use by role instead of what was chosen for the account.
    #[serde(default)]
    pub roles: Roles,
}

impl Pass {
    /// The beginning of every pass's secret, so that people and redaction recognize one.
    pub const PREFIX: &str = "usher_pass_";

    /// Returns whether it has expired by `now`.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
