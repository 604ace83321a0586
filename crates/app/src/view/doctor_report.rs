//! What the doctor found, as it leaves the core.

use serde::Serialize;
use ts_rs::TS;
use usher_domain::{ErrorCode, ProviderId};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing in the way.
    Good,
    /// Works, but worth knowing.
    Note,
    /// Will make something fail.
    Bad,
}

/// One check and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Check {
    /// `port_1455`, `port_1457`, `session`, `settings`, `store`, `environment`, `proxy`, `certificates`, `clock`,
    /// `host ID` for each provider or `hosts` when none was asked, `codex`.
    pub check: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// The provider that it is about, where it is about one.
    pub provider: Option<ProviderId>,
    /// The code whose next step helps, where there is one.
    pub code: Option<ErrorCode>,
}

/// All checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DoctorReport {
    /// In order of a sign-in.
    pub checks: Vec<Check>,
}
