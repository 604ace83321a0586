//! Another process switches or disconnects the account during a connection test: the report is about the account that
//! the test began with.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use usher_sandbox::{Fault, Sandbox};
use usher_tests::{Home, Output, Running, sign_in, signed_in};

/// Longer than a process needs to change the account in use; the tests check that it did.
const SLOW: Fault = Fault::Delay { ms: 3000 };
/// A test of a disconnected account ends sooner than the timeout of a silent server.
const PROMPT: Duration = Duration::from_secs(8);

/// Ada's own account, which is in use, and hers at work.
async fn two_accounts() -> (Sandbox, Home, [Value; 2]) {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    home.json(&["accounts", "use", "Personal"]).await.done();
    let document = home.json(&["accounts"]).await.done();
    let [own, work] = document["accounts"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!((&own["active"], &work["active"]), (&json!(true), &json!(false)));
    (sandbox, home, [own.clone(), work.clone()])
}

/// Starts a test that waits for `endpoint`.
async fn test_at(
    home: &Home,
    sandbox: &Sandbox,
    endpoint: &str,
    fault: Fault,
    arguments: &[&str],
) -> Running {
    sandbox.reset();
    sandbox.push_fault(endpoint, fault);
    let test = home.start(&[&["test"], arguments].concat());
    sandbox.wait_for(endpoint, 1, Duration::from_secs(30)).await.expect("the request arrives");
    test
}

fn id(account: &Value) -> &str {
    account["id"].as_str().unwrap()
}

/// Asserts that the output names the tested account and not the other.
fn assert_about(output: &Output, [tested, other]: [&Value; 2]) {
    let text = format!("{}{}", output.stdout, output.stderr);
    let name_of = |account: &Value| account["name"].as_str().unwrap().to_owned();
    assert!(text.contains(&name_of(tested)), "{output:?}");
    for name in [id(other).to_owned(), name_of(other), "Business".into()] {
        assert!(!text.contains(&name), "{name}: {output:?}");
    }
}

/// Asserts that every request was sent with this account.
fn assert_requested_as(sandbox: &Sandbox, account: &Value) {
    for endpoint in ["models", "responses"] {
        for request in sandbox.requests(endpoint) {
            let header = request.header("chatgpt-account-id");
            assert_eq!(header, id(account).rsplit(':').next(), "{endpoint}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_during_account_switch_reports_first_account() {
    let (sandbox, home, [own, work]) = two_accounts().await;
    for (endpoint, arguments) in [("models", &["--json"][..]), ("responses", &[])] {
        let mut test = test_at(&home, &sandbox, endpoint, SLOW, arguments).await;
        home.json(&["accounts", "use", id(&work)]).await.done();
        if endpoint == "models" {
            assert_eq!(sandbox.count("responses"), 0, "it was changed while the test waited");
        }
        let output = test.end().await;
        assert_eq!((output.code, sandbox.count("responses")), (0, 1), "{output:?}");
        assert_about(&output, [&own, &work]);
        assert_requested_as(&sandbox, &own);
        if !arguments.is_empty() {
            let document = output.json();
            assert_eq!((&document["ok"], &document["provider"]), (&json!(true), &json!("chatgpt")));
            assert_eq!(document["account"]["id"], own["id"]);
        }
        assert_eq!(home.json(&["status"]).await.done()["account"]["id"], work["id"]);
        home.json(&["accounts", "use", id(&own)]).await.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_during_disconnect_fails_for_first_account() {
    for (endpoint, fault, arguments) in
        [("models", Fault::Hang, &[][..]), ("responses", Fault::HangAfter { events: 1 }, &["--json"])]
    {
        let (sandbox, home, [own, work]) = two_accounts().await;
        let mut test = test_at(&home, &sandbox, endpoint, fault, arguments).await;
        home.json(&["accounts", "remove", id(&own), "--yes"]).await.done();
        let disconnected = Instant::now();
        let output = test.end().await;
        assert!(
            disconnected.elapsed() < PROMPT,
            "it waited {:?} for a disconnected account",
            disconnected.elapsed()
        );
        assert_eq!(output.code, 3, "{output:?}");
        assert!(
            output.stderr.contains("cause: the account was disconnected while it was tested"),
            "{output:?}"
        );
        assert_about(&output, [&own, &work]);
        assert_requested_as(&sandbox, &own);
        if !arguments.is_empty() {
            let document = output.json();
            let last_stage = &document["stages"][3];
            assert_eq!((&last_stage["ok"], &last_stage["code"]), (&json!(false), &json!("sign_in_required")));
            assert_eq!((&document["ok"], &document["account"]["id"]), (&json!(false), &own["id"]));
        }
        // The other one is as it was.
        let test = home.json(&["test", "--account", id(&work)]).await.done();
        assert_eq!(test["account"]["id"], work["id"]);
    }
}
