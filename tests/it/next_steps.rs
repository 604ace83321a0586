//! Whom a sentence is about, what it says to do next, and an exit status that says what became of what was asked.

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::Home;

const KEY: &str = "sk-sandbox-0123456789abcd";
const SERVICE: &str = "openai-compatible:k";

async fn sandbox() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

async fn add_service(home: &Home, base: &str) {
    let add = ["providers", "add", "openai-compatible", "--name", "k", "--base-url", base, "--api-key-stdin"];
    home.given(&add, KEY).await.done();
}

fn check<'a>(checkup: &'a Value, name: &str) -> &'a Value {
    let checks = checkup["checks"].as_array().unwrap();
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{name}: {checkup}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_is_said_of_whoever_has_none() {
    let (sandbox, home) = sandbox().await;
    home.given(&["login", "--api-key-stdin"], "sk-sandbox-nomodels").await.done();
    let of_key = home.run(&["models", "--provider", "openai"]).await;
    assert!(of_key.stdout.contains("to this key") && !of_key.stdout.contains("plan"), "{of_key:?}");
    add_service(&home, &format!("{}/both", sandbox.compatible())).await;
    sandbox.change_settings(|settings| settings.compatible_models = Some(Vec::new()));
    let of_service = home.run(&["models", "--provider", SERVICE]).await;
    assert!(of_service.stdout.contains("The service lists no models"), "{of_service:?}");
}

/// The sign-in is not to blame for a settings file that cannot be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_is_none_is_not_blamed_on_the_sign_in() {
    let (_sandbox, mut home) = sandbox().await;
    home.write("file", "");
    let file = home.path().join("file");
    home.set("USHER_HOME", file.to_str().unwrap());
    let error = home.json(&["providers", "add", "codex-cli"]).await.error(1);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(file.to_str().unwrap()) && !message.contains("sign-in"), "{error}");
}
