//! Other programs, started and ended with all that they start.
//!
//! `codex`, as most people have it, is a script that starts the real one: ending only the script would leave that behind,
//! and the port that it holds. So each program gets a process group of its own, and it is the group that is ended.

use std::process::Stdio;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use usher_domain::ports::{BoxFuture, OnOutputLine, ProcessRunner};
use usher_domain::{ErrorCode, Failure};

use self::group::Group;

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod group;

/// How long the words of a program that has ended are still listened to: something that it left running may hold its
/// outputs open for ever.
const OUTPUT_DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// Starts programs by the search path.
#[derive(Debug, Default)]
pub struct SystemProcesses {
    /// Those that are just being ended.
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
            for one in ending {
                // Broken off with the runtime, which ends with us.
                let _ = one.await;
            }
        })
    }
}

impl SystemProcesses {
    /// The same for a command that was made elsewhere; `name` is what it is called.
    pub fn run_command(
        &self,
        name: &str,
        command: std::process::Command,
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>> {
        let name = name.to_owned();
        let mut command = Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        group::apart(&mut command);
        Box::pin(async move {
            let child = command.spawn().map_err(|error| start_failure(&name, &error))?;
            let mut running = Running { child: Some(child), all: self };
            let status = running.hear(&on_line).await.map_err(|error| start_failure(&name, &error))?;
            // It has ended by itself: what it left running, such as a browser, was meant to stay.
            running.child = None;
            // Ended by a signal: no status of its own.
            Ok(status.code().unwrap_or(-1))
        })
    }

    fn ending(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.ending.lock()
    }
}

/// A program that somebody waits for. Whoever stops waiting does not want it any more: it is ended.
struct Running<'a> {
    child: Option<Child>,
    all: &'a SystemProcesses,
}

impl Running<'_> {
    async fn hear(&mut self, on_line: &OnOutputLine) -> std::io::Result<std::process::ExitStatus> {
        let child = self.child.as_mut().expect("it is taken out at the end only");
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let words = async { tokio::join!(tell(out, on_line), tell(err, on_line)) };
        tokio::pin!(words);
        let status = tokio::select! {
            _ = &mut words => return child.wait().await,
            status = child.wait() => status,
        };
        let _ = tokio::time::timeout(OUTPUT_DRAIN_TIMEOUT, words).await;
        status
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else { return };
        let group = Group::of(&child);
        group.ask_to_end();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => self.all.ending().push(runtime.spawn(group.end(child))),
            // Nobody is left who could wait for it.
            Err(_) => group.end_now(),
        }
    }
}

async fn tell(from: Option<impl AsyncRead + Unpin>, on_line: &OnOutputLine) {
    let Some(from) = from else { return };
    // Read to the end, whatever it is: a program whose words nobody takes is ended by its next one.
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

    fn heard() -> (OnOutputLine, Arc<Mutex<Vec<String>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        (Arc::new(move |line| heard.lock().push(line)), said)
    }

    #[tokio::test]
    async fn lines_of_both_outputs_are_told_and_the_status_is_given() {
        let (on_line, said) = heard();
        let status = SystemProcesses::default()
            .run("sh", &["-c", r"printf '\377\n'; echo out; echo err >&2; exit 3"], on_line)
            .await
            .unwrap();
        let mut said = said.lock().clone();
        said.sort();
        assert_eq!((status, said), (3, ["err", "out", "\u{fffd}"].map(str::to_owned).to_vec()));
        let missing = SystemProcesses::default().run("usher-has-no-such-program", &[], Arc::new(drop)).await;
        assert_eq!(missing.unwrap_err().code, ErrorCode::ProgramMissing);
    }

    /// What it left running holds its output open, and goes on when it is not waited for any more.
    #[tokio::test]
    #[cfg(unix)]
    async fn what_a_program_leaves_running_is_not_waited_for() {
        let (on_line, said) = heard();
        let status = SystemProcesses::default()
            .run("sh", &["-c", "sleep 431 & echo $!; exit 0"], on_line)
            .await
            .unwrap();
        let left: i32 = said.lock()[0].parse().unwrap();
        assert_eq!(status, 0);
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(left), nix::sys::signal::SIGKILL).unwrap();
    }

    /// One that listens to the first signal and one that does not; each with a child, which must not stay behind.
    #[tokio::test]
    #[cfg(unix)]
    async fn whoever_stops_waiting_ends_all_of_it() {
        for wrapper in ["sleep 431 & echo $!; wait", "trap '' TERM; sleep 431 & echo $!; wait; wait"] {
            let processes = SystemProcesses::default();
            let (tell, told) = tokio::sync::oneshot::channel();
            let tell = Mutex::new(Some(tell));
            let on_line: OnOutputLine = Arc::new(move |line| {
                tell.lock().take().expect("it says one line").send(line).unwrap();
            });
            let child = tokio::select! {
                ended = processes.run("sh", &["-c", wrapper], on_line) => panic!("{ended:?}"),
                child = told => child.unwrap(),
            };
            processes.wait_idle().await;
            // One that nobody has taken leave of yet is gone as well.
            let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            assert!(stat.is_empty() || stat.contains(") Z "), "{wrapper}: {stat}");
        }
    }
}
