//! Several accounts under one provider, and access tokens that a person made.

use serde_json::{Value, json};
use usher_sandbox::{GrantOperation, Options, Sandbox};
use usher_tests::{Home, sign_in, signed_in};

async fn accounts(home: &Home) -> Vec<Value> {
    home.json(&["accounts"]).await.done()["accounts"].as_array().expect("a list").clone()
}

fn shown<'a>(accounts: &'a [Value], field: &str) -> Vec<&'a Value> {
    accounts.iter().map(|one| &one[field]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_of_one_email_live_side_by_side() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let list = accounts(&home).await;
    assert_eq!(shown(&list, "email"), [&json!("ada@example.com"); 2]);
    assert_eq!(shown(&list, "active"), [&json!(false), &json!(true)], "the newest is in use");
    assert_ne!(list[0]["workspace"], list[1]["workspace"], "they are told apart by their workspaces");
    assert_ne!(list[0]["id"], list[1]["id"]);
    let (personal, work) = (list[0]["id"].as_str().unwrap(), list[1]["id"].as_str().unwrap());

    // The e-mail names neither; each id names one.
    let error = home.json(&["accounts", "use", "ada@example.com"]).await.error(2);
    assert!(error["message"].as_str().unwrap().contains(personal), "{error}");
    home.json(&["accounts", "rename", work, "Work"]).await.done();
    assert_eq!(accounts(&home).await[1]["workspace"], list[1]["workspace"], "a name hides no workspace");
    let told = home.run(&["accounts"]).await.stdout;
    assert!(told.contains("Work (Business b0510000): ada@example.com"), "{told}");
    for taken in ["Work", work, "ada@example.com"] {
        let refused = home.json(&["accounts", "rename", personal, taken]).await.error(2);
        assert!(refused["message"].as_str().unwrap().contains("another account goes by that"), "{refused}");
    }
    home.json(&["accounts", "use", personal]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["account"]["plan"], "plus");

    // Each has its own choice, and can be asked without being in use.
    home.json(&["use", "gpt-5.5", "--account", "Work"]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["model"]["id"], "gpt-6.1-sol");
    home.json(&["test", "--account", "Work"]).await.done();
    let asked = sandbox.requests("responses").pop().unwrap();
    assert_eq!(asked.header("chatgpt-account-id"), work.rsplit(':').next());
    assert_eq!(asked.body["model"], "gpt-5.5");

    home.json(&["accounts", "up", "Work"]).await.done();
    assert_eq!(shown(&accounts(&home).await, "label"), [&json!("Work"), &Value::Null]);

    // One goes, the other stays and comes into use.
    home.json(&["accounts", "remove", personal, "--yes"]).await.done();
    assert_eq!(sandbox.count("revoke"), 1);
    let left = accounts(&home).await;
    assert_eq!((shown(&left, "id"), shown(&left, "active")), (vec![&json!(work)], vec![&json!(true)]));
    home.json(&["test"]).await.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_identity_replaces_itself_and_keeps_its_name() {
    let (sandbox, home) = signed_in().await;
    home.json(&["accounts", "rename", "ada@example.com", "Home"]).await.done();
    sign_in(&home, &sandbox, "ada").await;
    let list = accounts(&home).await;
    assert_eq!(shown(&list, "label"), [&json!("Home")]);
    for wrong in
        [&["accounts", "use", "nobody@example.com"][..], &["accounts", "rename", "Home", "two\nlines"]]
    {
        assert_eq!(home.json(wrong).await.error_code(2), "bad_usage");
    }
    home.json(&["accounts", "rename", "Home", ""]).await.done();
    assert_eq!(shown(&accounts(&home).await, "label"), [&Value::Null]);
}

/// The page knows one account already; without this parameter it would not ask which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adding_an_account_asks_the_page_for_a_choice() {
    let (_sandbox, home) = signed_in().await;
    for (arguments, asked) in
        [(&["login", "--paste", "--add", "--json"][..], true), (&["login", "--paste", "--json"], false)]
    {
        let mut login = home.start(arguments);
        let open = login.event_called("open").await;
        assert_eq!(open["url"].as_str().unwrap().contains("prompt=login"), asked, "{open}");
        login.signal(nix::sys::signal::Signal::SIGINT);
        login.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_token_is_checked_kept_and_never_renewed() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let login = ["login", "--access-token-stdin"];
    for (pasted, code, exit) in [
        ("at-sandbox-nobody", "invalid_key", 3),
        ("sk-sandbox-key", "bad_usage", 2),
        ("eyJhbGciOiJFZERTQSJ9.eyJhZ2VudCI6MX0.c2ln", "bad_usage", 2),
    ] {
        let error = home.given(&login, pasted).await.error(exit);
        assert_eq!(error["code"], code, "{error}");
        assert!(!error["message"].as_str().unwrap().contains(pasted), "{error}");
    }
    home.given(&login, "at-sandbox-ben").await.done();
    let list = accounts(&home).await;
    assert_eq!((&list[0]["email"], &list[0]["renews"]), (&json!("ben@example.com"), &json!(false)));
    home.json(&["test"]).await.done();
    let (test, status) = (home.run(&["test"]).await, home.run(&["status"]).await);
    assert!(test.stdout.contains("valid; Usher cannot renew it"), "{test:?}");
    assert!(status.stdout.contains("an access token, which cannot be renewed"), "{status:?}");

    // A refusal is final, and nothing is tried to renew it.
    sandbox.change_grants(GrantOperation::RevokeAccessToken, Some("ben"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    assert_eq!(home.json(&["status"]).await.code, 3);
    assert_eq!(sandbox.count("token.refresh_token"), 0);
    // Disconnecting it revokes nothing: the token is the person's own.
    let gone = home.json(&["logout", "--yes"]).await.done();
    assert_eq!((&gone["revoked"], &gone["erased"]), (&json!("not_needed"), &json!(true)));
    assert_eq!(sandbox.count("revoke"), 0);
}
