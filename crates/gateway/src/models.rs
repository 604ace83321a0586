//! Lists of models in the three shapes that clients ask for.

use serde_json::{Value, json};
use usher_domain::Model;

use crate::endpoint::Dialect;
use crate::reply::Refusal;

/// What the lists say of when a model was made, which providers do not tell: Anthropic's clients want a date.
const SOME_DATE: &str = "2026-01-01T00:00:00Z";
/// The same in Unix seconds.
const SOME_TIME: i64 = 1_767_225_600;

/// The list that `models` are, as JSON in the shape that the caller asks for: `query` has `client_version` when that
/// is Codex.
pub(crate) fn all(models: &[Model], dialect: Dialect, query: Option<&str>) -> Vec<u8> {
    json(&if asks_as_codex(query) {
        json!({ "models": models.iter().map(codex).collect::<Vec<_>>() })
    } else {
        list(&entries(models, dialect))
    })
}

/// The model that is called `id`, which in a request `means` one of `models` or nothing that is listed: what can be
/// asked for is here, under the name that it is asked for by.
pub(crate) fn one(models: &[Model], dialect: Dialect, id: &str, means: &str) -> Result<Vec<u8>, Refusal> {
    let model = models.iter().find(|model| model.id == means);
    let model = model.ok_or_else(|| Refusal::not_here(&format!("model {}", usher_domain::redact(id))))?;
    Ok(json(&entry(model, id, dialect)))
}

fn json(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value has no key that JSON lacks")
}

fn asks_as_codex(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|pair| pair.starts_with("client_version=")))
}

/// OpenAI's and Anthropic's lists in one: their fields do not meet (`clients.md`, endpoints).
fn list(entries: &[Value]) -> Value {
    json!({
        "object": "list",
        "has_more": false,
        "first_id": entries.first().map(|entry| &entry["id"]),
        "last_id": entries.last().map(|entry| &entry["id"]),
        "data": entries,
    })
}

/// Each model by its id. To callers of Anthropic's API each is offered under a second name as well: Claude Code keeps
/// only ids that begin with `claude` (`clients.md`, discovery), and such a name is understood in requests.
fn entries(models: &[Model], dialect: Dialect) -> Vec<Value> {
    let by_id = models.iter().map(|model| entry(model, &model.id, dialect));
    let wants = |model: &&Model| dialect == Dialect::Messages && !model.id.starts_with("claude");
    let by_alias = models.iter().filter(wants);
    let by_alias = by_alias.map(|model| entry(model, &format!("claude-{}", model.id), dialect));
    by_id.chain(by_alias).collect()
}

fn entry(model: &Model, id: &str, dialect: Dialect) -> Value {
    let mut entry = json!({
        "id": id,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(dialect: Dialect) -> Vec<String> {
        let model = |id: &str| Model { id: id.into(), name: id.to_uppercase(), ..Model::default() };
        let list = all(&[model("gpt-6-sol"), model("claude-x")], dialect, None);
        let list: Value = serde_json::from_slice(&list).unwrap();
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn claude_code_is_offered_names_that_it_keeps() {
        assert_eq!(ids(Dialect::Responses), ["gpt-6-sol", "claude-x"]);
        assert_eq!(ids(Dialect::Messages), ["gpt-6-sol", "claude-x", "claude-gpt-6-sol"]);
    }

    #[test]
    fn codex_gets_its_own_shape_and_one_that_is_not_there_is_404() {
        let model = Model { id: "m".into(), ..Model::default() };
        let models = [model];
        let list = all(&models, Dialect::Responses, Some("client_version=0.169.0"));
        let list: Value = serde_json::from_slice(&list).unwrap();
        assert_eq!(list["models"][0]["slug"], "m");
        let missing = one(&models, Dialect::Responses, "n", "n").unwrap_err();
        assert_eq!(missing.trouble.status, 404);
    }
}
