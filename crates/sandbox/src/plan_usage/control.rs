//! `/control/plan/…`: what tests and the demo change about this sign-in.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::issuer::grants::PlanGrantOperation;
use super::issuer::tokens::response::sign_in;
use super::registrations::Registration;
use crate::accounts::Membership;
use crate::control::{ControlError, find_account};
use crate::state::SandboxState;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/registrations", get(registrations))
        .route("/rotate-keys", post(rotate_keys))
        .route("/grants", post(grants))
        .route("/issue", post(issue))
}

async fn registrations(State(state): State<Arc<SandboxState>>) -> Json<Vec<Registration>> {
    Json(state.plan_usage.registrations.all())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    #[serde(default = "keeps_old")]
    keep_old: bool,
}

fn keeps_old() -> bool {
    true
}

async fn rotate_keys(State(state): State<Arc<SandboxState>>, Json(rotation): Json<Rotation>) -> Json<Value> {
    state.plan_usage.keys.rotate(rotation.keep_old);
    Json(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantChange {
    op: PlanGrantOperation,
    account: Option<String>,
}

async fn grants(
    State(state): State<Arc<SandboxState>>,
    Json(change): Json<GrantChange>,
) -> Result<Json<Value>, ControlError> {
    if let Some(key) = &change.account {
        find_account(key)?;
    }
    let changed = change_grants(&state, change.op, change.account.as_deref());
    Ok(Json(json!({ "grants": changed })))
}

/// Changes the grants of `account`, or all. Returns how many.
pub(crate) fn change_grants(
    state: &SandboxState,
    operation: PlanGrantOperation,
    account: Option<&str>,
) -> usize {
    let changed = state.plan_usage.grants.apply(operation, account);
    if operation == PlanGrantOperation::Disconnect {
        state.plan_usage.registrations.remove(account);
    }
    changed
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueTarget {
    account: String,
    workspace: Option<String>,
    #[serde(default = "allows_plan")]
    plan: bool,
}

fn allows_plan() -> bool {
    true
}

/// Registers and signs in, without a person. The response has the issued client id besides the tokens.
async fn issue(
    State(state): State<Arc<SandboxState>>,
    Json(target): Json<IssueTarget>,
) -> Result<Json<Value>, ControlError> {
    let membership = Membership::find(&target.account, target.workspace.as_deref())
        .ok_or_else(|| ControlError(format!("no such account or workspace: {:?}", target.account)))?;
    let tokens = sign_in(&state, membership, target.plan);
    let mut response = json!(tokens);
    response["client_id"] = tokens.client_id.into();
    Ok(Json(response))
}
