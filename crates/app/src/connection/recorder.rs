//! Stores what responses say in passing about limits, the model list and the credential.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, ErrorCode, Failure, Usage};
use usher_upstream::{ObservedUsage, Observer};

use crate::connection::known_usage::with_known;
use crate::state::{KeptUsage, State};

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
    fn usage(&self, observed: ObservedUsage) {
        let now = self.clock.now();
        let changed = self.change_usage(|kept| {
            let known = kept.map(|(known, _)| known);
            Some((with_known(observed, known, now), now))
        });
        report_unsaved(changed.map(drop));
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
        self.lift_limit();
    }
}

impl Recorder {
    /// Returns the usage that is kept, and when it was seen, by whichever process.
    pub(crate) fn kept_usage(&self) -> Option<KeptUsage> {
        self.state.usage(&self.account)
    }

    /// Keeps what `change` makes of the usage that is kept, unless it makes nothing. Returns what is kept then.
    pub(crate) fn change_usage(
        &self,
        change: impl FnOnce(Option<&KeptUsage>) -> Option<KeptUsage>,
    ) -> Result<Option<KeptUsage>, Failure> {
        self.state.change_usage(&self.account, change)
    }

    /// Forgets a limit that is kept. Returns what is kept then; `None` where nothing was changed.
    pub(crate) fn lift_limit(&self) -> Option<KeptUsage> {
        let is_limited = |kept: &KeptUsage| kept.0.limit_reached.is_some();
        self.kept_usage().filter(is_limited)?;
        let now = self.clock.now();
        let changed = self.change_usage(|kept| {
            let (usage, _) = kept.filter(|kept| is_limited(kept))?;
            Some((Usage { limit_reached: None, ..usage.clone() }, now))
        });
        changed.unwrap_or_else(|failure| {
            report_unsaved(Err(failure));
            None
        })
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
    use usher_domain::{SpendLimit, SpendLimitScope, UnixTime};

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
        recorder.usage(ObservedUsage { usage: usage(Vec::new()), reports_limit: true });
        assert_eq!(state.usage(&account), Some((usage(vec![limit]), NOON)));
    }
}
