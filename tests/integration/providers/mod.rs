//! API keys, OpenAI-compatible services, the network and error codes of the upstream.

mod account_switch_during_test;
pub(crate) mod error_codes;
mod litellm;
mod network;
mod network_settings;
mod platform_key;
mod proxy_tunnel;
mod services;

use serde_json::Value;
use usher_sandbox::{Options, Sandbox};
use usher_tests::Home;

/// A key that the sandbox takes.
const KEY: &str = "sk-sandbox-0123456789abcd";

async fn sandbox() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// Runs the test of a provider, and returns whether each stage passed, and its code.
async fn stages(home: &Home, provider: &str, code: i32) -> Vec<(Value, Value)> {
    let ran = home.json(&["test", "--provider", provider]).await;
    assert_eq!(ran.code, code, "{ran:?}");
    let document = ran.json();
    let stages = document["stages"].as_array().expect("stages").iter();
    stages.map(|stage| (stage["ok"].clone(), stage["code"].clone())).collect()
}
