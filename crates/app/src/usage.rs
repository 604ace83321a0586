//! How much of the plan is used: asked for, or seen in passing on any answer.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, ErrorCode, Failure, Usage};
use usher_upstream::Observer;

use crate::app::App;
use crate::connection::Target;
use crate::state::State;
use crate::view::UsageView;

impl App {
    /// Asks the backend.
    pub async fn usage(&self, target: &Target) -> Result<UsageView, Failure> {
        let connection = self.context.connect(target).await?;
        let account = connection.scope.key();
        let usage = self.context.backend(&connection)?.usage().await?.ok_or_else(|| {
            let cause = format!("{} is paid by use and does not tell how much is left", connection.name);
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        let now = self.context.clock.now();
        report(self.context.state.keep_usage(&account, &usage, now));
        self.context.changed();
        Ok(UsageView::new(usage, now))
    }
}

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
        report(self.state.keep_usage(&self.account, &usage, self.clock.now()));
    }

    fn models_etag(&self, etag: &str) {
        report(self.state.saw_models_etag(&self.account, etag));
    }
}

/// Not being able to keep what was seen must not fail the request that it came with.
fn report(kept: Result<(), Failure>) {
    if let Err(failure) = kept {
        tracing::warn!(cause = %failure, "what an answer said about limits or models was not kept");
    }
}
