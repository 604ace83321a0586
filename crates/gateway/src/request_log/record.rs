//! What the log keeps of a request.

use std::borrow::Cow;

use usher_domain::{ErrorCode, ProviderId, UnixTime, UsageWindow, sanitize_line};

use crate::host::Route;
use crate::translate::prompt_cache::{CacheMiss, MIN_CACHED_TOKENS};

/// A request, without any of its content.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRecord {
    /// Unique within the process.
    pub id: u64,
    /// Name of the pass that it came with.
    pub pass: String,
    /// What the pass is for: its note of a project, else the name of its folder.
    pub project: Option<String>,
    /// `responses`, `chat_completions` or `messages`; `token` for a request for the access token itself.
    pub dialect: &'static str,
    /// The provider; for a refused request, the only one that its pass allows.
    pub provider: Option<ProviderId>,
    /// Id of the account; empty for a refused request.
    pub account: String,
    /// Who pays; absent where no provider was asked.
    pub payer: Option<Payer>,
    /// Id of the model; for a refused request, as the client named it.
    pub model: String,
    /// Display name of the model.
    pub model_name: String,
    /// The model as the client named it, where that is another name.
    pub requested_model: Option<String>,
    /// When it arrived.
    pub since: UnixTime,
    /// How it ended, or `None` while it runs.
    pub end: Option<RequestEnd>,
}

/// Who pays for a request, by the names of the time when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// The name of the provider.
    pub provider: String,
    /// The name of the account; absent where the provider has no accounts.
    pub account: Option<String>,
    /// `plan`, `key` or `service`.
    pub paid_by: &'static str,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestEnd {
    /// The outcome.
    pub outcome: Outcome,
    /// Duration in milliseconds.
    pub took_ms: u64,
    /// Token counts, if the response had them.
    pub tokens: Option<TokenCounts>,
    /// What the client itself asked for beside the model.
    pub requested: RequestedTerms,
    /// The effort that was asked of the model, if any.
    pub effort: Option<String>,
    /// The tier that was asked for, if any: `fast`, or what the client named.
    pub tier: Option<String>,
    /// Names of the fields that were dropped, as in `x-usher-dropped`.
    pub dropped: Vec<Cow<'static, str>>,
    /// Why nothing was read from the provider's prompt cache, where something could have been.
    pub cache_miss: Option<CacheMiss>,
    /// What the response has beside its content.
    pub response: ResponseFacts,
}

impl RequestEnd {
    /// Returns the end of a request that no provider was sent.
    pub(super) fn without_response(outcome: Outcome) -> Self {
        let response = ResponseFacts::default();
        Self {
            outcome,
            took_ms: 0,
            tokens: None,
            requested: RequestedTerms::default(),
            effort: None,
            tier: None,
            dropped: Vec::new(),
            cache_miss: None,
            response,
        }
    }
}

/// What a client asks for beside the model, in its own words. Another effort or tier may be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedTerms {
    /// The effort, if it names one.
    pub effort: Option<String>,
    /// The tier, if it names one: `fast`, or its own word.
    pub tier: Option<String>,
}

/// What a response says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResponseFacts {
    /// Milliseconds from the request to the first text or tool call that the client was sent.
    pub first_output_ms: Option<u64>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The windows of the plan, as its headers had them. They were sent before this request was counted.
    pub windows: Vec<UsageWindow>,
}

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The response was complete.
    Completed,
    /// The client disconnected before that.
    Cancelled,
    /// No provider was called.
    Refused(ErrorCode),
    /// There was no response, or an incomplete one.
    Failed(ErrorCode),
}

/// Token counts of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Input tokens, cached ones included.
    pub input: u64,
    /// Output tokens, those of reasoning included.
    pub output: u64,
    /// Input tokens that were read from the provider's cache.
    pub cached: u64,
    /// Output tokens that were reasoning.
    pub reasoning: u64,
}

impl TokenCounts {
    /// Returns whether a prompt that is long enough for the cache was not read from it.
    pub(super) fn missed_cache(self) -> bool {
        self.cached == 0 && self.input >= MIN_CACHED_TOKENS
    }

    pub(super) fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// Maximum length of the name of a provider or an account in the log, in characters.
const MAX_PAYER_NAME_CHARS: usize = 100;

impl Payer {
    pub(super) fn of(route: &Route) -> Self {
        let name = |name: &str| sanitize_line(name, MAX_PAYER_NAME_CHARS);
        Self {
            provider: name(&route.provider_name),
            account: route.account_name.as_deref().map(name),
            paid_by: route.paid_by,
        }
    }
}
