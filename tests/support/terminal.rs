//! Runs the built `usher` on a terminal of its own, where it asks questions.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::home::Home;
use crate::program::usher;

/// Longer than any step of a test takes.
const TIMEOUT: Duration = Duration::from_secs(60);

/// `usher` on a terminal that `script` of util-linux makes. Input is echoed, and both outputs are one.
pub struct Terminal {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    shown: String,
    read: usize,
}

impl Terminal {
    /// Starts `usher` with these arguments, which have no quotes in them.
    pub fn start(home: &Home, arguments: &[&str]) -> Self {
        let words: Vec<String> = std::iter::once(usher().display().to_string())
            .chain(arguments.iter().map(|one| (*one).to_owned()))
            .map(|word| format!("'{word}'"))
            .collect();
        Self::start_line(home, &format!("exec {}", words.join(" ")))
    }

    /// Starts a line of shell commands on a terminal that is wide enough for the lines of a test.
    pub fn start_line(home: &Home, line: &str) -> Self {
        let line = format!("/usr/bin/stty columns 200 rows 60; {line}");
        let mut command = home.command("/usr/bin/script", &["-qefc", &line, "/dev/null"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).env("TERM", "xterm");
        let mut child = command.spawn().expect("util-linux is installed");
        let input = child.stdin.take().expect("the stream is piped");
        let output = child.stdout.take().expect("the stream is piped");
        Self { child, input, output, shown: String::new(), read: 0 }
    }

    /// Waits until the terminal shows `text`, after what was waited for before. Returns what came before it.
    pub async fn shows(&mut self, text: &str) -> String {
        loop {
            if let Some(place) = self.shown[self.read..].find(text) {
                let before = self.shown[self.read..self.read + place].to_owned();
                self.read += place + text.len();
                return before;
            }
            assert!(self.read_more().await > 0, "it ended without {text:?}: {}", self.shown);
        }
    }

    async fn read_more(&mut self) -> usize {
        let mut bytes = [0; 4096];
        let read = tokio::time::timeout(TIMEOUT, self.output.read(&mut bytes)).await;
        let read = read.unwrap_or_else(|_| panic!("nothing more is shown: {}", self.shown));
        // A terminal ends with an error on some systems.
        let length = read.unwrap_or_default();
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..length]));
        length
    }

    /// Types `text`, without a line end.
    pub async fn types(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).await.expect("the terminal reads");
        self.input.flush().await.expect("the terminal reads");
    }

    /// Waits for the end; returns the exit status and all that was shown.
    pub async fn end(mut self) -> (i32, String) {
        while self.read_more().await > 0 {}
        let status = self.child.wait().await.expect("it can be waited for");
        (status.code().unwrap_or(-1), self.shown)
    }
}
