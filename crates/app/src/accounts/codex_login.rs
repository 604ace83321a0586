//! "Run codex login": the Codex CLI's own sign-in, run for the person, its words shown as they come.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;
use usher_auth::CodexState;
use usher_domain::{ErrorCode, Failure, redact};

use crate::context::{Context, run_blocking};
use crate::providers::kinds::codex_of;
use crate::view::CodexLoginEvent;

/// Hears what happens while it runs.
pub type OnCodexLoginEvent = Arc<dyn Fn(CodexLoginEvent) + Send + Sync>;

/// The end of the one that runs, for Stop.
pub(crate) struct RunningLogin {
    stop: oneshot::Sender<()>,
}

const PROGRAM: &str = "codex";
/// How long it may take to say its version, which it does in a few milliseconds.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs `codex login`, one at a time.
pub struct CodexLogins {
    context: Arc<Context>,
    running: Mutex<Option<RunningLogin>>,
    /// Held while the Codex CLI signs in.
    turn: tokio::sync::Mutex<()>,
}

impl CodexLogins {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, running: Mutex::new(None), turn: tokio::sync::Mutex::default() }
    }

    /// Waits until a program that is being ended is gone.
    pub(crate) async fn wait_idle(&self) {
        // A login that was just stopped lets go of its program first.
        drop(self.turn.lock().await);
        self.context.processes.wait_idle().await;
    }

    /// Runs `codex login`; one that runs already is ended first. Fails with [`ErrorCode::ProgramMissing`] when there is
    /// no Codex CLI, and with [`ErrorCode::Cancelled`] after Stop.
    pub async fn run(&self, on_event: OnCodexLoginEvent) -> Result<(), Failure> {
        let (stop, stopped) = oneshot::channel();
        // Dropping the other end ends the one before this.
        drop(self.running_login().replace(RunningLogin { stop }));
        // Until it is gone it holds the port that the next one needs.
        let _turn = self.turn.lock().await;
        self.context.processes.wait_idle().await;
        let result = tokio::select! {
            result = self.run_codex_login(&on_event) => result,
            _ = stopped => Err(Failure::new(ErrorCode::Cancelled, "codex login was stopped")),
        };
        self.context.changed();
        result
    }

    /// Ends the one that runs.
    pub fn stop(&self) {
        if let Some(running) = self.running_login().take() {
            // The receiver is gone when it has just ended by itself.
            let _ = running.stop.send(());
        }
    }

    async fn run_codex_login(&self, on_event: &OnCodexLoginEvent) -> Result<(), Failure> {
        let version = self.codex_version().await?;
        on_event(CodexLoginEvent::Version { version });
        let emit = Arc::clone(on_event);
        let on_line = Arc::new(move |line: String| emit(CodexLoginEvent::Line { text: redact(&line) }));
        let status = self.context.processes.run(PROGRAM, &["login"], on_line).await?;
        let signed_in = self.codex_is_signed_in().await?;
        on_event(CodexLoginEvent::Ended { signed_in });
        // Its status alone: somebody may have been signed in before.
        if status == 0 {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::UpstreamError, format!("codex login ended with status {status}")))
    }

    /// Returns the version that the Codex CLI prints, which proves that it is installed.
    pub(crate) async fn codex_version(&self) -> Result<String, Failure> {
        let version = Arc::new(Mutex::new(String::new()));
        let first_line = Arc::clone(&version);
        let on_line = Arc::new(move |line: String| {
            let mut first = first_line.lock();
            if first.is_empty() {
                *first = redact(line.trim());
            }
        });
        let asked = self.context.processes.run(PROGRAM, &["--version"], on_line);
        tokio::time::timeout(VERSION_TIMEOUT, asked).await.map_err(|_| silent())??;
        let version = version.lock().clone();
        Ok(version)
    }

    async fn codex_is_signed_in(&self) -> Result<bool, Failure> {
        let Some(codex) = codex_of(&self.context) else { return Ok(false) };
        let now = self.context.clock.now();
        Ok(matches!(run_blocking(move || codex.read(now)).await?, CodexState::SignedIn(_)))
    }

    fn running_login(&self) -> MutexGuard<'_, Option<RunningLogin>> {
        self.running.lock()
    }
}

fn silent() -> Failure {
    let seconds = VERSION_TIMEOUT.as_secs();
    let cause = format!("`codex --version` did not end within {seconds} s; run it in a terminal to see why");
    Failure::new(ErrorCode::Timeout, cause)
}
