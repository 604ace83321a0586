//! The catalog of the Codex backend (protocol §7.1).

use http::HeaderValue;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use usher_dialect::json::Text;
use usher_domain::{Capabilities, Effort, Model, ModelSource, Plan};

use crate::models::list_entries;

/// The models that a person can choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelList {
    /// The first is the default.
    pub models: Vec<Model>,
    /// `ETag` of the response: another one in `x-models-etag` means that the list has changed.
    pub etag: Option<String>,
}

/// The body. Entries are parsed one by one, so that a broken one does not spoil the others.
#[derive(Deserialize)]
pub(crate) struct CatalogBody {
    models: Vec<Value>,
}

/// The catalog as the server sent it, for a client that reads more of it than we do.
#[derive(Debug, Clone)]
pub struct RawCatalog {
    /// The entries, byte for byte and in the server's order, hidden ones too.
    pub models: Vec<Box<RawValue>>,
    /// `ETag` of the response; clients compare `x-models-etag` of later responses with it.
    pub etag: Option<HeaderValue>,
}

impl RawCatalog {
    /// Removes every model but `id`.
    pub fn retain_model(&mut self, id: &str) {
        #[derive(Deserialize)]
        struct Slug<'a> {
            #[serde(borrow)]
            slug: Text<'a>,
        }
        self.models.retain(|model| {
            serde_json::from_str::<Slug<'_>>(model.get()).is_ok_and(|model| *model.slug == *id)
        });
    }
}

