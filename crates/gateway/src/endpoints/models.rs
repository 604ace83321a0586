//! Lists of models.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_domain::Model;
use usher_upstream::RawCatalog;

use crate::dialects::Dialect;
use crate::response::error::GatewayError;

/// Encodes the list of `models` in `dialect`.
pub(crate) fn list_all(models: &[Model], dialect: Dialect) -> Vec<u8> {
    json(&list(&entries(models, dialect)))
}

/// Encodes the model named `id`, which the host resolves to `resolved`.
///
/// Every name that a request may use is found here, under that name.
pub(crate) fn retrieve(
    models: &[Model],
    dialect: Dialect,
    id: &str,
    resolved: &str,
) -> Result<Vec<u8>, GatewayError> {
    let model = models.iter().find(|model| model.id == resolved);
    let model = model
        .ok_or_else(|| GatewayError::model_not_listed(&format!("model {}", usher_domain::redact(id))))?;
    Ok(json(&dialect.model_entry(model, id)))
}

fn json(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value has no key that JSON lacks")
}

/// Encodes the catalog for Codex, empty for a provider that has none.
///
/// An entry made here would lack the model's own prompt, tools and request format, and Codex has defaults for models
/// that it does not know.
pub(crate) fn encode_catalog(models: Option<&RawCatalog>) -> Vec<u8> {
    let models = models.map(|catalog| &catalog.models[..]).unwrap_or_default();
    serde_json::to_vec(&BTreeMap::from([("models", models)])).expect("raw JSON serializes")
}

/// Builds OpenAI's and Anthropic's list in one, since their field names do not clash.
fn list(entries: &[Value]) -> Value {
    json!({
        "object": "list",
        "has_more": false,
        "first_id": entries.first().map(|entry| &entry["id"]),
        "last_id": entries.last().map(|entry| &entry["id"]),
        "data": entries,
    })
}

/// Returns each model under its id, and then those that the dialect offers under a second name.
fn entries(models: &[Model], dialect: Dialect) -> Vec<Value> {
    let by_id = models.iter().map(|model| dialect.model_entry(model, &model.id));
    let by_alias =
        models.iter().filter_map(|model| Some(dialect.model_entry(model, &dialect.model_alias(model)?)));
    by_id.chain(by_alias).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::{DEFAULT, MESSAGES};

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
        assert_eq!(ids(DEFAULT), ["gpt-6-sol", "claude-x"]);
        assert_eq!(ids(MESSAGES), ["gpt-6-sol", "claude-x", "claude-gpt-6-sol"]);
    }

    #[test]
    fn model_unknown_is_404() {
        let model = Model { id: "m".into(), ..Model::default() };
        let missing = retrieve(&[model], DEFAULT, "n", "n").unwrap_err();
        assert_eq!(missing.error.status, 404);
    }
}
