//! The model catalog.
//!
//! `models.json` is the catalog bundled with Codex CLI 0.171.0 (protocol correction 9) in the format of protocol §7.1, with
//! our own texts. The plan `galaxy`, which nobody knows, sees what `plus` sees.

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use semver::Version;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::accounts::Membership;
use crate::settings::Settings;

pub(crate) struct Catalog {
    models: Vec<Value>,
    etag: String,
}

impl Catalog {
    /// Returns the models that `membership` may use, whatever its client's version.
    pub(crate) fn of(membership: Membership, settings: &Settings) -> Self {
        let all = settings.models.clone().unwrap_or_else(bundled);
        let models: Vec<Value> = all
            .into_iter()
            .filter(|model| !settings.removed_models.iter().any(|slug| model["slug"] == *slug))
            .filter(|model| {
                // No plan list means every plan.
                model["available_in_plans"]
                    .as_array()
                    .is_none_or(|plans| plans.iter().any(|plan| *plan == membership.workspace.plan))
            })
            .collect();
        let etag = settings.models_etag.clone().unwrap_or_else(|| {
            let hash = Sha256::digest(Value::from(models.clone()).to_string());
            format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..12]))
        });
        Self { models, etag }
    }

    /// Returns the models for a client of this version: newer models are hidden from old clients (protocol §7.1).
    pub(crate) fn for_client(&self, version: &Version) -> Vec<&Value> {
        self.models
            .iter()
            .filter(|model| {
                model["minimal_client_version"]
                    .as_str()
                    .and_then(|least| Version::parse(least).ok())
                    .is_none_or(|least| *version >= least)
            })
            .collect()
    }

    pub(crate) fn model(&self, slug: &str) -> Option<&Value> {
        self.models.iter().find(|model| model["slug"] == slug)
    }

    /// Returns the value of `ETag` and of `x-models-etag`, which each response has (protocol correction 8).
    pub(super) fn etag(&self) -> HeaderValue {
        HeaderValue::from_str(&self.etag).unwrap_or_else(|_| HeaderValue::from_static("W/\"unprintable\""))
    }
}

pub(super) fn bundled() -> Vec<Value> {
    serde_json::from_str(include_str!("models.json")).expect("models.json is a list")
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::{Catalog, bundled};
    use crate::accounts::Membership;
    use crate::settings::Settings;

    fn slugs(key: &str, version: &str) -> Vec<String> {
        let membership = Membership::find(key, None).expect("an account");
        let catalog = Catalog::of(membership, &Settings::default());
        let version = Version::parse(version).expect("a version");
        catalog.for_client(&version).iter().filter_map(|m| m["slug"].as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn catalog_for_old_client_hides_new_models() {
        assert!(slugs("ada", "0.171.0").contains(&"gpt-6.2-sol".to_owned()));
        assert!(!slugs("ada", "0.165.0").contains(&"gpt-6.2-sol".to_owned()));
        assert!(slugs("ada", "0.124.0").contains(&"gpt-5.5".to_owned()));
    }

    #[test]
    fn catalog_is_filtered_by_plan() {
        assert!(slugs("ada", "0.171.0").contains(&"gpt-6.2-astra".to_owned()));
        assert!(!slugs("fay", "0.171.0").contains(&"gpt-6.2-astra".to_owned()));
    }

    #[test]
    fn catalog_default_efforts_are_supported() {
        for model in bundled() {
            let efforts = model["supported_reasoning_levels"].as_array().expect("levels");
            assert!(
                efforts.iter().any(|level| level["effort"] == model["default_reasoning_level"]),
                "{model}"
            );
        }
    }

    #[test]
    fn catalog_etag_follows_content() {
        let membership = Membership::find("ada", None).expect("an account");
        let fewer = Settings { removed_models: vec!["gpt-5.5".to_owned()], ..Settings::default() };
        assert_ne!(
            Catalog::of(membership, &Settings::default()).etag(),
            Catalog::of(membership, &fewer).etag()
        );
    }
}
