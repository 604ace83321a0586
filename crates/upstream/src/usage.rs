//! Parses the body of the usage endpoint (protocol §9.1).
//!
//! Any object in it may be null or absent, and what cannot be read is left out: some of the usage is worth more here
//! than an error.

use serde_json::Value;
use usher_domain::{
    Credits, LimitReached, Plan, ResetCredits, SpendLimit, SpendLimitScope, UnixTime, Usage, UsageWindow,
    sanitize_line,
};

use crate::response::reset_time;

/// Prefix of the sub-cases that no reset lifts (protocol §10.1 no. 2).
const NO_RESET_PREFIX: &str = "workspace_";
/// Names of plans and meters, and balances, are shorter.
const MAX_TEXT_LENGTH: usize = 100;

/// Parses the body; `now` is the server's clock. `None` when the body is not an object.
pub(crate) fn parse(body: &Value, now: Option<UnixTime>) -> Option<Usage> {
    body.as_object()?;
    let main = windows(&body["rate_limit"], None, now);
    let limit_reached = limit_reached(body, &main);
    let additional_limits = body["additional_rate_limits"].as_array().into_iter().flatten();
    let additional =
        additional_limits.flat_map(|limit| windows(&limit["rate_limit"], Some(&meter(limit)), now));
    let mut windows: Vec<UsageWindow> = main.into_iter().chain(additional).collect();
    windows.sort_by_key(|window| window.window_seconds);
    let plan = text(&body["plan_type"]).map(Plan);
    let spend_limits = spend_limits(&body["spend_control"], now);
    let credits = credits(&body["credits"]);
    let reset_credits = parse_reset_credits(&body["rate_limit_reset_credits"], now);
    Some(Usage { plan, windows, spend_limits, credits, reset_credits, limit_reached })
}

/// Parses the body of the endpoint for reset credits, or the count in the usage; `now` is the server's clock. `None`
/// when there is no count.
///
/// What `status` can be is not known (protocol §9.1), so those count for the expiry that are not redeemed and not expired.
pub(crate) fn parse_reset_credits(body: &Value, now: Option<UnixTime>) -> Option<ResetCredits> {
    let available = integer(&body["available_count"]).and_then(|count| u32::try_from(count).ok())?;
    let unused = body["credits"].as_array().into_iter().flatten().filter(|one| one["redeemed_at"].is_null());
    let mut expire_at: Vec<UnixTime> = unused
        .filter_map(|one| expiry(&one["expires_at"]))
        .filter(|expires| now.is_none_or(|now| *expires > now))
        .collect();
    expire_at.sort_unstable();
    expire_at.truncate(available as usize);
    Some(ResetCredits { available, expire_at })
}

/// Reads a time as a number of seconds or milliseconds, or as text by RFC 3339: the form is not known (protocol §9.1).
fn expiry(value: &Value) -> Option<UnixTime> {
    let written = || value.as_str()?.trim().parse::<jiff::Timestamp>().ok();
    time(value).or_else(|| Some(UnixTime(written()?.as_second())))
}

/// Returns a meter's name, else the feature that it measures.
fn meter(limit: &Value) -> String {
    text(&limit["limit_name"])
        .or_else(|| text(&limit["metered_feature"]))
        .unwrap_or_else(|| "other".to_owned())
}

fn windows(rate_limit: &Value, meter: Option<&str>, now: Option<UnixTime>) -> Vec<UsageWindow> {
    let window = |window: &Value| {
        // Without a length a window has no name; primary or secondary is not one (protocol §9.1).
        let length = integer(&window["limit_window_seconds"]).and_then(reset_time::length)?;
        Some(UsageWindow {
            window_seconds: length,
            used_percent: number(&window["used_percent"])?.clamp(0.0, 100.0),
            resets_at: reset(window, now, |at| reset_time::of_window(at, Some(length), now)),
            meter: meter.map(str::to_owned),
        })
    };
    ["primary_window", "secondary_window"]
        .into_iter()
        .filter_map(|which| window(&rate_limit[which]))
        .collect()
}

/// The fields of `spend_control` that hold a limit, the nearest to the member first.
const SPEND_LIMITS: [(&str, SpendLimitScope); 6] = [
    ("individual_limit", SpendLimitScope::Member),
    ("role_budget_limit", SpendLimitScope::Role),
    ("group_default_limit", SpendLimitScope::GroupDefault),
    ("workspace_default_limit", SpendLimitScope::WorkspaceDefault),
    ("group_shared_limit", SpendLimitScope::GroupShared),
    ("workspace_shared_limit", SpendLimitScope::WorkspaceShared),
];

