//! `/control/…`: endpoints for tests, in JSON. They are neither counted nor recorded, and faults do not apply to them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::accounts::{self, ACCOUNTS, Account, Membership};
use crate::issuer::grants::{GrantOperation, TokenSet};
use crate::server::fault::Rule;
use crate::server::request_log::{Mark, RecordedRequest};
use crate::settings::Settings;
use crate::state::SandboxState;

/// Limits how long a test can wait for a count.
const MAX_WAIT_MS: u64 = 60_000;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/accounts", get(async || Json(ACCOUNTS)))
        .route(
            "/counts",
            get(async |State(state): State<Arc<SandboxState>>| Json(state.request_log.counts())),
        )
        .route("/requests", get(requests))
        .route("/marks", get(marks))
        .route("/wait", get(wait))
        .route(
            "/faults",
            get(async |State(state): State<Arc<SandboxState>>| Json(state.faults.pending())).post(fault),
        )
        .route("/script", post(script))
        .route("/reset", post(reset))
        .route(
            "/settings",
            get(async |State(state): State<Arc<SandboxState>>| Json(state.settings())).post(settings),
        )
        .route("/advance", post(advance))
        .route("/grants", post(grants))
        .route("/issue", post(issue))
        .route("/rotate-behind", post(rotate_behind))
}

/// The request names something that does not exist.
pub(crate) struct ControlError(pub(crate) String);

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

async fn requests(
    State(state): State<Arc<SandboxState>>,
    Query(query): Query<Name>,
) -> Json<Vec<RecordedRequest>> {
    Json(state.request_log.requests(query.name.as_deref()))
}

async fn marks(State(state): State<Arc<SandboxState>>, Query(query): Query<Name>) -> Json<Vec<Mark>> {
    Json(state.request_log.marks(query.name.as_deref()))
}

#[derive(Deserialize)]
struct Wait {
    name: String,
    #[serde(default = "default_at_least")]
    at_least: u64,
    #[serde(default = "default_timeout")]
    timeout_ms: u64,
}

fn default_at_least() -> u64 {
    1
}

fn default_timeout() -> u64 {
    30_000
}

async fn wait(State(state): State<Arc<SandboxState>>, Query(wait): Query<Wait>) -> Response {
    let timeout = Duration::from_millis(wait.timeout_ms.min(MAX_WAIT_MS));
    match state.request_log.wait_for(&wait.name, wait.at_least, timeout).await {
        Some(count) => Json(json!({ "count": count })).into_response(),
        None => (StatusCode::REQUEST_TIMEOUT, Json(json!({ "count": state.request_log.count(&wait.name) })))
            .into_response(),
    }
}

async fn fault(
    State(state): State<Arc<SandboxState>>,
    Json(rule): Json<Rule>,
) -> Result<Json<Value>, ControlError> {
    state.faults.push(vec![rule]).map_err(ControlError)?;
    Ok(Json(json!({})))
}

async fn script(
    State(state): State<Arc<SandboxState>>,
    Json(rules): Json<Vec<Rule>>,
) -> Result<Json<Value>, ControlError> {
    state.faults.push(rules).map_err(ControlError)?;
    Ok(Json(json!({})))
}

/// Removes faults, counts and requests; grants, sessions and settings stay.
async fn reset(State(state): State<Arc<SandboxState>>) -> Json<Value> {
    state.faults.clear();
    state.request_log.clear();
    Json(json!({}))
}

async fn settings(
    State(state): State<Arc<SandboxState>>,
    Json(changes): Json<Map<String, Value>>,
) -> Result<Json<Settings>, ControlError> {
    state.settings.merge(changes).map(Json).map_err(ControlError)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

/// Moves the sandbox's clock, so that an hour passes at once.
async fn advance(State(state): State<Arc<SandboxState>>, Json(advance): Json<Advance>) -> Json<Value> {
    state.advance_clock(advance.seconds);
    Json(json!({ "now": state.now() }))
}

#[derive(Deserialize)]
struct GrantChange {
    op: GrantOperation,
    account: Option<String>,
}

async fn grants(
    State(state): State<Arc<SandboxState>>,
    Json(change): Json<GrantChange>,
) -> Result<Json<Value>, ControlError> {
    if let Some(key) = &change.account {
        find_account(key)?;
    }
    let changed = state.grants.apply(change.op, change.account.as_deref());
    Ok(Json(json!({ "grants": changed })))
}

#[derive(Deserialize)]
struct IssueTarget {
    account: String,
    workspace: Option<String>,
}

async fn issue(
    State(state): State<Arc<SandboxState>>,
    Json(target): Json<IssueTarget>,
) -> Result<Json<TokenSet>, ControlError> {
    let membership = Membership::find(&target.account, target.workspace.as_deref())
        .ok_or_else(|| ControlError(format!("no such account or workspace: {:?}", target.account)))?;
    Ok(Json(state.issue(membership)))
}

async fn rotate_behind(
    State(state): State<Arc<SandboxState>>,
    Json(target): Json<IssueTarget>,
) -> Result<Json<TokenSet>, ControlError> {
    find_account(&target.account)?;
    state.rotate_behind(&target.account).map(Json).map_err(ControlError)
}

/// Returns the account with this key.
pub(crate) fn find_account(key: &str) -> Result<&'static Account, ControlError> {
    accounts::account(key).ok_or_else(|| ControlError(format!("no account is called {key:?}")))
}
