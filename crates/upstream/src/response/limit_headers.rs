//! The limits that every response has in its headers (protocol §9.2).

use std::collections::BTreeSet;
use std::iter;

use usher_domain::{
    Credits, LimitReached, Plan, ResetCredits, UnixTime, Usage, UsageWindow, is_printable_within,
};
use usher_net::HeaderMap;

use crate::response::reset_time;

/// A meter has a header with one of these endings at least, whatever the meter is called.
const USED_PERCENT: [&str; 2] = ["-primary-used-percent", "-secondary-used-percent"];
/// The id of the plan's own meter.
const MAIN_METER: &str = "codex";
/// Names of plans and meters, and balances, are shorter; a longer value is none of them.
const MAX_TEXT_LENGTH: usize = 100;

/// The limits in the headers of one response; empty values are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LimitHeaders {
    plan: Option<Plan>,
    meters: Vec<Meter>,
    credits: Option<Credits>,
    /// `x-codex-rate-limit-reset-credits-available`.
    resets_available: Option<u32>,
    /// `x-codex-rate-limit-reached-type`: the sub-case of a usage limit.
    pub(crate) reached_type: Option<String>,
    active_limit: Option<String>,
}

/// One meter: of the plan, or of a single model or feature.
#[derive(Debug, Clone, PartialEq)]
struct Meter {
    /// `codex` in `x-codex-primary-used-percent`.
    id: String,
    name: Option<String>,
    windows: Vec<Window>,
}

#[derive(Debug, Clone, PartialEq)]
struct Window {
    used_percent: f64,
    /// Its length.
    seconds: Option<u64>,
    resets_at: Option<UnixTime>,
}

impl LimitHeaders {
    /// Reads `headers`; `now` is the server's clock, for resets that are relative.
    pub(crate) fn read(headers: &HeaderMap, now: Option<UnixTime>) -> Self {
        let credits = parse_bool(headers, "x-codex-credits-has-credits").map(|has_credits| Credits {
            has_credits,
            unlimited: parse_bool(headers, "x-codex-credits-unlimited").unwrap_or(false),
            balance: text(headers, "x-codex-credits-balance").map(str::to_owned),
        });
        Self {
            plan: text(headers, "x-codex-plan-type").map(|plan| Plan(plan.to_owned())),
            meters: meters(headers, now),
            credits,
            resets_available: text(headers, "x-codex-rate-limit-reset-credits-available")
                .and_then(|count| count.parse().ok()),
            reached_type: text(headers, "x-codex-rate-limit-reached-type").map(str::to_owned),
            active_limit: text(headers, "x-codex-active-limit").map(str::to_owned),
        }
    }

    /// Returns the plan that the limits belong to.
    pub(crate) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Returns when the exhausted windows reset.
    ///
    /// Of the active limit where it is named and exhausted, else of any meter (protocol §10.1). The latest reset counts,
    /// because all of them have to reset.
    pub(crate) fn exhausted_until(&self) -> Option<UnixTime> {
        let of = |meter: &Meter| {
            meter.windows.iter().filter(|w| w.used_percent >= 100.0).filter_map(|w| w.resets_at).max()
        };
        let active =
            self.meters.iter().filter(|meter| self.active_limit.as_deref().is_some_and(|id| meter.is(id)));
        active.filter_map(of).max().or_else(|| self.meters.iter().filter_map(of).max())
    }

    /// Returns whether the limit that the headers name is that of another meter than the plan's, which is used up.
    ///
    /// One whose windows are not in the headers counts as the plan's: nothing else would say that it is reached.
    pub(crate) fn is_of_other_meter(&self) -> bool {
        let Some(limit) = &self.active_limit else { return false };
        let mut others = self.meters.iter().filter(|meter| meter.id != MAIN_METER);
        others.any(|meter| meter.is(limit) && meter.windows().any(|window| window.used_percent >= 100.0))
    }

    /// Returns the limits as usage; `None` when the headers have none.
    ///
    /// Windows without a length are left out: a window is named by its length (protocol §9.1).
    pub(crate) fn usage(&self, limit_reached: Option<LimitReached>) -> Option<Usage> {
        let mut windows: Vec<UsageWindow> = self.meters.iter().flat_map(Meter::windows).collect();
        if windows.is_empty() && self.credits.is_none() && self.plan.is_none() {
            return None;
        }
        windows.sort_by_key(|window| window.window_seconds);
        let reset_credits =
            self.resets_available.map(|available| ResetCredits { available, expire_at: Vec::new() });
        Some(Usage {
            plan: self.plan.clone(),
            windows,
            spend_limits: Vec::new(),
            credits: self.credits.clone(),
            reset_credits,
            limit_reached,
        })
    }
}

impl Meter {
    /// Returns whether this is the meter of `limit`. Ids have underscores, header names have hyphens instead.
    fn is(&self, limit: &str) -> bool {
        self.id == limit.to_ascii_lowercase().replace('_', "-")
    }

