//! The program `usher-sandbox` itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A program that is killed at the end of the test, also of a failed one.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> (Program, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_usher-sandbox"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a first line");
    (Program(child), line)
}

#[tokio::test]
async fn program_with_json_prints_addresses_first() {
    let (_program, line) = start(&["--json"]);
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(line["event"], "listening");
    let issuer = line["issuer"].as_str().expect("issuer");
    assert_eq!(line["chatgpt"], format!("{issuer}/backend-api"));
    assert_eq!(line["platform"], format!("{issuer}/v1"));
    assert_eq!(line["compatible"], format!("{issuer}/compatible"));
    let page = usher_sandbox::browser::Browser::new().open(&format!("{issuer}/codex/device")).await;
    assert_eq!(page.status, Some(200));
}

#[test]
fn program_without_json_prints_exports_only() {
    let output = Command::new(env!("CARGO_BIN_EXE_usher-sandbox"))
        .arg("--exit-with-stdin")
        .stdin(Stdio::null())
        .output()
        .expect("it runs and ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let names: Vec<_> = text.lines().filter_map(|line| line.split('=').next()).collect();
    let expected = ["USHER_ISSUER_URL", "USHER_CHATGPT_URL", "USHER_PLATFORM_URL"];
    assert_eq!(names, expected.map(|name| format!("export {name}")));
    assert!(text.starts_with("export USHER_ISSUER_URL=http://127.0.0.1:"), "{text}");
}

#[test]
fn program_after_sigterm_exits_cleanly() {
    let (mut program, _) = start(&["--json"]);
    let killed =
        Command::new("kill").args(["-TERM", &program.0.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert!(program.0.wait().expect("it ends").success());
}

#[test]
fn program_with_exit_with_stdin_ends_with_it() {
    let (mut program, _) = start(&["--json", "--exit-with-stdin"]);
    drop(program.0.stdin.take());
    assert!(program.0.wait().expect("it ends").success());
}

#[test]
fn program_on_busy_port_prints_cause() {
    let (_program, line) = start(&["--json"]);
    let line: Value = serde_json::from_str(&line).expect("JSON");
    let port = line["issuer"].as_str().and_then(|issuer| issuer.rsplit(':').next()).expect("a port");
    let second =
        Command::new(env!("CARGO_BIN_EXE_usher-sandbox")).args(["--port", port]).output().expect("it runs");
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("cause: "));
}
