//! The message and the hint of every error code.
//!
//! The window has texts of its own, because its next step is a button.

use usher_app::{ProviderAccess, provider_access};
use usher_domain::{ErrorCode as C, ProviderId};

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
    pub(crate) fn no_models(self) -> &'static str {
        match self {
            Self::PlanUsage => "OpenAI offers no models to this account.",
            Self::Plan | Self::Gateway => {
                "OpenAI offers no models to this account. Your plan may not include Codex."
            }
            Self::Codex => {
                "OpenAI offers no models to the Codex CLI's account. Its plan may not include Codex."
            }
            Self::Key => {
                "OpenAI offers no models to this key. Check at platform.openai.com which models its project allows."
            }
            Self::Service => {
                "The service lists no models. Add one by its id with `usher models --add ID --provider ID`."
            }
        }
    }

    /// Returns what happened.
    pub(crate) fn message(self, code: C) -> &'static str {
        match (self, code) {
            (Self::Service, C::Offline) => "The service could not be reached.",
            (Self::Service, C::Dns) => "The address of the service could not be found.",
            (Self::Service, C::UpstreamError) => "The service refused the request.",
            (Self::Service, C::Overloaded) => "The service is overloaded.",
            (Self::Service, C::ChallengePage) => {
                "The service answered with a web page instead of an API response."
            }
            (Self::Service, C::RegionUnsupported) => "The service is not available in your region.",
            (Self::Service | Self::Key, C::SignInRequired) => "No API key is saved for this provider.",
            (Self::Service | Self::Key, C::ModelUnavailable) => "This model is not available with this key.",
            (Self::Gateway, C::PortBusy) => "The gateway could not be started.",
            (Self::PlanUsage, C::UsageLimitReached) => "A usage limit is reached.",
            (Self::PlanUsage, C::RegistrationIncomplete) => {
                "ChatGPT does not know this installation of Usher."
            }
            (Self::PlanUsage, C::PortBusy) => "Usher could not listen for the browser.",
            (Self::PlanUsage, C::UsageNotIncluded) => "OpenAI does not let this account's plan pay for apps.",
            (Self::Codex, C::SignInRequired) => "The Codex CLI is not signed in.",
            (Self::Codex, C::SignInExpired | C::SignInRevoked) => "The Codex CLI's sign-in has ended.",
            (_, code) => message(code),
        }
    }

    /// Returns what happened and why, as one sentence.
    pub(crate) fn message_with_cause(self, code: C, cause: &str) -> String {
        format!("{}: {cause}", self.message(code).trim_end_matches('.'))
    }

    /// Returns the next step.
    pub(crate) fn hint(self, code: C) -> &'static str {
        match (self, code) {
            (Self::Gateway, C::PortBusy) => {
                "Choose another port or address with `usher serve --port N --host ADDRESS`, or stop the program that uses it."
            }
            (Self::Service, C::UpstreamError) => "Try again later, or check the service's status page.",
            (Self::Service, C::Offline) => {
                "Make sure that the service runs and that its base URL is right, then check your connection."
            }
            (Self::Service, C::Dns) => "Check the base URL and your connection.",
            (Self::Service, C::Billing) => "Check your account at the service.",
            (Self::Service, C::ChallengePage) => {
                "Check the base URL. If your network has a sign-in page, sign in there first."
            }
            (Self::Service | Self::Key, C::SignInRequired) => {
                "Save a key with `usher login --provider ID --api-key-stdin`."
            }
            (Self::Service | Self::Key, C::ModelUnavailable) => {
                "Run `usher models --refresh --provider ID` and choose another with `usher use`."
            }
            (Self::Service | Self::Key, C::HostNotAllowed) => {
                "Switch it on with `usher providers enable ID`, or check its base URL."
            }
            (Self::Key, C::InvalidKey) => "Check the key, or make a new one at platform.openai.com/api-keys.",
            (Self::Key, C::Billing) => {
                "Add credit or raise the limit at platform.openai.com. A ChatGPT plan does not pay for API keys."
            }
            (Self::Key, C::RateLimited) => "Wait a minute; platform.openai.com/usage shows your limits.",
            // Apps do not learn when it ends, nor which of several limits it is (siwc §12).
            (Self::PlanUsage, C::UsageLimitReached) => {
                "Manage usage at https://chatgpt.com/settings/usage; OpenAI does not say when it resets."
            }
            (Self::PlanUsage, C::RegistrationIncomplete) => {
                "It may have been removed in ChatGPT's settings. `usher login --chatgpt --add` lists it there once more."
            }
            (Self::PlanUsage, C::Timeout) => {
                "Run `usher login --chatgpt` again. If OpenAI's page showed an error, `usher login --chatgpt --add` \
                 registers Usher once more."
            }
            (Self::PlanUsage, C::AccessDenied) => {
                "Run `usher login --chatgpt` again, and continue on OpenAI's page."
            }
            (Self::PlanUsage, C::OtherAccount) => {
                "Nothing was saved. Sign in with the account of this registration, or add the other one with \
                 `usher login --chatgpt --add`."
            }
            (Self::PlanUsage, C::BrowserUnavailable) => {
                "Open the printed address yourself. With the browser on another computer: \
                 `usher login --chatgpt --paste`."
            }
            (Self::PlanUsage, C::PortBusy) => "Try again.",
            (Self::PlanUsage, C::UpstreamError) => {
                "Try again later, or from the time on that is named; nothing is lost. status.openai.com shows outages."
            }
            (Self::PlanUsage, C::UsageNotIncluded) => {
                "Sign in with OpenAI (`usher login --openai`), or save an API key."
            }
            (Self::PlanUsage, C::PlanUseNotAllowed) => {
                "Allow it with `usher login --account ACCOUNT --allow-plan`, or sign in with OpenAI or save an API key."
            }
            // Renewed by Codex alone; any run of it does.
            (Self::Codex, code) if code.requires_sign_in() => {
                "Run `codex`, or sign in again with `usher login --provider codex-cli`."
            }
            (_, code) => hint(code),
        }
    }
}

