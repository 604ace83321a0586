//! The message and the hint of every error code.
//!
//! The window has hints of its own, because its next step is a button.

use usher_app::{ProviderAccess, provider_access};
use usher_domain::{ErrorCode as C, ProviderId};
use usher_text::{Language, messages as m};

/// The subject of a message. Some messages differ between a plan, a key and a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The ChatGPT plan, or the Codex CLI's sign-in to it.
    #[default]
    Plan,
    /// A plan that pays for Usher's own requests, by *Continue with ChatGPT*.
    PlanUsage,
    /// A key of the Platform.
    Key,
    /// A service that is not OpenAI's.
    Service,
    /// The Codex CLI's own sign-in.
    Codex,
    /// The gateway for other programs.
    Gateway,
}

impl Subject {
    /// Returns the subject for `provider`, or the plan if none was named.
    pub(crate) fn of(provider: Option<&ProviderId>) -> Self {
        match provider.and_then(provider_access) {
            None | Some(ProviderAccess::SignIn) => Self::Plan,
            Some(ProviderAccess::RequiredKey) => Self::Key,
            Some(ProviderAccess::LinkedSignIn) => Self::Codex,
            Some(ProviderAccess::OptionalKey) => Self::Service,
        }
    }

    /// Returns the text for an empty list of models.
    pub(crate) fn no_models(self, language: Language) -> &'static str {
        match self {
            Self::PlanUsage => m::no_models_plan_usage(language),
            Self::Plan | Self::Gateway => m::no_models_plan(language),
            Self::Codex => m::no_models_codex(language),
            Self::Key => m::no_models_key(language),
            Self::Service => m::no_models_service(language),
        }
    }

    /// Returns what happened.
    pub(crate) fn message(self, language: Language, code: C) -> &'static str {
        let message = match (self, code) {
            (Self::Service, C::Offline) => m::service_error_offline_title,
            (Self::Service, C::Dns) => m::service_error_dns_title,
            (Self::Service, C::UpstreamError) => m::service_error_upstream_error_title,
            (Self::Service, C::Overloaded) => m::service_error_overloaded_title,
            (Self::Service, C::ChallengePage) => m::service_error_challenge_page_title,
            (Self::Service, C::RegionUnsupported) => m::service_error_region_unsupported_title,
            (Self::Service | Self::Key, C::SignInRequired) => m::key_error_sign_in_required_title,
            (Self::Service | Self::Key, C::ModelUnavailable) => m::key_error_model_unavailable_title,
            (Self::Gateway, C::PortBusy) => m::gateway_error_port_busy_title,
            (Self::PlanUsage, C::UsageLimitReached) => m::plan_usage_error_usage_limit_reached_title,
            (Self::PlanUsage, C::RegistrationIncomplete) => {
                m::plan_usage_sign_in_failure_registration_incomplete_title
            }
            (Self::PlanUsage, C::PortBusy) => m::plan_usage_sign_in_failure_port_busy_title,
            (Self::PlanUsage, C::UsageNotIncluded) => m::plan_usage_error_usage_not_included_title,
            (Self::Codex, C::SignInRequired) => m::codex_error_sign_in_required_title,
            (Self::Codex, C::SignInExpired | C::SignInRevoked) => m::codex_error_sign_in_expired_title,
            (_, code) => return m::error_title(language, code),
        };
        message(language)
    }

    /// Returns what happened and why, as one sentence.
    pub(crate) fn message_with_cause(self, language: Language, code: C, cause: &str) -> String {
        let message = self.message(language, code).trim_end_matches(['.', '。']);
        let cause = usher_text::cause(language, cause).unwrap_or_else(|| cause.to_owned());
        m::message_with_cause(language, message, cause)
    }

    /// Returns the next step.
    pub(crate) fn hint(self, language: Language, code: C) -> &'static str {
        let hint = match (self, code) {
            (Self::Gateway, C::PortBusy) => m::gateway_error_port_busy_hint,
            (Self::Service, C::UpstreamError) => m::service_error_upstream_error_hint,
            (Self::Service, C::Offline) => m::service_error_offline_hint,
            (Self::Service, C::Dns) => m::service_error_dns_hint,
            (Self::Service, C::Billing) => m::service_error_billing_hint,
            (Self::Service, C::ChallengePage) => m::service_error_challenge_page_hint,
            (Self::Service | Self::Key, C::SignInRequired) => m::key_error_sign_in_required_hint,
            (Self::Service | Self::Key, C::ModelUnavailable) => m::key_error_model_unavailable_hint,
            (Self::Service | Self::Key, C::HostNotAllowed) => m::key_error_host_not_allowed_hint,
            (Self::Key, C::InvalidKey) => m::key_error_invalid_key_hint,
            (Self::Key, C::Billing) => m::key_error_billing_hint,
            (Self::Key, C::RateLimited) => m::key_error_rate_limited_hint,
            // Apps do not learn when it ends, nor which of several limits it is (siwc §12).
            (Self::PlanUsage, C::UsageLimitReached) => m::plan_usage_error_usage_limit_reached_hint,
            (Self::PlanUsage, C::RegistrationIncomplete) => m::plan_usage_error_registration_incomplete_hint,
            (Self::PlanUsage, C::Timeout) => m::plan_usage_error_timeout_hint,
            (Self::PlanUsage, C::AccessDenied) => m::plan_usage_error_access_denied_hint,
            (Self::PlanUsage, C::OtherAccount) => m::plan_usage_error_other_account_hint,
            (Self::PlanUsage, C::BrowserUnavailable) => m::plan_usage_error_browser_unavailable_hint,
            (Self::PlanUsage, C::PortBusy) => m::plan_usage_error_port_busy_hint,
            (Self::PlanUsage, C::UpstreamError) => m::plan_usage_error_upstream_error_hint,
            (Self::PlanUsage, C::UsageNotIncluded) => m::plan_usage_error_usage_not_included_hint,
            (Self::PlanUsage, C::PlanUseNotAllowed) => m::plan_usage_error_plan_use_not_allowed_hint,
            // Renewed by Codex alone; any run of it does.
            (Self::Codex, code) if code.requires_sign_in() => m::codex_error_sign_in_hint,
            (_, code) => return m::error_hint(language, code),
        };
        hint(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People look for the sentence that they were shown.
    #[test]
    fn troubleshooting_has_each_message_beside_its_code() {
        let page = include_str!("../../../../docs/user/troubleshooting.md");
        for code in C::ALL {
            let name = serde_json::to_value(code).expect("a code has a name");
            let row = format!(
                "| `{}` | {} |",
                name.as_str().expect("the name is text"),
                m::error_title(Language::English, *code)
            );
            assert!(page.contains(&row), "{row} is missing");
        }
    }
}
