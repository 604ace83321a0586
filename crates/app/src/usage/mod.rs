//! How much of the plan is used: asked for, or seen in passing on any answer.

mod window_label;

use std::sync::Arc;

use usher_domain::{ErrorCode, Failure};

use crate::connection::connector::Connector;
use crate::connection::recorder::report_unsaved;
use crate::connection::{Connection, Target};
use crate::context::{Context, blocking};
use crate::platform::links::MANAGE_USAGE;
use crate::state::UsageAsk;
use crate::view::UsageView;

pub use window_label::{window_label, window_length};

/// How many seconds after an answer the backend is not asked again.
const ASK_INTERVAL_SECONDS: i64 = 60;

/// Asks how much of a plan is used.
pub struct UsageReader {
    context: Arc<Context>,
    connector: Arc<Connector>,
}

impl UsageReader {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>) -> Self {
        Self { context, connector }
    }

    /// Asks the backend, unless any process of this home had its answer less than a minute ago; then it is what is kept,
    /// which responses may have brought up to date since.
    ///
    /// An ask that failed does not count, nor does one before a sign-in to the account.
    pub async fn read(&self, target: &Target) -> Result<UsageView, Failure> {
        let connection = self.connector.connect(target).await?;
        match blocking(|| self.recent(&connection)) {
            Some(recent) => Ok(recent),
            None => self.ask(&connection).await,
        }
    }

    /// Asks the backend, whenever it was asked before.
    pub async fn fetch(&self, target: &Target) -> Result<UsageView, Failure> {
        self.ask(&self.connector.connect(target).await?).await
    }

    /// Returns what is kept, if the backend was asked with the same credential less than a minute ago.
    fn recent(&self, connection: &Connection) -> Option<UsageView> {
        let (state, account) = (&self.context.state, connection.scope.key());
        let ask = state.usage_ask(&account).filter(|ask| ask.credential == connection.credential)?;
        let age = self.context.clock.now().since(ask.at);
        let (usage, seen_at) = state.usage(&account).filter(|_| (0..ASK_INTERVAL_SECONDS).contains(&age))?;
        Some(UsageView::new(usage, seen_at))
    }

    async fn ask(&self, connection: &Connection) -> Result<UsageView, Failure> {
        let account = connection.scope.key();
        let usage = self.connector.backend(connection)?.usage().await?.ok_or_else(|| {
            let cause = match &connection.account {
                // siwc §12.
                Some(account) => format!(
                    "OpenAI does not tell apps how much of the plan of {} is used; it is shown at {MANAGE_USAGE}",
                    account.name
                ),
                None => format!("{} is paid by use and does not tell how much is left", connection.name),
            };
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        let now = self.context.clock.now();
        blocking(|| {
            report_unsaved(self.context.state.keep_usage(&account, &usage, now));
            let ask = UsageAsk { at: now, credential: connection.credential.clone() };
            report_unsaved(self.context.state.keep_usage_ask(&account, &ask));
        });
        self.context.changed();
        Ok(UsageView::new(usage, now))
    }
}
