//! Starts the background process.

use std::ffi::OsString;
use std::fs::File;
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
#[cfg(windows)]
use std::os::windows::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use usher_auth::{make_private_folder, open_private_to_write};
use usher_domain::{ErrorCode, Failure};

/// How long it may take to come up.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest first line that is read of it.
const MAX_LINE_BYTES: u64 = 16 * 1024;

/// Holds what the background process writes to standard error: what the log cannot take, such as a panic.
const STDERR_FILE: &str = "background-stderr.log";

/// The command line, which has the background process as one of its commands.
#[derive(Debug, Clone)]
pub struct BackgroundProgram {
    path: OsString,
    /// Variables of this process that it does not get.
    without: &'static [&'static str],
}

impl BackgroundProgram {
    /// The `usher` beside the program `own`, else the one of the search path.
    pub fn beside(own: Option<&Path>) -> Self {
        let name = format!("usher{}", std::env::consts::EXE_SUFFIX);
        let beside = own.and_then(Path::parent).map(|folder| folder.join(&name));
        let path = beside.filter(|program| program.is_file()).map_or(name.into(), PathBuf::into_os_string);
        Self { path, without: &[] }
    }

    /// Keeps variables of this process from it.
    #[must_use]
    pub fn without(self, variables: &'static [&'static str]) -> Self {
        Self { without: variables, ..self }
    }

    /// Returns the command that is the background process. A signal of the terminal of this process is not for it, and
    /// on Windows it has no console.
    pub fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.path);
        command.arg("background");
        for name in self.without {
            command.env_remove(name);
        }
        #[cfg(unix)]
        command.process_group(0);
        #[cfg(windows)]
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
        command
    }
}

/// Starts it, and waits until it can be reached. It goes on when this process ends.
pub(super) async fn start(program: &BackgroundProgram, logs: &Path) -> Result<(), Failure> {
    let mut child = command(program, logs)?.spawn().map_err(|error| not_started(program, &error))?;
    let first = timeout(START_TIMEOUT, first_line(&mut child)).await;
    let Ok(line) = first else {
        // Nobody would know of it. Fails for one that has ended.
        let _ = child.start_kill();
        let why = format!("`usher background` did not come up within {} seconds", START_TIMEOUT.as_secs());
        return Err(Failure::new(ErrorCode::Internal, why));
    };
    match line {
        Some(line) if line["event"] == "ready" => Ok(()),
        Some(line) => Err(refusal(&line)),
        None => {
            let why = format!("`usher background` ended at once; see {STDERR_FILE} among the logs");
            Err(Failure::new(ErrorCode::Internal, why))
        }
    }
}

fn command(program: &BackgroundProgram, logs: &Path) -> Result<Command, Failure> {
    let unwritable =
        |error: std::io::Error| Failure::new(ErrorCode::StoreUnavailable, format!("the log: {error}"));
    let mut command = Command::from(program.command());
    command.arg("--json");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr(logs).map_err(unwritable)?);
    Ok(command)
}

/// No console, and none of the signals of this process's: values of the Windows function `CreateProcess`.
#[cfg(windows)]
const DETACHED_PROCESS: u32 = 0x8;
#[cfg(windows)]
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

/// The file for standard error, empty.
fn stderr(logs: &Path) -> std::io::Result<File> {
    make_private_folder(logs)?;
    let file = open_private_to_write(&logs.join(STDERR_FILE))?;
    file.set_len(0)?;
    Ok(file)
}

/// Reads the first line of standard output; `None` where there is none, or something else than JSON.
async fn first_line(child: &mut Child) -> Option<Value> {
    let mut line = Vec::new();
    let output = BufReader::new(child.stdout.take()?);
    output.take(MAX_LINE_BYTES).read_until(b'\n', &mut line).await.ok()?;
    serde_json::from_slice(&line).ok()
}

/// Returns why it did not come up, from the document of a failure.
fn refusal(document: &Value) -> Failure {
    let error = &document["error"];
    let code = serde_json::from_value(error["code"].clone()).unwrap_or(ErrorCode::Internal);
    Failure::new(code, error["message"].as_str().unwrap_or("`usher background` failed"))
}

fn not_started(program: &BackgroundProgram, error: &std::io::Error) -> Failure {
    let program = Path::new(&program.path).display();
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorCode::ProgramMissing,
        _ => ErrorCode::Internal,
    };
    Failure::new(code, format!("the program {program} could not be started: {error}"))
}