/// Returns what happened.
fn message(code: C) -> &'static str {
    match code {
        C::AccessDenied => "OpenAI denied access.",
        C::MissingEntitlement => "Your workspace does not include Codex.",
        C::RegionUnsupported => "OpenAI is not available in your region.",
        C::DeviceLoginDisabled => "Your account does not allow sign-in codes.",
        C::BrowserUnavailable => "Usher could not start a browser.",
        C::PortBusy => "Ports 1455 and 1457 cannot be used.",
        C::Timeout => "It took too long.",
        C::Cancelled => "Cancelled.",
        C::MalformedAnswer => "Usher does not understand the response.",
        C::ClockSkew => "This computer's clock is wrong.",
        C::StoreLocked => "The keyring is locked.",
        C::PassphraseNeeded => "Your passphrase is needed.",
        C::StoreUnavailable => "Usher cannot use its files or the keyring.",
        C::StoreCorrupt => "The file with your sign-in is damaged.",
        C::AccountProblem => "OpenAI has closed or suspended this account.",
        C::ModelUnavailable => "This model is not available to your account.",
        C::Overloaded => "OpenAI is overloaded.",
        C::HostNotAllowed => "Usher blocked this address.",
        C::UpstreamError => "OpenAI refused the request.",
        C::BadUsage => "This command cannot be used like this.",
        C::EffortUnsupported => "This model does not support that reasoning effort.",
        C::TierUnsupported => "This model does not have that tier.",
        C::BadUrl => "Usher cannot use this address.",
        C::SignInRequired => "You are not signed in.",
        C::SignInExpired => "Your sign-in has expired.",
        C::SignInRevoked => "OpenAI ended your sign-in.",
        C::SignInReused => "OpenAI ended your sign-in because a copy of it was used.",
        C::SignInMoved => "This sign-in was moved to another computer.",
        C::OtherAccount => "Another account signed in.",
        C::RegistrationIncomplete => "OpenAI did not finish adding Usher to your account.",
        C::PlanUseNotAllowed => "Usher may not use your ChatGPT plan.",
        C::ConnectedAppOnly => "OpenAI lets only Usher itself use this sign-in.",
        C::InvalidKey => "The API key is not valid.",
        C::UsageLimitReached => "You reached the limit of your plan.",
        C::UsageNotIncluded => "Your plan does not include Codex.",
        C::Billing => "No credit is left, or you reached a spending limit.",
        C::RateLimited => "Too many requests in a short time.",
        C::BudgetReached => "The token budget is used up.",
        C::ReserveReached => "This background pass has reached the share of the plan that it leaves.",
        C::Locked => "Everything was stopped: all passes are locked.",
        C::Offline => "OpenAI could not be reached.",
        C::Dns => "The address of OpenAI's server was not found.",
        C::Proxy => "The request did not get through a proxy.",
        C::Tls => "The server's certificate is not trusted.",
        C::ChallengePage => "OpenAI's bot check blocked the request.",
        C::EndpointNotFound => "The server answered, but not with an OpenAI API.",
        C::ProgramMissing => "A program that Usher needs is not installed.",
        C::SettingsUnusable => "Usher cannot use its settings file.",
        C::TransferUnusable => "Usher cannot use this transfer file.",
        C::TransferOpened => "This transfer file was opened already.",
        C::PassphraseWrong => "The passphrase is wrong.",
        C::ToolFileUnusable => "Usher cannot change a file of this tool.",
        C::ServiceFailed => "The system did not start or stop the service.",
        C::Internal => "Something went wrong inside Usher.",
    }
}

