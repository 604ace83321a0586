//! Stores what responses say in passing about limits and the model list.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, Failure, Usage};
use usher_upstream::Observer;

use crate::state::State;

/// Keeps what answers say in their headers about limits and the model list.
pub(crate) struct Recorder {
    state: Arc<State>,
    account: AccountId,
    clock: Arc<dyn Clock>,
}

impl Recorder {
    pub(crate) fn new(state: Arc<State>, account: AccountId, clock: Arc<dyn Clock>) -> Self {
        Self { state, account, clock }
    }
}

impl Observer for Recorder {
    fn usage(&self, usage: Usage) {
        report_unsaved(self.state.keep_usage(&self.account, &usage, self.clock.now()));
    }

    fn models_etag(&self, etag: &str) {
        report_unsaved(self.state.saw_models_etag(&self.account, etag));
    }
}

/// Not being able to keep what was seen must not fail the request that it came with.
pub(crate) fn report_unsaved(kept: Result<(), Failure>) {
    if let Err(failure) = kept {
        tracing::warn!(cause = %failure, "what an answer said about limits or models was not kept");
    }
}
