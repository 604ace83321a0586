//! Installs the version that was found last.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use usher_domain::{ErrorCode, Failure};

use super::{Found, UpdateShell, Updates};
use crate::background::GatewayEnd;
use crate::context::run_blocking;
use crate::view::UpdateProgress;

/// How often it is looked whether the last request has been answered.
const IDLE_POLL: Duration = Duration::from_secs(1);

/// Receives how far an installation is.
pub type OnUpdateProgress = Arc<dyn Fn(&UpdateProgress) + Send + Sync>;

impl Updates {
    /// Installs the version that was found last: downloads it, checks it, waits until no request is answered, replaces the
    /// program and starts the window again.
    ///
    /// Until the program is replaced, [`cancel`](Self::cancel) ends it. A failure changes nothing.
    pub async fn install(&self, version: &str, on_progress: OnUpdateProgress) -> Result<(), Failure> {
        let (shell, found) = self.found(version)?;
        let (running, cancelled) = Installation::begin(self, &shell, on_progress)?;
        let package = tokio::select! {
            package = self.prepare(&found, &running) => package?,
            _ = cancelled => return Err(Failure::new(ErrorCode::Cancelled, "the update was cancelled")),
        };
        running.at(&UpdateProgress::Installing);
        {
            let shell = Arc::clone(&shell);
            run_blocking(move || shell.installer.install(&found.offer, &found.source, &package)).await?;
        }
        tracing::info!(version, "the program was replaced");
        running.done();
        shell.installer.restart();
        Ok(())
    }

    /// Cancels the installation, unless the program is already being replaced.
    pub fn cancel(&self) {
        // Nobody hears it once the program is being replaced.
        self.state.lock().cancel = None;
    }

    fn found(&self, version: &str) -> Result<(Arc<UpdateShell>, Found), Failure> {
        let unusable = |why: &str| Failure::new(ErrorCode::BadUsage, why);
        let (shell, source) = self.usable()?;
        let found = self.state.lock().found.clone().filter(|found| found.offer.version == version);
        let found = found.ok_or_else(|| unusable("this version was not found; look for it again"))?;
        if found.source != source {
            return Err(unusable("updates come from another address now; look for a version again"));
        }
        Ok((shell, found))
    }

    /// Downloads and checks the package, and ends the gateway once it answers no request.
    async fn prepare(&self, found: &Found, running: &Installation<'_>) -> Result<Vec<u8>, Failure> {
        let Found { offer, source } = found;
        running.at(&UpdateProgress::Downloading { percent: None });
        let downloader = self.downloader(source)?;
        let package = downloader.package(&offer.package, source, |got, size| running.got(got, size)).await?;
        let (shell, found) = (Arc::clone(running.shell), found.clone());
        let package = run_blocking(move || {
            shell.installer.check(&found.offer, &found.source, &package)?;
            Ok::<_, Failure>(package)
        })
        .await?;
        loop {
            match running.shell.gateway.end_if_idle().await? {
                GatewayEnd::Ended => return Ok(package),
                GatewayEnd::Answering(requests) => running.at(&UpdateProgress::Waiting { requests }),
                GatewayEnd::OfOther(process) => running.at(&UpdateProgress::WaitingForGateway { process }),
            }
            tokio::time::sleep(IDLE_POLL).await;
        }
    }
}

/// An installation that runs. Dropped before it is done, it lets the gateway go on.
struct Installation<'a> {
    updates: &'a Updates,
    shell: &'a Arc<UpdateShell>,
    on_progress: OnUpdateProgress,
    is_done: bool,
}

impl<'a> Installation<'a> {
    /// Begins, where no other one runs. Returns also what resolves when it is cancelled.
    fn begin(
        updates: &'a Updates,
        shell: &'a Arc<UpdateShell>,
        on_progress: OnUpdateProgress,
    ) -> Result<(Self, oneshot::Receiver<()>), Failure> {
        let (cancel, cancelled) = oneshot::channel();
        let mut state = updates.state.lock();
        if state.progress.is_some() {
            return Err(Failure::new(ErrorCode::BadUsage, "an update is being installed already"));
        }
        state.progress = Some(UpdateProgress::Downloading { percent: None });
        state.cancel = Some(cancel);
        Ok((Self { updates, shell, on_progress, is_done: false }, cancelled))
    }

    fn at(&self, progress: &UpdateProgress) {
        let before = self.updates.state.lock().progress.replace(progress.clone());
        if before.as_ref() != Some(progress) {
            (self.on_progress)(progress);
        }
    }

    fn got(&self, got: u64, size: Option<u64>) {
        let percent = size.filter(|size| *size > 0).map(|size| (got.saturating_mul(100) / size).min(100));
        self.at(&UpdateProgress::Downloading {
            percent: percent.and_then(|percent| percent.try_into().ok()),
        });
    }

    fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Installation<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.updates.state.lock();
            (state.progress, state.cancel) = (None, None);
        }
        if !self.is_done {
            self.shell.gateway.resume();
        }
        self.updates.context.changed();
    }
}