    fn windows(&self) -> impl Iterator<Item = UsageWindow> {
        let meter = (self.id != MAIN_METER).then(|| self.name.as_ref().unwrap_or(&self.id));
        self.windows.iter().filter_map(move |window| {
            Some(UsageWindow {
                window_seconds: window.seconds?,
                used_percent: window.used_percent.clamp(0.0, 100.0),
                resets_at: window.resets_at,
                meter: meter.cloned(),
            })
        })
    }
}

fn meters(headers: &HeaderMap, now: Option<UnixTime>) -> Vec<Meter> {
    let id = |name: &str| {
        let name = name.strip_prefix("x-")?;
        USED_PERCENT.iter().find_map(|ending| name.strip_suffix(ending)).map(str::to_owned)
    };
    let ids: BTreeSet<String> = headers.keys().filter_map(|name| id(name.as_str())).collect();
    // The plan's own meter first, so that windows of equal length keep that order.
    let others = ids.into_iter().filter(|id| id != MAIN_METER);
    let ids = iter::once(MAIN_METER.to_owned()).chain(others);
    let meter = |id: String| {
        let window = |which: &str| window(headers, &format!("x-{id}-{which}"), now);
        let windows: Vec<Window> = ["primary", "secondary"].into_iter().filter_map(window).collect();
        let name = text(headers, &format!("x-{id}-limit-name")).map(str::to_owned);
        Meter { id, name, windows }
    };
    ids.map(meter).collect()
}

fn window(headers: &HeaderMap, prefix: &str, now: Option<UnixTime>) -> Option<Window> {
    let number = |what: &str| text(headers, &format!("{prefix}-{what}"))?.parse::<i64>().ok();
    let used_percent = text(headers, &format!("{prefix}-used-percent"))?.parse::<f64>().ok()?;
    let seconds = number("window-minutes").and_then(|minutes| reset_time::length(minutes.checked_mul(60)?));
    let is_possible = |at| reset_time::of_window(at, seconds, now);
    let absolute = number("reset-at").and_then(reset_time::time).and_then(is_possible);
    let relative = || is_possible(now?.plus(number("reset-after-seconds")?));
    Some(Window {
        used_percent: Some(used_percent).filter(|percent| percent.is_finite())?,
        seconds,
        resets_at: absolute.or_else(relative),
    })
}

