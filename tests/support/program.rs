//! The built `usher`, run as anybody would: arguments and environment in; text, documents and exit status out.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// The program under test: `USHER_BIN`, else the one that was built beside this test.
///
/// # Panics
/// When there is none.
pub fn usher() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().expect("a running program has a path");
        // target/debug/deps/it-…, or target/debug/usher-many.
        let folder = test.parent().expect("it lies in a folder");
        let folder =
            if folder.ends_with("deps") { folder.parent().expect("deps lies in one") } else { folder };
        folder.join(format!("usher{}", std::env::consts::EXE_SUFFIX))
    };
    let path = std::env::var_os("USHER_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not there: run ./dev test, which builds it first", path.display());
    path
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; -1 when a signal ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Ran {
    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        let mut lines = self.documents();
        assert_eq!(lines.len(), 1, "one document is promised: {self:?}");
        lines.remove(0)
    }

    /// Every line of standard output as JSON.
    pub fn documents(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why} in {line}: {self:?}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The document of a command that went well.
    pub fn done(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.json()
    }

    /// The `error` of a command that failed with `exit`, told on both outputs.
    pub fn error(&self, exit: i32) -> Value {
        assert_eq!(self.code, exit, "{self:?}");
        let error = self.documents().pop().map(|mut last| last["error"].take()).unwrap_or_default();
        assert!(error.is_object(), "an error document is promised: {self:?}");
        for field in ["code", "message", "hint"] {
            assert!(
                error[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} is missing: {self:?}"
            );
        }
        assert!(
            error.as_object().is_some_and(|fields| fields.len() == 4),
            "four fields are promised: {self:?}"
        );
        assert!(self.stderr.contains("error: ") && self.stderr.contains("hint: "), "{self:?}");
        error
    }

    /// The code of a command that failed with `exit`.
    pub fn error_code(&self, exit: i32) -> String {
        self.error(exit)["code"].as_str().expect("checked before").to_owned()
    }
}

/// A program that still runs.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
    /// Read all along: a program whose complaints nobody reads stops when the pipe is full.
    complaints: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts `command` with all its ends in our hands.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
        let mut stderr = child.stderr.take().expect("it was asked for");
        let complaints = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.expect("the complaints are text");
            text
        });
        Self { child, lines, seen: Vec::new(), complaints: Some(complaints) }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    /// The next line of output, or nothing at its end.
    pub async fn line(&mut self) -> Option<String> {
        let line = self.lines.next_line().await.expect("the output is text");
        self.seen.extend(line.clone());
        line
    }

    /// The next line as JSON.
    pub async fn event(&mut self) -> Value {
        let Some(line) = self.line().await else {
            panic!("it ended without an event: {:?}", self.end().await)
        };
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why} in {line}"))
    }

    /// The next event of this name; others before it are passed over.
    pub async fn event_called(&mut self, name: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "failed", "waiting for {name}: {event}");
        }
    }

    /// Types a line.
    pub async fn type_line(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("it was asked for");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("the program reads");
        input.flush().await.expect("the program reads");
    }

    /// Sends a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.id()).expect("process ids are small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).expect("it runs");
    }

    /// Closes its input and waits for its end; the output holds all lines, those seen before too.
    pub async fn end(&mut self) -> Ran {
        drop(self.child.stdin.take());
        while let Some(line) = self.lines.next_line().await.expect("the output is text") {
            self.seen.push(line);
        }
        let complaints = self.complaints.take().expect("it ends once");
        let stderr = complaints.await.expect("they were read");
        let status = self.child.wait().await.expect("it can be waited for");
        let stdout = self.seen.iter().fold(String::new(), |text, line| text + line + "\n");
        Ran { code: code(status), stdout, stderr }
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}
