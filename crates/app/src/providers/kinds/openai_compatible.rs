//! Any other service that speaks the OpenAI API, at an address that the person gives.

use std::time::Duration;

use url::Url;
use usher_domain::{ErrorCode, Failure, ProviderId, ProviderSlug, Wire};
use usher_upstream::{BackendRules, COMPATIBLE_SERVER};

use super::{ProviderAccess, ProviderKind};
use crate::context::Context;
use crate::settings::{EndpointSettings, Keys, ValueType};
use crate::view::Billing;

const KIND: &str = "openai-compatible";

/// What Usher found out about the service at its address.
const FOUND: Keys =
    &[("base_url", ValueType::Text), ("unversioned", ValueType::Flag), ("wire", ValueType::Wire)];

pub(super) struct OpenaiCompatible;

/// Returns the id of the service that people call `title`.
pub fn id_of_service(title: &str) -> Result<ProviderId, Failure> {
    Ok(ProviderId::named(KIND, ProviderSlug::from_title(title)?))
}

impl ProviderKind for OpenaiCompatible {
    fn id(&self) -> &'static str {
        KIND
    }

    fn access(&self) -> ProviderAccess {
        ProviderAccess::OptionalKey
    }

    fn billing(&self) -> Billing {
        Billing::Service
    }

    fn display_name(&self, id: &ProviderId, endpoint: &EndpointSettings) -> String {
        let slug = || id.name().map_or_else(|| id.to_string(), ToString::to_string);
        endpoint.name.clone().unwrap_or_else(slug)
    }

    fn rules(&self) -> &'static BackendRules {
        &COMPATIBLE_SERVER
    }

    fn root(&self, _: &Context, id: &ProviderId, endpoint: &EndpointSettings) -> Result<Url, Failure> {
        let missing =
            || Failure::new(ErrorCode::SettingsUnusable, format!("{id} has no base_url in config.toml"));
        Ok(endpoint.base_url.as_ref().ok_or_else(missing)?.root(endpoint.unversioned))
    }

    fn settings_keys(&self) -> Keys {
        &[
            ("name", ValueType::Text),
            ("base_url", ValueType::Text),
            ("unversioned", ValueType::Flag),
            ("wire", ValueType::Wire),
            ("timeout", ValueType::Seconds),
            ("local_network", ValueType::Flag),
            ("found", ValueType::Table(FOUND)),
        ]
    }

    fn is_named(&self) -> bool {
        true
    }

    fn wire(&self, endpoint: &EndpointSettings) -> Option<Wire> {
        endpoint.wire
    }

    fn list_timeout(&self, endpoint: &EndpointSettings) -> Duration {
        endpoint.timeout
    }

    fn takes_headers(&self) -> bool {
        true
    }
}
