//! A separate home for each test, configured for its own sandbox.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use tokio::process::Command;
use usher_sandbox::Sandbox;

use crate::program::{Output, Running, usher};

/// A `USHER_HOME` and the environment of its commands, which inherit no other variables.
pub struct Home {
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// Whether commands follow one another within a minute.
    is_quick: bool,
}

impl Home {
    /// Creates a home that uses `sandbox`.
    pub fn at(sandbox: &Sandbox) -> Self {
        let mut home = Self::at_addresses(sandbox.issuer(), sandbox.chatgpt());
        home.set("USHER_PLATFORM_URL", sandbox.platform());
        home
    }

    /// Creates a home that uses these addresses.
    pub fn at_addresses(issuer: &str, chatgpt: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("usher-test-").tempdir().expect("a temporary folder");
        let mut home = Self { folder, environment: Vec::new(), is_quick: false };
        let path = home.path().to_str().expect("temporary folders have plain names").to_owned();
        home.set("HOME", &path);
        home.set("USHER_HOME", &path);
        home.set("USHER_SECRETS", "file");
        home.set("USHER_ISSUER_URL", issuer);
        home.set("USHER_CHATGPT_URL", chatgpt);
        home.set("TZ", "UTC");
        home
    }

    /// Sets a variable for every later command.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the folder of the home.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Reads a file of the home.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    /// Writes a file of the home.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap_or_else(|why| panic!("{name}: {why}"));
    }

    /// Returns the names of the files that contain `part`.
    pub fn files(&self, part: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("the home is a folder");
        let names = entries.map(|entry| entry.expect("it can be listed").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.contains(part)).collect()
    }

    /// Lets all later commands follow one another within a minute. Otherwise one passes before each `usher usage`, which
    /// does not ask again sooner.
    pub fn hurry(&mut self) {
        self.is_quick = true;
    }

    /// Lets the minute pass in which nobody asks for the usage again. Nothing is done where the state cannot be changed.
    fn wait_to_ask_usage(&self) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if let Ok(state) = Connection::open_with_flags(self.path().join("state.db"), flags) {
            let _ = state.busy_timeout(Duration::from_secs(5));
            let _ = state.execute("UPDATE usage_asks SET at = at - 60", []);
        }
    }

    /// Returns a command with the environment of this home.
    pub fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        if arguments.first() == Some(&"usage") && !self.is_quick {
            self.wait_to_ask_usage();
        }
        let mut command = Command::new(program);
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.args(arguments).env_clear().envs(environment).kill_on_drop(true);
        command
    }

    /// Runs `usher` to its end, with empty standard input.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(usher(), arguments);
        let output = command.stdin(Stdio::null()).output().await.expect("usher starts");
        let text = |bytes| String::from_utf8(bytes).expect("the output is text");
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs `usher … --json` to its end, with `input` as a line of standard input.
    pub async fn json_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut running = self.start(&[arguments, &["--json"]].concat());
        running.type_line(input).await;
        running.end().await
    }

    /// Runs `usher … --json` to its end.
    pub async fn json(&self, arguments: &[&str]) -> Output {
        self.run(&[arguments, &["--json"]].concat()).await
    }

    /// Starts `usher` and leaves it running.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(usher(), arguments))
    }
}
