//! What can change while the sandbox runs.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::accounts;
use crate::endpoint;
use crate::plan_usage::settings::PlanUsageSettings;

/// The field whose own fields are replaced one by one.
const PLAN_USAGE: &str = "plan_usage";

/// The settings. At the control endpoint, a key that is sent replaces that setting and the others stay.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Lifetime of an access token; real ones are valid for about a week, Codex's fallback is 8 days (protocol §2.2). May be negative.
    pub access_token_lifetime_s: i64,
    /// Whether device sign-in is enabled; if not, the user code endpoint responds with 404 (protocol §5).
    pub device_login: bool,
    /// The least time between two device polls.
    pub device_interval_s: u64,
    /// How long a device code is valid (protocol §5: 15 minutes).
    pub device_lifetime_s: i64,
    /// Moves the sandbox's clock for everything: tokens, resets and the `Date` header.
    pub clock_offset_s: i64,
    /// Pause between two events of a stream.
    pub event_delay_ms: u64,
    /// Pause before an endpoint's response, by endpoint name.
    pub delays_ms: BTreeMap<String, u64>,
    /// Replaces the model catalog.
    pub models: Option<Vec<Value>>,
    /// Slugs removed from the catalog.
    pub removed_models: Vec<String>,
    /// Replaces the `ETag` of the catalog, which otherwise is a hash of its content.
    pub models_etag: Option<String>,
    /// Replaces the ids of the Platform's models; models that the sandbox does not know write text.
    pub platform_models: Option<Vec<String>>,
    /// Replaces the ids of the compatible services' models.
    pub compatible_models: Option<Vec<String>>,
    /// Usage of an account, by account key.
    pub limits: BTreeMap<String, Limits>,
    /// Sign in with `ChatGPT`. At the control endpoint its settings, too, are replaced one by one.
    pub plan_usage: PlanUsageSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_lifetime_s: 8 * 24 * 60 * 60,
            device_login: true,
            device_interval_s: 5,
            device_lifetime_s: 900,
            clock_offset_s: 0,
            event_delay_ms: 0,
            delays_ms: BTreeMap::new(),
            models: None,
            removed_models: Vec::new(),
            models_etag: None,
            platform_models: None,
            compatible_models: None,
            limits: BTreeMap::new(),
            plan_usage: PlanUsageSettings::default(),
        }
    }
}

/// How much of its plan an account has used.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Percent of the first window; 100 makes the backend refuse.
    pub primary_used_percent: Option<f64>,
    /// Percent of the second window; 100 makes the backend refuse.
    pub secondary_used_percent: Option<f64>,
    /// How many times as much as usual each response adds to the windows; 1 if absent.
    pub growth_factor: Option<f64>,
    /// Seconds until the first window resets.
    pub primary_reset_after_s: Option<i64>,
    /// Seconds until the second window resets.
    pub secondary_reset_after_s: Option<i64>,
    /// A `rate_limit_reached_type` of protocol §9.1; when it is set, the backend refuses whatever the windows are.
    pub reached_type: Option<String>,
    /// Credit balance as a decimal string.
    pub credits_balance: Option<String>,
    /// Resets in reserve (protocol §9.1), each by the seconds until it expires.
    pub reset_credits_expire_after_s: Vec<i64>,
}

#[derive(Default)]
pub(crate) struct SettingsCell(RwLock<Settings>);

impl SettingsCell {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(RwLock::new(settings))
    }

    pub(crate) fn get(&self) -> Settings {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Replaces the settings named in `changes`. Unknown settings, endpoints or accounts are an error, and nothing changes.
    pub(crate) fn merge(&self, changes: Map<String, Value>) -> Result<Settings, String> {
        let mut cell = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Ok(Value::Object(mut all)) = serde_json::to_value(&*cell) else {
            return Err("settings are not an object".to_owned());
        };
        for (name, value) in changes {
            match (all.get_mut(&name), value) {
                (Some(Value::Object(settings)), Value::Object(changes)) if name == PLAN_USAGE => {
                    settings.extend(changes);
                }
                (_, value) => drop(all.insert(name, value)),
            }
        }
        let merged: Settings =
            serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        if let Some(name) = merged.delays_ms.keys().find(|name| !endpoint::is_known(name)) {
            return Err(format!("no endpoint is called {name:?}"));
        }
        if let Some(key) = merged.limits.keys().find(|key| accounts::account(key).is_none()) {
            return Err(format!("no account is called {key:?}"));
        }
        if let Some(problem) = merged.plan_usage.problem() {
            return Err(problem);
        }
        *cell = merged.clone();
        Ok(merged)
    }
}
