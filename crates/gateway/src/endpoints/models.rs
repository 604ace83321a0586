//! Lists of models in the shapes that clients ask for.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_domain::Model;
use usher_upstream::RawCatalog;

use crate::admission::endpoint::Dialect;
use crate::response::error::ErrorResponse;

/// What the lists say of when a model was made, which providers do not tell: Anthropic's clients want a date.
const PLACEHOLDER_DATE: &str = "2026-01-01T00:00:00Z";
/// The same in Unix seconds.
const PLACEHOLDER_TIME: i64 = 1_767_225_600;

/// Longest version that is passed on; Codex's has seven characters.
const MAX_VERSION_LENGTH: usize = 32;

/// The list that `models` are, as JSON in the dialect's shape.
pub(crate) fn list_all(models: &[Model], dialect: Dialect) -> Vec<u8> {
    json(&list(&entries(models, dialect)))
}

/// The model that is called `id`, which in a request `means` one of `models` or nothing that is listed: what can be
/// asked for is here, under the name that it is asked for by.
pub(crate) fn retrieve(
    models: &[Model],
    dialect: Dialect,
    id: &str,
    means: &str,
) -> Result<Vec<u8>, ErrorResponse> {
    let model = models.iter().find(|model| model.id == means);
    let model = model
        .ok_or_else(|| ErrorResponse::model_not_listed(&format!("model {}", usher_domain::redact(id))))?;
    Ok(json(&entry(model, id, dialect)))
}

fn json(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value has no key that JSON lacks")
}

/// The version that Codex says it has, when it is Codex who asks: it wants its own catalogue (protocol §7.1).
pub(crate) fn codex_version(query: Option<&str>) -> Option<&str> {
    let version = query?.split('&').find_map(|pair| pair.strip_prefix("client_version="))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    Some(version).filter(|version| version.len() <= MAX_VERSION_LENGTH && version.bytes().all(plain))
}

/// The catalogue for Codex. Of a provider that has none nothing is told: an entry of ours would lack the model's own
/// prompt, tools and form of request, and Codex has a way of its own with models that it does not know.
pub(crate) fn empty_catalog(models: Option<&RawCatalog>) -> Vec<u8> {
    let models = models.map(|catalogue| &catalogue.models[..]).unwrap_or_default();
    serde_json::to_vec(&BTreeMap::from([("models", models)])).expect("what came as JSON is JSON")
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
        "created": PLACEHOLDER_TIME,
        "owned_by": "usher",
    });
    if dialect == Dialect::Messages {
        entry["type"] = "model".into();
        entry["display_name"] = model.name.as_str().into();
        entry["created_at"] = PLACEHOLDER_DATE.into();
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(dialect: Dialect) -> Vec<String> {
        let model = |id: &str| Model { id: id.into(), name: id.to_uppercase(), ..Model::default() };
        let list = list_all(&[model("gpt-6-sol"), model("claude-x")], dialect);
        let list: Value = serde_json::from_slice(&list).unwrap();
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn models_for_claude_code_have_claude_names() {
        assert_eq!(ids(Dialect::Responses), ["gpt-6-sol", "claude-x"]);
        assert_eq!(ids(Dialect::Messages), ["gpt-6-sol", "claude-x", "claude-gpt-6-sol"]);
    }

    #[test]
    fn model_unknown_is_404() {
        let model = Model { id: "m".into(), ..Model::default() };
        let missing = retrieve(&[model], Dialect::Responses, "n", "n").unwrap_err();
        assert_eq!(missing.error.status, 404);
    }

    #[test]
    fn codex_version_is_read_from_query() {
        assert_eq!(codex_version(Some("a=b&client_version=0.169.0")), Some("0.169.0"));
        for query in ["limit=1000", "client_version=1%26a=b", &format!("client_version={}", "1".repeat(33))] {
            assert_eq!(codex_version(Some(query)), None, "{query}");
        }
    }
}
