//! A test of the connection runs, and meanwhile another process switches or disconnects the account: what is said at
//! its end is true of the account that it began with.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use usher_sandbox::{Fault, Sandbox};
use usher_tests::{Home, Ran, Running, sign_in, signed_in};

/// Longer than any process of the tests needs to change the account in use; it is checked that it was.
const SLOW: Fault = Fault::Delay { ms: 3000 };
/// No test waits for an account that has gone for as long as for a silent server.
const PROMPT: Duration = Duration::from_secs(8);

/// Ada's own account, which is in use, and hers at work.
async fn two_accounts() -> (Sandbox, Home, [Value; 2]) {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    home.json(&["accounts", "use", "Plus ada00000"]).await.done();
    let document = home.json(&["accounts"]).await.done();
    let [own, work] = document["accounts"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!((&own["active"], &work["active"]), (&json!(true), &json!(false)));
    (sandbox, home, [own.clone(), work.clone()])
}

/// A test that waits for `endpoint`.
async fn test_at(home: &Home, sandbox: &Sandbox, endpoint: &str, fault: Fault, words: &[&str]) -> Running {
    sandbox.reset();
    sandbox.push_fault(endpoint, fault);
    let test = home.start(&[&["test"], words].concat());
    sandbox.wait_for(endpoint, 1, Duration::from_secs(30)).await.expect("it asks");
    test
}

fn id(account: &Value) -> &str {
    account["id"].as_str().unwrap()
}

/// Whatever `ran` said, it named this account and not the other.
fn assert_about(ran: &Ran, [tested, other]: [&Value; 2]) {
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let workspace = |account: &Value| account["workspace"].as_str().unwrap().to_owned();
    assert!(said.contains(&workspace(tested)), "{ran:?}");
    for word in [id(other).to_owned(), workspace(other), "Business".into()] {
        assert!(!said.contains(&word), "{word}: {ran:?}");
    }
}

/// Every request was made with this account.
fn assert_asked_as(sandbox: &Sandbox, account: &Value) {
    for endpoint in ["models", "responses"] {
        for request in sandbox.requests(endpoint) {
            let asked = request.header("chatgpt-account-id");
            assert_eq!(asked, id(account).rsplit(':').next(), "{endpoint}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_is_taken_into_use() {
    let (sandbox, home, [own, work]) = two_accounts().await;
    for (endpoint, words) in [("models", &["--json"][..]), ("responses", &[])] {
        let mut test = test_at(&home, &sandbox, endpoint, SLOW, words).await;
        home.json(&["accounts", "use", id(&work)]).await.done();
        if endpoint == "models" {
            assert_eq!(sandbox.count("responses"), 0, "it was changed while the test waited");
        }
        let ran = test.end().await;
        assert_eq!((ran.code, sandbox.count("responses")), (0, 1), "{ran:?}");
        assert_about(&ran, [&own, &work]);
        assert_asked_as(&sandbox, &own);
        if !words.is_empty() {
            let document = ran.json();
            assert_eq!((&document["ok"], &document["provider"]), (&json!(true), &json!("chatgpt")));
            assert_eq!(document["account"]["id"], own["id"]);
        }
        assert_eq!(home.json(&["status"]).await.done()["account"]["id"], work["id"]);
        home.json(&["accounts", "use", id(&own)]).await.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_is_disconnected() {
    for (endpoint, fault, words) in
        [("models", Fault::Hang, &[][..]), ("responses", Fault::HangAfter { events: 1 }, &["--json"])]
    {
        let (sandbox, home, [own, work]) = two_accounts().await;
        let mut test = test_at(&home, &sandbox, endpoint, fault, words).await;
        home.json(&["accounts", "remove", id(&own), "--yes"]).await.done();
        let gone = Instant::now();
        let ran = test.end().await;
        assert!(gone.elapsed() < PROMPT, "it waited {:?} for nobody's answer", gone.elapsed());
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.stderr.contains("cause: the account was disconnected while it was tested"), "{ran:?}");
        assert_about(&ran, [&own, &work]);
        assert_asked_as(&sandbox, &own);
        if !words.is_empty() {
            let document = ran.json();
            let answer = &document["stages"][3];
            assert_eq!((&answer["ok"], &answer["code"]), (&json!(false), &json!("sign_in_required")));
            assert_eq!((&document["ok"], &document["account"]["id"]), (&json!(false), &own["id"]));
        }
        // The other one is as it was.
        let test = home.json(&["test"]).await.done();
        assert_eq!(test["account"]["id"], work["id"]);
    }
}
