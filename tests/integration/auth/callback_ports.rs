//! The browser's way back: OpenAI sends it to port 1455 or 1457 of this computer and to no other. One test at a time
//! has these ports; nextest's settings group the tests by the name of this module.

use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Running};

use crate::providers::error_codes::assert_nothing_kept;

/// Strict, as the real side is: the two registered ports are taken as a redirect, no other.
async fn nobody_signed_in() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// A sign-in that waits for the browser, and the page to open.
async fn waiting(home: &Home) -> (Running, String) {
    let mut login = home.start(&["login", "--no-browser", "--json"]);
    let open = login.event().await;
    assert_eq!(open["event"], "open", "{open}");
    let url = open["url"].as_str().unwrap().to_owned();
    assert!(url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback"), "{url}");
    (login, url)
}

/// Another program on `port`: this one.
fn occupy(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|why| panic!("port {port}: {why}"))
}

/// How this process is named where it is in the way.
fn this_process() -> String {
    format!("(process {})", std::process::id())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_says_no() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    assert_eq!(Browser::new().deny(&url, "ada").await.status, Some(200), "the page says so, too");
    assert_nothing_kept(&home, &login.end().await, 1, "access_denied").await;
    assert_eq!(sandbox.count("token.authorization_code"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_without_codex() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    Browser::new().approve(&url, "noa").await;
    assert_nothing_kept(&home, &login.end().await, 1, "missing_entitlement").await;
    assert_eq!(sandbox.count("token.authorization_code"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_state_is_refused_and_the_wait_goes_on() {
    let (sandbox, home) = nobody_signed_in().await;
    let (mut login, url) = waiting(&home).await;
    let browser = Browser::new();
    for query in ["code=c&state=wrong", "code=c", "error=access_denied&state=wrong", "error=access_denied"] {
        let landing = browser.open(&format!("http://127.0.0.1:1455/auth/callback?{query}")).await;
        assert_eq!(landing.status, Some(400), "{query}");
        assert_eq!(login.event().await, json!({"event": "answer_ignored"}), "{query}");
    }
    assert_eq!(browser.open("http://127.0.0.1:1455/cancel").await.status, Some(404), "nothing cancels");
    assert_eq!(sandbox.count("token.authorization_code"), 0);
    assert_eq!(browser.approve(&url, "ada").await.status, Some(200));
    login.event_called("signed_in").await;
    assert_eq!(login.end().await.code, 0);
}

/// The usual holder of a callback port is another sign-in that waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sign_ins_at_once_take_one_each_and_both_come_back() {
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
        let email = login.event_called("signed_in").await["account"]["email"].clone();
        assert_eq!(email, format!("{account}@example.com"));
        assert_eq!(login.end().await.code, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_port_the_holders_are_named_before_anything_is_asked() {
    let (sandbox, home) = nobody_signed_in().await;
    let held = [occupy(1455), occupy(1457)];
    let ran = home.json(&["login", "--no-browser"]).await;
    let failed = ran.documents().pop().unwrap();
    let message = failed["message"].as_str().unwrap();
    for port in ["port 1455 is used by ", "port 1457 is used by "] {
        assert!(message.contains(port), "{message}");
    }
    assert_eq!(message.matches(&this_process()).count(), 2, "{message}");
    assert!(ran.stderr.contains(&this_process()), "people are told as well: {ran:?}");
    assert_nothing_kept(&home, &ran, 1, "port_busy").await;
    assert_eq!(sandbox.all_requests().len(), 0);

    drop(held);
    let (mut login, _) = waiting(&home).await;
    login.signal(Signal::SIGINT);
    login.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_says_who_holds_them() {
    let (_sandbox, home) = nobody_signed_in().await;
    let _held = occupy(1455);
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
async fn an_answer_that_is_late_finds_nobody() {
    let (sandbox, home) = nobody_signed_in().await;
    let mut login = home.start(&["login", "--no-browser", "--timeout", "1", "--json"]);
    let url = login.event_called("open").await["url"].as_str().unwrap().to_owned();
    assert_nothing_kept(&home, &login.end().await, 1, "timeout").await;
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
async fn the_wait_is_five_minutes_and_ctrl_c_ends_it() {
    let (_sandbox, home) = nobody_signed_in().await;
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    let mut login = home.start(&["login", "--no-browser"]);
    let until = loop {
        let line = login.line().await.expect("it says how long it waits");
        if let Some(until) = line.strip_prefix("Waiting until ") {
            break until.to_owned();
        }
    };
    // "Fri 20 Nov 2026, 10:05. Ctrl-C cancels."
    let time = until.split(", ").nth(1).and_then(|rest| rest.get(..5)).expect("a time of day");
    let (hour, minute) = time.split_once(':').expect("hours and minutes");
    let told = hour.parse::<u64>().unwrap() * 60 + minute.parse::<u64>().unwrap();
    let expected = [minute_of_day(before + 300), minute_of_day(now() + 300)];
    assert!(expected.contains(&told), "{until}: {expected:?}");

    login.signal(Signal::SIGINT);
    let ran = login.end().await;
    assert!(ran.code == 1 && ran.stderr.contains("error: Cancelled."), "{ran:?}");
    occupy(1455);
}
