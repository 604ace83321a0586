//! What is known of a plan beside what one response says of it, which may be a part only.

use usher_domain::{LimitReached, ResetCredits, UnixTime, Usage, UsageWindow};
use usher_upstream::ObservedUsage;

/// Returns a usage that was observed at `now`, with what is known and it lacks.
///
/// Spend limits and the expiry of reset credits are never in headers, and any header may be absent or empty
/// (protocol §9.2). A window that was reset since, and everything of another plan, is forgotten.
pub(crate) fn with_known(observed: ObservedUsage, known: Option<&Usage>, now: UnixTime) -> Usage {
    let ObservedUsage { usage, reports_limit } = observed;
    let Some(known) = known.filter(|known| is_same_plan(&usage, known)) else { return usage };
    let spend_limits =
        if usage.spend_limits.is_empty() { known.spend_limits.clone() } else { usage.spend_limits };
    Usage {
        plan: usage.plan.or_else(|| known.plan.clone()),
        windows: with_known_windows(usage.windows, &known.windows, now),
        spend_limits,
        credits: usage.credits.or_else(|| known.credits.clone()),
        reset_credits: with_known_expiry(usage.reset_credits, known.reset_credits.clone()),
        limit_reached: match usage.limit_reached {
            None if !reports_limit => known_limit(known, now),
            seen => seen,
        },
    }
}

/// Returns what was observed `now` after `earlier`, both together.
pub(crate) fn followed_by(earlier: &ObservedUsage, observed: ObservedUsage, now: UnixTime) -> ObservedUsage {
    let reports_limit = observed.reports_limit || earlier.reports_limit;
    ObservedUsage { usage: with_known(observed, Some(&earlier.usage), now), reports_limit }
}

/// Returns a complete answer with what a response reported since it may have been made: a limit, and windows that are fuller.
pub(crate) fn with_seen_meanwhile(answer: Usage, seen: &Usage) -> Usage {
    if !is_same_plan(&answer, seen) {
        return answer;
    }
    let fuller = |window: UsageWindow| {
        let mut others = seen.windows.iter().filter(|one| is_same_window(one, &window));
        match others.find(|one| one.used_percent > window.used_percent && one.resets_at >= window.resets_at) {
            Some(fuller) => fuller.clone(),
            None => window,
        }
    };
    Usage {
        windows: answer.windows.into_iter().map(fuller).collect(),
        limit_reached: answer.limit_reached.or_else(|| seen.limit_reached.clone()),
        ..answer
    }
}

/// Returns the limit that is known, unless it was lifted since.
fn known_limit(known: &Usage, now: UnixTime) -> Option<LimitReached> {
    known.limit_reached.clone().filter(|limit| limit.resets_at.is_none_or(|at| at > now))
}

/// Returns whether the two may be of one plan: an account that changed it has other windows.
fn is_same_plan(one: &Usage, other: &Usage) -> bool {
    one.plan.as_ref().zip(other.plan.as_ref()).is_none_or(|(one, other)| one == other)
}

fn with_known_windows(mut seen: Vec<UsageWindow>, known: &[UsageWindow], now: UnixTime) -> Vec<UsageWindow> {
    let is_current = |window: &&UsageWindow| window.resets_at.is_none_or(|at| at > now);
    for window in known.iter().filter(is_current) {
        if !seen.iter().any(|one| is_same_window(one, window)) {
            seen.push(window.clone());
        }
    }
    seen.sort_by_key(|window| window.window_seconds);
    seen
}

fn is_same_window(one: &UsageWindow, other: &UsageWindow) -> bool {
    (one.window_seconds, &one.meter) == (other.window_seconds, &other.meter)
}

/// Returns the reset credits of an answer with the expiry that is known, unless their number changed: which one was used is
/// not known then.
fn with_known_expiry(seen: Option<ResetCredits>, known: Option<ResetCredits>) -> Option<ResetCredits> {
    match (seen, known) {
        (Some(seen), Some(known)) if seen.expire_at.is_empty() && seen.available == known.available => {
            Some(known)
        }
        (Some(seen), _) => Some(seen),
        (None, known) => known,
    }
}

/// Returns whether two usages say the same. Times of reset are given as time left by some answers, and so differ by a
/// second or two.
pub(crate) fn is_same_usage(one: &Usage, other: &Usage) -> bool {
    let percents = |usage: &Usage| -> Vec<(u64, u64)> {
        let windows = usage.windows.iter();
        windows.map(|window| (window.window_seconds, window.used_percent.to_bits())).collect()
    };
    let spent = |usage: &Usage| -> Vec<u64> {
        usage.spend_limits.iter().map(|limit| limit.used_percent.to_bits()).collect()
    };
    let resets = |usage: &Usage| usage.reset_credits.as_ref().map(|credits| credits.available);
    let reason = |usage: &Usage| usage.limit_reached.as_ref().map(|limit| limit.reason.clone());
    one.plan == other.plan
        && percents(one) == percents(other)
        && spent(one) == spent(other)
        && resets(one) == resets(other)
        && reason(one) == reason(other)
}

