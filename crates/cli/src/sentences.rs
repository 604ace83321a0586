//! A sentence and a next step for every code. The window has its own catalogue: its next step is a button.

use usher_app::{App, Target};
use usher_domain::{ErrorCode as C, ProviderId};

/// What happened.
pub(crate) fn what(code: C) -> &'static str {
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
        C::StoreUnavailable => "The store of your sign-in cannot be used.",
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
    }
}

/// The one next step for whoever uses `provider`. A sign-in that is the Codex CLI's own is renewed there.
pub(crate) fn hint_for(provider: &ProviderId, code: C) -> &'static str {
    if *provider == ProviderId::CodexCli && code.ends_sign_in() {
        return "Run `codex`, or sign in anew with `usher login --provider codex-cli`.";
    }
    hint(code)
}

/// The same for the provider that `target` means. That is asked for only where it matters.
pub(crate) async fn hint_at(app: &App, target: &Target, code: C) -> &'static str {
    if !code.ends_sign_in() {
        return hint(code);
    }
    app.provider_meant(target).await.map_or_else(|_| hint(code), |provider| hint_for(&provider, code))
}

/// The one next step.
pub(crate) fn hint(code: C) -> &'static str {
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
        C::StoreUnavailable => "Run `usher doctor` to see what is in the way.",
        C::StoreCorrupt => "Sign in again with `usher login`; the damaged file is kept.",
        C::AccountProblem => "Look at your account at OpenAI; a new sign-in does not help.",
        C::ModelUnavailable => "Run `usher models --refresh` and choose another with `usher use`.",
        C::Overloaded => "Try again in a moment, or choose another model.",
        C::HostNotAllowed => "Check USHER_ISSUER_URL and USHER_CHATGPT_URL.",
        C::UpstreamError => "Try again later; status.openai.com tells of outages.",
        C::BadUsage => "See `usher --help`.",
        C::EffortUnsupported => "Run `usher models` to see the efforts of each model.",
        C::BadUrl => "Use an address that begins with https://, or http:// for this computer.",
        C::SignInRequired | C::SignInExpired | C::SignInRevoked | C::SignInReused => "Run `usher login`.",
        C::InvalidKey => "Check the key, or make a new one.",
        C::UsageLimitReached => "Wait until it resets; `usher usage` says when.",
        C::UsageNotIncluded => "Use a plan that includes Codex; see chatgpt.com/pricing.",
        C::Billing => "Look at your billing at OpenAI.",
        C::RateLimited => "Wait a little and try again.",
        C::Offline | C::Dns => "Check your connection.",
        C::Proxy => "Check HTTPS_PROXY and the proxy's password.",
        C::Tls => "If your network has its own certificate authority, name its file in SSL_CERT_FILE.",
        C::ChallengePage => "Open chatgpt.com in your browser from this network, or try another network.",
        C::EndpointNotFound => "Check the base URL; most services want it to end in /v1.",
        C::ProgramMissing => "Install it, then try again.",
    }
}
