//! Runs the built `usher` on a home of its own against a sandbox in this process.

use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};

/// Longest that anything here may take; what waits longer hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox, and a home that points at it.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    /// `USHER_HOME`.
    pub(crate) home: TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Done {
    /// Exit status number; absent when a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// A sandbox whose device codes are polled without a pause.
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
        sandbox.change_settings(|settings| settings.device_interval_s = 0);
        Self { sandbox, home: tempfile::tempdir().expect("a folder for the home") }
    }

    /// The command `usher ARGUMENTS --json` on this home.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(usher());
        command.args(arguments).arg("--json");
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        command.envs([
            ("USHER_ISSUER_URL", self.sandbox.issuer()),
            ("USHER_CHATGPT_URL", self.sandbox.chatgpt()),
            ("USHER_SECRETS", "file"),
        ]);
        command.env("USHER_HOME", self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs `usher ARGUMENTS --json` to its end.
    pub(crate) async fn usher(&self, arguments: &[&str]) -> Done {
        finish(self.command(arguments)).await
    }

    /// Signs in with a device code, which needs no port and so may run beside others.
    pub(crate) async fn sign_in(&self, account: &str) {
        let mut login = Login::start(self.command(&["login", "--device"]));
        let code = login.event().await;
        let user_code = code["user_code"].as_str().expect("a code is shown").to_owned();
        Browser::new().enter_device_code(self.sandbox.issuer(), &user_code, account).await;
        let (status, events) = login.end().await;
        assert!(status.success(), "sign-in failed: {events:?}");
    }

    /// Runs a command that must succeed, and gives its document.
    pub(crate) async fn document(&self, arguments: &[&str]) -> Value {
        let done = self.usher(arguments).await;
        assert_eq!(done.exit, Some(0), "{arguments:?}: {done:?}");
        done.document()
    }
}

impl Done {
    /// The one document on stdout.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the error document.
    pub(crate) fn code(&self) -> String {
        self.document()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Runs `command` to its end.
pub(crate) async fn finish(mut command: Command) -> Done {
    let ended = tokio::time::timeout(PATIENCE, command.output()).await.expect("the command ends");
    let Output { status, stdout, stderr } = ended.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    Done { exit: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A `usher login` under way, with its events.
pub(crate) struct Login {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Login {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("usher starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        Self { child, lines: BufReader::new(stdout).lines() }
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("an event comes");
        let line = line.expect("stdout is read").expect("an event before the end");
        serde_json::from_str(&line).expect("an event is JSON")
    }

    /// Ends it, and waits until it is gone with all that it held.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// Waits for the end, and gives the events that were left.
    pub(crate) async fn end(mut self) -> (ExitStatus, Vec<Value>) {
        let mut events = Vec::new();
        let all = async {
            while let Ok(Some(line)) = self.lines.next_line().await {
                events.push(serde_json::from_str(&line).expect("an event is JSON"));
            }
            self.child.wait().await.expect("usher ends")
        };
        let status = tokio::time::timeout(PATIENCE, all).await.expect("usher ends in time");
        (status, events)
    }
}

/// The built command line.
fn usher() -> PathBuf {
    let program = std::env::var_os("USHER_BIN").map(PathBuf::from);
    let program = program.expect("USHER_BIN names the built command line: run the tests by ./dev test");
    assert!(program.is_file(), "{} is not built", program.display());
    program
}
