//! Stores what responses say in passing about limits, the model list and the credential.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, ErrorCode, Failure, UnixTime, Usage};
use usher_upstream::Observer;

use crate::connection::known_usage::{is_same_usage, with_known};
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
        let (known, now) = (self.kept_usage().map(|(known, _)| known), self.clock.now());
        let usage = with_known(usage, known.as_ref(), now);
        report_unsaved(self.state.keep_usage(&self.account, &usage, now));
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
        let kept = self.kept_usage();
        let usage = with_known(usage, kept.as_ref().map(|(known, _)| known), at);
        let is_kept = kept.is_some_and(|(kept, kept_at)| {
            let age = u64::try_from(at.since(kept_at)).map(Duration::from_secs);
            is_same_usage(&kept, &usage) && age.is_ok_and(|age| age < interval)
        });
        if !is_kept {
            report_unsaved(self.state.keep_usage(&self.account, &usage, at));
        }
        usage
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
}
