//! Stores what responses say in passing about limits, the model list and the credential.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, ErrorCode, Failure, ResetCredits, UnixTime, Usage};
use usher_upstream::Observer;

use crate::state::State;

/// Keeps what answers say in passing. Whoever watches the home sees it by the version of the state.
pub(crate) struct Recorder {
    pub(crate) state: Arc<State>,
    account: AccountId,
    pub(crate) clock: Arc<dyn Clock>,
    /// Which credential answers are about, without its secret; absent where the account itself keeps its refusals.
    credential: Option<String>,
}

impl Recorder {
    pub(crate) fn new(
        state: Arc<State>,
        account: AccountId,
        clock: Arc<dyn Clock>,
        credential: Option<String>,
    ) -> Self {
        Self { state, account, clock, credential }
    }
}

impl Observer for Recorder {
    fn usage(&self, usage: Usage) {
        let usage = self.with_known(usage);
        report_unsaved(self.state.keep_usage(&self.account, &usage, self.clock.now()));
    }

    fn models_etag(&self, etag: &str) {
        report_unsaved(self.state.saw_models_etag(&self.account, etag));
    }

    fn refused(&self, failure: &Failure) {
        let Some(credential) = self.credential.as_ref().filter(|_| is_about_credential(failure.code)) else {
            return;
        };
        report_unsaved(self.state.keep_refusal(&self.account, credential, failure));
    }

    fn accepted(&self) {
        if self.credential.is_some() {
            report_unsaved(self.state.forget_refusal(&self.account));
        }
    }

    fn unlimited(&self) {
        let Some((usage, _)) = self.state.usage(&self.account) else { return };
        if usage.limit_reached.is_some() {
            let usage = Usage { limit_reached: None, ..usage };
            report_unsaved(self.state.keep_usage(&self.account, &usage, self.clock.now()));
        }
    }
}

impl Recorder {
    /// Returns the usage that is kept, and when it was seen, by whichever process.
    pub(crate) fn kept_usage(&self) -> Option<(Usage, UnixTime)> {
        self.state.usage(&self.account)
    }

    /// Keeps `usage`, which was seen `at`, unless the same was kept less than `interval` before. Returns it with what it
    /// lacked.
    pub(crate) fn usage_unless_kept(&self, usage: Usage, at: UnixTime, interval: Duration) -> Usage {
        let usage = self.with_known(usage);
        let is_kept = self.kept_usage().is_some_and(|(kept, kept_at)| {
            let age = u64::try_from(at.since(kept_at)).map(Duration::from_secs);
            is_same_usage(&kept, &usage) && age.is_ok_and(|age| age < interval)
        });
        if !is_kept {
            report_unsaved(self.state.keep_usage(&self.account, &usage, at));
        }
        usage
    }

    /// Adds what was seen last and this answer lacks: spend limits and the expiry of reset credits, which headers never
    /// have, and the windows of a limit that comes without any.
    fn with_known(&self, usage: Usage) -> Usage {
        let Some((known, _)) = self.state.usage(&self.account) else { return usage };
        let spend_limits =
            if usage.spend_limits.is_empty() { known.spend_limits } else { usage.spend_limits };
        let reset_credits = with_known_expiry(usage.reset_credits.clone(), known.reset_credits);
        if !usage.windows.is_empty() || usage.limit_reached.is_none() {
            return Usage { spend_limits, reset_credits, ..usage };
        }
        Usage {
            plan: usage.plan.or(known.plan),
            windows: known.windows,
            spend_limits,
            credits: usage.credits.or(known.credits),
            reset_credits,
            limit_reached: usage.limit_reached,
        }
    }
}

/// Returns the reset credits of an answer with the expiry that is known, unless their number changed: which one was used is
/// not known then.
fn with_known_expiry(seen: Option<ResetCredits>, known: Option<ResetCredits>) -> Option<ResetCredits> {
    match (seen, known) {
        (Some(seen), Some(known)) if seen.expire_at.is_empty() && seen.available == known.available => {
            Some(known)
        }
        (Some(seen), _) => Some(seen),
        (None, known) => known,
    }
}

/// Returns whether a failure is about the credential itself, whatever was requested with it.
fn is_about_credential(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::InvalidKey
            | ErrorCode::Billing
            | ErrorCode::AccountProblem
            | ErrorCode::SignInExpired
            | ErrorCode::SignInRevoked
            | ErrorCode::SignInReused
    )
}

/// Not being able to keep what was seen must not fail the request that it came with.
pub(crate) fn report_unsaved(kept: Result<(), Failure>) {
    if let Err(failure) = kept {
        tracing::warn!(cause = %failure, "what an answer said about limits, models or the key was not kept");
    }
}

/// Returns whether two usages say the same. Times of reset are given as time left by some answers, and so differ by a
/// second or two.
pub(crate) fn is_same_usage(one: &Usage, other: &Usage) -> bool {
    let percents = |usage: &Usage| -> Vec<(u64, u64)> {
        let windows = usage.windows.iter();
        windows.map(|window| (window.window_seconds, window.used_percent.to_bits())).collect()
    };
    let spent = |usage: &Usage| -> Vec<u64> {
        usage.spend_limits.iter().map(|limit| limit.used_percent.to_bits()).collect()
    };
    let resets = |usage: &Usage| usage.reset_credits.as_ref().map(|credits| credits.available);
    let reason = |usage: &Usage| usage.limit_reached.as_ref().map(|limit| limit.reason.clone());
    one.plan == other.plan
        && percents(one) == percents(other)
        && spent(one) == spent(other)
        && resets(one) == resets(other)
        && reason(one) == reason(other)
}

#[cfg(test)]
mod tests {
    use usher_domain::{SpendLimit, SpendLimitScope};

    use super::*;

    const NOON: UnixTime = UnixTime(43_200);

    #[test]
    fn headers_keep_the_spend_limits_that_were_seen_last() {
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(State::new(folder.path()));
        let account = AccountId("user:a".into());
        let usage = |spend_limits| Usage { spend_limits, ..Usage::default() };
        let limit = SpendLimit { scope: SpendLimitScope::Member, used_percent: 26.0, resets_at: None };
        state.keep_usage(&account, &usage(vec![limit.clone()]), UnixTime(7)).unwrap();
        let recorder = Recorder::new(Arc::clone(&state), account.clone(), Arc::new(|| NOON), None);
        recorder.usage(usage(Vec::new()));
        assert_eq!(state.usage(&account), Some((usage(vec![limit]), NOON)));
    }

    #[test]
    fn headers_keep_the_expiry_of_reset_credits_while_their_number_stays() {
        let credits = |available, expire_at: &[i64]| {
            let expire_at = expire_at.iter().copied().map(UnixTime).collect();
            Some(ResetCredits { available, expire_at })
        };
        let known = || credits(2, &[9, 12]);
        assert_eq!(with_known_expiry(None, known()), known());
        assert_eq!(with_known_expiry(credits(2, &[]), known()), known());
        assert_eq!(with_known_expiry(credits(1, &[]), known()), credits(1, &[]));
        assert_eq!(with_known_expiry(credits(2, &[7]), known()), credits(2, &[7]));
        assert_eq!(with_known_expiry(credits(0, &[]), None), credits(0, &[]));
    }
}
