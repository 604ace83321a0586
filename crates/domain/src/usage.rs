//! Usage of a plan.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Plan, UnixTime};

/// Plan usage at one moment (protocol §9).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Usage {
    /// The plan, if the response names it.
    pub plan: Option<Plan>,
    /// The windows, shortest first.
    pub windows: Vec<UsageWindow>,
    /// Credits, if the plan has them.
    pub credits: Option<Credits>,
    /// Set if a limit is reached and requests are rejected.
    pub limit_reached: Option<LimitReached>,
}

/// One window of a plan, named by its length and never by primary or secondary (protocol §9.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UsageWindow {
    /// Length in seconds: 18,000 is five hours, 604,800 a week.
    #[ts(type = "number")]
    pub window_seconds: u64,
    /// How much of it is used, 0 to 100.
    pub used_percent: f64,
    /// When it starts again.
    pub resets_at: Option<UnixTime>,
    /// The meter's name when it is not the plan's main one, for example of a single model.
    pub meter: Option<String>,
}

/// Credits beside the plan's windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Credits {
    /// Whether the account has credits at all.
    pub has_credits: bool,
    /// Whether they never run out.
    pub unlimited: bool,
    /// A decimal number as the server writes it.
    pub balance: Option<String>,
}

/// Why requests are rejected, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LimitReached {
    /// `rate_limit_reached_type.type`, or `usage_limit_reached` when the response has no sub-case.
    pub reason: String,
    /// When the limit is lifted; `None` if time alone does not lift it.
    pub resets_at: Option<UnixTime>,
}
