//! Commands that change the same files at the same time: no change is lost.

use futures_util::future::join_all;
use serde_json::{Value, json};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Running, signed_in};

use crate::auth::leftovers::until_it_waits_at;

const SERVICES: usize = 10;

async fn providers(home: &Home) -> Vec<Value> {
    home.json(&["providers"]).await.done()["providers"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_added_at_once_are_all_stored_with_their_keys() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let base = format!("{}/both", sandbox.compatible());
    let names: Vec<String> = (0..SERVICES).map(|number| format!("service-{number}")).collect();
    let key = |name: &str| format!("sk-sandbox-0123456789-{name}");
    let add = |name: &String| {
        let words = ["--name", name, "--base-url", &base, "--api-key-stdin", "--json"];
        home.start(&[&["providers", "add", "openai-compatible"][..], &words].concat())
    };
    // Each waits for its standard input until all have started.
    let mut all: Vec<Running> = names.iter().map(add).collect();
    join_all(all.iter_mut().zip(&names).map(async |(one, name)| one.type_line(&key(name)).await)).await;
    for output in join_all(all.iter_mut().map(Running::end)).await {
        assert_eq!(output.code, 0, "{output:?}");
    }

    let all = providers(&home).await;
    assert_eq!(all.len(), 1 + SERVICES, "{all:?}");
    for name in &names {
        let id = format!("openai-compatible:{name}");
        let view = all.iter().find(|one| one["id"] == *id).unwrap_or_else(|| panic!("{id} is lost: {all:?}"));
        assert_eq!(view["credential"]["kind"], "key", "{view}");
        home.json(&["models", "--provider", &id]).await.done();
        let request = sandbox.requests("compatible.models").pop().unwrap();
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {}", key(name))), "{id}");
    }
}

/// All have read the files and wait for the lock when it is released.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_service_and_selection_changed_at_once_are_all_stored() {
    let (sandbox, home) = signed_in().await;
    let base = format!("{}/both", sandbox.compatible());
    let id = "openai-compatible:groq";
    home.json(&["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &base]).await.done();
    let account = home.json(&["accounts"]).await.done()["accounts"][0]["id"].as_str().unwrap().to_owned();
    home.json(&["models"]).await.done();
    let lock = std::fs::File::options().write(true).open(home.path().join("usher.lock")).unwrap();
    lock.lock().unwrap();
    let mut all = [
        &["accounts", "rename", &account, "Mine"][..],
        &["providers", "set", id, "--timeout", "77"],
        &["providers", "set", id, "--name", "Grok"],
        &["providers", "disable", "chatgpt"],
        &["use", "gpt-5.5"],
    ]
    .map(|words| home.start(&[words, &["--json"]].concat()));
    for one in &all {
        until_it_waits_at(one.id(), "usher.lock").await;
    }
    lock.unlock().unwrap();
    for output in join_all(all.iter_mut().map(Running::end)).await {
        assert_eq!(output.code, 0, "{output:?}");
    }

    let all = providers(&home).await;
    let service = all.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!((&service["name"], &service["endpoint"]["timeout_seconds"]), (&json!("Grok"), &json!(77)));
    let plan = all.iter().find(|one| one["id"] == "chatgpt").unwrap();
    assert_eq!((&plan["enabled"], &plan["model"]["id"]), (&json!(false), &json!("gpt-5.5")), "{plan}");
    let accounts = home.json(&["accounts"]).await.done();
    assert_eq!(accounts["accounts"][0]["label"], "Mine", "{accounts}");
}
