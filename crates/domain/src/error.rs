//! Errors, as codes that interfaces act on.
//!
//! A [`Failure`] carries an [`ErrorCode`] for programs and a cause for people. The sentence and the next
//! step belong to the interface: window, command line and gateway each map the code, and nobody matches
//! on text. A code exists only where an interface does something different for it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{UnixTime, redact};

/// Identifies what went wrong.
///
/// One code for each thing that an interface does differently. The names are part of the contract
/// (contract §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The user declined on the sign-in page (RFC 6749 §4.1.2.1).
    AccessDenied,
    /// A workspace admin has not enabled Codex (protocol §1.2).
    MissingEntitlement,
    /// OpenAI does not serve the region of this network. The sign-in itself is fine.
    RegionUnsupported,
    /// The account or workspace does not allow device codes (protocol §5).
    DeviceLoginDisabled,
    /// None of the callback ports is free.
    PortBusy,
    /// No browser could be started. The address, a device code or pasting still works.
    BrowserUnavailable,
    /// The time limit was reached.
    Timeout,
    /// The user cancelled it.
    Cancelled,
    /// The server's response does not follow the protocol.
    MalformedAnswer,
    /// This computer's clock is so wrong that fresh tokens look expired.
    ClockSkew,
    /// The keyring is locked, or did not answer in time.
    StoreLocked,
    /// The store is opened by a passphrase, which this process does not have, or has another one.
    PassphraseNeeded,
    /// The store cannot be used: no keyring, no permission, no space, or encrypted in another way than requested.
    StoreUnavailable,
    /// The store's file is damaged or not ours. It stays until the user has it set aside.
    StoreCorrupt,
    /// OpenAI has closed or suspended the account. Signing in again does not help.
    AccountProblem,
    /// The model is not in the plan or the list.
    ModelUnavailable,
    /// The server has no capacity at the moment.
    Overloaded,
    /// The address belongs to no enabled provider.
    HostNotAllowed,
    /// The server refused the request for a reason without a code of its own.
    UpstreamError,
    /// The command or request was invalid.
    BadUsage,
    /// The model does not support this reasoning effort.
    EffortUnsupported,
    /// The model does not have this tier.
    TierUnsupported,
    /// Usher cannot use this address.
    BadUrl,
    /// Nobody is signed in.
    SignInRequired,
    /// The sign-in is too old to be refreshed.
    SignInExpired,
    /// OpenAI ended the sign-in.
    SignInRevoked,
    /// The refresh token had been used before.
    SignInReused,
    /// The sign-in was moved to another computer, which alone uses it now.
    SignInMoved,
    /// Another account signed in than the one that was to sign in again. Nothing was saved.
    OtherAccount,
    /// OpenAI's page named no client for this app, so there is nothing to sign in with. Nothing was saved.
    RegistrationIncomplete,
    /// The user is signed in with the ChatGPT route and has not allowed Usher to use the plan.
    PlanUseNotAllowed,
    /// Another program asked for a sign-in that OpenAI lets only Usher itself use.
    ConnectedAppOnly,
    /// The API key is wrong.
    InvalidKey,
    /// The plan's usage limit is reached.
    UsageLimitReached,
    /// The plan does not include Codex.
    UsageNotIncluded,
    /// There is no credit left, or a spending limit is reached.
    Billing,
    /// Too many requests in a short time.
    RateLimited,
    /// The tokens that the user allowed a pass are used up.
    BudgetReached,
    /// A background pass has reached the share of the plan that it leaves to others.
    ReserveReached,
    /// The user has locked all passes.
    Locked,
    /// The network cannot be reached.
    Offline,
    /// The host name cannot be resolved.
    Dns,
    /// The proxy refuses, or cannot be reached.
    Proxy,
    /// The certificate is not trusted.
    Tls,
    /// An HTML page came instead of an API response: a bot check or a captive portal.
    ChallengePage,
    /// The host answered, but has no such API at this address.
    EndpointNotFound,
    /// A required program is not installed or not on the search path.
    ProgramMissing,
    /// The settings file is invalid, or cannot be read or written.
    SettingsUnusable,
    /// A transfer file is no such file, damaged, or belongs to a move that was interrupted.
    TransferUnusable,
    /// The transfer file was opened already: what was in it belongs to the home that opened it.
    TransferOpened,
    /// The transfer file does not open with this passphrase.
    PassphraseWrong,
    /// A file of another program is invalid, or cannot be read or changed.
    ToolFileUnusable,
    /// The system's service manager refused a command. The file of the service is as it was asked for.
    ServiceFailed,
    /// A new version of Usher was not installed: its signature is wrong, or the program could not be replaced.
    UpdateFailed,
    /// A bug in Usher, or the operating system failed at something basic.
    Internal,
}

/// The exit status of the command line (contract §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: Everything worked.
    Success,
    /// 1: Something failed that has no status of its own.
    Failed,
    /// 2: Arguments or values were invalid.
    UsageError,
    /// 3: A sign-in or a valid key is needed.
    SignInRequired,
    /// 4: A usage, credit or rate limit is reached.
    LimitReached,
    /// 5: The network failed.
    Network,
}

