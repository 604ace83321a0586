//! `GET /wham/accounts/check` (clients §2.3): Codex calls it before a turn.

use axum::Json;
use serde_json::{Value, json};

use super::caller::Caller;
use crate::accounts::ACCOUNTS;

/// Never resolves (RFC 6761 §6.4). Codex requires `https`, and a real host name here would send the sandbox's tokens
/// to the internet.
const WORKSPACE_ORIGIN: &str = "https://workspace.sandbox.invalid";

pub(super) async fn check(Caller(membership): Caller) -> Json<Value> {
    let accounts: Vec<Value> = ACCOUNTS
        .iter()
        .filter(|account| account.user_id == membership.account.user_id)
        .flat_map(|account| account.workspaces)
        .map(|workspace| {
            json!({
                "id": workspace.account_id,
                "workspace_backend_origin": WORKSPACE_ORIGIN,
                "account_routing_override": "NO_CONSTRAINT",
            })
        })
        .collect();
    Json(json!({ "accounts": accounts }))
}
