//! What differs between the servers of providers, as data with the source of each row.

use usher_domain::ProviderId;

use crate::request::body_rules::{self, FieldRule};
use crate::request::header_rules;

/// Paths and names that differ between servers. Paths are below the base that a credential was made for.
pub(crate) struct BackendRules {
    pub(crate) models_path: &'static str,
    pub(crate) models: ModelsFormat,
    /// Absent where the server has no usage endpoint.
    pub(crate) usage_path: Option<&'static str>,
    pub(crate) responses_path: &'static str,
    /// Absent where the server has no such API.
    pub(crate) chat_completions_path: Option<&'static str>,
    /// Whether the connection test requests encrypted reasoning, as the Codex client does.
    pub(crate) encrypted_reasoning: bool,
    /// The header for the account id.
    pub(crate) account_header: &'static str,
    /// The header that is `true` for accounts of the US government's cloud, and absent for others.
    pub(crate) fedramp_header: &'static str,
    /// The header for our own name; absent where the server has none.
    pub(crate) originator_header: Option<&'static str>,
    pub(crate) access: Access,
    /// The endpoint that makes a history shorter; absent where the server has none.
    pub(crate) compact_path: Option<&'static str>,
    /// What changes in the body of another program's request.
    pub(crate) body: &'static [FieldRule],
    /// Headers of another program's request that go on to the server.
    pub(crate) caller_headers: &'static [&'static str],
    /// The header for the id of a conversation, so that its turns use the same prompt cache.
    pub(crate) session_header: Option<&'static str>,
}

/// The format of a model list.
#[derive(Clone, Copy)]
pub(crate) enum ModelsFormat {
    /// The catalog of the Codex backend. The parameter is the version of the client.
    Catalog { version_parameter: &'static str },
    /// `GET /models` of the OpenAI API, with ids only or with more fields.
    List,
}

/// How a request is authenticated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// By a sign-in: another token may solve a 401.
    SignIn,
    /// By a key, or by nothing, at an address that a person gave: a 401 is about the key, a 404 about the address.
    Key,
}

const CHATGPT: BackendRules = BackendRules {
    models_path: "/codex/models", // protocol §7.1
    models: ModelsFormat::Catalog { version_parameter: "client_version" }, // protocol §7.1
    usage_path: Some("/wham/usage"), // protocol §9.1
    responses_path: "/codex/responses", // protocol §8.1
    chat_completions_path: None,  // protocol §8
    encrypted_reasoning: true,    // protocol §8.2
    account_header: "chatgpt-account-id", // protocol §8.1, required in practice
    fedramp_header: "x-openai-fedramp", // protocol §8.1, from the claim of protocol §2.3
    originator_header: Some("originator"), // protocol §8.1, any name; ours
    access: Access::SignIn,
    compact_path: Some("/codex/responses/compact"), // protocol §8.4
    body: body_rules::CHATGPT,
    caller_headers: header_rules::TO_CHATGPT,
    session_header: Some("session-id"), // protocol §8.1
};

/// The Platform (protocol §7.2, protocol §8.5), and every service with its API.
const OPENAI_API: BackendRules = BackendRules {
    models_path: "/models",
    models: ModelsFormat::List,
    usage_path: None, // protocol §9.4: no such endpoint for ordinary keys
    responses_path: "/responses",
    chat_completions_path: Some("/chat/completions"),
    encrypted_reasoning: false,
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
