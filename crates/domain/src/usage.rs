//! Usage of a plan.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Plan, UnixTime};

/// From how many percent on a window counts as nearly used up, in the window (`highThreshold`) and in notifications.
pub const HIGH_PERCENT: f64 = 80.0;

/// Plan usage at one moment (protocol §9).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Usage {
    /// The plan, if the response names it.
    pub plan: Option<Plan>,
    /// The windows, shortest first.
    pub windows: Vec<UsageWindow>,
    /// The limits of what may be spent, where a workspace has them. Only the usage endpoint reports them.
    #[serde(default)]
    pub spend_limits: Vec<SpendLimit>,
    /// Credits, if the plan has them.
    pub credits: Option<Credits>,
    /// Resets that the account can still use, if the response counts them.
    #[serde(default)]
    pub reset_credits: Option<ResetCredits>,
    /// Set if a limit is reached and requests are rejected.
    pub limit_reached: Option<LimitReached>,
}

impl Usage {
    /// Returns the window of the plan itself of which no more than `leaves_percent` is left at `now`; of several, the one
    /// that is reset last. A window that was reset since it was seen, at `seen_at`, is empty; one whose reset is not known
    /// was reset when its length has passed since.
    pub fn window_without_reserve(
        &self,
        leaves_percent: u8,
        seen_at: UnixTime,
        now: UnixTime,
    ) -> Option<&UsageWindow> {
        let own = self.windows.iter().filter(|window| window.meter.is_none());
        let current = own.filter(|window| window.resets_by(seen_at) > now);
        let reached = current.filter(|window| window.used_percent >= 100.0 - f64::from(leaves_percent));
        reached.max_by_key(|window| window.resets_at)
    }
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

impl UsageWindow {
    /// Returns by when it starts again, if it was seen at `seen_at`.
    fn resets_by(&self, seen_at: UnixTime) -> UnixTime {
        let length = i64::try_from(self.window_seconds).unwrap_or(i64::MAX);
        self.resets_at.unwrap_or_else(|| seen_at.plus(length))
    }
}

/// A limit of what may be spent in a workspace. Its amounts have no unit (protocol §9.1), so only its share is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SpendLimit {
    /// Whose spending it limits.
    pub scope: SpendLimitScope,
    /// How much of it is used, 0 to 100.
    pub used_percent: f64,
    /// When it starts again.
    pub resets_at: Option<UnixTime>,
}

/// Whose spending a [`SpendLimit`] limits, as the server names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SpendLimitScope {
    /// This member's.
    Member,
    /// That of the member's role.
    Role,
    /// Each member's of a group, where they have no limit of their own.
    GroupDefault,
    /// Each member's of the workspace, where they have no limit of their own.
    WorkspaceDefault,
    /// That of all members of a group together.
    GroupShared,
    /// That of all members of the workspace together.
    WorkspaceShared,
}

impl SpendLimitScope {
    /// Returns the name of such a limit, in the middle of a sentence.
    pub fn limit_name(self) -> &'static str {
        match self {
            Self::Member => "your spend limit",
            Self::Role => "spend limit of your role",
            Self::GroupDefault => "spend limit of your group",
            Self::WorkspaceDefault => "spend limit of your workspace",
            Self::GroupShared => "spend limit shared by your group",
            Self::WorkspaceShared => "spend limit shared by your workspace",
        }
    }
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

/// Resets of a used-up limit that the account holds in reserve. The person spends them at OpenAI (protocol §9.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResetCredits {
    /// How many there are.
    pub available: u32,
    /// When those expire that do, soonest first. Only the usage endpoint reports it.
    pub expire_at: Vec<UnixTime>,
}

/// Why requests are rejected, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LimitReached {
    /// `rate_limit_reached_type.type`, or `usage_limit_reached` when the response has no sub-case.
    pub reason: String,
    /// When the limit is lifted; `None` if time alone does not lift it.
    pub resets_at: Option<UnixTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(window_seconds: u64, used_percent: f64, resets_at: Option<i64>) -> UsageWindow {
        UsageWindow { window_seconds, used_percent, resets_at: resets_at.map(UnixTime), meter: None }
    }

    #[test]
    fn window_without_reserve_is_the_one_that_is_reset_last() {
        let (hours, week) = (window(18_000, 75.0, Some(50)), window(604_800, 70.0, Some(900)));
        let other_meter = UsageWindow { meter: Some("Spark".into()), ..window(18_000, 99.0, Some(9_000)) };
        let usage = Usage { windows: vec![hours.clone(), other_meter, week.clone()], ..Usage::default() };
        let reached = |percent, now| usage.window_without_reserve(percent, UnixTime(0), UnixTime(now));
        assert_eq!(reached(24, 0), None, "25 % of the one and 30 % of the other are left");
        assert_eq!(reached(25, 0), Some(&hours), "exactly what is to be left");
        assert_eq!(reached(30, 0), Some(&week));
        assert_eq!(reached(25, 50), None, "reset since");
        assert_eq!(Usage::default().window_without_reserve(99, UnixTime(0), UnixTime(0)), None, "not known");
    }

    #[test]
    fn window_without_a_known_reset_is_over_after_its_length() {
        let usage = Usage { windows: vec![window(60, 90.0, None)], ..Usage::default() };
        let is_reached = |now| usage.window_without_reserve(10, UnixTime(7), UnixTime(now)).is_some();
        assert!(is_reached(7) && is_reached(66) && !is_reached(67));
    }
}
