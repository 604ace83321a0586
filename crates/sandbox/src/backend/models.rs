//! `GET /codex/models?client_version=` (protocol §7.1).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use semver::Version;
use serde::Deserialize;
use serde_json::json;

use super::caller::Caller;
use super::catalog::Catalog;
use super::error::DetailError;
use crate::state::SandboxState;

#[derive(Deserialize)]
pub(super) struct ModelsQuery {
    client_version: Option<String>,
}

pub(super) async fn list(
    State(state): State<Arc<SandboxState>>,
    Caller(membership): Caller,
    Query(query): Query<ModelsQuery>,
) -> Result<Response, DetailError> {
    let version =
        query.client_version.ok_or_else(|| DetailError::bad_request("client_version is required"))?;
    let version = Version::parse(&version)
        .map_err(|_| DetailError::bad_request("client_version must be a semantic version"))?;
    let catalog = Catalog::of(membership, &state.settings());
    let body = Json(json!({ "models": catalog.for_client(&version) }));
    Ok(([(header::ETAG, catalog.etag())], body).into_response())
}
