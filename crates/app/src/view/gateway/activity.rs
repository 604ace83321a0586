//! What was counted of the requests of a period.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::activity::receipt::Receipt;

/// What was counted of the requests of a period, as a whole and by what people ask for.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ActivityView {
    /// All days of the period, oldest first: `2026-11-29`, by the calendar of this computer when the requests came.
    pub days: Vec<String>,
    /// For how many days counts are kept; 0: none are.
    pub kept_days: u32,
    /// Nothing is kept at all, of any period.
    pub is_empty: bool,
    /// All requests.
    pub total: ActivityCounts,
    /// Those of each day.
    pub by_day: Vec<ActivityCounts>,
    /// By the name of the pass, most tokens first; so are the others.
    pub by_tool: Vec<ActivityGroup>,
    /// By the model.
    pub by_model: Vec<ActivityGroup>,
    /// By the account, or the provider where it has none.
    pub by_account: Vec<ActivityGroup>,
    /// By who paid.
    pub by_payer: Vec<ActivityGroup>,
}

/// The requests that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ActivityGroup {
    /// What: the name of a pass, the id of a model or an account, or `plan`, `key` or `service`. Empty for requests that were
    /// refused before one was chosen.
    pub id: String,
    /// Its name for people; absent for an account or a provider that is no longer here.
    pub name: Option<String>,
    /// All of them.
    pub counts: ActivityCounts,
    /// How many there were on each day of the period.
    #[ts(type = "number[]")]
    pub requests_per_day: Vec<u64>,
    /// How many tokens on each day, in and out.
    #[ts(type = "number[]")]
    pub tokens_per_day: Vec<u64>,
}

/// Counts of several requests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct ActivityCounts {
    /// How many requests there were.
    #[ts(type = "number")]
    pub requests: u64,
    /// Those that were answered.
    #[ts(type = "number")]
    pub completed: u64,
    /// Those that the program itself ended.
    #[ts(type = "number")]
    pub stopped: u64,
    /// Those that failed or were refused.
    #[ts(type = "number")]
    pub failed: u64,
    /// Why they failed, most frequent first.
    pub errors: Vec<ActivityErrors>,
    /// Input tokens, cached ones included.
    #[ts(type = "number")]
    pub tokens_in: u64,
    /// Output tokens, those of reasoning included.
    #[ts(type = "number")]
    pub tokens_out: u64,
    /// Input tokens that were read from the provider's cache.
    #[ts(type = "number")]
    pub tokens_cached: u64,
    /// Output tokens that were reasoning.
    #[ts(type = "number")]
    pub tokens_reasoning: u64,
    /// The share of the input tokens that were read from the cache, 0 to 1; absent without input tokens.
    pub cache_share: Option<f64>,
    /// How long the first text or tool call took, in milliseconds: the middle value. Known to about 5 %.
    #[ts(type = "number | null")]
    pub first_word_median_ms: Option<u64>,
    /// How long at most for 95 of 100.
    #[ts(type = "number | null")]
    pub first_word_p95_ms: Option<u64>,
    /// Percentage points of the plan's windows that were used meanwhile, as far as responses showed it.
    pub window_share: Vec<WindowShare>,
}

/// How many requests failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ActivityErrors {
    /// The error code.
    pub code: String,
    /// How many.
    #[ts(type = "number")]
    pub requests: u64,
}

/// The share of a window of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct WindowShare {
    /// Length of the window in seconds: 18,000 is five hours, 604,800 a week.
    #[ts(type = "number")]
    pub window_seconds: u64,
    /// Percentage points, added over windows and accounts: two whole weeks are 200.
    pub percent: f64,
}

/// The format of a file with counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ActivityFormat {
    /// Comma-separated values, a line for each day, tool, account, payer and model.
    Csv,
    /// The document of `usher activity --json`.
    Json,
}

/// The receipt of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceiptView {
    /// What is kept.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The name of the account, or of the provider where it has none; absent for one that is no longer here.
    pub account_name: Option<String>,
}
