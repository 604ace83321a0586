//! How one backend wants to be spoken to, as data with the source of each row.

use usher_domain::ProviderId;

/// Paths and names that differ between backends.
pub(crate) struct Rules {
    pub(crate) models_path: &'static str,
    /// The query parameter that says how new a list the client understands.
    pub(crate) level_parameter: &'static str,
    pub(crate) usage_path: &'static str,
    pub(crate) responses_path: &'static str,
    /// Carries the account id.
    pub(crate) account_header: &'static str,
    /// Carries `true` for accounts of the US government's cloud, and is left out for others.
    pub(crate) fedramp_header: &'static str,
    /// Carries our own name.
    pub(crate) originator_header: &'static str,
}

const CHATGPT: Rules = Rules {
    models_path: "/codex/models",         // §7.1
    level_parameter: "client_version",    // §7.1
    usage_path: "/wham/usage",            // §9.1
    responses_path: "/codex/responses",   // §8.1
    account_header: "chatgpt-account-id", // §8.1, required in practice
    fedramp_header: "x-openai-fedramp",   // §8.1, from the claim of §2.3
    originator_header: "originator",      // §8.1, any name; ours, as `User-Agent` is
};

/// The rules of `provider`'s backend.
pub(crate) fn of(provider: ProviderId) -> &'static Rules {
    match provider {
        ProviderId::Chatgpt => &CHATGPT,
    }
}
