//! `GET /models` of the OpenAI API (protocol §7.2).
//!
//! The Platform gives ids only, and lists models for images, speech and embeddings as well. Other services give more,
//! each under its own field names; what they give is used, and nothing is guessed for what they do not.

use serde::Deserialize;
use serde_json::Value;
use usher_domain::{Capabilities, Model, ModelSource};

use crate::models::known_models::{self, KnownModel};
use crate::models::list_entries;

/// The body: the list of protocol §7.2, or, at Together, a bare array.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ListBody {
    Object {
        #[serde(deserialize_with = "list_entries::list_or_null")]
        data: Vec<Value>,
    },
    Bare(Vec<Value>),
    /// Some servers answer a path that they do not have with a success.
    Error {
        error: Value,
    },
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    /// `OpenRouter`.
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    name: Option<String>,
    /// Together.
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    description: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    created: Option<i64>,
    /// Groq.
    #[serde(default, deserialize_with = "list_entries::whole_number")]
    context_window: Option<u64>,
    /// `OpenRouter`, Together.
    #[serde(default, deserialize_with = "list_entries::whole_number")]
    context_length: Option<u64>,
    /// vLLM.
    #[serde(default, deserialize_with = "list_entries::whole_number")]
    max_model_len: Option<u64>,
    /// Mistral, LM Studio.
    #[serde(default, deserialize_with = "list_entries::whole_number")]
    max_context_length: Option<u64>,
    /// Together: `chat`, `embedding`, `image`, …
    #[serde(default, rename = "type", deserialize_with = "list_entries::if_valid")]
    kind: Option<String>,
    /// `OpenRouter`.
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    architecture: Option<Architecture>,
    /// `OpenRouter`: names of request fields.
    #[serde(default, deserialize_with = "list_entries::texts")]
    supported_parameters: Option<Vec<String>>,
    /// Mistral.
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    capabilities: Option<CapabilityFields>,
}

#[derive(Deserialize)]
struct Architecture {
    #[serde(default, deserialize_with = "list_entries::texts")]
    input_modalities: Option<Vec<String>>,
    #[serde(default, deserialize_with = "list_entries::texts")]
    output_modalities: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct CapabilityFields {
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    completion_chat: Option<bool>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    function_calling: Option<bool>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    vision: Option<bool>,
}

impl ListBody {
    /// Returns the models, those that write text first, or the error that stands in their place.
    ///
    /// The Platform's list has no order, so with `known_models` these come first, in the order of their table, and then
    /// the newest; the lists of others stay in the server's order.
    pub(crate) fn into_models(self, known_models: bool) -> Result<Vec<Model>, Value> {
        let data = match self {
            Self::Object { data } | Self::Bare(data) => data,
            Self::Error { error } => return Err(error),
        };
        let mut entries: Vec<Entry> =
            list_entries::parse_entries(data, |entry: &Entry| Model::is_valid_id(&entry.id));
        list_entries::remove_repeated(&mut entries, |entry| &entry.id);
        if known_models {
            entries.sort_by(|one, two| {
                let position = |entry: &Entry| {
                    known_models::find(&entry.id).map_or(usize::MAX, |(position, _)| position)
                };
                let age = |entry: &Entry| std::cmp::Reverse(entry.created.unwrap_or_default());
                (position(one), age(one), &one.id).cmp(&(position(two), age(two), &two.id))
            });
        }
        let mut models: Vec<Model> =
            entries.into_iter().map(|entry| entry.into_model(known_models)).collect();
        models.sort_by_key(|model| !model.text);
        if let Some(first) = models.first_mut().filter(|first| first.text) {
            first.default = true;
        }
        Ok(models)
    }
}

impl Entry {
    fn into_model(self, known_models: bool) -> Model {
        // The table is about the Platform's models, not about what others serve under the same id.
        let known = known_models::find(&self.id).map(|(_, known)| known).filter(|_| known_models);
        let text = self.writes_text();
        let capabilities = self.capabilities();
        let context_window = self
            .context_window
            .or(self.context_length)
            .or(self.max_model_len)
            .or(self.max_context_length)
            .filter(|window| *window > 0);
        let model = Model {
            name: list_entries::sanitize_name(self.name)
                .or(list_entries::sanitize_name(self.display_name))
                .unwrap_or_else(|| self.id.clone()),
            id: self.id,
            description: list_entries::sanitize_description(self.description),
            context_window,
            text,
            capabilities,
            ..Model::default()
        };
        match known {
            Some(known) => with_known(model, known),
            None => model,
        }
    }

    fn capabilities(&self) -> Capabilities {
        let fields = self.capabilities.as_ref();
        let accepts = |kind: &str| {
            let kinds = self.architecture.as_ref()?.input_modalities.as_ref()?;
            Some(kinds.iter().any(|one| one == kind))
        };
        let accepts_parameter =
            |name: &str| Some(self.supported_parameters.as_ref()?.iter().any(|one| one == name));
        Capabilities {
            images: accepts("image").or_else(|| fields?.vision),
            tools: accepts_parameter("tools").or_else(|| fields?.function_calling),
            ..Capabilities::default()
        }
    }

