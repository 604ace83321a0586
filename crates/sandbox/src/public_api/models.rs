//! `GET /models`: a list without capability data (protocol §7.2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Returns `{"object":"list","data":[…]}` for pairs of id and owner.
pub(crate) fn list<'a>(models: impl Iterator<Item = (&'a str, &'a str)>, created: i64) -> Response {
    let data: Vec<Value> = models
        .map(|(id, owner)| json!({ "id": id, "object": "model", "created": created, "owned_by": owner }))
        .collect();
    Json(json!({ "object": "list", "data": data })).into_response()
}
