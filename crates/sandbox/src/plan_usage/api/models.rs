//! `GET /v1/models`: the account's list, in its own form (siwc §9).

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use semver::Version;
use serde_json::json;

use super::caller::Caller;
use crate::backend::catalog::Catalog;
use crate::issuer::parameters::Parameters;
use crate::plan_usage::error::rejected;
use crate::state::SandboxState;

const CLIENT_VERSION: &str = "client_version";

/// What a client without `client_version` is taken for: it sees models older than GPT-6 (siwc §9).
const ASSUMED_VERSION: Version = Version::new(0, 150, 0);

pub(super) async fn list(
    State(state): State<Arc<SandboxState>>,
    Caller(membership): Caller,
    RawQuery(query): RawQuery,
) -> Response {
    let query = match Parameters::parse(query.as_deref().unwrap_or_default().as_bytes()) {
        Ok(query) => query,
        Err(text) => return rejected(&text),
    };
    if let Some(name) = query.unknown(&[CLIENT_VERSION]) {
        return rejected(&format!("Unsupported parameter: {name}"));
    }
    let version = match query.get(CLIENT_VERSION).map(Version::parse) {
        None => ASSUMED_VERSION,
        Some(Ok(version)) => version,
        Some(Err(_)) => return rejected("client_version must be a semantic version"),
    };
    let catalog = Catalog::of(membership, &state.settings());
    Json(json!({ "models": catalog.for_client(&version) })).into_response()
}
