//! Standard input and output: a reader that closes early, a full disk, a secret as input.

use std::fs::File;
use std::io::pipe;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, signed_in, usher};

/// Longer than any wait of these tests.
const TIMEOUT: Duration = Duration::from_secs(20);
const KEY: &str = "sk-sandbox-0123456789abcd";

async fn sandbox() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// Returns a pipe whose reader is closed.
fn closed_pipe() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs `usher` with this standard output; returns exit status and standard error.
async fn exit_and_stderr(home: &Home, arguments: &[&str], stdout: Stdio) -> (Option<i32>, String) {
    let mut command = home.command(usher(), arguments);
    // Not `output()`, which would read standard output itself.
    let child = command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Scripts read the first line to learn the address, then close the pipe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_continues_after_reader_closes() {
    let (sandbox, home) = sandbox().await;
    sandbox.change_settings(|settings| settings.device_interval_s = 0);
    sandbox.push_fault("device.token", Fault::Delay { ms: 150 });
    let mut command = home.command(usher(), &["login", "--device", "--json"]);
    let mut login = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(login.stdout.take().unwrap()).lines();
    let code: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    drop(lines);
    Browser::new().enter_device_code(sandbox.issuer(), code["user_code"].as_str().unwrap(), "ada").await;
    assert_eq!(login.wait().await.unwrap().code(), Some(0));
    assert_eq!(home.json(&["status"]).await.done()["account"]["email"], "ada@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_reader_changes_no_exit_status() {
    let (sandbox, home) = sandbox().await;
    assert_eq!(exit_and_stderr(&home, &["status"], closed_pipe()).await.0, Some(3), "nobody is signed in");
    let unlisted = format!("{}/none", sandbox.compatible());
    let add = ["providers", "add", "openai-compatible", "--name", "k", "--base-url", &unlisted];
    assert_eq!(exit_and_stderr(&home, &add, closed_pipe()).await, (Some(0), String::new()));
    let (code, stderr) =
        exit_and_stderr(&home, &["test", "--provider", "openai-compatible:k"], closed_pipe()).await;
    assert!(code != Some(0) && stderr.contains("error: "), "the test failed: {code:?} {stderr}");
    assert_eq!(exit_and_stderr(&home, &["--help"], closed_pipe()).await, (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_that_cannot_be_written_is_an_error() {
    let (_sandbox, home) = signed_in().await;
    for arguments in [&["status", "--json"][..], &["status"], &["--help"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, stderr) = exit_and_stderr(&home, arguments, full.into()).await;
        assert_eq!((code, stderr.matches("error: ").count()), (Some(1), 1), "{arguments:?}: {stderr}");
        assert!(stderr.contains("cause: ") && stderr.contains("hint: "), "{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn incomplete_secret_is_rejected() {
    let (_sandbox, home) = sandbox().await;
    let login = ["login", "--api-key-stdin"];
    let long = home.json_with_input(&login, &format!("sk-{}", "a".repeat(20_000))).await.error(2);
    assert!(long["message"].as_str().unwrap().contains("longer than"), "{long}");
    assert_eq!(home.json_with_input(&login, "sk-").await.error_code(3), "invalid_key");
    assert_eq!(home.json(&["providers"]).await.done()["providers"].as_array().unwrap().len(), 1);
    home.json_with_input(&login, KEY).await.done();
}

/// Returns whether `terminal` does not echo input.
async fn is_silent(terminal: &str) -> bool {
    let settings = Command::new("/usr/bin/stty").args(["-a", "-F", terminal]).output().await.unwrap();
    let settings = String::from_utf8(settings.stdout).unwrap();
    settings.split_whitespace().any(|setting| setting == "-echo")
}

/// `script` emulates the terminal: its output is what a user, or somebody behind them, sees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secret_typed_at_terminal_is_not_echoed() {
    let (_sandbox, home) = sandbox().await;
    let run = format!("tty > terminal; exec {} login --api-key-stdin", usher().display());
    let mut command = home.command("/usr/bin/script", &["-qec", &run, "/dev/null"]);
    command.current_dir(home.path()).env("PATH", "/usr/bin:/bin");
    let mut terminal = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = terminal.stdin.take().unwrap();
    let mut output = BufReader::new(terminal.stdout.take().unwrap());
    let mut seen = Vec::new();
    output.read_until(b':', &mut seen).await.unwrap();
    let silence = async { while !is_silent(home.read("terminal").trim()).await {} };
    tokio::time::timeout(TIMEOUT, silence).await.expect("typed text is not shown");
    input.write_all(format!("{KEY}\n").as_bytes()).await.unwrap();
    while output.read_until(b'\n', &mut seen).await.unwrap() > 0 {}
    let seen = String::from_utf8(seen).unwrap();
    assert!(terminal.wait().await.unwrap().success(), "{seen}");
    assert!(seen.contains("Paste the API key") && seen.contains("ends in abcd"), "{seen}");
    assert!(!seen.contains(KEY), "{seen}");
    let credential = home.json(&["providers"]).await.done()["providers"][1]["credential"].take();
    assert_eq!((&credential["kind"], &credential["ends_in"]), (&json!("key"), &json!("abcd")));
}
