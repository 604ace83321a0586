//! The usage of a plan, and two of its forms: the headers of protocol §9.2 and the error of protocol §10.1.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::accounts::Membership;
use crate::settings::Limits;
use crate::state::SandboxState;

const FIVE_HOURS_S: i64 = 18_000;
const WEEK_S: i64 = 604_800;

/// What one response adds to the first and to the second window, in percent.
const GROWTH: (f64, f64) = (0.5, 0.1);

/// The current state of a limit window.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) used_percent: f64,
    pub(super) length_s: i64,
    pub(super) reset_after_s: i64,
    pub(super) reset_at: i64,
}

impl Window {
    fn is_exhausted(self) -> bool {
        self.used_percent >= 100.0
    }
}

/// The usage of an account's plan.
pub(crate) struct UsageState {
    pub(super) plan: &'static str,
    pub(super) primary: Option<Window>,
    pub(super) secondary: Option<Window>,
    /// `None` = the plan has no credits.
    pub(super) credits: Option<Credits>,
    /// A `rate_limit_reached_type` (protocol §9.1) when a limit is reached.
    pub(super) reached: Option<String>,
    /// When each reset in reserve expires.
    pub(super) reset_credits: Vec<i64>,
}

pub(super) struct Credits {
    pub(super) available: bool,
    pub(super) unlimited: bool,
    pub(super) balance: Option<String>,
}

impl UsageState {
    pub(super) fn of(membership: Membership, state: &SandboxState) -> Self {
        let limits = state.settings().limits.remove(membership.account.key).unwrap_or_default();
        let growth = f64::from(state.meters.responses(membership)) * limits.growth_factor.unwrap_or(1.0);
        let now = state.now();
        let window = |base: f64, grown: f64, length_s: i64, reset_after_s: Option<i64>| {
            // Unless a test sets it, a window that was half over when the sandbox started, then the next one.
            let into_window = (now - state.started_at + length_s / 2).rem_euclid(length_s);
            let reset_after_s = reset_after_s.unwrap_or(length_s - into_window);
            let reset_at = now + reset_after_s;
            let used_percent = (base + grown).min(100.0);
            Some(Window { used_percent, length_s, reset_after_s, reset_at })
        };
        let primary = |length_s| {
            let base = limits.primary_used_percent.unwrap_or(12.0);
            window(base, growth * GROWTH.0, length_s, limits.primary_reset_after_s)
        };
        let secondary = |length_s| {
            let base = limits.secondary_used_percent.unwrap_or(31.0);
            window(base, growth * GROWTH.1, length_s, limits.secondary_reset_after_s)
        };
        let plan = membership.workspace.plan;
        let (primary, secondary) = match plan {
            // protocol §9.1: a free plan has been seen with the week as its primary window and no secondary one.
            "free" => (primary(WEEK_S), None),
            // Usage-based: credits instead of windows (protocol §9.1: any object may be absent).
            "enterprise" => (None, None),
            _ => (primary(FIVE_HOURS_S), secondary(WEEK_S)),
        };
        let full = [primary, secondary].into_iter().flatten().any(Window::is_exhausted);
        let reached = limits.reached_type.clone().or_else(|| full.then(|| "rate_limit_reached".to_owned()));
        let reset_credits = limits.reset_credits_expire_after_s.iter().map(|after| now + after).collect();
        Self { plan, primary, secondary, credits: credits(plan, &limits), reached, reset_credits }
    }

    /// Returns the usage of an account with its first window exhausted.
    pub(crate) fn exhausted(membership: Membership, state: &SandboxState) -> Self {
        let mut usage = Self::of(membership, state);
        if let Some(primary) = &mut usage.primary {
            primary.used_percent = 100.0;
        }
        usage.reached.get_or_insert_with(|| "rate_limit_reached".to_owned());
        usage
    }

    /// Returns the window that has to reset before the account can be used again; a plan with credits only has none.
    fn next_reset(&self) -> Option<Window> {
        let windows = [self.primary, self.secondary];
        let full = windows.into_iter().flatten().filter(|window| window.is_exhausted());
        full.max_by_key(|window| window.reset_at).or_else(|| windows.into_iter().flatten().next())
    }

    /// Returns the headers of protocol §9.2, for success and for 429.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut put = |name: String, value: String| {
            if let (Ok(name), Ok(value)) =
                (axum::http::HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        };
        for (name, window) in [("primary", self.primary), ("secondary", self.secondary)] {
            let Some(window) = window else { continue };
            put(format!("x-codex-{name}-used-percent"), format!("{:.1}", window.used_percent));
            put(format!("x-codex-{name}-window-minutes"), (window.length_s / 60).to_string());
            put(format!("x-codex-{name}-reset-at"), window.reset_at.to_string());
            put(format!("x-codex-{name}-reset-after-seconds"), window.reset_after_s.to_string());
        }
        if let Some(credits) = &self.credits {
            let python_bool = |value: bool| if value { "True" } else { "False" }.to_owned();
            put("x-codex-credits-has-credits".to_owned(), python_bool(credits.available));
            put("x-codex-credits-unlimited".to_owned(), python_bool(credits.unlimited));
            // Values may be empty strings (protocol §9.2).
            put("x-codex-credits-balance".to_owned(), credits.balance.clone().unwrap_or_default());
        }
        put("x-codex-plan-type".to_owned(), self.plan.to_owned());
        let resets = self.reset_credits.len();
        put("x-codex-rate-limit-reset-credits-available".to_owned(), resets.to_string());
        if let Some(reached) = &self.reached {
            put("x-codex-rate-limit-reached-type".to_owned(), reached.clone());
        }
        headers
    }
}

fn credits(plan: &str, limits: &Limits) -> Option<Credits> {
    let balance = limits.credits_balance.clone();
    match plan {
        "free" if balance.is_none() => None,
        "enterprise" => Some(Credits { available: true, unlimited: true, balance }),
        _ => Some(Credits { available: balance.is_some(), unlimited: false, balance }),
    }
}

/// Returns 429 `usage_limit_reached`: as the `type`, because real bodies have no `code` (protocol §10.1).
pub(crate) fn usage_limit_reached(usage: &UsageState) -> Response {
    let resets = usage.next_reset();
    let body = json!({ "error": {
        "type": "usage_limit_reached",
        "message": "The usage limit has been reached",
        "plan_type": usage.plan,
        "resets_at": resets.map(|window| window.reset_at),
        "resets_in_seconds": resets.map(|window| window.reset_after_s),
        "eligible_promo": null,
    } });
    (StatusCode::TOO_MANY_REQUESTS, usage.headers(), Json(body)).into_response()
}