/// The body, with entries that are not parsed.
#[derive(Deserialize)]
pub(crate) struct RawCatalogBody {
    pub(crate) models: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Entry {
    slug: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    default_reasoning_level: Option<String>,
    #[serde(default)]
    supported_reasoning_levels: Option<Vec<Value>>,
    #[serde(default)]
    context_window: Option<u64>,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    priority: Option<i64>,
    #[serde(default)]
    available_in_plans: Option<Vec<String>>,
    #[serde(default)]
    input_modalities: Option<Vec<String>>,
    #[serde(default)]
    supports_parallel_tool_calls: Option<bool>,
    #[serde(default)]
    support_verbosity: Option<bool>,
    #[serde(default)]
    service_tiers: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct EffortLevel {
    effort: String,
    #[serde(default)]
    description: Option<String>,
}

impl CatalogBody {
    /// Returns the models that an account with `plan` may use; all listed ones where no plan is known.
    pub(crate) fn for_plan(self, plan: Option<&Plan>) -> Vec<Model> {
        let mut entries: Vec<Entry> = list_entries::parse_entries(self.models, |entry: &Entry| {
            entry.is_listed() && plan.is_none_or(|plan| entry.is_available_in(plan))
        });
        // The sort is stable: entries of one priority, or of none, stay in the server's order.
        entries.sort_by_key(|entry| entry.priority.unwrap_or(i64::MAX));
        entries.into_iter().enumerate().map(|(position, entry)| entry.into_model(position == 0)).collect()
    }
}

impl Entry {
    fn is_listed(&self) -> bool {
        Model::is_valid_id(&self.slug) && self.visibility.as_deref() == Some("list")
    }

    /// Returns whether the plan has this model. An empty list of plans means every plan.
    fn is_available_in(&self, plan: &Plan) -> bool {
        let plans = self.available_in_plans.as_deref().unwrap_or_default();
        plans.is_empty() || plans.iter().any(|listed| canonical_plan(listed) == canonical_plan(&plan.0))
    }

    fn capabilities(&self) -> Capabilities {
        let has_tier =
            |tiers: &Vec<Value>| tiers.iter().any(|tier| tier["id"] == "priority" || tier == "priority");
        Capabilities {
            images: self.input_modalities.as_ref().map(|kinds| kinds.iter().any(|kind| kind == "image")),
            // All of them are made for Codex, which works by tools.
            tools: Some(true),
            parallel_tools: self.supports_parallel_tool_calls,
            verbosity: self.support_verbosity,
            fast: self.service_tiers.as_ref().map(has_tier),
        }
    }

    fn into_model(self, default: bool) -> Model {
        let capabilities = self.capabilities();
        let effort = |level| {
            let level: EffortLevel = serde_json::from_value(level).ok()?;
            let description = list_entries::sanitize_description(level.description);
            list_entries::is_valid_effort(&level.effort).then_some(Effort { id: level.effort, description })
        };
        Model {
            name: list_entries::sanitize_name(self.display_name).unwrap_or_else(|| self.slug.clone()),
            id: self.slug,
            description: list_entries::sanitize_description(self.description),
            context_window: self.context_window,
            efforts: self.supported_reasoning_levels.into_iter().flatten().filter_map(effort).collect(),
            default_effort: self
                .default_reasoning_level
                .filter(|effort| list_entries::is_valid_effort(effort)),
            default,
            text: true,
            capabilities,
            source: ModelSource::Server,
        }
    }
}

/// Returns the usual name of a plan: two of them have a second one (protocol §2.4).
fn canonical_plan(plan: &str) -> &str {
    match plan {
        "hc" => "enterprise",
        "education" => "edu",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn models(entries: &Value, plan: &str) -> Vec<Model> {
        serde_json::from_value::<CatalogBody>(json!({ "models": entries }))
            .unwrap()
            .for_plan(Some(&Plan(plan.into())))
    }

    fn ids(entries: &Value, plan: &str) -> Vec<String> {
        models(entries, plan).into_iter().map(|model| model.id).collect()
    }

    #[test]
    fn catalog_entry_complete_is_parsed() {
        let entry = json!({
            "slug": "gpt-x", "display_name": "GPT X", "description": "For all.", "visibility": "list", "priority": 3,
            "context_window": 272_000, "max_context_window": 872_000, "default_reasoning_level": "medium",
            "supported_reasoning_levels": [
                { "effort": "high", "description": "Deep" }, { "effort": "low" }, "broken", { "effort": 7 },
            ],
            "input_modalities": ["text", "image"], "supports_parallel_tool_calls": true, "support_verbosity": false,
            "service_tiers": [{ "id": "priority", "name": "Fast" }],
            "minimal_client_version": [0, 99, 0], "a_field_of_the_future": { "x": 1 },
        });
        let effort = |id: &str, description: &str| Effort { id: id.into(), description: description.into() };
        let expected = Model {
            id: "gpt-x".into(),
            name: "GPT X".into(),
            description: "For all.".into(),
            context_window: Some(272_000),
            efforts: vec![effort("high", "Deep"), effort("low", "")],
            default_effort: Some("medium".into()),
            default: true,
            text: true,
            capabilities: Capabilities {
                images: Some(true),
                tools: Some(true),
                parallel_tools: Some(true),
                verbosity: Some(false),
                fast: Some(true),
            },
            source: ModelSource::Server,
        };
        assert_eq!(models(&json!([entry]), "plus"), [expected]);
    }

    #[test]
    fn catalog_broken_entry_is_skipped() {
        let entries = json!([
            { "slug": "a", "visibility": "list" },
            { "display_name": "no slug", "visibility": "list" },
            "nonsense",
            { "slug": "b", "visibility": "list", "priority": "high" },
            { "slug": "", "visibility": "list" },
            { "slug": "c", "visibility": "list", "display_name": null, "context_window": null },
        ]);
        assert_eq!(ids(&entries, "plus"), ["a", "c"]);
    }

    #[test]
    fn catalog_hidden_models_are_left_out() {
        let entries = json!([
            { "slug": "listed", "visibility": "list" }, { "slug": "hidden", "visibility": "hide" },
            { "slug": "none", "visibility": "none" }, { "slug": "unset" }, { "slug": "new", "visibility": "teaser" },
        ]);
        assert_eq!(ids(&entries, "plus"), ["listed"]);
    }

    #[test]
    fn catalog_smallest_priority_is_first_and_default() {
        let entries = json!([
            { "slug": "unset", "visibility": "list" },
            { "slug": "two", "visibility": "list", "priority": 2 },
            { "slug": "hidden", "visibility": "hide", "priority": 0 },
            { "slug": "one", "visibility": "list", "priority": 1 },
            { "slug": "too", "visibility": "list", "priority": 2 },
        ]);
        let models = models(&entries, "plus");
        let seen: Vec<(&str, bool)> = models.iter().map(|model| (model.id.as_str(), model.default)).collect();
        assert_eq!(seen, [("one", true), ("two", false), ("too", false), ("unset", false)]);
    }

    #[test]
    fn catalog_is_filtered_by_plan() {
        let entries = json!([
            { "slug": "all", "visibility": "list", "available_in_plans": [] },
            { "slug": "unset", "visibility": "list", "available_in_plans": null },
            { "slug": "paid", "visibility": "list", "available_in_plans": ["plus", "enterprise"] },
        ]);
        assert_eq!(ids(&entries, "free"), ["all", "unset"]);
        assert_eq!(ids(&entries, "plus"), ["all", "unset", "paid"]);
        assert_eq!(ids(&entries, "hc"), ["all", "unset", "paid"]);
    }

    #[test]
    fn catalog_body_without_list_is_refused() {
        for body in [json!({}), json!({ "data": [] }), json!([]), json!({ "models": {} })] {
            assert!(serde_json::from_value::<CatalogBody>(body).is_err());
        }
    }
}
