//! A sentence and a next step for every code. The window has its own catalogue: its next step is a button.

use usher_domain::{ErrorCode as C, ProviderId};

/// Whom the sentences are about: for a key and for a service some of them are others than for a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum About {
    /// The ChatGPT plan, or the Codex CLI's sign-in to it.
    #[default]
    Plan,
    /// A key of the Platform.
    Key,
    /// A service that is not OpenAI's.
    Service,
    /// The Codex CLI's own sign-in.
    Codex,
    /// The gateway for other programs.
    Gateway,
}

impl About {
    /// The provider that was named; without one it is the plan that is spoken of.
    pub(crate) fn of(provider: Option<&ProviderId>) -> Self {
        match provider {
            None | Some(ProviderId::Chatgpt) => Self::Plan,
            Some(ProviderId::Openai) => Self::Key,
            Some(ProviderId::CodexCli) => Self::Codex,
            Some(ProviderId::Compatible(_)) => Self::Service,
        }
    }

    /// An empty list of models, and what to do about it.
    pub(crate) fn no_models(self) -> &'static str {
        match self {
            Self::Plan | Self::Gateway => {
                "OpenAI offers no models to this account. Your plan may not include Codex."
            }
            Self::Codex => {
                "OpenAI offers no models to the Codex CLI's account. Its plan may not include Codex."
            }
            Self::Key => {
                "OpenAI offers no models to this key. Its project may allow none: look at the key at platform.openai.com."
            }
            Self::Service => {
                "The service lists no models. Add one by its id with `usher models --add ID --provider ID`."
            }
        }
    }

    /// What happened.
    pub(crate) fn what(self, code: C) -> &'static str {
        match (self, code) {
            (Self::Service, C::Offline) => "The service could not be reached.",
            (Self::Service, C::Dns) => "The address of the service could not be found.",
            (Self::Service, C::UpstreamError) => "The service refused the request.",
            (Self::Service, C::Overloaded) => "The service is busy.",
            (Self::Service, C::ChallengePage) => "A web page stands where the service's answer should be.",
            (Self::Service, C::RegionUnsupported) => {
                "The service does not serve the region that this computer's connection comes from."
            }
            (Self::Service | Self::Key, C::SignInRequired) => "There is no key for this.",
            (Self::Service | Self::Key, C::ModelUnavailable) => "This model is not available with this key.",
            (Self::Gateway, C::PortBusy) => "The gateway cannot be started here.",
            (Self::Codex, C::SignInRequired) => "The Codex CLI is not signed in.",
            (Self::Codex, C::SignInExpired | C::SignInRevoked) => {
                "The Codex CLI's sign-in is no longer good."
            }
            (_, code) => what(code),
        }
    }

    /// The one next step.
    pub(crate) fn hint(self, code: C) -> &'static str {
        match (self, code) {
            (Self::Gateway, C::PortBusy) => {
                "Use the one that runs, end it, or give another port to `usher serve --port N`."
            }
            (Self::Service, C::UpstreamError) => "Try again later, or look at the service's own pages.",
            (Self::Service, C::Offline) => {
                "See that the service runs and that its base URL is right; if it is elsewhere, check your connection."
            }
            (Self::Service, C::Dns) => "Check its base URL, and your connection.",
            (Self::Service, C::Billing) => "Look at your account at the service.",
            (Self::Service, C::ChallengePage) => {
                "Check the base URL; on a network with a sign-in page of its own, sign in there first."
            }
            (Self::Service | Self::Key, C::SignInRequired) => {
                "Save one with `usher login --provider ID --api-key-stdin`."
            }
            (Self::Service | Self::Key, C::ModelUnavailable) => {
                "Run `usher models --refresh --provider ID` and choose another with `usher use`."
            }
            (Self::Service | Self::Key, C::HostNotAllowed) => {
                "Switch it on with `usher providers enable ID`, or check its base URL."
            }
            (Self::Key, C::InvalidKey) => "Check the key, or make a new one at platform.openai.com/api-keys.",
            (Self::Key, C::Billing) => {
                "Add credit or raise the cap at platform.openai.com; a ChatGPT plan does not pay for a key."
            }
            (Self::Key, C::RateLimited) => "Wait a little; platform.openai.com/usage shows your limits.",
            // Renewed by Codex alone; any run of it does.
            (Self::Codex, code) if code.requires_sign_in() => {
                "Run `codex`, or sign in anew with `usher login --provider codex-cli`."
            }
            (_, code) => hint(code),
        }
    }
}