    fn writes_text(&self) -> bool {
        let by_kind = self.kind.as_deref().and_then(|kind| match kind {
            "chat" | "language" | "code" => Some(true),
            "embedding" | "image" | "rerank" | "audio" | "moderation" | "transcribe" | "video" => Some(false),
            _ => None,
        });
        let by_modality = || {
            let kinds = self.architecture.as_ref()?.output_modalities.as_ref()?;
            Some(kinds.iter().any(|kind| kind == "text"))
        };
        let by_capability = || self.capabilities.as_ref()?.completion_chat;
        by_kind
            .or_else(by_modality)
            .or_else(by_capability)
            .unwrap_or_else(|| !known_models::is_non_text(&self.id))
    }
}

fn with_known(model: Model, known: &KnownModel) -> Model {
    Model {
        efforts: known.efforts(),
        default_effort: Some(known.default_effort.to_owned()),
        capabilities: known.capabilities.clone(),
        source: ModelSource::Table,
        ..model
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn models(body: &Value, known_models: bool) -> Vec<Model> {
        let list: ListBody = serde_json::from_value(body.clone()).unwrap();
        list.into_models(known_models).unwrap()
    }

    #[test]
    fn platform_list_is_filtered_ordered_and_completed() {
        let entry = |id: &str, created: i64| json!({ "id": id, "object": "model", "created": created });
        let body = json!({ "object": "list", "data": [
            entry("whisper-1", 9), entry("gpt-5.5", 1), entry("a-new-one", 8), entry("gpt-6.2-sol", 2),
            entry("text-embedding-3-large", 3), entry("an-old-one", 4), { "no": "id" }, entry("", 1),
        ]});
        let models = models(&body, true);
        let seen: Vec<(&str, bool, bool)> =
            models.iter().map(|model| (model.id.as_str(), model.text, model.default)).collect();
        assert_eq!(
            seen,
            [
                ("gpt-6.2-sol", true, true),
                ("gpt-5.5", true, false),
                ("a-new-one", true, false),
                ("an-old-one", true, false),
                ("whisper-1", false, false),
                ("text-embedding-3-large", false, false),
            ]
        );
        assert_eq!((models[0].source, models[0].supports_effort("high")), (ModelSource::Table, true));
        assert_eq!((models[2].source, models[2].efforts.len()), (ModelSource::Server, 0));
    }

    #[test]
    fn service_list_keeps_only_stated_capabilities() {
        let body = json!([
            { "id": "gpt-6.2-sol" },
            { "id": "a", "context_window": 131_072 },
            { "id": "b", "name": "Bee", "context_length": 8192, "supported_parameters": ["tools"],
              "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"] } },
            { "id": "c", "max_model_len": 4096 },
            { "id": "d", "max_context_length": 32_768,
              "capabilities": { "completion_chat": true, "function_calling": false, "vision": false } },
            { "id": "e", "type": "image", "display_name": "Eee" },
            { "id": "nomic-embed-text" },
        ]);
        let models = models(&body, false);
        let seen: Vec<_> = models
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.context_window,
                    one.capabilities.images,
                    one.capabilities.tools,
                    one.text,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("gpt-6.2-sol", None, None, None, true),
                ("a", Some(131_072), None, None, true),
                ("Bee", Some(8192), Some(true), Some(true), true),
                ("c", Some(4096), None, None, true),
                ("d", Some(32_768), Some(false), Some(false), true),
                ("Eee", None, None, None, false),
                ("nomic-embed-text", None, None, None, false),
            ]
        );
        assert!(models[0].default && models[0].efforts.is_empty());
    }

    #[test]
    fn service_list_field_of_another_type_costs_that_field_only() {
        let fields = [
            json!({ "architecture": "llama" }),
            json!({ "architecture": { "input_modalities": "text" } }),
            json!({ "created": 1.5 }),
            json!({ "created": "2026-01-01" }),
            json!({ "context_length": "8k" }),
            json!({ "context_length": -1 }),
            json!({ "context_window": 1.5 }),
            json!({ "max_model_len": {} }),
            json!({ "capabilities": ["tool_use"] }),
            json!({ "capabilities": { "vision": "yes" } }),
            json!({ "supported_parameters": { "tools": true } }),
            json!({ "name": 5 }),
            json!({ "display_name": [], "description": 1, "type": 3 }),
        ];
        for mut entry in fields {
            entry["id"] = "m".into();
            let models = models(&json!({ "data": [entry] }), false);
            assert_eq!(models.len(), 1, "{entry}");
            assert_eq!((models[0].name.as_str(), models[0].context_window), ("m", None), "{entry}");
        }
        let float = models(&json!([{ "id": "m", "context_length": 8192.0 }]), false);
        assert_eq!(float[0].context_window, Some(8192));
    }

    #[test]
    fn service_list_with_repeated_id_lists_it_once() {
        let ids: Vec<String> = models(&json!([{ "id": "b" }, { "id": "a" }, { "id": "b" }]), false)
            .into_iter()
            .map(|model| model.id)
            .collect();
        assert_eq!(ids, ["b", "a"]);
    }

    #[test]
    fn service_list_null_is_empty_and_missing_is_refused() {
        assert!(models(&json!({ "object": "list", "data": null }), false).is_empty());
        assert!(serde_json::from_value::<ListBody>(json!({ "object": "list" })).is_err());
        let error: ListBody = serde_json::from_value(json!({ "error": "Unexpected endpoint" })).unwrap();
        assert_eq!(error.into_models(false), Err(json!("Unexpected endpoint")));
    }

    #[test]
    fn model_list_without_text_models_has_no_default() {
        let models = models(&json!({ "data": [{ "id": "whisper-1" }] }), true);
        assert!(!models[0].default);
    }
}
