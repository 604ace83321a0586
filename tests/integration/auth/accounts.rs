//! Several accounts of one provider, and pasted access tokens.

use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{GrantOperation, Options, Sandbox};
use usher_tests::{Home, Output, sign_in, signed_in};

async fn accounts(home: &Home) -> Vec<Value> {
    home.json(&["accounts"]).await.done()["accounts"].as_array().expect("a list").clone()
}

fn values<'a>(accounts: &'a [Value], field: &str) -> Vec<&'a Value> {
    accounts.iter().map(|one| &one[field]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_with_one_email_coexist() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let list = accounts(&home).await;
    assert_eq!(values(&list, "email"), [&json!("ada@example.com"); 2]);
    assert_eq!(values(&list, "name"), [&json!("Personal"), &json!("Business")]);
    assert_eq!(values(&list, "active"), [&json!(true), &json!(false)], "the one in use stays in use");
    assert_ne!(list[0]["workspace"], list[1]["workspace"], "their workspaces distinguish them");
    assert_ne!(list[0]["id"], list[1]["id"]);
    let (personal, work) = (list[0]["id"].as_str().unwrap(), list[1]["id"].as_str().unwrap());

    // The e-mail names neither; each id names one.
    let error = home.json(&["accounts", "use", "ada@example.com"]).await.error(2);
    assert!(error["message"].as_str().unwrap().contains(personal), "{error}");
    home.json(&["accounts", "rename", work, "Work"]).await.done();
    assert_eq!(accounts(&home).await[1]["workspace"], list[1]["workspace"], "a name hides no workspace");
    let text = home.run(&["accounts"]).await.stdout;
    assert!(text.contains("Work: ada@example.com, Business"), "{text}");
    for taken in ["Work", work, "ada@example.com"] {
        let refused = home.json(&["accounts", "rename", personal, taken]).await.error(2);
        assert!(refused["message"].as_str().unwrap().contains("another account goes by that"), "{refused}");
    }
    home.json(&["accounts", "use", personal]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["account"]["plan"], "plus");

    // Each account has its own model and can be used by name without being the active one.
    home.json(&["use", "gpt-5.5", "--account", "Work"]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["model"]["id"], "gpt-6.2-sol");
    home.json(&["test", "--account", "Work"]).await.done();
    let request = sandbox.requests("responses").pop().unwrap();
    assert_eq!(request.header("chatgpt-account-id"), work.rsplit(':').next());
    assert_eq!(request.body["model"], "gpt-5.5");

    home.json(&["accounts", "up", "Work"]).await.done();
    assert_eq!(values(&accounts(&home).await, "label"), [&json!("Work"), &Value::Null]);

    // After the one in use is disconnected, none is until the user chooses.
    home.json(&["accounts", "remove", personal, "--yes"]).await.done();
    assert_eq!(sandbox.count("revoke"), 1);
    let left = accounts(&home).await;
    assert_eq!((values(&left, "id"), values(&left, "active")), (vec![&json!(work)], vec![&json!(false)]));
    let refused = home.json(&["usage"]).await.error(3);
    assert!(refused["message"].as_str().unwrap().contains("no account is in use"), "{refused}");
    home.json(&["accounts", "use", work]).await.done();
    home.json(&["test"]).await.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn same_identity_signed_in_again_keeps_its_name() {
    let (sandbox, home) = signed_in().await;
    home.json(&["accounts", "rename", "ada@example.com", "Home"]).await.done();
    sign_in(&home, &sandbox, "ada").await;
    let list = accounts(&home).await;
    assert_eq!(values(&list, "label"), [&json!("Home")]);
    for wrong in
        [&["accounts", "use", "nobody@example.com"][..], &["accounts", "rename", "Home", "two\nlines"]]
    {
        assert_eq!(home.json(wrong).await.error_code(2), "bad_usage");
    }
    home.json(&["accounts", "rename", "Home", ""]).await.done();
    assert_eq!(values(&accounts(&home).await, "label"), [&Value::Null]);
}

/// Starts a sign-in that only prints its address, and completes it as `person` by pasting.
async fn pasted(home: &Home, arguments: &[&str], person: &str) -> Output {
    let arguments: Vec<&str> = ["login", "--paste", "--json"].iter().chain(arguments).copied().collect();
    let mut login = home.start(&arguments);
    let open = login.event_named("open").await;
    let landing = Browser::new().approve(open["url"].as_str().unwrap(), person).await;
    login.type_line(landing.url.as_str()).await;
    login.end().await
}

fn event<'a>(documents: &'a [Value], name: &str) -> Option<&'a Value> {
    documents.iter().find(|document| document["event"] == name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_again_takes_the_same_account_only() {
    let (sandbox, home) = signed_in().await;
    home.json(&["use", "gpt-5.5", "--effort", "high"]).await.done();
    sandbox.change_grants(GrantOperation::Invalidate, Some("ada"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    let reported = home.run(&["usage"]).await.stderr;
    assert!(reported.contains("hint: Run `usher login --account Personal`."), "{reported}");
    let before = home.json(&["status"]).await.json();
    sandbox.reset();

    let other = pasted(&home, &["--account", "Personal"], "ada-work").await;
    let documents = other.documents();
    let asked = event(&documents, "other_account").expect("the accounts are compared");
    assert_eq!(
        (&asked["account"]["name"], &asked["expected"]["name"]),
        (&json!("Business"), &json!("Personal"))
    );
    assert_eq!(event(&documents, "failed").unwrap()["code"], "other_account");
    assert_eq!(other.code, 3);
    assert_eq!(
        home.json(&["status"]).await.json(),
        before,
        "nothing is switched, and the account stays ended"
    );
    assert_eq!(accounts(&home).await.len(), 1);
    assert_eq!(sandbox.count("revoke"), 1, "the new sign-in is ended");

    let same = pasted(&home, &["--account", "ada@example.com"], "ada").await;
    assert_eq!(same.code, 0, "{same:?}");
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["attention"], &status["model"]), (&Value::Null, &before["model"]));
    for wrong in [&["login", "--add", "--account", "Personal"][..], &["login", "--account", "Nobody"]] {
        assert_eq!(home.json(wrong).await.error_code(2), "bad_usage");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_with_name_names_the_account() {
    let (_sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["login", "--add", "--name", "Personal"]).await.error_code(2), "bad_usage");
    let work = pasted(&home, &["--add", "--name", "Work"], "ada-work").await;
    assert_eq!(event(&work.documents(), "signed_in").unwrap()["account"]["name"], "Work");
    let list = accounts(&home).await;
    assert_eq!(values(&list, "label"), [&Value::Null, &json!("Work")]);
    // Without its own name it returns to that of its plan.
    home.json(&["accounts", "rename", "Work", ""]).await.done();
    assert_eq!(values(&accounts(&home).await, "name"), [&json!("Personal"), &json!("Business")]);
}

/// The page already knows one account; without this parameter it would not let the user choose.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_with_add_account_requests_account_choice() {
    let (_sandbox, home) = signed_in().await;
    for (arguments, request) in [
        (&["login", "--paste", "--add", "--json"][..], true),
        (&["login", "--paste", "--account", "Personal", "--json"], true),
        (&["login", "--paste", "--json"], false),
    ] {
        let mut login = home.start(arguments);
        let open = login.event_named("open").await;
        assert_eq!(open["url"].as_str().unwrap().contains("prompt=login"), request, "{open}");
        login.signal(nix::sys::signal::Signal::SIGINT);
        login.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_token_when_pasted_is_checked_and_never_refreshed() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let login = ["login", "--access-token-stdin"];
    for (pasted, code, exit) in [
        ("at-sandbox-nobody", "invalid_key", 3),
        ("sk-sandbox-key", "bad_usage", 2),
        ("eyJhbGciOiJFZERTQSJ9.eyJhZ2VudCI6MX0.c2ln", "bad_usage", 2),
    ] {
        let error = home.json_with_input(&login, pasted).await.error(exit);
        assert_eq!(error["code"], code, "{error}");
        assert!(!error["message"].as_str().unwrap().contains(pasted), "{error}");
    }
    home.json_with_input(&login, "at-sandbox-ben").await.done();
    let list = accounts(&home).await;
    assert_eq!((&list[0]["email"], &list[0]["renews"]), (&json!("ben@example.com"), &json!(false)));
    home.json(&["test"]).await.done();
    let (test, status) = (home.run(&["test"]).await, home.run(&["status"]).await);
    assert!(test.stdout.contains("valid; Usher cannot renew it"), "{test:?}");
    assert!(status.stdout.contains("an access token, which cannot be renewed"), "{status:?}");

    // A rejection is final: an access token cannot be refreshed.
    sandbox.change_grants(GrantOperation::RevokeAccessToken, Some("ben"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    assert_eq!(home.json(&["status"]).await.code, 3);
    assert_eq!(sandbox.count("token.refresh_token"), 0);
    // Disconnecting revokes nothing, because the user created the token.
    let disconnected = home.json(&["logout", "--yes"]).await.done();
    assert_eq!((&disconnected["revoked"], &disconnected["erased"]), (&json!("not_needed"), &json!(true)));
    assert_eq!(sandbox.count("revoke"), 0);
}
