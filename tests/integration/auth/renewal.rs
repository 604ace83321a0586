//! Accounts that are not used are renewed before their sign-ins end, where the person lets Usher do so.

use serde_json::json;
use usher_sandbox::{GrantOperation, Options, Sandbox};
use usher_tests::{Home, Running, sign_in};

const DAY: u64 = 24 * 60 * 60;

/// Runs one renewal with the clock of this computer `days` ahead.
async fn renewal_after(home: &Home, days: u64) {
    let seconds = (days * DAY).to_string();
    let mut process = Running::start(home.command(env!("CARGO_BIN_EXE_usher-callers"), &[&seconds]));
    assert_eq!(process.event().await["ready"], true);
    process.type_line("renew").await;
    assert_eq!(process.event().await, json!({"ok": 1, "failed": []}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_is_not_used_is_renewed_after_a_yes_only() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = 60 * 60);
    sign_in(&home, &sandbox, "ada").await;

    renewal_after(&home, 9).await;
    assert_eq!(sandbox.count("token.refresh_token"), 0, "nobody was asked yet");
    let preferences = home.json(&["preferences"]).await.done();
    let renew = |one: &&serde_json::Value| one["name"] == "renew-unused";
    let found = preferences["preferences"].as_array().unwrap().iter().find(renew).unwrap().clone();
    assert_eq!((&found["value"], &found["note"]), (&"off".into(), &"the window asks".into()));

    home.json(&["preferences", "set", "renew-unused", "on"]).await.done();
    renewal_after(&home, 6).await;
    assert_eq!(sandbox.count("token.refresh_token"), 0, "used within a week");
    renewal_after(&home, 9).await;
    assert_eq!(sandbox.count("token.refresh_token"), 1);
    renewal_after(&home, 10).await;
    assert_eq!(sandbox.count("token.refresh_token"), 1, "renewed a day before");
    home.json(&["usage"]).await.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_whose_sign_in_has_ended_is_asked_for_once() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = 60 * 60);
    sign_in(&home, &sandbox, "ada").await;
    home.json(&["preferences", "set", "renew-unused", "on"]).await.done();
    assert_eq!(sandbox.change_grants(GrantOperation::ExpireRefresh, Some("ada")), 1);

    renewal_after(&home, 9).await;
    renewal_after(&home, 9).await;
    assert_eq!(sandbox.count("token.refresh_token"), 1, "an ended sign-in waits for the person");
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_expired");
}
