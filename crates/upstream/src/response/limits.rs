//! Classifies an error that is about limits: a used-up window of the plan, billing, a short throttle, no capacity.
//!
//! No contract is published; protocol §10.1 has the rule that all sources together support. It is this one function,
//! the same for the body of a response, for its headers and for an error inside a stream. It reads the type and the
//! code, and never the text of a message.

use usher_domain::{LimitReached, UnixTime};
use usher_net::{ErrorBody, StatusCode};

use crate::response::limit_headers::LimitHeaders;
use crate::response::plan_usage_errors::{PlanUsageError, meaning_of};
use crate::response::reset_time;
use crate::response::retry_after::retry_after_in_message;

const USAGE_LIMIT_CODE: &str = "usage_limit_reached";
const NOT_INCLUDED_CODE: &str = "usage_not_included";

/// No credit, or a spending limit (protocol §10.1 no. 3).
const BILLING_CODES: [&str; 5] = [
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    // Last, because it is the type that the other four come with.
    "insufficient_quota",
];

/// Sub-cases of a usage limit that are credits or a spending limit, which no reset may lift (protocol §10.1 no. 2).
const BILLING_REASONS: [&str; 4] = [
    "workspace_owner_credits_depleted",
    "workspace_member_credits_depleted",
    "workspace_owner_usage_limit_reached",
    "workspace_member_usage_limit_reached",
];

/// No capacity (protocol §10, 503 and stream).
const OVERLOADED_CODES: [&str; 3] = ["server_is_overloaded", "slow_down", "service_unavailable_error"];

/// A short throttle (protocol §10, 429 and stream).
const RATE_LIMIT_CODES: [&str; 2] = ["rate_limit_exceeded", "rate_limit_error"];

/// Everything in an error response that decides about limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorFacts<'a> {
    /// Absent for an error inside a stream.
    pub(crate) status: Option<StatusCode>,
    pub(crate) error: &'a ErrorBody,
    pub(crate) headers: &'a LimitHeaders,
    /// `Retry-After`.
    pub(crate) retry_after: Option<UnixTime>,
    /// The server's clock.
    pub(crate) now: Option<UnixTime>,
}

/// The kind of a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Terminal until it resets.
    UsageLimitReached(LimitReached),
    /// Terminal: the plan does not include Codex.
    NotIncluded,
    /// Terminal until somebody pays or raises a spending limit.
    Billing {
        /// The provider's code for it.
        reason: String,
    },
    /// A short throttle.
    RateLimited {
        /// When to try again, if the server says so.
        retry_at: Option<UnixTime>,
    },
    /// No capacity for now; another model may have some.
    Overloaded {
        /// When to try again, if the server says so.
        retry_at: Option<UnixTime>,
    },
}

/// Returns the limit that an error is about; `None` when it is about something else.
pub(crate) fn classify_limit(facts: ErrorFacts<'_>) -> Option<Limit> {
    let has = |name: &&&str| facts.error.has_code(name);
    if facts.error.has_code(USAGE_LIMIT_CODE) {
        let sub_case = facts.headers.reached_type.as_deref().unwrap_or(USAGE_LIMIT_CODE);
        return Some(if BILLING_REASONS.contains(&sub_case) {
            Limit::Billing { reason: sub_case.to_owned() }
        } else {
            Limit::UsageLimitReached(LimitReached {
                reason: sub_case.to_owned(),
                resets_at: resets_at(facts),
            })
        });
    }
    match meaning_of(facts.error) {
        Some(PlanUsageError::LimitReached) => {
            let reason = facts.error.code.clone().unwrap_or_default();
            return Some(Limit::UsageLimitReached(LimitReached { reason, resets_at: None }));
        }
        Some(PlanUsageError::Unavailable) => return Some(Limit::Overloaded { retry_at: retry_at(facts) }),
        Some(PlanUsageError::Final(_)) => return None,
        None => {}
    }
    if facts.error.has_code(NOT_INCLUDED_CODE) {
        return Some(Limit::NotIncluded);
    }
    if let Some(reason) = BILLING_CODES.iter().find(has) {
        return Some(Limit::Billing { reason: (*reason).to_owned() });
    }
    // The edge server names the pause in the body (siwc §11).
    let is_degraded =
        facts.status.is_some_and(|status| status.is_server_error()) && facts.error.retry_after.is_some();
    if is_degraded || OVERLOADED_CODES.iter().any(|name| facts.error.has_code(name)) {
        return Some(Limit::Overloaded { retry_at: retry_at(facts) });
    }
    let rate_limited = RATE_LIMIT_CODES.iter().any(|name| facts.error.has_code(name));
    // Any other 429 is transient: a used-up window has a code of its own.
    (rate_limited || facts.status == Some(StatusCode::TOO_MANY_REQUESTS))
        .then(|| Limit::RateLimited { retry_at: retry_at(facts) })
}

