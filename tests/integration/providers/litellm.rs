//! `LiteLLM`'s proxy, a compatible server that others wrote: what `usher` asks of it is judged by their code, and what it
//! answers is not what we expected but what there is.
//!
//! Needs Python with its packages: `USHER_TEST_LITELLM` names the program. `./dev test` sees to it.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Ran, Running, usher};

const KEY: &str = "sk-litellm-test";
const ID: &str = "openai-compatible:litellm";
/// Its first start compiles all of it, which takes more than a minute on a small computer.
const START: Duration = Duration::from_secs(180);

/// The server, and the address that it has taken. It ends with its standard input, thus with the test.
async fn litellm(python: &str) -> (Running, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/litellm/server.py");
    let mut command = Command::new(python);
    command.arg(script);
    let mut server = Running::start(command);
    let listening = tokio::time::timeout(START, server.event()).await.expect("it starts in time");
    let base_url = listening["base_url"].as_str().expect("it says where it is").to_owned();
    (server, base_url)
}

/// Runs `usher … --json` with `line` on its standard input.
async fn with_line(home: &Home, arguments: &[&str], line: &str) -> Ran {
    let mut running = Running::start(home.command(usher(), &[arguments, &["--json"]].concat()));
    running.type_line(line).await;
    running.end().await
}

async fn save_key(home: &Home, key: &str) {
    with_line(home, &["providers", "set", ID, "--api-key-stdin"], key).await.done();
}

/// `usher test` of the server; its stages by their names.
async fn tested(home: &Home) -> (Ran, Vec<(String, Value)>) {
    let ran = home.json(&["test", "--provider", ID]).await;
    let stages = ran.json()["stages"].as_array().expect("stages are promised").clone();
    let stages = stages.into_iter().map(|stage| (stage["stage"].as_str().unwrap().to_owned(), stage));
    (ran, stages.collect())
}

async fn assert_all_pass(home: &Home) {
    let (ran, stages) = tested(home).await;
    assert_eq!((ran.code, &ran.json()["ok"]), (0, &json!(true)), "{ran:?}");
    let passed: Vec<(&str, bool)> =
        stages.iter().map(|(name, stage)| (name.as_str(), stage["ok"] == true)).collect();
    assert_eq!(passed, [("credential", true), ("token", true), ("models", true), ("answer", true)]);
}

fn wire(home: &Home) -> Option<String> {
    let config = home.read("config.toml");
    let line = config.lines().find_map(|line| line.strip_prefix("wire = "))?;
    Some(line.trim_matches('"').to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
async fn a_server_that_others_wrote_is_used_by_either_api() {
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

    assert_eq!(wire(&home), None, "nothing has been asked yet");
    assert_all_pass(&home).await;
    assert_eq!(wire(&home).as_deref(), Some("responses"), "{}", home.read("config.toml"));
    home.json(&["providers", "set", ID, "--wire", "chat_completions"]).await.done();
    assert_all_pass(&home).await;
    assert_eq!(wire(&home).as_deref(), Some("chat_completions"), "what the person says stays");

    // It answers 400 and not 401: without a database it cannot look another key up.
    save_key(&home, "sk-somebody-elses").await;
    let (ran, stages) = tested(&home).await;
    assert_eq!((ran.code, &ran.json()["ok"]), (1, &json!(false)), "{ran:?}");
    assert!(stages[2..].iter().all(|(_, stage)| stage["ok"] != true), "nothing was let in: {ran:?}");
    let host = url::Url::parse(&base_url).unwrap().host_str().unwrap().to_owned();
    assert!(ran.stderr.contains("error: ") && ran.stderr.contains(&host), "the host is named: {ran:?}");
    assert!(!format!("{ran:?}").contains("sk-somebody"), "{ran:?}");
    save_key(&home, KEY).await;

    home.json(&["models", "--provider", ID, "--add", "nobody"]).await.done();
    home.json(&["use", "nobody", "--provider", ID]).await.done();
    for api in ["chat_completions", "responses"] {
        home.json(&["providers", "set", ID, "--wire", api]).await.done();
        let (ran, stages) = tested(&home).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        let (last, answer) = &stages[3];
        assert_eq!(
            (last.as_str(), &answer["code"]),
            ("answer", &json!("model_unavailable")),
            "{api}: {ran:?}"
        );
        assert!(stages[..3].iter().all(|(_, stage)| stage["ok"] == true), "{ran:?}");
    }

    let ended = server.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
}
