//! What differs between the servers of providers, as data with the source of each row.

use std::fmt;

use crate::request::body_rules::FieldRule;
use crate::request::body_tables;
use crate::request::header_rules;

/// Paths and names that differ between servers. Paths are below the base that a credential was made for.
///
/// A provider's kind chooses one of [`CODEX_BACKEND`], [`PLAN_USAGE`], [`OPENAI_PLATFORM`] and
/// [`COMPATIBLE_SERVER`].
pub struct BackendRules {
    pub(crate) models_path: &'static str,
    pub(crate) models: ModelsFormat,
    /// Absent where the server has no usage endpoint.
    pub(crate) usage_path: Option<&'static str>,
    /// Absent where the server keeps no resets in reserve.
    pub(crate) reset_credits_path: Option<&'static str>,
    pub(crate) responses_path: &'static str,
    /// Absent where the server has no such API.
    pub(crate) chat_completions_path: Option<&'static str>,
    /// Whether every account gets what the Codex client asks of reasoning: it encrypted, and a summary of it.
    pub(crate) codex_reasoning: bool,
    /// The header for the account id; absent where the server has none.
    pub(crate) account_header: Option<&'static str>,
    /// The header that is `true` for accounts of the US government's cloud, and not sent for others.
    pub(crate) fedramp_header: Option<&'static str>,
    /// The header for our own name; absent where the server has none.
    pub(crate) originator_header: Option<&'static str>,
    pub(crate) access: Access,
    /// Whether the server has Responses and Chat Completions alike, so that a client's own API saves a translation.
    pub(crate) has_both_apis: bool,
    /// Whether it is OpenAI's: another server may refuse the fields that only OpenAI has.
    pub(crate) is_openai: bool,
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
    /// A catalog in Codex's form.
    Catalog {
        /// The parameter for the version of the client.
        version_parameter: &'static str,
        /// Whether it is the account's own list, in the order to show, and not one for all plans, sorted by priority.
        of_account: bool,
    },
    /// `GET /models` of the OpenAI API, with ids only or with more fields.
    List {
        /// Whether the models are the Platform's, about which a table says more than the list.
        known_models: bool,
    },
}

/// How a request is authenticated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// By a sign-in: another token may solve a 401.
    SignIn,
    /// By Sign in with ChatGPT: another token may solve a 401 that is about the token, and no other (siwc §11).
    PlanUsage,
    /// By a key, or by nothing, at an address that a person gave: a 401 is about the key, a 404 about the address.
    Key,
}

/// The backend of the ChatGPT plan (protocol §7.1, protocol §8).
pub static CODEX_BACKEND: BackendRules = BackendRules {
    models_path: "/codex/models", // protocol §7.1
    models: ModelsFormat::Catalog { version_parameter: "client_version", of_account: false }, // protocol §7.1
    usage_path: Some("/wham/usage"), // protocol §9.1
    reset_credits_path: Some("/wham/rate-limit-reset-credits"), // protocol §9.1
    responses_path: "/codex/responses", // protocol §8.1
    chat_completions_path: None,  // protocol §8
    codex_reasoning: true,        // protocol §8.2
    account_header: Some("chatgpt-account-id"), // protocol §8.1, required in practice
    fedramp_header: Some("x-openai-fedramp"), // protocol §8.1, from the claim of protocol §2.3
    originator_header: Some("originator"), // protocol §8.1, any name; ours
    access: Access::SignIn,
    has_both_apis: false,
    is_openai: true,
    compact_path: Some("/codex/responses/compact"), // protocol §8.4
    body: body_tables::CHATGPT,
    caller_headers: header_rules::TO_CHATGPT,
    session_header: Some("session-id"), // protocol §8.1
};

/// The API for Sign in with ChatGPT, where the plan pays (siwc §9, siwc §10).
pub static PLAN_USAGE: BackendRules = BackendRules {
    models_path: "/models", // siwc §9
    models: ModelsFormat::Catalog { version_parameter: "client_version", of_account: true }, // siwc §9
    usage_path: None,       // siwc §12: no such endpoint
    reset_credits_path: None, // siwc §12
    responses_path: "/responses", // siwc §10
    chat_completions_path: None, // siwc §10.5
    codex_reasoning: true,  // siwc §10.2
    account_header: None,   // siwc §10.1: never
    fedramp_header: None,   // siwc §10.1
    originator_header: Some("originator"), // siwc §10.1: the app's own name
    access: Access::PlanUsage,
    has_both_apis: false,
    is_openai: true,
    compact_path: None, // siwc §10.5
    body: body_tables::PLAN_USAGE,
    caller_headers: header_rules::TO_PLAN_USAGE,
    session_header: Some("session-id"), // siwc §10.1
};

/// The OpenAI Platform (protocol §7.2, protocol §8.5).
pub static OPENAI_PLATFORM: BackendRules = BackendRules {
    models: ModelsFormat::List { known_models: true },
    has_both_apis: true,
    is_openai: true,
    ..COMPATIBLE
};

/// A server with the OpenAI API that others run.
pub static COMPATIBLE_SERVER: BackendRules = COMPATIBLE;

const COMPATIBLE: BackendRules = BackendRules {
    models_path: "/models",
    models: ModelsFormat::List { known_models: false },
    usage_path: None, // protocol §9.4: no such endpoint for ordinary keys
    reset_credits_path: None,
    responses_path: "/responses",
    chat_completions_path: Some("/chat/completions"),
    codex_reasoning: false,
    account_header: None,
    fedramp_header: None,
    originator_header: None,
    access: Access::Key,
    has_both_apis: false,
    is_openai: false,
    compact_path: Some("/responses/compact"), // contract §3; the Platform has the same path
    body: body_tables::OPENAI_API,
    caller_headers: header_rules::TO_OPENAI_API,
    session_header: None, // `prompt_cache_key` in the body does it
};

impl BackendRules {
    /// Returns the path of the model list, which every server has.
    pub fn models_path(&self) -> &'static str {
        self.models_path
    }
}

impl fmt::Debug for BackendRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendRules").field("models_path", &self.models_path).finish_non_exhaustive()
    }
}