/// Parses `True`, `False`, `1` or `0` (protocol §9.2).
fn parse_bool(headers: &HeaderMap, name: &str) -> Option<bool> {
    match text(headers, name)?.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Returns a header's value; empty ones count as absent (protocol §9.2).
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    is_printable_within(value, MAX_TEXT_LENGTH).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header values as the protocol page describes them; also other meters and empty strings.
    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    const FULL_SET: &[(&str, &str)] = &[
        ("x-codex-primary-used-percent", "100.0"),
        ("x-codex-primary-window-minutes", "300"),
        ("x-codex-primary-reset-at", "1795010000"),
        ("x-codex-primary-reset-after-seconds", "600"),
        ("x-codex-secondary-used-percent", "40.5"),
        ("x-codex-secondary-window-minutes", "10080"),
        ("x-codex-secondary-reset-at", ""),
        ("x-codex-secondary-reset-after-seconds", "7200"),
        ("x-codex-primary-over-secondary-limit-percent", "0"),
        ("x-codex-bengalfox-primary-used-percent", "100"),
        ("x-codex-bengalfox-primary-window-minutes", "300"),
        ("x-codex-bengalfox-primary-reset-at", "1795015000"),
        ("x-codex-bengalfox-secondary-used-percent", ""),
        ("x-codex-bengalfox-limit-name", "GPT-5.3-Codex-Spark"),
        ("x-codex-credits-has-credits", "True"),
        ("x-codex-credits-unlimited", "0"),
        ("x-codex-credits-balance", ""),
        ("x-codex-plan-type", "plus"),
        ("x-codex-rate-limit-reset-credits-available", "2"),
        ("x-codex-active-limit", "codex_bengalfox"),
    ];

    #[test]
    fn limit_headers_complete_set_becomes_usage() {
        let read = LimitHeaders::read(&headers(FULL_SET), Some(UnixTime(1_795_000_000)));
        let window = |window_seconds, used_percent, resets_at, meter: Option<&str>| UsageWindow {
            window_seconds,
            used_percent,
            resets_at: Some(UnixTime(resets_at)),
            meter: meter.map(str::to_owned),
        };
        let expected = Usage {
            plan: Some(Plan("plus".into())),
            windows: vec![
                window(18_000, 100.0, 1_795_010_000, None),
                window(18_000, 100.0, 1_795_015_000, Some("GPT-5.3-Codex-Spark")),
                window(604_800, 40.5, 1_795_007_200, None),
            ],
            spend_limits: Vec::new(),
            credits: Some(Credits { has_credits: true, unlimited: false, balance: None }),
            reset_credits: Some(ResetCredits { available: 2, expire_at: Vec::new() }),
            limit_reached: None,
        };
        assert_eq!(read.usage(None), Some(expected));
    }

    #[test]
    fn limit_headers_active_limit_selects_exhausted_window() {
        let until = |pairs: &[(&'static str, &'static str)]| {
            LimitHeaders::read(&headers(pairs), None).exhausted_until()
        };
        assert_eq!(until(FULL_SET), Some(UnixTime(1_795_015_000)));
        let mut main = FULL_SET.to_vec();
        main.push(("x-codex-active-limit", "codex"));
        // `collect` keeps both values and `get` takes the first, so the old one goes.
        main.retain(|pair| *pair != ("x-codex-active-limit", "codex_bengalfox"));
        assert_eq!(until(&main), Some(UnixTime(1_795_010_000)));
        main.retain(|(name, _)| *name != "x-codex-primary-used-percent");
        assert_eq!(
            until(&main),
            Some(UnixTime(1_795_015_000)),
            "any full window, when the active one has none"
        );
        assert_eq!(
            until(&[("x-codex-primary-used-percent", "99.9"), ("x-codex-primary-reset-at", "9")]),
            None
        );
    }

    #[test]
    fn limit_headers_several_exhausted_windows_latest_reset_wins() {
        let both = headers(&[
            ("x-codex-primary-used-percent", "100"),
            ("x-codex-primary-reset-at", "2000"),
            ("x-codex-secondary-used-percent", "100"),
            ("x-codex-secondary-reset-after-seconds", "500"),
        ]);
        let read = LimitHeaders::read(&both, Some(UnixTime(1900)));
        assert_eq!(read.exhausted_until(), Some(UnixTime(2400)));
    }

    #[test]
    fn limit_headers_that_cannot_be_are_not_believed() {
        const NOW: i64 = 1_795_000_000;
        let week = |used: &'static str, reset_at: &'static str, reset_after: &'static str| {
            let read = LimitHeaders::read(
                &headers(&[
                    ("x-codex-primary-used-percent", used),
                    ("x-codex-primary-window-minutes", "10080"),
                    ("x-codex-primary-reset-at", reset_at),
                    ("x-codex-primary-reset-after-seconds", reset_after),
                ]),
                Some(UnixTime(NOW)),
            );
            let window = read.usage(None)?.windows.pop()?;
            Some((window.used_percent, window.resets_at.map(|at| at.0)))
        };
        let rows = [
            (("86.5", "1795001000", ""), Some((86.5, Some(NOW + 1000)))),
            (("86.5", "1795001000000", ""), Some((86.5, Some(NOW + 1000)))),
            (("86.5", "1796000000", ""), Some((86.5, None))),
            (("86.5", "1796000000", "60"), Some((86.5, Some(NOW + 60)))),
            (("86.5", "", "9223372036854775807"), Some((86.5, None))),
            (("86.5", "1794000000", "-5000"), Some((86.5, None))),
            (("-5", "-9", ""), Some((0.0, None))),
            (("1e300", "0", ""), Some((100.0, None))),
            (("NaN", "", ""), None),
            (("inf", "", ""), None),
        ];
        for (seen, expected) in rows {
            assert_eq!(week(seen.0, seen.1, seen.2), expected, "{seen:?}");
        }
        for minutes in ["0", "-300", "9223372036854775807"] {
            let odd = headers(&[
                ("x-codex-primary-used-percent", "5"),
                ("x-codex-primary-window-minutes", minutes),
            ]);
            assert_eq!(LimitHeaders::read(&odd, None).usage(None), None, "{minutes}");
        }
    }

    #[test]
    fn limit_headers_free_plan_first_window_is_a_week() {
        let read = LimitHeaders::read(
            &headers(&[
                ("x-codex-primary-used-percent", "3"),
                ("x-codex-primary-window-minutes", "10080"),
                ("x-codex-secondary-used-percent", ""),
                ("x-codex-secondary-window-minutes", ""),
            ]),
            None,
        );
        let windows = read.usage(None).unwrap().windows;
        assert_eq!(windows.len(), 1);
        assert_eq!((windows[0].window_seconds, windows[0].resets_at), (604_800, None));
    }

    #[test]
    fn limit_headers_of_a_second_window_alone_are_read() {
        let read = LimitHeaders::read(
            &headers(&[
                ("x-codex-primary-used-percent", ""),
                ("x-codex-secondary-used-percent", "86.5"),
                ("x-codex-secondary-window-minutes", "10080"),
                ("x-codex-bengalfox-secondary-used-percent", "7"),
                ("x-codex-bengalfox-secondary-window-minutes", "10080"),
            ]),
            None,
        );
        let windows = read.usage(None).unwrap().windows;
        let seen: Vec<_> = windows.iter().map(|one| (one.used_percent, one.meter.as_deref())).collect();
        assert_eq!(seen, [(86.5, None), (7.0, Some("codex-bengalfox"))]);
    }

    #[test]
    fn limit_headers_unrelated_headers_give_no_usage() {
        let read = LimitHeaders::read(
            &headers(&[
                ("x-request-id", "req_1"),
                ("x-codex-turn-state", "s"),
                ("x-codex-credits-has-credits", ""),
                ("x-codex-primary-used-percent", "NaN"),
                ("x-codex-primary-window-minutes", "0"),
            ]),
            None,
        );
        assert_eq!(read.usage(None), None);
    }
}
