//! `GET /wham/usage` and `GET /wham/rate-limit-reset-credits` (protocol §9.1).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::caller::Caller;
use super::limits::{UsageState, Window};
use crate::state::SandboxState;

pub(super) async fn usage(State(state): State<Arc<SandboxState>>, Caller(membership): Caller) -> Json<Value> {
    let usage = UsageState::of(membership, &state);
    let reached = usage.reached.is_some();
    let rate_limit = usage.primary.map(|primary| {
        json!({
            "allowed": !reached,
            "limit_reached": reached,
            "primary_window": window(primary),
            "secondary_window": usage.secondary.map(window),
        })
    });
    Json(json!({
        "plan_type": usage.plan,
        "rate_limit": rate_limit,
        "additional_rate_limits": [],
        "credits": usage.credits.map(|credits| json!({
            "has_credits": credits.available,
            "unlimited": credits.unlimited,
            "balance": credits.balance,
        })),
        "spend_control": null,
        "rate_limit_reached_type": usage.reached.map(|kind| json!({ "type": kind })),
        "rate_limit_reset_credits": { "available_count": usage.reset_credits.len() },
    }))
}

pub(super) async fn reset_credits(
    State(state): State<Arc<SandboxState>>,
    Caller(membership): Caller,
) -> Json<Value> {
    let expiries = UsageState::of(membership, &state).reset_credits;
    let credit = |(number, expires_at): (usize, &i64)| json!({ "id": format!("reset-{number}"), "granted_at": state.started_at, "expires_at": expires_at, "redeemed_at": null });
    let credits: Vec<_> = expiries.iter().enumerate().map(credit).collect();
    Json(json!({ "available_count": credits.len(), "credits": credits }))
}

fn window(window: Window) -> Value {
    // protocol §9.1: whole percents here, fractions in the headers.
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    let used_percent = window.used_percent.floor() as i64;
    json!({
        "used_percent": used_percent,
        "limit_window_seconds": window.length_s,
        "reset_after_seconds": window.reset_after_s,
        "reset_at": window.reset_at,
    })
}
