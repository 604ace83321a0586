//! What an error code becomes: the HTTP status, the `code` field, and whether the same request may succeed later.

use http::StatusCode;
use usher_domain::ErrorCode;

/// Returns the HTTP status of an error code (contract §3).
pub(super) fn status_of(code: ErrorCode) -> StatusCode {
    use ErrorCode as C;
    match code {
        C::SignInRequired
        | C::SignInExpired
        | C::SignInRevoked
        | C::SignInReused
        | C::SignInMoved
        | C::InvalidKey
        | C::AccessDenied
        | C::AccountProblem
        | C::MissingEntitlement
        | C::RegionUnsupported
        | C::UsageNotIncluded
        | C::PlanUseNotAllowed
        | C::ConnectedAppOnly
        | C::Cancelled
        | C::HostNotAllowed
        | C::BudgetReached
        | C::ReserveReached
        | C::Locked => StatusCode::FORBIDDEN,
        C::UsageLimitReached | C::Billing | C::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        C::ModelUnavailable | C::EndpointNotFound => StatusCode::NOT_FOUND,
        C::BadUsage | C::EffortUnsupported | C::TierUnsupported | C::BadUrl => StatusCode::BAD_REQUEST,
        C::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        C::Timeout => StatusCode::GATEWAY_TIMEOUT,
        C::Offline
        | C::Dns
        | C::Proxy
        | C::Tls
        | C::ChallengePage
        | C::MalformedAnswer
        | C::UpstreamError => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Returns whether the same request cannot succeed before a person does something, or for a long time.
pub(super) fn is_final(code: ErrorCode) -> bool {
    use ErrorCode as C;
    code.requires_sign_in()
        || matches!(
            code,
            C::InvalidKey
                | C::AccessDenied
                | C::AccountProblem
                | C::PassphraseNeeded
                | C::MissingEntitlement
                | C::RegionUnsupported
                | C::HostNotAllowed
                | C::UsageLimitReached
                | C::UsageNotIncluded
                | C::PlanUseNotAllowed
                | C::ConnectedAppOnly
                | C::Billing
                | C::BudgetReached
                | C::ReserveReached
                | C::Locked
                | C::ModelUnavailable
                | C::EndpointNotFound
                | C::BadUsage
                | C::EffortUnsupported
                | C::TierUnsupported
                | C::BadUrl
        )
}

/// Returns whether the status itself says that the request is wrong.
pub(super) fn is_final_status(status: u16) -> bool {
    // A timeout, a conflict, an early request and a limit pass; after a 426 Codex uses another protocol.
    (400..500).contains(&status) && ![408, 409, 425, 426, 429].contains(&status)
}

/// Returns the `code` field. All sign-in problems share one, because the remedy is the same.
pub(super) fn code_of(code: ErrorCode) -> &'static str {
    use ErrorCode as C;
    match code {
        code if code.requires_sign_in() => "sign_in_required",
        C::InvalidKey => "invalid_key",
        C::Cancelled => "cancelled",
        C::AccountProblem => "account_problem",
        C::MissingEntitlement => "missing_entitlement",
        C::RegionUnsupported => "region_unsupported",
        C::UsageNotIncluded => "usage_not_included",
        C::PlanUseNotAllowed => "plan_use_not_allowed",
        C::ConnectedAppOnly => "connected_app_only",
        C::HostNotAllowed => "host_not_allowed",
        C::UsageLimitReached => "usage_limit_reached",
        C::Billing => "insufficient_quota",
        C::RateLimited => "rate_limit_exceeded",
        C::BudgetReached => "budget_reached",
        C::ReserveReached => "reserve_reached",
        C::Locked => "locked",
        C::ModelUnavailable => "model_not_found",
        C::EndpointNotFound => "endpoint_not_found",
        C::EffortUnsupported => "effort_unsupported",
        C::TierUnsupported => "tier_unsupported",
        C::BadUsage | C::BadUrl => "invalid_request",
        C::Overloaded => "overloaded",
        C::Timeout => "timeout",
        C::Offline | C::Dns | C::Proxy | C::Tls | C::ChallengePage => "upstream_unreachable",
        C::MalformedAnswer | C::UpstreamError => "upstream_error",
        C::StoreLocked | C::PassphraseNeeded | C::StoreUnavailable | C::StoreCorrupt => "store_unavailable",
        _ => "internal_error",
    }
}
