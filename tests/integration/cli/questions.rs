//! Questions on a terminal: nothing is done without a yes.
#![cfg(target_os = "linux")]

use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, GrantOperation, Sandbox};
use usher_tests::{Home, Terminal, sign_in, signed_in};

/// Everything that is no yes.
const NO: [&str; 4] = ["n\r", "\r", "maybe\r", "\u{4}"];

async fn accounts(home: &Home) -> Vec<(Value, Value)> {
    let list = home.json(&["accounts"]).await.done();
    let accounts = list["accounts"].as_array().unwrap().iter();
    accounts.map(|one| (one["name"].clone(), one["active"].clone())).collect()
}

/// Signs `account` in again on a terminal, and completes it as `person`.
async fn sign_in_again(home: &Home, sandbox: &Sandbox, account: &str, person: &str) -> Terminal {
    sandbox.push_fault("device.token", Fault::Delay { ms: 150 });
    let mut terminal = Terminal::start(home, &["login", "--device", "--account", account]);
    terminal.shows("enter this code:").await;
    let code = terminal.shows("Don't share").await;
    let landing = Browser::new().enter_device_code(sandbox.issuer(), code.trim(), person).await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    terminal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_is_added_only_after_a_yes() {
    let (sandbox, home) = signed_in().await;
    sandbox.change_grants(GrantOperation::Invalidate, Some("ada"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    let before = accounts(&home).await;
    assert_eq!(before, [(json!("Personal"), json!(true))]);
    for no in NO {
        sandbox.reset();
        let mut terminal = sign_in_again(&home, &sandbox, "Personal", "ada-work").await;
        terminal.shows("Add Business as another account? [y/N] ").await;
        terminal.types(no).await;
        let (code, shown) = terminal.end().await;
        assert_eq!((code, accounts(&home).await), (3, before.clone()), "{no:?}: {shown}");
        assert_eq!(sandbox.count("revoke"), 1, "{no:?}: the new sign-in is ended: {shown}");
    }
    let mut terminal = sign_in_again(&home, &sandbox, "Personal", "ada-work").await;
    terminal.shows("Add Business as another account? [y/N] ").await;
    terminal.types("y\r").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 0, "{shown}");
    let after = [(json!("Personal"), json!(true)), (json!("Business"), json!(false))];
    assert_eq!(accounts(&home).await, after, "nothing is switched: {shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_account_is_used_only_after_a_yes() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    home.run(&["pass", "new", "editor", "--any-provider"]).await;
    let before = [(json!("Personal"), json!(true)), (json!("Business"), json!(false))];
    for (answer, code, after) in [
        ("n\r", 3, before.clone()),
        ("yes\r", 0, [(json!("Personal"), json!(false)), (json!("Business"), json!(true))]),
    ] {
        let mut terminal = sign_in_again(&home, &sandbox, "Personal", "ada-work").await;
        let shown_before = terminal.shows("Use Business from now on? [y/N] ").await;
        assert!(shown_before.contains("After this:") && shown_before.contains("editor"), "{shown_before}");
        terminal.types(answer).await;
        let (ended, shown) = terminal.end().await;
        assert_eq!((ended, accounts(&home).await.as_slice()), (code, &after[..]), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_is_disconnected_only_after_a_yes() {
    let (sandbox, home) = signed_in().await;
    for no in NO {
        let mut terminal = Terminal::start(&home, &["logout"]);
        terminal.shows("Disconnect?").await;
        terminal.types(no).await;
        let (_, shown) = terminal.end().await;
        assert_eq!(sandbox.count("revoke"), 0, "{no:?}: {shown}");
        assert_eq!(accounts(&home).await.len(), 1, "{no:?}: {shown}");
    }
    let mut terminal = Terminal::start(&home, &["logout"]);
    terminal.shows("[y/N] ").await;
    terminal.types("y\r").await;
    let (code, shown) = terminal.end().await;
    assert_eq!((code, sandbox.count("revoke"), accounts(&home).await.len()), (0, 1, 0), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_store_is_set_aside_only_after_a_yes() {
    let (_sandbox, home) = signed_in().await;
    home.write("secrets.usher", "this is not a store");
    for no in NO {
        let mut terminal = Terminal::start(&home, &["login", "--device"]);
        terminal.shows("Start again without it?").await;
        terminal.types(no).await;
        let (code, shown) = terminal.end().await;
        assert_eq!(
            (code, home.read("secrets.usher").as_str()),
            (1, "this is not a store"),
            "{no:?}: {shown}"
        );
    }
    let mut terminal = Terminal::start(&home, &["login", "--device"]);
    terminal.shows("[y/N] ").await;
    terminal.types("y\r").await;
    terminal.shows("enter this code:").await;
    terminal.types("\u{3}").await;
    let (code, shown) = terminal.end().await;
    assert_ne!(code, 0, "{shown}");
    assert_eq!(home.files("secrets.usher.damaged").len(), 1, "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn question_is_ended_by_ctrl_c_at_once() {
    let (_sandbox, home) = signed_in().await;
    let before = accounts(&home).await;
    let mut terminal = Terminal::start(&home, &["logout"]);
    terminal.shows("[y/N]").await;
    terminal.types("\u{3}").await;
    let (code, shown) = terminal.end().await;
    assert!(code != 0 && !shown.contains("Disconnected"), "{code}: {shown}");
    assert_eq!(accounts(&home).await, before);
}
