//! Continue with ChatGPT from the command line: the plan pays for Usher's own requests, and for nobody else's.

mod main_path;
mod passes;
mod secret_search;

use serde_json::Value;
use usher_sandbox::browser::{Browser, Page};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Output};

/// What the person decides on the page.
#[derive(Clone, Copy)]
enum Decision {
    Allow,
    SignInOnly,
    Deny,
}

async fn world() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// Runs `usher login --chatgpt` with these arguments besides; returns what it printed, and the page that was shown.
async fn login(home: &Home, more: &[&str], account: &str, decision: Decision) -> (Output, String) {
    let arguments = [&["login", "--chatgpt", "--no-browser", "--json"], more].concat();
    let mut login = home.start(&arguments);
    let url = login.event_named("open").await["url"].as_str().unwrap().to_owned();
    let browser = Browser::new();
    let Page { status, .. } = match decision {
        Decision::Allow => browser.approve(&url, account).await,
        Decision::SignInOnly => browser.approve_without_plan(&url, account).await,
        Decision::Deny => browser.deny(&url, account).await,
    };
    assert_eq!(status, Some(200));
    (login.end().await, url)
}

/// Signs in with the plan allowed, and returns the account.
async fn signed_in(home: &Home, account: &str) -> Value {
    let (output, _) = login(home, &[], account, Decision::Allow).await;
    assert_eq!(output.code, 0, "{output:?}");
    let last = output.documents().pop().unwrap();
    assert_eq!(last["event"], "signed_in");
    last["account"].clone()
}
