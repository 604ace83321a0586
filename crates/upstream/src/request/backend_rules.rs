//! How each provider's server wants to be spoken to, as data with the source of each row.

use usher_domain::ProviderId;

use crate::request::body_rules::{self, FieldRule};
use crate::request::header_rules;

/// Paths and names that differ between servers. Paths are below the address that a credential was made for.
pub(crate) struct BackendRules {
    pub(crate) models_path: &'static str,
    pub(crate) models: ModelsFormat,
    /// Absent where usage is not told.
    pub(crate) usage_path: Option<&'static str>,
    pub(crate) responses_path: &'static str,
    /// Absent where there is no such API.
    pub(crate) chat_completions_path: Option<&'static str>,
    /// Asks for sealed reasoning along with an answer.
    pub(crate) sealed_reasoning: bool,
    /// Carries the account id.
    pub(crate) account_header: &'static str,
    /// Carries `true` for accounts of the US government's cloud, and is left out for others.
    pub(crate) fedramp_header: &'static str,
    /// Carries our own name; absent where nobody asks for it.
    pub(crate) originator_header: Option<&'static str>,
    pub(crate) access: Access,
    /// Makes a history shorter; absent where there is no such thing.
    pub(crate) compact_path: Option<&'static str>,
    /// What is changed in the body of another program's request.
    pub(crate) body: &'static [FieldRule],
    /// Which headers of another program go on to the server.
    pub(crate) caller_headers: &'static [&'static str],
    /// Names the conversation, so that its turns meet the same cache.
    pub(crate) session_header: Option<&'static str>,
}

/// What a model list looks like.
#[derive(Clone, Copy)]
pub(crate) enum ModelsFormat {
    /// The catalogue of the Codex backend. The parameter says how new a list the client understands.
    Catalog { level_parameter: &'static str },
    /// `GET /models` of the OpenAI API, with or without more than ids.
    List,
}

/// What a request is let in by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A sign-in: a 401 may be mended by another token.
    SignIn,
    /// A key, or nothing, at an address that a person gave: a 401 means the key, a 404 the address.
    Key,
}

const CHATGPT: BackendRules = BackendRules {
    models_path: "/codex/models", // protocol §7.1
    models: ModelsFormat::Catalog { level_parameter: "client_version" }, // protocol §7.1
    usage_path: Some("/wham/usage"), // protocol §9.1
    responses_path: "/codex/responses", // protocol §8.1
    chat_completions_path: None,  // protocol §8
    sealed_reasoning: true,       // protocol §8.2
    account_header: "chatgpt-account-id", // protocol §8.1, required in practice
    fedramp_header: "x-openai-fedramp", // protocol §8.1, from the claim of protocol §2.3
    originator_header: Some("originator"), // protocol §8.1, any name; ours
    access: Access::SignIn,
    compact_path: Some("/codex/responses/compact"), // protocol §8.4
    body: body_rules::CHATGPT,
    caller_headers: header_rules::TO_CHATGPT,
    session_header: Some("session-id"), // protocol §8.1
};

/// The Platform (protocol §7.2, protocol §8.5), and every service that speaks its API.
const OPENAI_API: BackendRules = BackendRules {
    models_path: "/models",
    models: ModelsFormat::List,
    usage_path: None, // protocol §9.4: no such endpoint for ordinary keys
    responses_path: "/responses",
    chat_completions_path: Some("/chat/completions"),
    sealed_reasoning: false,
    account_header: CHATGPT.account_header,
    fedramp_header: CHATGPT.fedramp_header,
    originator_header: None,
    access: Access::Key,
    compact_path: Some("/responses/compact"), // contract §3; the Platform has the same path
    body: body_rules::OPENAI_API,
    caller_headers: header_rules::TO_OPENAI_API,
    session_header: None, // `prompt_cache_key` in the body does it
};

/// The rules of `provider`'s server.
pub(crate) fn for_provider(provider: &ProviderId) -> &'static BackendRules {
    match provider {
        ProviderId::Chatgpt | ProviderId::CodexCli => &CHATGPT,
        ProviderId::Openai | ProviderId::Compatible(_) => &OPENAI_API,
    }
}