fn spend_limits(control: &Value, now: Option<UnixTime>) -> Vec<SpendLimit> {
    let limit = |(field, scope): (&str, SpendLimitScope)| {
        let limit = &control[field];
        let remaining = || Some(100.0 - number(&limit["remaining_percent"])?);
        let used_percent = number(&limit["used_percent"]).or_else(remaining)?.clamp(0.0, 100.0);
        Some(SpendLimit { scope, used_percent, resets_at: reset(limit, now, Some) })
    };
    SPEND_LIMITS.into_iter().filter_map(limit).collect()
}

fn credits(credits: &Value) -> Option<Credits> {
    Some(Credits {
        has_credits: credits["has_credits"].as_bool()?,
        unlimited: credits["unlimited"].as_bool().unwrap_or(false),
        balance: text(&credits["balance"])
            .or_else(|| credits["balance"].as_number().map(ToString::to_string)),
    })
}

/// Returns the limit that is reached: of the plan's own meter, because another one is about one model or feature only.
fn limit_reached(body: &Value, main: &[UsageWindow]) -> Option<LimitReached> {
    let rate_limit = &body["rate_limit"];
    let sub_case = text(&body["rate_limit_reached_type"]["type"]);
    let spending_limit = body["spend_control"]["reached"] == true;
    // A window may be used up while requests are allowed: credits pay for them.
    let refused = match rate_limit["allowed"].as_bool() {
        Some(allowed) => !allowed,
        None => rate_limit["limit_reached"] == true || sub_case.is_some(),
    };
    if !refused && !spending_limit {
        return None;
    }
    let spending_reason = || text(&body["spend_control"]["reached_limit_type"]).filter(|_| spending_limit);
    let reason = sub_case.or_else(spending_reason).unwrap_or_else(|| "usage_limit_reached".to_owned());
    let by_time = !spending_limit && !reason.starts_with(NO_RESET_PREFIX);
    let full_until = || main.iter().filter(|w| w.used_percent >= 100.0).filter_map(|w| w.resets_at).max();
    Some(LimitReached { reason, resets_at: by_time.then(full_until).flatten() })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| sanitize_line(text, MAX_TEXT_LENGTH)).filter(|text| !text.is_empty())
}

/// Reads a number, also one that is written as text.
fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

fn integer(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a time; the cast saturates")]
    value.as_i64().or_else(|| number(value).map(|number| number as i64))
}

/// Reads when a window or a limit starts again, without the times that `possible` leaves out.
fn reset(
    of: &Value,
    now: Option<UnixTime>,
    possible: impl Fn(UnixTime) -> Option<UnixTime>,
) -> Option<UnixTime> {
    let relative = || possible(now?.plus(integer(&of["reset_after_seconds"])?));
    time(&of["reset_at"]).and_then(&possible).or_else(relative)
}

