//! How much of the plan is used: asked for, or seen in passing on any answer.

mod window_label;

use std::sync::Arc;

use usher_domain::{ErrorCode, Failure};

use crate::connection::Target;
use crate::connection::connector::Connector;
use crate::connection::recorder::report_unsaved;
use crate::context::Context;
use crate::platform::links::MANAGE_USAGE;
use crate::view::UsageView;

pub use window_label::{window_label, window_length};

/// Asks how much of a plan is used.
pub struct UsageReader {
    context: Arc<Context>,
    connector: Arc<Connector>,
}

impl UsageReader {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>) -> Self {
        Self { context, connector }
    }

    /// Asks the backend.
    pub async fn fetch(&self, target: &Target) -> Result<UsageView, Failure> {
        let connection = self.connector.connect(target).await?;
        let account = connection.scope.key();
        let usage = self.connector.backend(&connection)?.usage().await?.ok_or_else(|| {
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
        report_unsaved(self.context.state.keep_usage(&account, &usage, now));
        self.context.changed();
        Ok(UsageView::new(usage, now))
    }
}
