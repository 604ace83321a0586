//! What is added up of the requests of a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use usher_gateway::{Outcome, RequestEnd, RequestRecord};

use crate::activity::durations::Durations;
use crate::activity::receipt::code_text;

/// What requests have in common that are added up. It holds no e-mail address: accounts are by their id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupKey {
    /// The day at which they came, by the calendar of this computer at the time: `2026-11-29`.
    pub(crate) day: String,
    /// The name of their pass.
    pub(crate) tool: String,
    /// The id of the provider; empty where none was asked.
    pub(crate) provider: String,
    /// The id of the account; that of the provider where it has no accounts.
    pub(crate) account: String,
    /// `plan`, `key` or `service`; empty where nobody paid.
    pub(crate) payer: String,
    /// The id of the model.
    pub(crate) model: String,
}

impl GroupKey {
    /// The name in place of what is too much to keep apart: a tool may name any model.
    pub(crate) const OTHER: &str = "other";

    pub(crate) fn of(request: &RequestRecord, day: String) -> Self {
        Self {
            day,
            tool: request.pass.clone(),
            provider: request.provider.as_ref().map(ToString::to_string).unwrap_or_default(),
            account: request.account.clone(),
            payer: request.payer.as_ref().map(|payer| payer.paid_by.to_owned()).unwrap_or_default(),
            model: request.model.clone(),
        }
    }

    /// Returns the key of what is too much to keep apart.
    pub(crate) fn other(self) -> Self {
        Self { tool: Self::OTHER.into(), model: Self::OTHER.into(), ..self }
    }
}

/// What is added up of several requests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) completed: u64,
    /// The program that asked left before the end.
    pub(crate) stopped: u64,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cached: u64,
    pub(crate) reasoning: u64,
    /// How long the first text or tool call took.
    pub(crate) first_output: Durations,
    /// How many failed or were refused, by error code. A newer version may have written codes that this one lacks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) errors: BTreeMap<String, u64>,
    /// Percentage points of each window of the plan that were used meanwhile, by its length in seconds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) window_share: BTreeMap<u64, f64>,
}

impl Totals {
    /// Returns the totals of one request.
    pub(crate) fn of(end: &RequestEnd) -> Self {
        let tokens = end.tokens.unwrap_or_default();
        let mut totals = Self {
            requests: 1,
            completed: u64::from(end.outcome == Outcome::Completed),
            stopped: u64::from(end.outcome == Outcome::Cancelled),
            input: tokens.input,
            output: tokens.output,
            cached: tokens.cached,
            reasoning: tokens.reasoning,
            ..Self::default()
        };
        if let Some(first) = end.response.first_output_ms {
            totals.first_output.add(first);
        }
        if let Outcome::Refused(code) | Outcome::Failed(code) = end.outcome {
            totals.errors.insert(code_text(code), 1);
        }
        totals
    }

    /// Adds `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.requests, other.requests),
            (&mut self.completed, other.completed),
            (&mut self.stopped, other.stopped),
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cached, other.cached),
            (&mut self.reasoning, other.reasoning),
        ] {
            // What a service says that it counted may be any number.
            *own = own.saturating_add(more);
        }
        self.first_output.merge(&other.first_output);
        for (code, count) in &other.errors {
            *self.errors.entry(code.clone()).or_default() += count;
        }
        for (window, share) in &other.window_share {
            *self.window_share.entry(*window).or_default() += share;
        }
    }
}
