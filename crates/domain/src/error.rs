//! What can go wrong, as codes that interfaces act on.
//!
//! A [`Failure`] carries a [`ErrorCode`] for machines and a cause for people. The sentence and the next
//! step belong to the interface: window, command line and gateway each map the code, and nobody matches
//! on text. A code exists only where an interface does something different for it.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::UnixTime;

/// One per thing that an interface does differently; the names are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The person, or their browser page, said no (RFC 6749 §4.1.2.1).
    AccessDenied,
    /// A workspace admin has not enabled Codex (protocol §1.2).
    MissingEntitlement,
    /// This computer's way out is in a region that OpenAI does not serve; the sign-in is not at fault.
    RegionUnsupported,
    /// The account or workspace does not allow device codes (protocol §5).
    DeviceLoginDisabled,
    /// Neither callback port could be had.
    PortBusy,
    /// No browser could be started here; the address, a code or a paste still leads to a sign-in.
    BrowserUnavailable,
    /// Nothing came within the time that was set.
    Timeout,
    /// The person stopped it.
    Cancelled,
    /// The far side answered something that the protocol does not have.
    MalformedAnswer,
    /// This computer's clock is so wrong that fresh tokens look expired.
    ClockSkew,
    /// The keyring is locked, or did not answer in time.
    StoreLocked,
    /// The store cannot be used: no keyring, no rights, no space, or sealed in another way than asked.
    StoreUnavailable,
    /// The store's file is damaged or not ours; it was set aside under another name.
    StoreCorrupt,
    /// OpenAI has closed or suspended the account; signing in again will not help.
    AccountProblem,
    /// The plan or the list does not have the model.
    ModelUnavailable,
    /// No capacity at the moment.
    Overloaded,
    /// The address is on no enabled provider's list.
    HostNotAllowed,
    /// Anything else that the far side refused.
    UpstreamError,
    /// The command was used wrongly.
    BadUsage,
    /// The model does not have this effort.
    EffortUnsupported,
    /// The address is not one that Usher may use.
    BadUrl,
    /// Nobody is signed in.
    SignInRequired,
    /// The sign-in is too old to be renewed.
    SignInExpired,
    /// The sign-in was ended at OpenAI.
    SignInRevoked,
    /// The refresh token had been used before.
    SignInReused,
    /// The API key is wrong.
    InvalidKey,
    /// The plan's window is used up.
    UsageLimitReached,
    /// The plan does not include Codex.
    UsageNotIncluded,
    /// No credit, or a spend cap is reached.
    Billing,
    /// Too many requests in a short time.
    RateLimited,
    /// The network cannot be reached.
    Offline,
    /// The name of the host cannot be resolved.
    Dns,
    /// The proxy refuses, or cannot be reached.
    Proxy,
    /// The certificate is not trusted.
    Tls,
    /// A page for people stands where the API should be.
    ChallengePage,
    /// The host answers, but has no such API at this address.
    EndpointNotFound,
    /// A program that is needed is not installed, or not on the search path.
    ProgramMissing,
    /// The settings file is broken, or cannot be read or written.
    SettingsUnusable,
}

/// What a program that ran Usher learns from its exit status (contract section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 1
    Failed,
    /// 2
    WrongUsage,
    /// 3
    SignInNeeded,
    /// 4
    LimitReached,
    /// 5
    Network,
}

impl Exit {
    /// The number handed to the operating system.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl ErrorCode {
    /// Every code, for catalogues that must have a text for each.
    pub const ALL: [Self; 38] = {
        use ErrorCode as C;
        [
            C::AccessDenied,
            C::MissingEntitlement,
            C::RegionUnsupported,
            C::DeviceLoginDisabled,
            C::PortBusy,
            C::BrowserUnavailable,
            C::Timeout,
            C::Cancelled,
            C::MalformedAnswer,
            C::ClockSkew,
            C::StoreLocked,
            C::StoreUnavailable,
            C::StoreCorrupt,
            C::AccountProblem,
            C::ModelUnavailable,
            C::Overloaded,
            C::HostNotAllowed,
            C::UpstreamError,
            C::BadUsage,
            C::EffortUnsupported,
            C::BadUrl,
            C::SignInRequired,
            C::SignInExpired,
            C::SignInRevoked,
            C::SignInReused,
            C::InvalidKey,
            C::UsageLimitReached,
            C::UsageNotIncluded,
            C::Billing,
            C::RateLimited,
            C::Offline,
            C::Dns,
            C::Proxy,
            C::Tls,
            C::ChallengePage,
            C::EndpointNotFound,
            C::ProgramMissing,
            C::SettingsUnusable,
        ]
    };

    /// The exit status that stands for this code (contract section 6).
    pub fn exit(self) -> Exit {
        use ErrorCode as C;
        match self {
            C::BadUsage | C::EffortUnsupported | C::BadUrl => Exit::WrongUsage,
            C::SignInRequired | C::SignInExpired | C::SignInRevoked | C::SignInReused | C::InvalidKey => {
                Exit::SignInNeeded
            }
            C::UsageLimitReached | C::UsageNotIncluded | C::Billing | C::RateLimited => Exit::LimitReached,
            C::Offline | C::Dns | C::Proxy | C::Tls | C::ChallengePage => Exit::Network,
            _ => Exit::Failed,
        }
    }

    /// Whether only a new sign-in helps.
    pub fn ends_sign_in(self) -> bool {
        matches!(self, Self::SignInRequired | Self::SignInExpired | Self::SignInRevoked | Self::SignInReused)
    }
}

/// Something that did not work: the code, why, and when it may work again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What interfaces act on.
    pub code: ErrorCode,
    /// What was tried and what came of it, for people; holds no secret and no personal data.
    pub cause: String,
    /// When trying again makes sense, if that is known.
    pub retry_at: Option<UnixTime>,
}

impl Failure {
    /// A failure of `code`, because of `cause`.
    pub fn new(code: ErrorCode, cause: impl Into<String>) -> Self {
        Self { code, cause: cause.into(), retry_at: None }
    }

    /// The same failure, worth trying again at `time`.
    #[must_use]
    pub fn retry_at(mut self, time: Option<UnixTime>) -> Self {
        self.retry_at = time;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once() {
        for (at, code) in ErrorCode::ALL.iter().enumerate() {
            assert_eq!(*code as usize, at, "{code:?} stands in the wrong place of ALL");
        }
        assert_eq!(ErrorCode::ALL.len(), ErrorCode::SettingsUnusable as usize + 1);
    }

    #[test]
    fn exit_numbers_are_the_contract() {
        let exits = [
            (ErrorCode::AccessDenied, 1),
            (ErrorCode::BadUsage, 2),
            (ErrorCode::SignInRequired, 3),
            (ErrorCode::UsageLimitReached, 4),
            (ErrorCode::Offline, 5),
        ];
        for (code, number) in exits {
            assert_eq!(code.exit().code(), number, "{code:?}");
        }
    }
}