/// Returns `resets_at`, else the relative reset, else the reset of the exhausted window in the headers.
fn resets_at(facts: ErrorFacts<'_>) -> Option<UnixTime> {
    let is_possible = |at| reset_time::of_limit(at, facts.now);
    let absolute = facts.error.resets_at.and_then(|at| reset_time::time(at.0)).and_then(is_possible);
    let relative = || is_possible(facts.now?.plus(facts.error.resets_in_seconds?));
    absolute.or_else(relative).or_else(|| facts.headers.exhausted_until())
}

fn retry_at(facts: ErrorFacts<'_>) -> Option<UnixTime> {
    let from_body = || Some(facts.now?.plus(facts.error.retry_after?));
    let from_message = || Some(facts.now?.plus(retry_after_in_message(facts.error.message.as_deref()?)?));
    facts.retry_after.or_else(from_body).or_else(from_message)
}

#[cfg(test)]
mod tests {
    use usher_net::HeaderMap;

    use super::*;

    const NOW: i64 = 1_795_000_000;

    /// One error: its name, status (0 in a stream), body, headers, and the expected limit.
    type Row = (&'static str, u16, &'static str, &'static [(&'static str, &'static str)], Option<Limit>);

    fn usage_limit(reason: &str, resets_at: i64) -> Limit {
        let resets_at = (resets_at > 0).then_some(UnixTime(resets_at));
        Limit::UsageLimitReached(LimitReached { reason: reason.into(), resets_at })
    }

    fn billing(reason: &str) -> Limit {
        Limit::Billing { reason: reason.into() }
    }

    fn rate_limited(after: i64) -> Limit {
        Limit::RateLimited { retry_at: (after > 0).then_some(UnixTime(NOW + after)) }
    }

    fn overloaded() -> Limit {
        Limit::Overloaded { retry_at: None }
    }

    #[rustfmt::skip]
    fn rows() -> Vec<Row> {
        const FULL: &[(&str, &str)] = &[("x-codex-primary-used-percent", "100"), ("x-codex-primary-reset-at", "1795009999")];
        const ROOM: &[(&str, &str)] = &[("x-codex-primary-used-percent", "60"), ("x-codex-primary-reset-at", "1795009999")];
        vec![
            // protocol §10.1 no. 1: the type over HTTP, without a code; the three sources of the reset, in order.
            ("type, resets_at first", 429, r#"{"error":{"type":"usage_limit_reached","resets_at":1795003600,"resets_in_seconds":9}}"#, FULL, Some(usage_limit("usage_limit_reached", 1_795_003_600))),
            ("type, then time left", 429, r#"{"error":{"type":"usage_limit_reached","resets_in_seconds":60}}"#, FULL, Some(usage_limit("usage_limit_reached", NOW + 60))),
            ("type, then the full window", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, FULL, Some(usage_limit("usage_limit_reached", 1_795_009_999))),
            ("type, no full window", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, ROOM, Some(usage_limit("usage_limit_reached", 0))),
            ("milliseconds", 429, r#"{"error":{"type":"usage_limit_reached","resets_at":1795003600000}}"#, &[], Some(usage_limit("usage_limit_reached", 1_795_003_600))),
            ("a reset in decades, then time left", 429, r#"{"error":{"type":"usage_limit_reached","resets_at":4000000000,"resets_in_seconds":60}}"#, &[], Some(usage_limit("usage_limit_reached", NOW + 60))),
            // The WebSocket wrapper has the same error object and no status of its own here.
            ("type in a stream", 0, r#"{"type":"usage_limit_reached","resets_at":1795003600}"#, &[], Some(usage_limit("usage_limit_reached", 1_795_003_600))),
            ("code in a stream", 0, r#"{"code":"usage_limit_reached","resets_at":1795003600}"#, &[], Some(usage_limit("usage_limit_reached", 1_795_003_600))),
            ("code over HTTP", 429, r#"{"error":{"code":"usage_limit_reached"}}"#, &[], Some(usage_limit("usage_limit_reached", 0))),
            ("terminal whatever the status", 403, r#"{"error":{"type":"usage_limit_reached"}}"#, &[], Some(usage_limit("usage_limit_reached", 0))),
            ("not included, type", 429, r#"{"error":{"type":"usage_not_included"}}"#, &[], Some(Limit::NotIncluded)),
            ("not included, code in a stream", 0, r#"{"code":"usage_not_included"}"#, &[], Some(Limit::NotIncluded)),
            // protocol §10.1 no. 2: sub-cases by header.
            ("a window, by header", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, &[("x-codex-rate-limit-reached-type", "rate_limit_reached")], Some(usage_limit("rate_limit_reached", 0))),
            ("the value `primary`", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, &[("x-codex-rate-limit-reached-type", "primary")], Some(usage_limit("primary", 0))),
            ("owner's credits", 429, r#"{"error":{"type":"usage_limit_reached","resets_at":1}}"#, &[("x-codex-rate-limit-reached-type", "workspace_owner_credits_depleted")], Some(billing("workspace_owner_credits_depleted"))),
            ("member's credits", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, &[("x-codex-rate-limit-reached-type", "workspace_member_credits_depleted")], Some(billing("workspace_member_credits_depleted"))),
            ("owner's cap", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, &[("x-codex-rate-limit-reached-type", "workspace_owner_usage_limit_reached")], Some(billing("workspace_owner_usage_limit_reached"))),
            ("member's cap", 429, r#"{"error":{"type":"usage_limit_reached"}}"#, &[("x-codex-rate-limit-reached-type", "workspace_member_usage_limit_reached")], Some(billing("workspace_member_usage_limit_reached"))),
            ("the header alone ends nothing", 429, "", &[("x-codex-rate-limit-reached-type", "workspace_owner_credits_depleted")], Some(rate_limited(0))),
            // protocol §10.1 no. 3: billing, also with the type beside the code.
            ("quota", 429, r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#, &[], Some(billing("insufficient_quota"))),
            ("quota in a stream", 0, r#"{"code":"insufficient_quota"}"#, &[], Some(billing("insufficient_quota"))),
            ("balance", 429, r#"{"error":{"type":"insufficient_quota","code":"credit_balance_exhausted"}}"#, &[], Some(billing("credit_balance_exhausted"))),
            ("organisation's cap", 429, r#"{"error":{"type":"insufficient_quota","code":"organization_spend_limit_exceeded"}}"#, &[], Some(billing("organization_spend_limit_exceeded"))),
            ("project's cap", 429, r#"{"error":{"code":"project_spend_limit_exceeded"}}"#, &[], Some(billing("project_spend_limit_exceeded"))),
            ("organisation's usage", 429, r#"{"error":{"code":"organization_usage_limit_exceeded"}}"#, &[], Some(billing("organization_usage_limit_exceeded"))),
            // protocol §10.1 no. 4: what passes.
            ("throttle, code", 429, r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 1.2s."}}"#, &[], Some(rate_limited(2))),
            ("throttle, type", 429, r#"{"error":{"type":"rate_limit_error"}}"#, &[], Some(rate_limited(0))),
            ("throttle in a stream", 0, r#"{"code":"rate_limit_exceeded","message":"try again in 20s"}"#, &[], Some(rate_limited(20))),
            ("slow down", 503, r#"{"error":{"code":"slow_down"}}"#, &[], Some(overloaded())),
            ("slow down as 429", 429, r#"{"error":{"code":"slow_down"}}"#, &[], Some(overloaded())),
            ("overloaded", 503, r#"{"error":{"code":"server_is_overloaded"}}"#, &[], Some(overloaded())),
            ("overloaded in a stream", 0, r#"{"code":"server_is_overloaded"}"#, &[], Some(overloaded())),
            ("unavailable", 503, r#"{"error":{"type":"service_unavailable_error"}}"#, &[], Some(overloaded())),
            ("edge that names a pause", 520, r#"{"retry_after":60}"#, &[], Some(Limit::Overloaded { retry_at: Some(UnixTime(NOW + 60)) })),
            ("pause of another error", 400, r#"{"retry_after":60}"#, &[], None),
            // siwc §11: no reset time, even where a header could be read as one.
            ("limit of the plan", 429, r#"{"error":{"code":"subscription_sharing_usage_limit_exceeded"}}"#, FULL, Some(usage_limit("subscription_sharing_usage_limit_exceeded", 0))),
            ("user that the plan excludes", 429, r#"{"error":{"code":"subscription_sharing_user_not_eligible"}}"#, &[], None),
            ("429 without a body", 429, "", &[], Some(rate_limited(0))),
            ("429 of another kind", 429, r#"{"error":{"code":"tea_time"}}"#, &[], Some(rate_limited(0))),
            // Text decides nothing: not "terminal", and not even "capacity".
            ("prose of a usage limit", 429, r#"{"error":{"message":"The usage limit has been reached"}}"#, &[], Some(rate_limited(0))),
            ("prose that Codex prints itself", 429, r#"{"detail":"You've hit your usage limit."}"#, &[], Some(rate_limited(0))),
            ("prose of capacity", 0, r#"{"message":"Selected model is at capacity"}"#, &[], None),
            // Not about limits at all.
            ("outage", 500, r#"{"error":{"code":"server_error"}}"#, &[], None),
            ("plain 503", 503, "", &[], None),
            ("bad request", 400, r#"{"detail":"Unsupported parameter: x"}"#, &[], None),
        ]
    }

    #[test]
    fn limit_of_each_rule_is_classified() {
        for (what, status, body, headers, expected) in rows() {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            let facts = ErrorFacts {
                status: (status != 0).then(|| StatusCode::from_u16(status).unwrap()),
                error: &ErrorBody::parse(body.as_bytes()),
                headers: &LimitHeaders::read(&headers, Some(UnixTime(NOW))),
                retry_after: None,
                now: Some(UnixTime(NOW)),
            };
            assert_eq!(classify_limit(facts), expected, "{what}");
        }
    }

    #[test]
    fn rate_limit_with_header_and_message_takes_header() {
        let error =
            ErrorBody::parse(br#"{"error":{"code":"rate_limit_exceeded","message":"try again in 9s"}}"#);
        let facts = ErrorFacts {
            status: Some(StatusCode::TOO_MANY_REQUESTS),
            error: &error,
            headers: &LimitHeaders::default(),
            retry_after: Some(UnixTime(NOW + 30)),
            now: Some(UnixTime(NOW)),
        };
        assert_eq!(classify_limit(facts), Some(rate_limited(30)));
    }
}
