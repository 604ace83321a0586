//! The proxy of `LiteLLM`, a compatible server by others: their code checks the requests of `usher`, and the responses
//! are real ones instead of our expectations.
//!
//! Needs Python with its packages: `USHER_TEST_LITELLM` names the program. `./dev test` installs them.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Output, Running, usher};

const KEY: &str = "sk-litellm-test";
const ID: &str = "openai-compatible:litellm";
/// The first start compiles all modules, which takes more than a minute on a small computer.
const START: Duration = Duration::from_secs(180);

/// Starts the server and returns it with its address. It ends with its standard input, so with the test.
async fn litellm(python: &str) -> (Running, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/litellm/server.py");
    let mut command = Command::new(python);
    command.arg(script);
    let mut server = Running::start(command);
    let listening = tokio::time::timeout(START, server.event()).await.expect("it starts in time");
    let base_url = listening["base_url"].as_str().expect("the event has the address").to_owned();
    (server, base_url)
}

/// Runs `usher … --json` with `line` on its standard input.
async fn with_line(home: &Home, arguments: &[&str], line: &str) -> Output {
    let mut running = Running::start(home.command(usher(), &[arguments, &["--json"]].concat()));
    running.type_line(line).await;
    running.end().await
}

async fn save_key(home: &Home, key: &str) {
    with_line(home, &["providers", "set", ID, "--api-key-stdin"], key).await.done();
}

/// Runs `usher test` and returns the output and the stages by name.
async fn tested(home: &Home) -> (Output, Vec<(String, Value)>) {
    let output = home.json(&["test", "--provider", ID]).await;
    let stages = output.json()["stages"].as_array().expect("stages are promised").clone();
    let stages = stages.into_iter().map(|stage| (stage["stage"].as_str().unwrap().to_owned(), stage));
    (output, stages.collect())
}

async fn assert_all_pass(home: &Home) {
    let (output, stages) = tested(home).await;
    assert_eq!((output.code, &output.json()["ok"]), (0, &json!(true)), "{output:?}");
    let passed: Vec<(&str, bool)> =
        stages.iter().map(|(name, stage)| (name.as_str(), stage["ok"] == true)).collect();
    assert_eq!(passed, [("credential", true), ("token", true), ("models", true), ("answer", true)]);
}

/// Returns the API that the person set, else the one that was found.
fn wire(home: &Home) -> Option<String> {
    let config = home.read("config.toml");
    let set = config.lines().find_map(|line| line.strip_prefix("wire = "));
    let found = config
        .lines()
        .find(|line| line.starts_with("found = "))
        .and_then(|line| line.split("wire = ").nth(1));
    set.or(found)?.split('"').nth(1).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
async fn litellm_works_with_both_apis() {
    let Some(python) = std::env::var("USHER_TEST_LITELLM").ok().filter(|python| !python.is_empty()) else {
        eprintln!("not run: USHER_TEST_LITELLM names no Python that has LiteLLM");
        return;
    };
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let (mut server, base_url) = litellm(&python).await;

    let add = ["providers", "add", "openai-compatible", "--name", "litellm", "--base-url", &base_url];
    let added = with_line(&home, &[&add[..], &["--api-key-stdin"]].concat(), KEY).await.done();
    assert_eq!((&added["id"], &added["credential"]["kind"]), (&json!(ID), &json!("key")), "{added}");
    let listed = home.json(&["models", "--provider", ID]).await.done();
    let ids: Vec<&str> =
        listed["models"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"small") && ids.contains(&"large"), "{ids:?}");
    home.json(&["use", "large", "--provider", ID]).await.done();

    assert_eq!(wire(&home), None, "no request was sent yet");
    assert_all_pass(&home).await;
    assert_eq!(wire(&home).as_deref(), Some("responses"), "{}", home.read("config.toml"));
    home.json(&["providers", "set", ID, "--wire", "chat_completions"]).await.done();
    assert_all_pass(&home).await;
    assert_eq!(wire(&home).as_deref(), Some("chat_completions"), "the configured API is kept");

    // It responds with 400 instead of 401: without a database it cannot look up another key.
    save_key(&home, "sk-somebody-elses").await;
    let (output, stages) = tested(&home).await;
    assert_eq!((output.code, &output.json()["ok"]), (1, &json!(false)), "{output:?}");
    assert!(stages[2..].iter().all(|(_, stage)| stage["ok"] != true), "no stage passed: {output:?}");
    let host = url::Url::parse(&base_url).unwrap().host_str().unwrap().to_owned();
    assert!(
        output.stderr.contains("error: ") && output.stderr.contains(&host),
        "the host is named: {output:?}"
    );
    assert!(!format!("{output:?}").contains("sk-somebody"), "{output:?}");
    save_key(&home, KEY).await;

    home.json(&["models", "--provider", ID, "--add", "nobody"]).await.done();
    home.json(&["use", "nobody", "--provider", ID]).await.done();
    for api in ["chat_completions", "responses"] {
        home.json(&["providers", "set", ID, "--wire", api]).await.done();
        let (output, stages) = tested(&home).await;
        assert_eq!(output.code, 1, "{output:?}");
        let (last, stage) = &stages[3];
        assert_eq!(
            (last.as_str(), &stage["code"]),
            ("answer", &json!("model_unavailable")),
            "{api}: {output:?}"
        );
        assert!(stages[..3].iter().all(|(_, stage)| stage["ok"] == true), "{output:?}");
    }

    let ended = server.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
}
