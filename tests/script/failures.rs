//! What goes wrong has its exit number, its code on stdout and its sentence on stderr.

use crate::support::{Bench, Login};
use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, GrantOperation};

async fn expect(bench: &Bench, arguments: &[&str], exit: i32, code: &str) -> Value {
    let done = bench.usher(arguments).await;
    assert_eq!((done.exit, done.code().as_str()), (Some(exit), code), "{arguments:?}: {done:?}");
    assert!(done.stderr.contains("error: ") && done.stderr.contains("hint: "), "{}", done.stderr);
    done.document()
}

async fn device_login(bench: &Bench, account: &str) -> (Option<i32>, String) {
    let mut login = Login::start(bench.command(&["login", "--device"]));
    let code = login.event().await;
    let Some(user_code) = code["user_code"].as_str() else { return ended(login, code).await };
    Browser::new().enter_device_code(bench.sandbox.issuer(), user_code, account).await;
    let first = login.event().await;
    ended(login, first).await
}

async fn ended(login: Login, last: Value) -> (Option<i32>, String) {
    let (status, mut events) = login.end().await;
    let last = events.pop().unwrap_or(last);
    (status.code(), last["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn wrong_usage_exits_2_and_changes_nothing() {
    let bench = Bench::new().await;
    let dance = bench.usher(&["dance"]).await;
    assert_eq!((dance.exit, dance.code().as_str()), (Some(2), "bad_usage"));
    assert!(dance.stderr.contains("unrecognized subcommand"), "{}", dance.stderr);
    expect(&bench, &["login", "--api-key-stdin"], 2, "bad_usage").await;
    expect(&bench, &["login", "--access-token-stdin"], 2, "bad_usage").await;
    expect(&bench, &["status", "--provider", "groq"], 2, "bad_usage").await;
    expect(&bench, &["status", "--account", "nobody"], 2, "bad_usage").await;
    expect(&bench, &["logout"], 2, "bad_usage").await;
    let mut clear = bench.command(&["status"]);
    clear.env("USHER_ISSUER_URL", "http://auth.example");
    let done = crate::support::finish(clear).await;
    assert_eq!((done.exit, done.code().as_str()), (Some(2), "bad_url"));
    assert!(bench.sandbox.all_requests().is_empty());
}

#[tokio::test]
async fn without_a_sign_in_everything_exits_3() {
    let bench = Bench::new().await;
    for command in [&["models"][..], &["usage"], &["use", "gpt-6-luna"], &["logout", "--yes"]] {
        expect(&bench, command, 3, "sign_in_required").await;
    }
    let test = bench.usher(&["test"]).await;
    assert_eq!((test.exit, &test.document()["stages"][0]["code"]), (Some(3), &json!("sign_in_required")));
    assert_eq!(test.document()["stages"][1]["ok"], Value::Null, "the rest was not tried");
}

#[tokio::test]
async fn failures_of_a_sign_in_have_their_codes() {
    let bench = Bench::new().await;
    bench.sandbox.push_fault("token.authorization_code", Fault::Region);
    assert_eq!(device_login(&bench, "ada").await, (Some(1), "region_unsupported".into()));
    bench.sandbox.push_fault("token.authorization_code", Fault::HtmlChallenge);
    assert_eq!(device_login(&bench, "ada").await, (Some(5), "challenge_page".into()));
    bench.sandbox.push_fault("token.authorization_code", Fault::Malformed { body: "{".into() });
    assert_eq!(device_login(&bench, "ada").await, (Some(1), "malformed_answer".into()));
    bench.sandbox.change_settings(|settings| settings.device_login = false);
    assert_eq!(device_login(&bench, "ada").await, (Some(1), "device_login_disabled".into()));
    assert_eq!(bench.usher(&["status"]).await.exit, Some(3), "nothing was kept");
}

#[tokio::test]
async fn callback_ports_denied_unentitled_late_and_busy() {
    let bench = Bench::new().await;
    for (account, allow, code) in [("ada", false, "access_denied"), ("noa", true, "missing_entitlement")] {
        let mut login = Login::start(bench.command(&["login", "--no-browser"]));
        let open = login.event().await;
        let url = open["url"].as_str().expect("an address");
        let browser = Browser::new();
        if allow {
            browser.approve(url, account).await
        } else {
            browser.deny(url, account).await
        };
        assert_eq!(ended(login, Value::Null).await, (Some(1), code.into()));
    }
    let late = Login::start(bench.command(&["login", "--no-browser", "--timeout", "1"]));
    assert_eq!(ended(late, Value::Null).await, (Some(1), "timeout".into()));

    let first = std::net::TcpListener::bind("127.0.0.1:1455").expect("the port is free");
    let mut login = Login::start(bench.command(&["login", "--no-browser"]));
    let taken = login.event().await;
    assert_eq!(
        (&taken["event"], &taken["port"], &taken["using"]),
        (&json!("port_taken"), &json!(1455), &json!(1457))
    );
    let holder = taken["holder"].as_str().expect("the holder is named");
    assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    login.kill().await;
    let second = std::net::TcpListener::bind("127.0.0.1:1457").expect("the port is free again");
    let busy = bench.usher(&["login", "--no-browser"]).await;
    assert_eq!(busy.exit, Some(1));
    assert!(
        busy.stdout.contains("\"port_busy\"") && busy.stderr.contains(&std::process::id().to_string()),
        "{busy:?}"
    );
    drop((first, second));
}

#[tokio::test]
async fn limits_models_and_efforts_have_their_codes() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    expect(&bench, &["use", "gpt-0"], 1, "model_unavailable").await;
    expect(&bench, &["use", "gpt-6-luna", "--effort", "heroic"], 2, "effort_unsupported").await;
    bench.sandbox.push_fault("responses", Fault::UsageLimit);
    let limited = bench.usher(&["test"]).await;
    assert_eq!(limited.exit, Some(4));
    assert_eq!(limited.document()["stages"][3]["code"], "usage_limit_reached");
    bench.sandbox.push_fault("usage", Fault::HtmlChallenge);
    expect(&bench, &["usage"], 5, "challenge_page").await;
    bench.sandbox.push_fault("usage", Fault::Malformed { body: "]".into() });
    expect(&bench, &["usage"], 1, "malformed_answer").await;
}

#[tokio::test]
async fn an_ended_sign_in_says_why_and_stays_ended() {
    for (operation, code) in [
        (GrantOperation::ExpireRefresh, "sign_in_expired"),
        (GrantOperation::Reuse, "sign_in_reused"),
        (GrantOperation::Invalidate, "sign_in_revoked"),
    ] {
        let bench = Bench::new().await;
        bench.sign_in("ada").await;
        bench.sandbox.change_grants(operation, None);
        bench.sandbox.change_grants(GrantOperation::ExpireAccess, None);
        expect(&bench, &["usage"], 3, code).await;
        let refreshes = bench.sandbox.count("token.refresh_token");
        expect(&bench, &["usage"], 3, code).await;
        assert_eq!(bench.sandbox.count("token.refresh_token"), refreshes, "it is not asked again");
        let status = bench.usher(&["status"]).await;
        assert_eq!((status.exit, &status.document()["attention"]), (Some(3), &json!(code)));
    }
}

#[tokio::test]
async fn offline_shows_the_list_with_its_age_and_exits_5_elsewhere() {
    let bench = Bench::new().await;
    bench.sign_in("ada").await;
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a free port");
    bench.sandbox.push_fault("models", Fault::DropBefore);
    let list = bench.document(&["models", "--refresh"]).await;
    assert_eq!((&list["stale"], list["models"].as_array().map(Vec::len) > Some(3)), (&json!(true), true));
    let mut login = bench.command(&["login", "--device"]);
    login.env("USHER_ISSUER_URL", format!("http://{nobody}"));
    let done = crate::support::finish(login).await;
    assert_eq!(done.exit, Some(5), "{done:?}");
    let mut unknown = bench.command(&["login", "--device"]);
    unknown.env("USHER_ISSUER_URL", "https://usher-has-no-such-host.invalid");
    let done = crate::support::finish(unknown).await;
    assert!(done.exit == Some(5) && done.stdout.contains("\"dns\""), "{done:?}");
}

#[tokio::test]
async fn a_sign_in_is_never_sent_to_another_address() {
    let (bench, other) = (Bench::new().await, Bench::new().await);
    bench.sign_in("ada").await;
    let mut moved = bench.command(&["usage"]);
    moved.env("USHER_ISSUER_URL", other.sandbox.issuer()).env("USHER_CHATGPT_URL", other.sandbox.chatgpt());
    let done = crate::support::finish(moved).await;
    assert_eq!((done.exit, done.code().as_str()), (Some(3), "sign_in_required"));
    assert!(other.sandbox.all_requests().is_empty());
}
