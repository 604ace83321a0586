//! Lists of models in the three shapes that clients ask for.

use serde_json::{Value, json};
use usher_domain::Model;

use crate::endpoint::Dialect;
use crate::reply::Refusal;

/// What the lists say of when a model was made, which providers do not tell: Anthropic's clients want a date.
const SOME_DATE: &str = "2026-01-01T00:00:00Z";
/// The same in Unix seconds.
const SOME_TIME: i64 = 1_767_225_600;

/// The list that `models` are, or the one with `id`, as JSON in the shape that the caller asks for: `query` has
/// `client_version` when that is Codex.
pub(crate) fn answer(
    models: &[Model],
    dialect: Dialect,
    query: Option<&str>,
    id: Option<&str>,
) -> Result<Vec<u8>, Refusal> {
    let value = match id {
        Some(id) => {
            let model = models.iter().find(|model| model.id == id);
            let model =
                model.ok_or_else(|| Refusal::not_here(&format!("model {}", usher_domain::redact(id))))?;
            entry(model, dialect)
        }
        None if asks_as_codex(query) => json!({ "models": models.iter().map(codex).collect::<Vec<_>>() }),
        None => list(models, dialect),
    };
    Ok(serde_json::to_vec(&value).expect("a JSON value has no key that JSON lacks"))
}

fn asks_as_codex(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("client_version=")))
}

/// OpenAI's and Anthropic's lists in one: their fields do not meet (`clients.md`, endpoints).
fn list(models: &[Model], dialect: Dialect) -> Value {
    let data: Vec<Value> = models.iter().map(|model| entry(model, dialect)).collect();
    json!({
        "object": "list",
        "has_more": false,
        "first_id": models.first().map(|model| &model.id),
        "last_id": models.last().map(|model| &model.id),
        "data": data,
    })
}

fn entry(model: &Model, dialect: Dialect) -> Value {
    let mut entry = json!({
        "id": model.id,
        "object": "model",
        "created": SOME_TIME,
        "owned_by": "usher",
    });
    if dialect == Dialect::Messages {
        entry["type"] = "model".into();
        entry["display_name"] = model.name.as_str().into();
        entry["created_at"] = SOME_DATE.into();
    }
    entry
}

/// As the Codex backend lists them (protocol §7.1), as far as it is known here.
fn codex(model: &Model) -> Value {
    let levels: Vec<Value> = model
        .efforts
        .iter()
        .map(|effort| json!({ "effort": effort.id, "description": effort.description }))
        .collect();
    json!({
        "slug": model.id,
        "display_name": model.name,
        "description": model.description,
        "default_reasoning_level": model.default_effort,
        "supported_reasoning_levels": levels,
        "context_window": model.context_window,
        "visibility": "list",
        "supported_in_api": true,
    })
}