impl ExitStatus {
    /// Returns the number that is passed to the operating system.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl ErrorCode {
    /// All codes, in the order of their definition.
    ///
    /// Text catalogs and tests go through it, so that no code is without a text.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Returns the exit status for this code (contract §6).
    pub fn exit_status(self) -> ExitStatus {
        use ErrorCode as C;
        match self {
            C::BadUsage | C::EffortUnsupported | C::TierUnsupported | C::BadUrl => ExitStatus::UsageError,
            C::SignInRequired
            | C::SignInExpired
            | C::SignInRevoked
            | C::SignInReused
            | C::SignInMoved
            | C::OtherAccount
            | C::PlanUseNotAllowed
            | C::InvalidKey => ExitStatus::SignInRequired,
            C::UsageLimitReached
            | C::UsageNotIncluded
            | C::Billing
            | C::RateLimited
            | C::BudgetReached
            | C::ReserveReached => ExitStatus::LimitReached,
            C::Offline | C::Dns | C::Proxy | C::Tls | C::ChallengePage => ExitStatus::Network,
            _ => ExitStatus::Failed,
        }
    }

    /// Returns whether only a new sign-in helps.
    pub fn requires_sign_in(self) -> bool {
        matches!(
            self,
            Self::SignInRequired
                | Self::SignInExpired
                | Self::SignInRevoked
                | Self::SignInReused
                | Self::SignInMoved
        )
    }
}

/// An error: its code, why it happened, and when to retry.
///
/// The source is for the log only. Two failures are equal when code, cause and retry time are equal,
/// whatever their sources are.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What interfaces act on.
    pub code: ErrorCode,
    /// What failed and why, for people. Holds no secret and no personal data.
    pub cause: String,
    /// When a retry makes sense, if that is known.
    pub retry_at: Option<UnixTime>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    /// Creates a failure with this code and cause.
    pub fn new(code: ErrorCode, cause: impl Into<String>) -> Self {
        Self { code, cause: cause.into(), retry_at: None, source: None }
    }

    /// Sets when a retry makes sense.
    #[must_use]
    pub fn with_retry_at(mut self, time: Option<UnixTime>) -> Self {
        self.retry_at = time;
        self
    }

    /// Attaches the error that caused this one.
    ///
    /// It reaches the log through [`Failure::chain`], so its text must hold no secret and no personal data: of an
    /// error of the HTTP client the URL is removed first, and an error of a JSON parser, which may quote what it
    /// parsed, is never attached.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Returns the cause followed by the causes beneath it, on one line for the log.
    ///
    /// A source whose text is already part of the line is left out.
    pub fn chain(&self) -> String {
        let mut line = self.cause.clone();
        let mut next = self.source();
        while let Some(error) = next {
            let text = redact(&error.to_string());
            if !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            next = error.source();
        }
        line
    }
}

impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && self.cause == other.cause && self.retry_at == other.retry_at
    }
}

impl Eq for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_of_failure_reaches_chain_and_not_equality() {
        let plain = Failure::new(ErrorCode::StoreUnavailable, "could not write the file");
        let inner =
            Failure::new(ErrorCode::Internal, "middle").with_source(std::io::Error::other("disk full"));
        let sourced = plain.clone().with_source(inner);
        assert_eq!(sourced, plain);
        assert_eq!(sourced.source().unwrap().to_string(), "middle");
        assert_eq!(sourced.chain(), "could not write the file: middle: disk full");
        assert_eq!(sourced.to_string(), "could not write the file");
        assert_ne!(plain.clone().with_retry_at(Some(UnixTime(1))), plain);
    }

    #[test]
    fn chain_with_repeated_text_or_secret_leaves_it_out() {
        let repeated = Failure::new(ErrorCode::Internal, "failed: disk full")
            .with_source(std::io::Error::other("disk full"));
        assert_eq!(repeated.chain(), "failed: disk full");
        let secret =
            Failure::new(ErrorCode::Internal, "failed").with_source(std::io::Error::other("sk-abcdefghijkl"));
        assert_eq!(secret.chain(), "failed: [redacted]");
    }

    #[test]
    fn exit_status_of_each_class_is_its_contract_number() {
        let exits = [
            (ErrorCode::AccessDenied, 1),
            (ErrorCode::BadUsage, 2),
            (ErrorCode::SignInRequired, 3),
            (ErrorCode::PlanUseNotAllowed, 3),
            (ErrorCode::SignInMoved, 3),
            (ErrorCode::TransferOpened, 1),
            (ErrorCode::ConnectedAppOnly, 1),
            (ErrorCode::RegistrationIncomplete, 1),
            (ErrorCode::UsageLimitReached, 4),
            (ErrorCode::Offline, 5),
        ];
        for (code, number) in exits {
            assert_eq!(code.exit_status().code(), number, "{code:?}");
        }
    }
}
