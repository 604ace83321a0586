//! The errors of Sign in with ChatGPT that have a code: the table of siwc §11.

use usher_domain::ErrorCode;
use usher_net::ErrorBody;

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanUsageError {
    /// A limit of the plan, the app or the workspace. When it ends is not reported, so no retry is of use.
    LimitReached,
    /// Usage or user could not be looked up; it passes.
    Unavailable,
    /// An error with a code of ours, which no retry solves.
    Final(ErrorCode),
}

/// One row for each code.
const ROWS: &[(&str, PlanUsageError)] = &[
    ("subscription_sharing_usage_limit_exceeded", PlanUsageError::LimitReached),
    ("subscription_sharing_workplace_individual_usage_limit_exceeded", PlanUsageError::LimitReached),
    ("subscription_sharing_usage_unavailable", PlanUsageError::Unavailable),
    ("subscription_sharing_user_unavailable", PlanUsageError::Unavailable),
    ("subscription_sharing_unsupported_capability", PlanUsageError::Final(ErrorCode::BadUsage)),
    // About the subscriber, not the token: signing in again is of use only when something else says so.
    ("subscription_sharing_invalid_user", PlanUsageError::Final(ErrorCode::UpstreamError)),
    ("subscription_sharing_user_not_eligible", PlanUsageError::Final(ErrorCode::UsageNotIncluded)),
    // An older code (siwc §1.2): the app is not enabled.
    ("subscription_sharing_client_not_enabled", PlanUsageError::Final(ErrorCode::UsageNotIncluded)),
    ("subscription_sharing_route_not_supported", PlanUsageError::Final(ErrorCode::EndpointNotFound)),
    ("chatpass_v2_scope_not_authorized", PlanUsageError::Final(ErrorCode::PlanUseNotAllowed)),
    ("chatpass_v2_invalid_authorization_context", PlanUsageError::Final(ErrorCode::PlanUseNotAllowed)),
];

/// The preview's spelling of the codes that begin so (siwc §11).
const OLD_PREFIX: &str = "subscription_sharing_v2_";
const PREFIX: &str = "subscription_sharing_";

/// Returns what `error` means; `None` when its code is none of these.
pub(crate) fn meaning_of(error: &ErrorBody) -> Option<PlanUsageError> {
    let code = error.code.as_deref()?;
    let (prefix, rest) = match code.strip_prefix(OLD_PREFIX) {
        Some(rest) => (PREFIX, rest),
        None => ("", code),
    };
    let is_this = |name: &str| name.strip_prefix(prefix) == Some(rest);
    ROWS.iter().find(|(name, _)| is_this(name)).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_either_spelling_has_its_meaning() {
        let of = |code: &str| meaning_of(&ErrorBody { code: Some(code.into()), ..ErrorBody::default() });
        assert_eq!(of("subscription_sharing_usage_limit_exceeded"), Some(PlanUsageError::LimitReached));
        assert_eq!(of("subscription_sharing_v2_usage_limit_exceeded"), Some(PlanUsageError::LimitReached));
        let disabled = Some(PlanUsageError::Final(ErrorCode::UsageNotIncluded));
        assert_eq!(of("subscription_sharing_v2_client_not_enabled"), disabled);
        for other in ["usage_limit_exceeded", "subscription_sharing_", "subscription_sharing_v2_", "v2_"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
