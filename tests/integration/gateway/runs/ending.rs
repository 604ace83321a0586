//! The pass of a run ends with it, however that ends.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use usher_sandbox::Fault;
use usher_tests::{Gateway, Home, Running};

use super::{ask_with, home_for_programs};
use crate::gateway::dialects::responses_request;

/// Prints the pass and its own process, and goes on when `usher` is gone.
const LASTING: &str = "echo \"$OPENAI_API_KEY\"; echo $$; exec sleep 600 < /dev/null > /dev/null 2>&1";

/// A run whose program lasts.
struct Lasting {
    run: Running,
    pass: String,
    program: Pid,
}

impl Lasting {
    async fn start(home: &Home, options: &[&str]) -> Self {
        let mut run = home.start(&[&["run"], options, &["--", "sh", "-c", LASTING]].concat());
        let Some(pass) = run.line().await else { panic!("{:?}", run.end().await) };
        let program = Pid::from_raw(run.line().await.unwrap().parse().unwrap());
        Self { run, pass, program }
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = kill(self.program, Signal::SIGKILL);
    }
}

async fn names(home: &Home) -> Vec<String> {
    let passes = home.json(&["pass", "list"]).await.done();
    let name = |pass: &Value| pass["name"].as_str().unwrap().to_owned();
    passes["passes"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn pass_ends_when_usher_is_killed() {
    let (sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let mut lasting = Lasting::start(&home, &[]).await;
    assert_eq!(ask_with(&gateway, &lasting.pass).await.status, 200);
    assert_eq!(names(&home).await, ["test", "run: sh"]);

    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let bearer = format!("Bearer {}", lasting.pass);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = responses_request(true).to_string();
    let running = gateway.send("POST", "/v1/responses", &headers, &body);
    let killed = async {
        sandbox.wait_for("responses", 1, Duration::from_secs(60)).await.expect("the request arrived");
        lasting.run.signal(Signal::SIGKILL);
        assert_eq!(lasting.run.end().await.code, -1);
    };
    let (cut, ()) = tokio::join!(running, killed);
    assert!(cut.body.contains("the run of this pass is over"), "{cut:?}");

    assert!(kill(lasting.program, None).is_ok(), "the program still runs");
    let refused = ask_with(&gateway, &lasting.pass).await;
    assert_eq!((refused.status, refused.header("x-should-retry")), (401, "false"), "{refused:?}");
    assert_eq!(names(&home).await, ["test"]);
    assert_eq!(home.run(&["pass", "print", "run: sh"]).await.code, 2);
    // What was left is deleted by the next one, which gets the name.
    let left = home.path().join("runs");
    assert_eq!(std::fs::read_dir(&left).unwrap().count(), 1);
    let next = Lasting::start(&home, &[]).await;
    assert_eq!(names(&home).await, ["test", "run: sh"]);
    assert_eq!(std::fs::read_dir(&left).unwrap().count(), 1);
    assert_eq!(ask_with(&gateway, &lasting.pass).await.status, 401, "it has another pass");
    drop(next);
}

#[tokio::test]
async fn runs_at_once_have_passes_of_their_own() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let mut first = Lasting::start(&home, &[]).await;
    let second = Lasting::start(&home, &["--model", "gpt-6-sol"]).await;
    assert_eq!(names(&home).await, ["test", "run: sh", "run: sh 2"]);
    kill(first.program, Signal::SIGTERM).unwrap();
    assert_eq!(first.run.end().await.code, 143);
    assert_eq!(names(&home).await, ["test", "run: sh 2"]);
    assert_eq!(ask_with(&gateway, &first.pass).await.status, 401);
    let listed = ask_with(&gateway, &second.pass).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    let passes = home.json(&["pass", "list"]).await.done();
    assert_eq!((&passes["passes"][1]["run"], &passes["passes"][0]["run"]), (&true.into(), &false.into()));
}

#[tokio::test]
async fn revoked_pass_of_a_run_is_refused_while_the_program_runs() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start(&home).await;
    let mut lasting = Lasting::start(&home, &[]).await;
    assert_eq!(home.run(&["pass", "revoke", "run: sh"]).await.code, 0);
    assert_eq!(ask_with(&gateway, &lasting.pass).await.status, 401);
    kill(lasting.program, Signal::SIGKILL).unwrap();
    let ended = lasting.run.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (137, ""), "{ended:?}");
}

#[tokio::test]
async fn run_of_a_pass_may_use_what_that_may_and_no_longer() {
    let (_sandbox, home) = home_for_programs().await;
    let gateway = Gateway::start_with(&home, &["--model", "gpt-6-sol"]).await;
    let lasting = Lasting::start(&home, &["--pass", "test"]).await;
    assert_ne!(lasting.pass, gateway.pass());
    let listed = ask_with(&gateway, &lasting.pass).await.json();
    assert_eq!(listed["data"][0]["id"], "gpt-6-sol", "{listed}");
    for wrong in [
        &["--pass", "other"][..],
        &["--pass", "test", "--model", "x"],
        &["--pass", "test", "--account", "ada@example.com"],
        &["--budget", "0"],
    ] {
        let ran = home.run(&[&["run"], wrong, &["--", "true"]].concat()).await;
        assert_eq!(ran.code, 2, "{wrong:?}: {ran:?}");
    }
    let ran = home.run(&["run", "--pass", "test", "--", "true"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 200, "it is still there");
    assert_eq!(home.run(&["pass", "revoke", "test"]).await.code, 0);
    assert_eq!(ask_with(&gateway, &lasting.pass).await.status, 401);
}
