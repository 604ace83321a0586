//! The OpenAI Platform, with an API key that is paid by the token.

use std::sync::Arc;

use url::Url;
use usher_auth::VaultSummary;
use usher_domain::ports::ExtraHeader;
use usher_domain::{Failure, HeaderSecret, ProviderId};
use usher_upstream::{BackendRules, OPENAI_PLATFORM};

use super::{EnvironmentKey, ProviderAccess, ProviderKind};
use crate::context::Context;
use crate::settings::{EndpointSettings, Keys, ValueType};
use crate::view::Billing;

pub(super) const KIND: &str = "openai";

pub(super) struct Openai;

impl ProviderKind for Openai {
    fn id(&self) -> &'static str {
        KIND
    }

    fn access(&self) -> ProviderAccess {
        ProviderAccess::RequiredKey
    }

    fn billing(&self) -> Billing {
        Billing::PerToken
    }

    fn display_name(&self, _: &ProviderId, _: &EndpointSettings) -> String {
        "OpenAI API key".into()
    }

    fn rules(&self) -> &'static BackendRules {
        &OPENAI_PLATFORM
    }

    fn root(&self, context: &Context, _: &ProviderId, _: &EndpointSettings) -> Result<Url, Failure> {
        Ok(context.platform.clone())
    }

    fn settings_keys(&self) -> Keys {
        &[("organization", ValueType::Text), ("project", ValueType::Text), ("timeout", ValueType::Seconds)]
    }

    fn environment_key(&self, context: &Context) -> Option<EnvironmentKey> {
        let key = Arc::clone(context.api_key.as_ref()?);
        Some(EnvironmentKey { variable: "OPENAI_API_KEY", key })
    }

    fn is_ready(&self, context: &Context, id: &ProviderId, vault: &VaultSummary) -> bool {
        context.api_key.is_some() || vault.key_for(id).is_some()
    }

    /// Returns the two headers of the Platform (protocol §7.2).
    fn extra_headers(&self, endpoint: &EndpointSettings) -> Vec<ExtraHeader> {
        let named = [("openai-organization", &endpoint.organization), ("openai-project", &endpoint.project)];
        let given = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        given
            .map(|(name, value)| ExtraHeader { name: name.into(), value: Arc::new(HeaderSecret::new(value)) })
            .collect()
    }

    fn key_error(&self, key: &str) -> Option<&'static str> {
        let has_prefix = key.strip_prefix("sk-").is_some_and(|rest| !rest.is_empty());
        (!has_prefix).then_some("this is not an OpenAI key; those begin with sk-")
    }
}
