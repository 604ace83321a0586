//! Runs other programs, and ends them with all that they have started.
//!
//! `codex` is often a script that starts the real program: ending only the script would leave that one running, and its
//! port in use. So each program gets a process group of its own, and the group is ended. Why by our own code:
//! docs/adr/0015.

use std::process::Stdio;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use usher_domain::ports::{BoxFuture, OnOutputLine, ProcessRunner};
use usher_domain::{ErrorCode, Failure};

use self::group::ProcessGroup;

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod group;

/// Limits how long the output of a program that has ended is still read: a process that it has left running may keep the
/// output open for ever.
const OUTPUT_DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// Runs programs of the search path.
#[derive(Debug, Default)]
pub struct SystemProcesses {
    /// The tasks that end cancelled programs.
    ending: Mutex<Vec<JoinHandle<()>>>,
}

impl ProcessRunner for SystemProcesses {
    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>> {
        let mut command = std::process::Command::new(program);
        command.args(arguments);
        self.run_command(program, command, on_line)
    }

    fn wait_idle(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let ending = std::mem::take(&mut *self.ending());
            for task in ending {
                // An error means that the runtime is shutting down.
                let _ = task.await;
            }
        })
    }
}

impl SystemProcesses {
    /// Runs a command that the caller has built; `name` is for error texts.
    pub fn run_command(
        &self,
        name: &str,
        command: std::process::Command,
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>> {
        let name = name.to_owned();
        let mut command = Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        group::set_own_group(&mut command);
        Box::pin(async move {
            let child = command.spawn().map_err(|error| start_failure(&name, &error))?;
            let mut running = RunningProgram { child: Some(child), processes: self };
            let status = running.read_output(&on_line).await.map_err(|error| start_failure(&name, &error))?;
            // It has ended by itself: what it left running, such as a browser, should stay.
            running.child = None;
            // A program that a signal has ended has no exit code.
            Ok(status.code().unwrap_or(-1))
        })
    }

    fn ending(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.ending.lock()
    }
}

/// A program whose exit is awaited; it is ended when this is dropped before.
struct RunningProgram<'a> {
    child: Option<Child>,
    processes: &'a SystemProcesses,
}

impl RunningProgram<'_> {
    async fn read_output(&mut self, on_line: &OnOutputLine) -> std::io::Result<std::process::ExitStatus> {
        let child = self.child.as_mut().expect("it is taken only when the program has ended");
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let output = async { tokio::join!(read_lines(out, on_line), read_lines(err, on_line)) };
        tokio::pin!(output);
        let status = tokio::select! {
            _ = &mut output => return child.wait().await,
            status = child.wait() => status,
        };
        let _ = tokio::time::timeout(OUTPUT_DRAIN_TIMEOUT, output).await;
        status
    }
}

impl Drop for RunningProgram<'_> {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else { return };
        let group = ProcessGroup::of(&child);
        group.terminate();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => self.processes.ending().push(runtime.spawn(group.end(child))),
            // Without a runtime nothing can wait for its end.
            Err(_) => group.kill(),
        }
    }
}

async fn read_lines(from: Option<impl AsyncRead + Unpin>, on_line: &OnOutputLine) {
    let Some(from) = from else { return };
    // Read to the end, UTF-8 or not: a closed pipe would end the program at its next output (SIGPIPE).
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        on_line(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

fn start_failure(name: &str, error: &std::io::Error) -> Failure {
    let (code, cause) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            (ErrorCode::ProgramMissing, format!("there is no {name} on the search path"))
        }
        _ => (ErrorCode::UpstreamError, format!("{name} could not be run: {error}")),
    };
    Failure::new(code, cause)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn collect_lines() -> (OnOutputLine, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&lines);
        (Arc::new(move |line| collected.lock().push(line)), lines)
    }

    #[tokio::test]
    async fn run_reports_lines_of_both_outputs_and_returns_the_exit_code() {
        let (on_line, lines) = collect_lines();
        let status = SystemProcesses::default()
            .run("sh", &["-c", r"printf '\377\n'; echo out; echo err >&2; exit 3"], on_line)
            .await
            .unwrap();
        let mut lines = lines.lock().clone();
        lines.sort();
        assert_eq!((status, lines), (3, ["err", "out", "\u{fffd}"].map(str::to_owned).to_vec()));
        let missing = SystemProcesses::default().run("usher-has-no-such-program", &[], Arc::new(drop)).await;
        assert_eq!(missing.unwrap_err().code, ErrorCode::ProgramMissing);
    }

    /// The process that is left running keeps the output open, and runs on afterwards.
    #[tokio::test]
    #[cfg(unix)]
    async fn run_does_not_wait_for_processes_left_running() {
        let (on_line, lines) = collect_lines();
        let status = SystemProcesses::default()
            .run("sh", &["-c", "sleep 431 & echo $!; exit 0"], on_line)
            .await
            .unwrap();
        let left: i32 = lines.lock()[0].parse().unwrap();
        assert_eq!(status, 0);
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(left), nix::sys::signal::SIGKILL).unwrap();
    }

    /// One that ends at SIGTERM and one that ignores it, each with a child, which must be ended too.
    #[tokio::test]
    #[cfg(unix)]
    async fn run_when_dropped_ends_the_process_group() {
        for wrapper in ["sleep 431 & echo $!; wait", "trap '' TERM; sleep 431 & echo $!; wait; wait"] {
            let processes = SystemProcesses::default();
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let sender = Mutex::new(Some(sender));
            let on_line: OnOutputLine = Arc::new(move |line| {
                sender.lock().take().expect("it prints one line").send(line).unwrap();
            });
            let child = tokio::select! {
                ended = processes.run("sh", &["-c", wrapper], on_line) => panic!("{ended:?}"),
                child = receiver => child.unwrap(),
            };
            processes.wait_idle().await;
            // A zombie that nobody has reaped yet has ended, too.
            let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            assert!(stat.is_empty() || stat.contains(") Z "), "{wrapper}: {stat}");
        }
    }
}