#[cfg(test)]
mod tests {
    use usher_domain::{Credits, LimitReached, Plan};

    use super::*;

    const NOW: UnixTime = UnixTime(500);
    const WEEK: u64 = 604_800;

    fn window(window_seconds: u64, used_percent: f64, resets_at: Option<i64>) -> UsageWindow {
        UsageWindow { window_seconds, used_percent, resets_at: resets_at.map(UnixTime), meter: None }
    }

    fn usage(plan: &str, windows: &[UsageWindow]) -> Usage {
        Usage { plan: Some(Plan(plan.into())), windows: windows.to_vec(), ..Usage::default() }
    }

    /// Merges the usage of a model's answer.
    fn merged_with(usage: Usage, known: Option<&Usage>, now: UnixTime) -> Usage {
        with_known(ObservedUsage { usage, reports_limit: true }, known, now)
    }

    #[test]
    fn windows_that_an_answer_lacks_stay_until_their_reset() {
        let hours = window(18_000, 40.0, Some(900));
        let week = window(WEEK, 85.0, Some(9_000));
        let model = UsageWindow { meter: Some("Spark".into()), ..window(WEEK, 3.0, None) };
        let known = usage("plus", &[hours.clone(), week.clone(), model.clone()]);
        let merged = |seen: &[UsageWindow], now| merged_with(usage("plus", seen), Some(&known), now).windows;
        assert_eq!(merged(&[], NOW), known.windows, "a plan alone");
        let newer = window(WEEK, 86.0, Some(9_001));
        assert_eq!(merged(std::slice::from_ref(&newer), NOW), [hours, newer, model.clone()]);
        assert_eq!(merged(&[], UnixTime(900)), [week, model.clone()], "reset since");
        assert_eq!(merged(&[], UnixTime(9_000)), [model], "no reset is known");
    }

    #[test]
    fn another_plan_has_nothing_of_the_one_before() {
        let credits = Some(Credits { has_credits: true, unlimited: false, balance: None });
        let known = Usage { credits: credits.clone(), ..usage("plus", &[window(WEEK, 85.0, None)]) };
        assert_eq!(merged_with(usage("pro", &[]), Some(&known), NOW), usage("pro", &[]));
        let of_none = merged_with(Usage::default(), Some(&known), NOW);
        assert_eq!(of_none, known, "an answer that names no plan");
        let limit = LimitReached { reason: "x".into(), resets_at: None };
        let limited = Usage { limit_reached: Some(limit), ..known.clone() };
        assert_eq!(merged_with(Usage::default(), Some(&limited), NOW), known, "a limit is not kept");
    }

    /// A list of models, or a request that the service did not take.
    #[test]
    fn answer_that_reports_no_limit_keeps_the_one_that_is_known() {
        let limited = |resets_at: Option<i64>| {
            let reset = resets_at.map(UnixTime);
            let limit = Some(LimitReached { reason: "x".into(), resets_at: reset });
            Usage { limit_reached: limit, ..usage("plus", &[]) }
        };
        let after = |known: &Usage, seen: Usage, reports_limit| {
            with_known(ObservedUsage { usage: seen, reports_limit }, Some(known), NOW).limit_reached
        };
        for known in [limited(None), limited(Some(501))] {
            assert_eq!(after(&known, usage("plus", &[]), false), known.limit_reached);
            assert_eq!(after(&known, usage("plus", &[]), true), None);
            assert_eq!(after(&known, limited(Some(700)), false), limited(Some(700)).limit_reached);
        }
        assert_eq!(after(&limited(Some(500)), usage("plus", &[]), false), None, "lifted since");
        let observed = |usage, reports_limit| ObservedUsage { usage, reports_limit };
        let both = followed_by(&observed(usage("plus", &[]), true), observed(usage("plus", &[]), false), NOW);
        assert!(both.reports_limit, "the earlier one reports it");
    }

    #[test]
    fn headers_keep_the_expiry_of_reset_credits_while_their_number_stays() {
        let credits = |available, expire_at: &[i64]| {
            let expire_at = expire_at.iter().copied().map(UnixTime).collect();
            Some(ResetCredits { available, expire_at })
        };
        let known = || credits(2, &[9, 12]);
        assert_eq!(with_known_expiry(None, known()), known());
        assert_eq!(with_known_expiry(credits(2, &[]), known()), known());
        assert_eq!(with_known_expiry(credits(1, &[]), known()), credits(1, &[]));
        assert_eq!(with_known_expiry(credits(2, &[7]), known()), credits(2, &[7]));
        assert_eq!(with_known_expiry(credits(0, &[]), None), credits(0, &[]));
    }
}
