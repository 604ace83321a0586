//! The redirect of the browser: OpenAI accepts only ports 1455 and 1457 of this computer. One test at a time uses
//! these ports; the nextest settings group the tests by the name of this module.

use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Running};

use crate::providers::error_codes::assert_nothing_saved;

/// As strict as OpenAI: only the two registered ports are accepted in a redirect.
async fn nobody_signed_in() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// Starts a sign-in that waits for the browser, and returns it with the address to open.
async fn waiting(home: &Home) -> (Running, String) {
    let mut login = home.start(&["login", "--no-browser", "--json"]);
    let open = login.event().await;
    assert_eq!(open["event"], "open", "{open}");
    let url = open["url"].as_str().unwrap().to_owned();
    assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback"), "{url}");
    (login, url)
}

/// Occupies `port` by this process.
fn occupy(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|why| panic!("port {port}: {why}"))
}

/// Returns how a message names this process.
fn this_process() -> String {
    format!("(process {})", std::process::id())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_when_denied_fails_with_access_denied() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    assert_eq!(Browser::new().deny(&url, "ada").await.status, Some(200), "the page reports it, too");
    assert_nothing_saved(&home, &login.end().await, 1, "access_denied").await;
    assert_eq!(sandbox.count("token.authorization_code"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workspace_without_codex_fails_with_missing_entitlement() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    Browser::new().approve(&url, "noa").await;
    assert_nothing_saved(&home, &login.end().await, 1, "missing_entitlement").await;
    assert_eq!(sandbox.count("token.authorization_code"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_with_wrong_state_is_rejected_and_wait_continues() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    let browser = Browser::new();
    for query in ["code=c&state=wrong", "code=c", "error=access_denied&state=wrong", "error=access_denied"] {
        let landing = browser.open(&format!("http://127.0.0.1:1455/auth/callback?{query}")).await;
        assert_eq!(landing.status, Some(400), "{query}");
    }
    assert_eq!(login.event().await, json!({"event": "answer_ignored"}), "one line for all of a second");
    assert_eq!(browser.open("http://127.0.0.1:1455/cancel").await.status, Some(404), "nothing cancels");
    assert_eq!(sandbox.count("token.authorization_code"), 0);
    assert_eq!(browser.approve(&url, "ada").await.status, Some(200));
    login.event_named("signed_in").await;
    assert_eq!(login.end().await.code, 0);
}

/// The usual holder of a callback port is another pending sign-in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sign_ins_at_once_use_one_port_each() {
    let (sandbox, home) = nobody_signed_in().await;
    let second_home = Home::at(&sandbox);
    let (mut first, first_url) = waiting(&home).await;
    let mut second = second_home.start(&["login", "--no-browser", "--json"]);
    let holder = format!("usher (process {})", first.id());
    let taken = json!({"event": "port_taken", "port": 1455, "holder": holder, "using": 1457});
    assert_eq!(second.event().await, taken);
    let second_url = second.event().await["url"].as_str().unwrap().to_owned();
    assert!(second_url.contains("127.0.0.1%3A1457%2F"), "{second_url}");

    for (login, url, account) in [(&mut second, second_url, "pia"), (&mut first, first_url, "ada")] {
        assert_eq!(Browser::new().approve(&url, account).await.status, Some(200), "{account}");
        let email = login.event_named("signed_in").await["account"]["email"].clone();
        assert_eq!(email, format!("{account}@example.com"));
        assert_eq!(login.end().await.code, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_without_free_port_names_holders() {
    let (sandbox, home) = nobody_signed_in().await;
    let occupied = [occupy(1455), occupy(1457)];
    let output = home.json(&["login", "--no-browser"]).await;
    let failed = output.documents().pop().unwrap();
    let message = failed["message"].as_str().unwrap();
    for port in ["port 1455 is used by ", "port 1457 is used by "] {
        assert!(message.contains(port), "{message}");
    }
    assert_eq!(message.matches(&this_process()).count(), 2, "{message}");
    assert!(output.stderr.contains(&this_process()), "stderr reports it, too: {output:?}");
    assert_nothing_saved(&home, &output, 1, "port_busy").await;
    assert_eq!(sandbox.all_requests().len(), 0);

    drop(occupied);
    let (mut login, _) = waiting(&home).await;
    login.signal(Signal::SIGINT);
    login.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_with_taken_port_names_holder() {
    let (_sandbox, home) = nobody_signed_in().await;
    let _occupied = occupy(1455);
    let checks = home.json(&["doctor"]).await.done()["checks"].clone();
    let of = |name: &str| -> Value {
        let found = checks.as_array().unwrap().iter().find(|check| check["check"] == name);
        found.unwrap_or_else(|| panic!("{name} in {checks}")).clone()
    };
    let (busy, free) = (of("port_1455"), of("port_1457"));
    assert!(busy["found"].as_str().unwrap().contains(&this_process()), "{busy}");
    assert_eq!((&busy["verdict"], &busy["code"]), (&json!("note"), &json!("port_busy")));
    assert_eq!((&free["verdict"], &free["found"]), (&json!("good"), &json!("free")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_after_timeout_finds_closed_port() {
    let (sandbox, home) = nobody_signed_in().await;
    let mut login = home.start(&["login", "--no-browser", "--timeout", "1", "--json"]);
    let url = login.event_named("open").await["url"].as_str().unwrap().to_owned();
    assert_nothing_saved(&home, &login.end().await, 1, "timeout").await;
    let landing = Browser::new().approve(&url, "ada").await;
    assert_eq!((landing.status, landing.query("code").is_some()), (None, true), "{landing:?}");
    assert_eq!(sandbox.count("token.authorization_code"), 0);
    occupy(1455);
}

/// Minutes since midnight, in UTC.
fn minute_of_day(seconds: u64) -> u64 {
    seconds / 60 % (24 * 60)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wait_lasts_five_minutes_and_ctrl_c_ends_it() {
    let (_sandbox, home) = nobody_signed_in().await;
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    let mut login = home.start(&["login", "--no-browser"]);
    let until = loop {
        let line = login.line().await.expect("it prints how long it waits");
        if let Some(until) = line.strip_prefix("Waiting until ") {
            break until.to_owned();
        }
    };
    // "Fri 20 Nov 2026, 10:05. Ctrl-C cancels."
    let time = until.split(", ").nth(1).and_then(|rest| rest.get(..5)).expect("a time of day");
    let (hour, minute) = time.split_once(':').expect("hours and minutes");
    let minutes = hour.parse::<u64>().unwrap() * 60 + minute.parse::<u64>().unwrap();
    let expected = [minute_of_day(before + 300), minute_of_day(now() + 300)];
    assert!(expected.contains(&minutes), "{until}: {expected:?}");

    login.signal(Signal::SIGINT);
    let output = login.end().await;
    assert!(output.code == 1 && output.stderr.contains("error: Cancelled."), "{output:?}");
    occupy(1455);
}