/// Returns the next step.
fn hint(code: C) -> &'static str {
    match code {
        C::AccessDenied => "Run `usher login` again and choose Allow.",
        C::MissingEntitlement => "Ask the admin of your workspace to enable Codex.",
        C::RegionUnsupported => "You stay signed in. Check your VPN or proxy, then try again.",
        C::DeviceLoginDisabled => {
            "Allow device codes in ChatGPT's security settings or ask your admin, or run `usher login`."
        }
        C::BrowserUnavailable => {
            "Open the address yourself. If your browser is on another computer, use `usher login --device` or `--paste`."
        }
        C::PortBusy => {
            "Run `usher login --device`, which needs no port, or close the programs that use them."
        }
        C::Timeout => "Try again.",
        C::Cancelled => "Run the command again when you are ready.",
        C::MalformedAnswer => "Try again. If it keeps happening, update Usher.",
        C::ClockSkew => "Set the clock, then sign in again.",
        C::StoreLocked => "Unlock the keyring; nothing is lost.",
        C::PassphraseNeeded => {
            "Set USHER_PASSPHRASE to your passphrase, or enter it in the window; nothing is lost."
        }
        C::StoreUnavailable => "Do what the cause says; `usher doctor` shows more.",
        C::StoreCorrupt => {
            "Run `usher login` or `usher doctor --repair`; Usher asks, and keeps the damaged file under another name."
        }
        C::AccountProblem => "Check your account at OpenAI. Signing in again does not help.",
        C::ModelUnavailable => "Run `usher models --refresh` and choose another with `usher use`.",
        C::Overloaded => "Try again in a moment, or choose another model.",
        C::HostNotAllowed => {
            "Switch it on with `usher providers enable ID`, or check USHER_ISSUER_URL and USHER_CHATGPT_URL."
        }
        C::UpstreamError => "Try again later; status.openai.com shows outages.",
        C::BadUsage => "See `usher --help`.",
        C::EffortUnsupported => "Run `usher models` to see the efforts of each model.",
        C::TierUnsupported => "Run `usher models` to see which models have the fast tier.",
        C::BadUrl => {
            "Correct the address as described. For a service in your local network, add `--local-network`."
        }
        C::SignInRequired => "Run `usher login`.",
        C::SignInExpired | C::SignInRevoked | C::SignInReused => {
            "Run `usher login --account ACCOUNT`; `usher accounts` lists them."
        }
        C::SignInMoved => {
            "Use it there, or sign in here as well with `usher login --account ACCOUNT`. A move that was interrupted is \
             taken back with `usher transfer cancel`."
        }
        C::OtherAccount => {
            "Run it again and choose the account on OpenAI's page. To add the other one, run `usher login --add`."
        }
        C::RegistrationIncomplete => "Nothing was saved. Sign in again with `usher login`.",
        C::PlanUseNotAllowed => {
            "Sign in again and allow plan use on OpenAI's page, sign in with OpenAI, or save an API key."
        }
        C::ConnectedAppOnly => {
            "Sign in with OpenAI (`usher login`), or save an API key, and use that account for your tools."
        }
        C::InvalidKey => "Check the key, or make a new one.",
        C::UsageLimitReached => "Wait until it resets; `usher usage` shows when.",
        C::UsageNotIncluded => {
            "Use a plan that includes Codex, for example Plus, Pro or Business; see chatgpt.com/pricing."
        }
        C::Billing => "Add credit or raise the limit at OpenAI, then try again.",
        C::RateLimited => "Wait a minute, then try again.",
        C::BudgetReached => "Start it again with a larger --budget.",
        C::ReserveReached => {
            "Wait for the reset, or let it leave less with `usher pass set NAME --leave PERCENT`."
        }
        C::Locked => "Allow them again with `usher unlock`.",
        C::Offline | C::Dns => "Check your connection, then try again.",
        C::Proxy => "Check HTTPS_PROXY or ALL_PROXY, and the proxy's password.",
        C::Tls => {
            "If your network has its own certificate authority, set SSL_CERT_FILE to its file, then try again."
        }
        C::ChallengePage => "Try without VPN, or on another network.",
        C::EndpointNotFound => "Check the base URL; most services want it to end in /v1.",
        C::ProgramMissing => "Install it, then try again.",
        C::SettingsUnusable => "Correct config.toml as described, then try again.",
        C::TransferUnusable => "Do what the cause says; nothing was lost.",
        C::TransferOpened => {
            "The computer that opened it has what was in it. Nothing was changed here; if nobody knows that computer, \
             sign in again with `usher login`."
        }
        C::PassphraseWrong => "Try again with the passphrase that was chosen when the file was made.",
        C::ToolFileUnusable => "Do what the cause says, then try again. Nothing was changed.",
        C::ServiceFailed => "Do what the cause says; `usher service status` shows how it stands.",
        C::Internal => "Try again. If it keeps happening, update Usher or report it.",
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
            let row = format!("| `{}` | {} |", name.as_str().expect("the name is text"), message(*code));
            assert!(page.contains(&row), "{row} is missing");
        }
    }
}
