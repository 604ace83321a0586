//! The receipt of one request: what was asked of whom, what it cost and what was changed on the way. Never its content.

use serde::{Deserialize, Serialize};
use usher_domain::{ErrorCode, UnixTime, UsageWindow, sanitize_line};
use usher_gateway::{Outcome, RequestEnd, RequestRecord};

/// Most names of dropped fields in a receipt, and their longest: programs name some of them.
const MAX_DROPPED: usize = 40;
const MAX_FIELD_LENGTH: usize = 100;
/// What stands for the names that there is no room for.
const ELLIPSIS: &str = "…";

/// A request that has ended, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// When it came.
    pub at: UnixTime,
    /// The name of its pass.
    pub tool: String,
    /// What the pass is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The API that the tool spoke: `responses`, `chat_completions` or `messages`.
    pub dialect: String,
    /// The id of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The id of the account; absent for a refused request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Who paid: `plan`, `key` or `service`; absent where no provider was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// The id of the model.
    pub model: String,
    /// The model as the tool named it, where that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_model: Option<String>,
    /// The effort that the tool asked for, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_effort: Option<String>,
    /// The effort that was asked of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// The tier that the tool asked for, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_tier: Option<String>,
    /// The tier that was asked for: `fast`, or what the tool named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// How it ended: `done`, `stopped` by the tool, `refused` before a provider was asked, or `failed`.
    pub outcome: String,
    /// Why it was refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How long it took until the first text or tool call, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_output_ms: Option<u64>,
    /// Token counts; absent where they are not known: the response had none, or the tool left before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<ReceiptTokens>,
    /// Names of the fields that were dropped, as in `x-usher-dropped`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
    /// Why nothing was read from the provider's prompt cache: `new_prompt`, `account_changed`, `model_changed`,
    /// `tools_changed`, `instructions_changed`, `history_changed`, `idle` or `unknown`. Absent after a hit, and for a prompt
    /// that is too short for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_miss: Option<String>,
    /// The provider's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The windows of the plan, as the response had them before this request was counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<UsageWindow>,
}

/// The tokens of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptTokens {
    /// Input tokens, cached ones included.
    pub input: u64,
    /// Output tokens, those of reasoning included.
    pub output: u64,
    /// Input tokens that were read from the provider's cache.
    pub cached: u64,
    /// Output tokens that were reasoning.
    pub reasoning: u64,
}

impl Receipt {
    /// Returns when the request ended.
    pub(crate) fn ended_at(&self) -> UnixTime {
        self.at.plus(i64::try_from(self.took_ms / 1000).unwrap_or(i64::MAX))
    }

    /// Takes away the last name of a dropped field. Returns whether there was one.
    pub(crate) fn shorten(&mut self) -> bool {
        self.dropped.pop_if(|last| last == ELLIPSIS);
        let is_shorter = self.dropped.pop().is_some();
        if is_shorter {
            self.dropped.push(ELLIPSIS.to_owned());
        }
        is_shorter
    }

    /// Makes the receipt of a request that has ended.
    pub(crate) fn of(request: &RequestRecord, end: &RequestEnd) -> Self {
        let (outcome, code) = match end.outcome {
            Outcome::Completed => ("done", None),
            Outcome::Cancelled => ("stopped", None),
            Outcome::Refused(code) => ("refused", Some(code)),
            Outcome::Failed(code) => ("failed", Some(code)),
        };
        Self {
            at: request.since,
            tool: request.pass.clone(),
            project: request.project.clone(),
            dialect: request.dialect.to_owned(),
            provider: request.provider.as_ref().map(ToString::to_string),
            account: Some(request.account.clone()).filter(|account| !account.is_empty()),
            payer: request.payer.as_ref().map(|payer| payer.paid_by.to_owned()),
            model: request.model.clone(),
            requested_model: request.requested_model.clone(),
            requested_effort: end.requested.effort.clone().filter(|_| end.requested.effort != end.effort),
            effort: end.effort.clone(),
            requested_tier: end.requested.tier.clone().filter(|_| end.requested.tier != end.tier),
            tier: end.tier.clone(),
            outcome: outcome.to_owned(),
            code: code.map(code_text),
            took_ms: end.took_ms,
            first_output_ms: end.response.first_output_ms,
            tokens: end.tokens.map(|tokens| ReceiptTokens {
                input: tokens.input,
                output: tokens.output,
                cached: tokens.cached,
                reasoning: tokens.reasoning,
            }),
            dropped: dropped_names(end),
            cache_miss: end.cache_miss.map(|miss| miss.name().to_owned()),
            request_id: end.response.request_id.clone(),
            windows: end.response.windows.clone(),
        }
    }
}

/// Returns the names of the fields that were dropped. After the last one that there is room for comes an ellipsis.
pub(crate) fn dropped_names(end: &RequestEnd) -> Vec<String> {
    let names = end.dropped.iter().take(MAX_DROPPED).map(|name| sanitize_line(name, MAX_FIELD_LENGTH));
    let more = (end.dropped.len() > MAX_DROPPED).then(|| ELLIPSIS.to_owned());
    names.chain(more).collect()
}

/// Returns the name of an error code, as in `--json`.
pub(crate) fn code_text(code: ErrorCode) -> String {
    let named = serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned));
    named.expect("an error code serializes as its name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_names_are_bounded() {
        let long = "x".repeat(1000);
        let end = RequestEnd {
            outcome: Outcome::Completed,
            took_ms: 1,
            tokens: None,
            requested: usher_gateway::RequestedTerms::default(),
            effort: None,
            tier: None,
            dropped: vec![long.into(); 1000],
            cache_miss: None,
            response: usher_gateway::ResponseFacts::default(),
        };
        let dropped = dropped_names(&end);
        assert_eq!(
            (dropped.len(), dropped[0].chars().count(), dropped.last().unwrap().as_str()),
            (MAX_DROPPED + 1, MAX_FIELD_LENGTH + 1, ELLIPSIS),
            "both with an ellipsis"
        );
    }
}
