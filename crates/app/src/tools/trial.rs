//! Tries a connected tool: its smallest command asks a model, and a request with its pass must arrive.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure, UnixTime, redact, sanitize_line};
use usher_tools::{Check, ConnectionState, Helper, Setup, Tool};

use super::{ToolConnections, ToolOptions, find};
use crate::view::{ToolTrialOutcome, ToolTrialView};

/// How long a tool has to answer. Some take many seconds to start.
const TIMEOUT: Duration = Duration::from_secs(90);
/// How late another process may write down that a pass was used, in seconds.
const USE_WRITTEN_WITHIN: i64 = 60;
/// How much of what a tool says is shown, in characters.
const LONGEST_LINE: usize = 300;

impl ToolConnections {
    /// Runs the smallest command of a connected tool that asks a model. That is one short request, on the person's plan.
    pub async fn try_out(&self, tool: &str) -> Result<ToolTrialView, Failure> {
        let tool = find(tool)?;
        let refused = |cause: String| Failure::new(ErrorCode::BadUsage, cause);
        let connected = self.connected()?;
        let by = tool.served_by(&connected).map_or(tool.id, |other| other.id);
        let connection = connected
            .iter()
            .find(|one| one.tool == by && one.state == ConnectionState::Applied)
            .ok_or_else(|| refused(format!("{} is not connected", tool.name)))?;
        let check = tool
            .check
            .as_ref()
            .ok_or_else(|| refused(format!("{} has no command that asks a model and ends", tool.name)))?;
        let setup = self.setup(tool, &ToolOptions::default()).await?;

        let last_line = Arc::new(Mutex::new(None));
        let last = Arc::clone(&last_line);
        let on_line = Arc::new(move |line: String| {
            let line = sanitize_line(&redact(&line), LONGEST_LINE);
            if !line.trim().is_empty() {
                *last.lock() = Some(line);
            }
        });
        let arguments = (check.arguments)(&setup);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (began, begun_at) = (Instant::now(), self.context.clock.now());
        let running = self.context.processes.run(check.program, &arguments, on_line);
        let outcome = match tokio::time::timeout(TIMEOUT, running).await {
            Err(_) => ToolTrialOutcome::TimedOut,
            Ok(Err(failure)) => return Err(failure),
            Ok(Ok(status)) if status != 0 => ToolTrialOutcome::Failed,
            Ok(Ok(_)) if self.was_used(&connection.pass, begun_at).await? => ToolTrialOutcome::Answered,
            Ok(Ok(_)) => ToolTrialOutcome::Bypassed,
        };
        let last_line = last_line.lock().take();
        Ok(ToolTrialView {
            tool: tool.id.to_owned(),
            command: command(check, &setup),
            outcome,
            last_line,
            took_ms: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
        })
    }

    async fn was_used(&self, pass: &str, since: UnixTime) -> Result<bool, Failure> {
        let passes = self.passes.list_views().await?;
        let used = passes.iter().find(|one| one.name == pass).and_then(|one| one.last_used_at);
        Ok(used.is_some_and(|used| used.0 >= since.0 - USE_WRITTEN_WITHIN))
    }
}

/// Returns the command that tries a tool, for people.
pub(super) fn command_of(tool: &Tool, setup: &Setup) -> Option<String> {
    tool.check.as_ref().map(|check| command(check, setup))
}

fn command(check: &Check, setup: &Setup) -> String {
    Helper { program: check.program.to_owned(), arguments: (check.arguments)(setup) }.line()
}
