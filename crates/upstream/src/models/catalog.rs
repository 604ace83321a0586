//! The catalog of the Codex backend (protocol §7.1), and the list of Sign in with ChatGPT, which has its form (siwc §9).

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
    #[serde(deserialize_with = "list_entries::list_or_null")]
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
    #[serde(deserialize_with = "list_entries::list_or_null")]
    pub(crate) models: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Entry {
    slug: String,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    description: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    default_reasoning_level: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    supported_reasoning_levels: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "list_entries::whole_number")]
    context_window: Option<u64>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    priority: Option<i64>,
    #[serde(default, deserialize_with = "list_entries::texts")]
    available_in_plans: Option<Vec<String>>,
    #[serde(default, deserialize_with = "list_entries::texts")]
    input_modalities: Option<Vec<String>>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    supports_parallel_tool_calls: Option<bool>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    support_verbosity: Option<bool>,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    service_tiers: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct EffortLevel {
    effort: String,
    #[serde(default, deserialize_with = "list_entries::if_valid")]
    description: Option<String>,
}

impl CatalogBody {
    /// Returns the models of a list that was made for the account, in the server's order (siwc §9).
    pub(crate) fn for_account(self) -> Vec<Model> {
        let models = into_models(self.listed_entries());
        // The service tier has no effect there (siwc §10.2).
        let slow = |model: Model| Model {
            capabilities: Capabilities { fast: Some(false), ..model.capabilities },
            ..model
        };
        models.into_iter().map(slow).collect()
    }

    /// Returns the models that an account with `plan` may use.
    ///
    /// The server has chosen for the account already, so a plan that no list of plans names takes nothing away: the
    /// lists are older than the plan, or the token has none.
    pub(crate) fn for_plan(self, plan: Option<&Plan>) -> Vec<Model> {
        let mut entries = self.listed_entries();
        if let Some(plan) = plan.filter(|plan| entries.iter().any(|entry| entry.names(plan))) {
            entries.retain(|entry| entry.is_for_all() || entry.names(plan));
        }
        // The sort is stable: entries of one priority, or of none, stay in the server's order.
        entries.sort_by_key(|entry| entry.priority.unwrap_or(i64::MAX));
        into_models(entries)
    }

    /// Returns the entries that a person can choose, each id once.
    fn listed_entries(self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = list_entries::parse_entries(self.models, Entry::is_listed);
        list_entries::remove_repeated(&mut entries, |entry| &entry.slug);
        entries
    }
}

/// Returns the models of `entries`; the first is the default.
fn into_models(entries: Vec<Entry>) -> Vec<Model> {
    entries.into_iter().enumerate().map(|(position, entry)| entry.into_model(position == 0)).collect()
}

impl Entry {
    fn is_listed(&self) -> bool {
        Model::is_valid_id(&self.slug) && self.visibility.as_deref() == Some("list")
    }

    /// Returns whether every plan has this model: it has no list of plans, or an empty one.
    fn is_for_all(&self) -> bool {
        self.available_in_plans.as_deref().unwrap_or_default().is_empty()
    }

    /// Returns whether its list of plans has `plan`.
    fn names(&self, plan: &Plan) -> bool {
        let plans = self.available_in_plans.as_deref().unwrap_or_default();
        plans.iter().any(|listed| canonical_plan(listed) == canonical_plan(&plan.0))
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
            { "slug": 5, "visibility": "list" },
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
            { "slug": "small", "visibility": "list", "available_in_plans": ["free", "plus"] },
            { "slug": "paid", "visibility": "list", "available_in_plans": ["plus", "enterprise"] },
        ]);
        assert_eq!(ids(&entries, "free"), ["all", "unset", "small"]);
        assert_eq!(ids(&entries, "plus"), ["all", "unset", "small", "paid"]);
        assert_eq!(ids(&entries, "hc"), ["all", "unset", "paid"]);
    }

    #[test]
    fn catalog_of_account_keeps_order_and_plans() {
        let entries = json!([
            { "slug": "b", "visibility": "list", "priority": 9, "available_in_plans": ["pro"] },
            { "slug": "hidden", "visibility": "hide", "priority": 0 },
            { "slug": "a", "display_name": "A", "visibility": "list", "priority": 1, "service_tiers": ["priority"] },
            { "slug": "bare", "visibility": "list" },
        ]);
        let body: CatalogBody = serde_json::from_value(json!({ "models": entries })).unwrap();
        let models = body.for_account();
        let seen: Vec<(&str, &str, bool)> =
            models.iter().map(|model| (model.id.as_str(), model.name.as_str(), model.default)).collect();
        assert_eq!(seen, [("b", "b", true), ("a", "A", false), ("bare", "bare", false)]);
        assert_eq!(models[1].capabilities.fast, Some(false));
    }

    #[test]
    fn catalog_for_plan_that_no_list_names_is_whole() {
        let entries = json!([
            { "slug": "a", "visibility": "list", "available_in_plans": ["enterprise"] },
            { "slug": "b", "visibility": "list", "available_in_plans": ["enterprise"] },
            { "slug": "hidden", "visibility": "hide", "available_in_plans": ["go"] },
            { "slug": "c", "visibility": "list" },
        ]);
        for plan in ["unknown", "edu_plus", "go", "plus", "self_serve_business_usage_based"] {
            assert_eq!(ids(&entries, plan), ["a", "b", "c"], "{plan}");
        }
    }

    #[test]
    fn catalog_field_of_another_type_costs_that_field_only() {
        let entries = json!([
            { "slug": "a", "visibility": "list", "priority": 1.5, "context_window": 272_000.0,
              "available_in_plans": "plus", "display_name": 7, "description": {}, "default_reasoning_level": ["low"],
              "supported_reasoning_levels": "low", "input_modalities": ["text", 1, "image"],
              "supports_parallel_tool_calls": "yes", "support_verbosity": 1, "service_tiers": {} },
            { "slug": "b", "visibility": "list", "context_window": -1, "input_modalities": { "text": true },
              "supported_reasoning_levels": [{ "effort": "low", "description": 5 }] },
        ]);
        let models = models(&entries, "free");
        assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((models[0].name.as_str(), models[0].context_window), ("a", Some(272_000)));
        assert_eq!(
            (models[0].capabilities.images, models[0].capabilities.parallel_tools),
            (Some(true), None)
        );
        assert_eq!((models[1].context_window, models[1].efforts[0].id.as_str()), (None, "low"));
    }

    #[test]
    fn catalog_with_repeated_id_lists_it_once() {
        let entries = json!([
            { "slug": "b", "visibility": "list" }, { "slug": "a", "visibility": "list" },
            { "slug": "b", "visibility": "list" },
        ]);
        assert_eq!(ids(&entries, "plus"), ["b", "a"]);
    }

    #[test]
    fn catalog_null_is_an_empty_list() {
        let body: CatalogBody = serde_json::from_value(json!({ "models": null })).unwrap();
        assert!(body.for_plan(None).is_empty());
    }

    #[test]
    fn catalog_body_without_list_is_refused() {
        for body in [json!({}), json!({ "data": [] }), json!([]), json!({ "models": {} })] {
            assert!(serde_json::from_value::<CatalogBody>(body).is_err());
        }
    }
}
