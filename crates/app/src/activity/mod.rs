//! What was counted of requests at the gateway: what used the plan, and when.

mod durations;
mod export;
pub(crate) mod period;
pub(crate) mod receipt;
pub(crate) mod recorder;
mod summary;
pub(crate) mod totals;
mod window_share;

use std::path::Path;
use std::sync::Arc;

use usher_auth::VaultSummary;
use usher_domain::{AccountId, Failure, ProviderId};

use crate::activity::period::ActivityPeriod;
use crate::activity::receipt::Receipt;
use crate::activity::recorder::ActivityRecorder;
use crate::activity::summary::{Kept, summarize};
use crate::activity::totals::{GroupKey, Totals};
use crate::context::{Context, run_blocking};
use crate::gateway::{name_of_account, name_of_provider};
use crate::providers::kinds::has_accounts;
use crate::settings::Settings;
use crate::view::{ActivityFormat, ActivityView, ReceiptView};

/// Reports what was counted of requests.
pub struct ActivityReader {
    context: Arc<Context>,
    recorder: Arc<ActivityRecorder>,
}

impl ActivityReader {
    pub(crate) fn new(context: Arc<Context>, recorder: Arc<ActivityRecorder>) -> Self {
        Self { context, recorder }
    }

    /// Returns what was counted in a period. What another process counts comes with some seconds' delay.
    pub async fn read(&self, period: &ActivityPeriod) -> Result<ActivityView, Failure> {
        let days = period::dates_of(period, self.context.clock.now())?;
        let rows = self.rows(&days).await?;
        let context = Arc::clone(&self.context);
        let is_empty = run_blocking(move || Ok(!context.state.has_activity()?)).await?;
        let settings = self.context.read_settings()?;
        let kept = Kept { days: settings.activity_days(), is_empty };
        let vault = self.names().await;
        let account = |provider: &str, id: &str| account_name(provider, id, &settings, &vault);
        Ok(summarize(days, kept, &rows, &account))
    }

    /// Returns the last `count` receipts, newest first.
    pub async fn receipts(&self, count: usize) -> Result<Vec<ReceiptView>, Failure> {
        let (context, recorder) = (Arc::clone(&self.context), Arc::clone(&self.recorder));
        let read = run_blocking(move || {
            recorder.write_down(&context);
            context.state.receipts(count)
        });
        let receipts = read.await?;
        let settings = self.context.read_settings()?;
        let vault = self.names().await;
        let name = |receipt: &Receipt| {
            account_name(receipt.provider.as_deref()?, receipt.account.as_deref()?, &settings, &vault)
        };
        Ok(receipts
            .into_iter()
            .map(|receipt| ReceiptView { account_name: name(&receipt), receipt })
            .collect())
    }

    /// Writes what was counted in a period to `path`, which the person chose.
    pub async fn export(
        &self,
        period: &ActivityPeriod,
        format: ActivityFormat,
        path: &Path,
    ) -> Result<(), Failure> {
        let bytes = self.exported(period, format).await?;
        let path = path.to_owned();
        run_blocking(move || export::write(&path, &bytes)).await
    }

    /// Returns what was counted in a period, as the content of a file.
    pub async fn exported(
        &self,
        period: &ActivityPeriod,
        format: ActivityFormat,
    ) -> Result<Vec<u8>, Failure> {
        match format {
            ActivityFormat::Csv => {
                let days = period::dates_of(period, self.context.clock.now())?;
                export::csv(&self.rows(&days).await?)
            }
            ActivityFormat::Json => {
                let view = self.read(period).await?;
                Ok(serde_json::to_vec_pretty(&view).expect("counts have no key that JSON lacks"))
            }
        }
    }

    /// Returns what is kept of days, what this process has counted included.
    async fn rows(&self, days: &[String]) -> Result<Vec<(GroupKey, Totals)>, Failure> {
        let first = days.first().cloned().unwrap_or_default();
        let last = days.last().cloned().unwrap_or_default();
        let (context, recorder) = (Arc::clone(&self.context), Arc::clone(&self.recorder));
        run_blocking(move || {
            recorder.write_down(&context);
            if context.read_settings().is_ok_and(|settings| settings.activity_days() == 0) {
                context.state.clear_kept_activity(context.clock.now())?;
            }
            context.state.activity(&first, &last)
        })
        .await
    }

    /// Returns who the accounts are. Without it there are no names, and the counts are the same.
    async fn names(&self) -> VaultSummary {
        self.context.vault().await.unwrap_or_default()
    }

    /// Deletes all that was counted, by this process and others.
    pub async fn clear(&self) -> Result<(), Failure> {
        let (context, recorder) = (Arc::clone(&self.context), Arc::clone(&self.recorder));
        run_blocking(move || recorder.clear(&context.state, context.clock.now())).await
    }
}

/// Returns the name of an account, or of its provider where that has none; `None` for one that is no longer here.
fn account_name(provider: &str, id: &str, settings: &Settings, vault: &VaultSummary) -> Option<String> {
    let provider: ProviderId = provider.parse().ok()?;
    if has_accounts(&provider) {
        return name_of_account(&AccountId(id.to_owned()), vault);
    }
    Some(name_of_provider(&provider, settings))
}