/// Reads a time in seconds, also one in milliseconds.
fn time(value: &Value) -> Option<UnixTime> {
    reset_time::time(integer(value)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: UnixTime = UnixTime(1_795_000_000);

    fn usage(body: &Value) -> Usage {
        parse(body, Some(NOW)).unwrap()
    }

    fn window(used_percent: i64, limit_window_seconds: u64, reset_after: i64) -> Value {
        json!({ "used_percent": used_percent, "limit_window_seconds": limit_window_seconds,
                "reset_after_seconds": 60, "reset_at": NOW.plus(reset_after).0 })
    }

    #[test]
    fn usage_windows_are_named_by_length_shortest_first() {
        let usage = usage(&json!({
            "plan_type": "plus",
            "rate_limit": { "allowed": true, "limit_reached": false,
                            "primary_window": window(31, 604_800, 9), "secondary_window": window(12, 18_000, 8) },
            "additional_rate_limits": [
                { "limit_name": "Spark", "metered_feature": "spark", "rate_limit": { "primary_window": window(5, 18_000, 7) } },
                { "limit_name": null, "metered_feature": "images", "rate_limit": { "secondary_window": window(6, 86_400, 6) } },
                { "limit_name": "gone", "rate_limit": null },
            ],
            "credits": { "has_credits": true, "unlimited": false, "balance": "12.50" },
            "spend_control": null, "rate_limit_reached_type": null,
        }));
        let seen: Vec<_> =
            usage.windows.iter().map(|w| (w.window_seconds, w.resets_at, w.meter.as_deref())).collect();
        assert_eq!(
            seen,
            [
                (18_000, Some(NOW.plus(8)), None),
                (18_000, Some(NOW.plus(7)), Some("Spark")),
                (86_400, Some(NOW.plus(6)), Some("images")),
                (604_800, Some(NOW.plus(9)), None),
            ]
        );
        assert_eq!(usage.plan, Some(Plan("plus".into())));
        let credits = Credits { has_credits: true, unlimited: false, balance: Some("12.50".into()) };
        assert_eq!((usage.credits, usage.limit_reached), (Some(credits), None));
    }

    #[test]
    fn usage_with_missing_fields_is_parsed() {
        let nothing = Usage::default();
        let bodies = [
            json!({}),
            json!({ "plan_type": null, "rate_limit": null, "additional_rate_limits": null, "credits": null,
                    "spend_control": null, "rate_limit_reached_type": null }),
            json!({ "rate_limit": { "primary_window": null, "secondary_window": null } }),
            json!({ "rate_limit": { "primary_window": { "used_percent": 3, "limit_window_seconds": 0 } } }),
            json!({ "rate_limit": [], "credits": "none", "additional_rate_limits": {} }),
            json!({ "spend_control": { "reached": false, "individual_limit": null, "role_budget_limit": "none",
                                       "workspace_shared_limit": { "limit": "100" } } }),
        ];
        for body in bodies {
            assert_eq!(usage(&body), nothing, "{body}");
        }
        assert_eq!(parse(&json!("text"), None), None);
    }

    #[test]
    fn usage_numbers_of_other_forms_are_read() {
        let usage = usage(&json!({
            "rate_limit": { "primary_window": { "used_percent": "42", "limit_window_seconds": 18_000.0,
                                                "reset_at": 1_795_010_318_000_i64 },
                            "secondary_window": { "used_percent": 7, "limit_window_seconds": "604800",
                                                  "reset_at": 1_795_010_318 } },
            "credits": { "has_credits": true, "balance": 12.5 },
            "rate_limit_reset_credits": { "available_count": "3" },
        }));
        let at = Some(UnixTime(1_795_010_318));
        let seen: Vec<_> =
            usage.windows.iter().map(|w| (w.window_seconds, w.used_percent, w.resets_at)).collect();
        assert_eq!(seen, [(18_000, 42.0, at), (604_800, 7.0, at)]);
        assert_eq!(usage.credits.unwrap().balance.as_deref(), Some("12.5"));
        assert_eq!(usage.reset_credits, Some(ResetCredits { available: 3, expire_at: Vec::new() }));
    }

    #[test]
    fn reset_credits_that_can_be_used_are_listed_by_expiry() {
        let at = |seconds: i64| UnixTime(NOW.0 + seconds);
        let body = json!({
            "available_count": 3,
            "credits": [
                { "id": "a", "granted_at": 1, "expires_at": at(900).0, "redeemed_at": null },
                { "id": "b", "expires_at": at(60).0 * 1000 },
                { "id": "c", "expires_at": "2026-11-18T16:26:40Z" },
                { "id": "d", "expires_at": null },
                { "id": "e", "expires_at": at(30).0, "redeemed_at": 7 },
                { "id": "f", "expires_at": at(-1).0 },
                { "id": "g", "expires_at": "soon" },
            ],
        });
        let credits = parse_reset_credits(&body, Some(NOW)).unwrap();
        assert_eq!(credits.expire_at, [at(60), at(900), UnixTime(1_795_019_200)]);
        let fewer =
            parse_reset_credits(&json!({ "available_count": 1, "credits": body["credits"] }), Some(NOW));
        assert_eq!(fewer, Some(ResetCredits { available: 1, expire_at: vec![at(60)] }));
        for none in [json!({}), json!({ "available_count": -1 }), json!({ "credits": [] }), json!(null)] {
            assert_eq!(parse_reset_credits(&none, Some(NOW)), None, "{none}");
        }
    }

    #[test]
    fn usage_has_spend_limits_of_a_workspace() {
        let business = usage(&json!({
            "plan_type": "business",
            "rate_limit": null,
            "credits": { "has_credits": true, "unlimited": false, "balance": null },
            "spend_control": {
                "reached": false,
                "workspace_shared_limit": { "remaining_percent": 40, "reset_after_seconds": 60 },
                "individual_limit": { "limit": "100", "used": "26", "remaining": "74", "used_percent": 26,
                                      "remaining_percent": 74, "reset_at": 1_795_839_318 },
                "group_default_limit": { "limit": "500", "used_percent": null },
            },
        }));
        let limit = |scope, used_percent, resets_at: i64| SpendLimit {
            scope,
            used_percent,
            resets_at: Some(UnixTime(resets_at)),
        };
        assert_eq!(
            business.spend_limits,
            [
                limit(SpendLimitScope::Member, 26.0, 1_795_839_318),
                limit(SpendLimitScope::WorkspaceShared, 60.0, NOW.0 + 60),
            ]
        );
        assert_eq!(business.limit_reached, None);
    }

    #[test]
    fn usage_relative_reset_uses_server_clock() {
        let window = json!({ "used_percent": 1, "limit_window_seconds": 60, "reset_after_seconds": 30 });
        let usage = usage(&json!({ "rate_limit": { "primary_window": window } }));
        assert_eq!(usage.windows[0].resets_at, Some(NOW.plus(30)));
    }

    #[test]
    fn usage_reset_that_cannot_be_is_not_known() {
        for reset_after in [-3600, 200_000] {
            let relative =
                usage(&json!({ "rate_limit": { "primary_window": window(40, 18_000, reset_after) } }));
            assert_eq!(relative.windows[0].resets_at, Some(NOW.plus(60)), "the time left is known still");
        }
        let absurd =
            json!({ "used_percent": 40, "limit_window_seconds": 18_000, "reset_after_seconds": 1e18 });
        let absurd = usage(&json!({ "rate_limit": { "primary_window": absurd } }));
        assert_eq!((absurd.windows[0].used_percent, absurd.windows[0].resets_at), (40.0, None));
    }

    #[test]
    fn usage_limit_reason_is_read() {
        let refused = json!({ "allowed": false, "limit_reached": true,
                           "primary_window": window(100, 18_000, 50), "secondary_window": window(100, 604_800, 70) });
        let rows = [
            (json!({ "rate_limit": refused }), Some(("usage_limit_reached", Some(70)))),
            (
                json!({ "rate_limit": refused, "rate_limit_reached_type": { "type": "rate_limit_reached" } }),
                Some(("rate_limit_reached", Some(70))),
            ),
            (
                json!({ "rate_limit": refused, "rate_limit_reached_type": { "type": "workspace_member_credits_depleted" } }),
                Some(("workspace_member_credits_depleted", None)),
            ),
            (
                json!({ "rate_limit": { "allowed": false, "primary_window": window(40, 18_000, 50) } }),
                Some(("usage_limit_reached", None)),
            ),
            (
                json!({ "rate_limit": refused, "spend_control": { "reached": true, "reached_limit_type": "individual_limit" } }),
                Some(("individual_limit", None)),
            ),
            (
                json!({ "rate_limit": { "allowed": true, "limit_reached": true, "primary_window": window(100, 18_000, 50) },
                        "rate_limit_reached_type": { "type": "rate_limit_reached" },
                        "credits": { "has_credits": true, "balance": "715" } }),
                None,
            ),
            (
                json!({ "rate_limit": { "limit_reached": true, "primary_window": window(100, 18_000, 50) } }),
                Some(("usage_limit_reached", Some(50))),
            ),
            (json!({ "spend_control": { "reached": true } }), Some(("usage_limit_reached", None))),
            (
                json!({ "spend_control": { "reached": false, "reached_limit_type": "individual_limit" } }),
                None,
            ),
            (
                json!({ "additional_rate_limits": [{ "limit_name": "Spark", "rate_limit": refused }],
                        "rate_limit": { "allowed": true, "limit_reached": false } }),
                None,
            ),
        ];
        for (body, expected) in rows {
            let reached = usage(&body).limit_reached;
            let expected = expected.map(|(reason, at): (&str, Option<i64>)| LimitReached {
                reason: reason.into(),
                resets_at: at.map(|after| NOW.plus(after)),
            });
            assert_eq!(reached, expected, "{body}");
        }
    }
}
