//! Why a refresh is made, how urgent it is, whether it may be sent, and how it can fail: the same for both routes.

use serde::Serialize;
use usher_domain::Failure;
use usher_net::{Delivery, NetError};

/// Why a refresh is made; sent with the request as recorded (clients §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefreshReason {
    /// The access token is about to expire.
    ProactiveExpiry,
    /// The backend responded with 401.
    UnauthorizedRecovery,
}

/// How urgent a refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshUrgency {
    /// The current token is valid for some minutes more.
    Early,
    /// There is no valid token.
    Now,
}

/// Whether a refresh may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may, and is so urgent.
    Open(RefreshUrgency),
    /// It is not due: the current token is valid.
    NotDue,
}

/// Why a refresh failed; the variants differ in what to do next (protocol §3.3, siwc §7.4).
#[derive(Debug)]
pub(crate) enum RefreshError {
    /// Nothing was sent, so the same refresh token may be used again at once.
    NotSent(Failure),
    /// The server refused without ending the sign-in: keep the token and back off.
    Retryable(Failure),
    /// The request was sent and no usable response came: the refresh token may be spent.
    OutcomeUnknown(Failure),
    /// The refresh token had been used before. Final only after the store was read again.
    Reused(Failure),
    /// The sign-in is over.
    SignInEnded(Failure),
}

/// Returns what a failed connection means: what can have reached the server may have spent the token.
pub(crate) fn into_refresh_error(error: NetError) -> RefreshError {
    match error.delivery {
        Delivery::NotSent => RefreshError::NotSent(error.failure),
        Delivery::MaybeSent => RefreshError::OutcomeUnknown(error.failure),
    }
}