/// What happened.
fn what(code: C) -> &'static str {
    match code {
        C::AccessDenied => "Access was not allowed.",
        C::MissingEntitlement => "Your workspace has not enabled Codex for you.",
        C::RegionUnsupported => {
            "OpenAI does not serve the region that this computer's connection comes from."
        }
        C::DeviceLoginDisabled => "Device codes are not allowed for this account.",
        C::BrowserUnavailable => "No browser could be started here.",
        C::PortBusy => "The ports that OpenAI sends your browser back to are in use.",
        C::Timeout => "It took too long.",
        C::Cancelled => "Cancelled.",
        C::MalformedAnswer => "The answer was not one that Usher understands.",
        C::ClockSkew => "This computer's clock is wrong.",
        C::StoreLocked => "The store of your sign-in is locked.",
        C::StoreUnavailable => "Usher's files, or the keyring, cannot be used.",
        C::StoreCorrupt => "The store of your sign-in was damaged.",
        C::AccountProblem => "OpenAI has closed or suspended this account.",
        C::ModelUnavailable => "This model is not available to your account.",
        C::Overloaded => "OpenAI is busy.",
        C::HostNotAllowed => "Usher does not speak to this address.",
        C::UpstreamError => "OpenAI refused the request.",
        C::BadUsage => "That is not how this is used.",
        C::EffortUnsupported => "The model does not have this effort.",
        C::BadUrl => "This address cannot be used.",
        C::SignInRequired => "You are not signed in.",
        C::SignInExpired => "Your sign-in has expired.",
        C::SignInRevoked => "Your sign-in was ended at OpenAI.",
        C::SignInReused => "OpenAI ended your sign-in, because its renewal was used twice.",
        C::InvalidKey => "The API key is not valid.",
        C::UsageLimitReached => "The limit of your plan is reached.",
        C::UsageNotIncluded => "Your plan does not include Codex.",
        C::Billing => "There is no credit left, or a spending limit is reached.",
        C::RateLimited => "Too many requests in a short time.",
        C::Offline => "OpenAI could not be reached.",
        C::Dns => "The address of OpenAI could not be found.",
        C::Proxy => "The proxy gave no way through.",
        C::Tls => "The connection is not trusted.",
        C::ChallengePage => "A web page stands where OpenAI's answer should be.",
        C::EndpointNotFound => "The host answers, but has no OpenAI API at this address.",
        C::ProgramMissing => "A program that is needed here is not installed.",
        C::SettingsUnusable => "The settings file cannot be used as it is.",
        C::Internal => "Something went wrong inside Usher.",
    }
}

/// The one next step.
fn hint(code: C) -> &'static str {
    match code {
        C::AccessDenied => "Run `usher login` again and choose Allow.",
        C::MissingEntitlement => "Ask the admin of your workspace to enable Codex.",
        C::RegionUnsupported => "Check your network or proxy; the sign-in itself is fine.",
        C::DeviceLoginDisabled => {
            "Allow device codes in ChatGPT's security settings or ask your admin, or run `usher login`."
        }
        C::BrowserUnavailable => {
            "Open the address yourself; with the browser on another computer use `usher login --device` or `--paste`."
        }
        C::PortBusy => "Close the other program, or run `usher login --device`.",
        C::Timeout => "Try again.",
        C::Cancelled => "Run the command again when you are ready.",
        C::MalformedAnswer => "Try again; if it stays, look for a newer Usher.",
        C::ClockSkew => "Set the clock, then sign in again.",
        C::StoreLocked => "Unlock the keyring, or set USHER_PASSPHRASE; nothing is lost.",
        C::StoreUnavailable => {
            "Make sure that there is room and that you may write there; `usher doctor` shows more."
        }
        C::StoreCorrupt => "Sign in again with `usher login`; the damaged file is kept.",
        C::AccountProblem => "Look at your account at OpenAI; a new sign-in does not help.",
        C::ModelUnavailable => "Run `usher models --refresh` and choose another with `usher use`.",
        C::Overloaded => "Try again in a moment, or choose another model.",
        C::HostNotAllowed => {
            "Switch it on with `usher providers enable ID`, or check USHER_ISSUER_URL and USHER_CHATGPT_URL."
        }
        C::UpstreamError => "Try again later; status.openai.com tells of outages.",
        C::BadUsage => "See `usher --help`.",
        C::EffortUnsupported => "Run `usher models` to see the efforts of each model.",
        C::BadUrl => "Use an address that begins with https://, or http:// for this computer.",
        C::SignInRequired | C::SignInExpired | C::SignInRevoked | C::SignInReused => "Run `usher login`.",
        C::InvalidKey => "Check the key, or make a new one.",
        C::UsageLimitReached => "Wait until it resets; `usher usage` says when.",
        C::UsageNotIncluded => {
            "Use a plan that includes Codex, for example Plus, Pro or Business; see chatgpt.com/pricing."
        }
        C::Billing => "Look at your billing at OpenAI.",
        C::RateLimited => "Wait a little and try again.",
        C::Offline | C::Dns => "Check your connection.",
        C::Proxy => "Check HTTPS_PROXY and the proxy's password.",
        C::Tls => "If your network has its own certificate authority, name its file in SSL_CERT_FILE.",
        C::ChallengePage => "Open chatgpt.com in your browser from this network, or try another network.",
        C::EndpointNotFound => "Check the base URL; most services want it to end in /v1.",
        C::ProgramMissing => "Install it, then try again.",
        C::SettingsUnusable => "Mend config.toml where the cause says, then try again.",
        C::Internal => "Try again. If it keeps happening, update Usher or report it.",
    }
}
