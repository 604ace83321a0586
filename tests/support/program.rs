//! Runs the built `usher` as users do: arguments and environment in; text, JSON documents and exit status out.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// Returns the program under test: `USHER_BIN`, else the one in the target folder of this test.
///
/// # Panics
/// Panics without such a program.
pub fn usher() -> PathBuf {
    let in_target_folder = || {
        let test = std::env::current_exe().expect("a running program has a path");
        // target/debug/deps/it-…, or target/debug/usher-callers.
        let folder = test.parent().expect("it lies in a folder");
        let folder =
            if folder.ends_with("deps") { folder.parent().expect("deps lies in one") } else { folder };
        folder.join(format!("usher{}", std::env::consts::EXE_SUFFIX))
    };
    let path = std::env::var_os("USHER_BIN").map_or_else(in_target_folder, PathBuf::from);
    assert!(path.is_file(), "{} does not exist: run ./dev test, which builds it first", path.display());
    path
}

/// The output of a program that has ended.
#[derive(Debug)]
pub struct Output {
    /// The exit status; -1 when a signal ended it.
    pub code: i32,
    /// The text of standard output.
    pub stdout: String,
    /// The text of standard error.
    pub stderr: String,
}

impl Output {
    /// Parses the only JSON document on standard output.
    pub fn json(&self) -> Value {
        let mut lines = self.documents();
        assert_eq!(lines.len(), 1, "one document is promised: {self:?}");
        lines.remove(0)
    }

    /// Parses every line of standard output as JSON.
    pub fn documents(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why} in {line}: {self:?}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Returns the document of a command that must have succeeded.
    pub fn done(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.json()
    }

    /// Returns the `error` of a command that must have failed with `exit`, and checks that both outputs report it.
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

    /// Returns the error code of a command that must have failed with `exit`.
    pub fn error_code(&self, exit: i32) -> String {
        self.error(exit)["code"].as_str().expect("checked before").to_owned()
    }
}

/// A running program.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
    /// Reads standard error the whole time, because a program blocks when that pipe is full.
    stderr_reader: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts `command` with pipes for all three standard streams.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("the stream is piped")).lines();
        let mut stderr = child.stderr.take().expect("the stream is piped");
        let stderr_reader = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.expect("standard error is text");
            text
        });
        Self { child, lines, seen: Vec::new(), stderr_reader: Some(stderr_reader) }
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    /// Reads the next line of standard output; `None` at its end.
    pub async fn line(&mut self) -> Option<String> {
        let line = self.lines.next_line().await.expect("the output is text");
        self.seen.extend(line.clone());
        line
    }

    /// Reads the next line as JSON.
    pub async fn event(&mut self) -> Value {
        let Some(line) = self.line().await else {
            panic!("it ended without an event: {:?}", self.end().await)
        };
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why} in {line}"))
    }

    /// Reads lines until the event of this name.
    pub async fn event_named(&mut self, name: &str) -> Value {
        loop {
            let event = self.event().await;
            if event["event"] == name {
                return event;
            }
            assert_ne!(event["event"], "failed", "waiting for {name}: {event}");
        }
    }

    /// Writes a line to standard input. A program that has ended without reading it is no failure.
    pub async fn type_line(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("the stream is piped");
        let written = async {
            input.write_all(format!("{line}\n").as_bytes()).await?;
            input.flush().await
        };
        if let Err(error) = written.await {
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{error}");
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.id()).expect("process ids are small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).expect("it runs");
    }

    /// Closes standard input and waits for the end. The output has all lines, also those already read.
    pub async fn end(&mut self) -> Output {
        drop(self.child.stdin.take());
        while let Some(line) = self.lines.next_line().await.expect("the output is text") {
            self.seen.push(line);
        }
        let stderr_reader = self.stderr_reader.take().expect("it ends once");
        let stderr = stderr_reader.await.expect("they were read");
        let status = self.child.wait().await.expect("it can be waited for");
        let stdout = self.seen.iter().fold(String::new(), |text, line| text + line + "\n");
        Output { code: code(status), stdout, stderr }
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}
