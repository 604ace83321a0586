//! Services of others: adding, testing, choosing models, switching and removing, and rejected input.

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::Home;

use super::{KEY, sandbox, stages};

const GROQ: &str = "openai-compatible:groq";

fn service(sandbox: &Sandbox, kind: &str) -> String {
    format!("{}/{kind}", sandbox.compatible())
}

/// Adds a service with a key.
async fn add(home: &Home, sandbox: &Sandbox, kind: &str) -> Value {
    let base = service(sandbox, kind);
    let arguments =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    home.json_with_input(&arguments, KEY).await.done()
}

/// A complete script with one service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_from_invalid_address_to_removal_works() {
    let (sandbox, home) = sandbox().await;
    let bad =
        ["providers", "add", "openai-compatible", "--name", "groq", "--base-url", "http://groq.example/v1"];
    let error = home.json(&bad).await.error(2);
    assert_eq!(error["code"], "bad_url");
    assert!(error["message"].as_str().unwrap().contains("only allowed for this computer"), "{error}");
    assert_eq!(
        home.json(&["providers"]).await.done()["providers"].as_array().unwrap().len(),
        1,
        "nothing was added"
    );

    let added = add(&home, &sandbox, "both").await;
    assert_eq!(
        (&added["id"], &added["pays"], &added["enabled"]),
        (&json!(GROQ), &json!("service"), &json!(true))
    );
    assert_eq!(added["credential"]["ends_in"], "abcd");
    assert_eq!(added["endpoint"]["timeout_seconds"], 30);

    assert_eq!(stages(&home, GROQ, 0).await, vec![(json!(true), Value::Null); 4]);
    let list = home.json(&["models", "--provider", GROQ]).await.done();
    let ids: Vec<&str> =
        list["models"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, ["llama-4-scout", "qwen3-coder"], "models that do not return text are omitted");
    let all = home.json(&["models", "--provider", GROQ, "--all"]).await.done();
    assert_eq!(all["models"].as_array().unwrap().len(), 3);
    home.json(&["use", "qwen3-coder", "--small", "llama-4-scout", "--provider", GROQ]).await.done();
    let status = home.json(&["status", "--provider", GROQ]).await.done();
    let chosen = |small: Value| json!({ "id": "qwen3-coder", "effort": null, "small": small, "tier": null, "roles": {} });
    assert_eq!(status["model"], chosen(json!("llama-4-scout")));
    let removed = home.json(&["use", "--small", "", "--provider", GROQ]).await.done();
    assert_eq!(removed, chosen(json!(null)), "it is taken away again");

    home.json(&["providers", "disable", GROQ]).await.done();
    let requests_before = sandbox.all_requests().len();
    let refused = stages(&home, GROQ, 1).await;
    assert_eq!(refused[0], (json!(false), json!("host_not_allowed")));
    assert_eq!(sandbox.all_requests().len(), requests_before, "a disabled provider gets no requests");
    home.json(&["providers", "enable", GROQ]).await.done();
    stages(&home, GROQ, 0).await;

    home.json(&["providers", "remove", GROQ]).await.done();
    assert_eq!(home.json(&["status", "--provider", GROQ]).await.error_code(2), "bad_usage");
    assert!(!home.read("config.toml").contains("groq"));
    // Added again, it does not have the old key.
    let again =
        ["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &service(&sandbox, "both")];
    assert_eq!(home.json(&again).await.done()["credential"]["kind"], "not_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn api_of_service_is_detected_saved_and_changeable() {
    let (sandbox, home) = sandbox().await;
    for (kind, wire) in
        [("chat-only", "chat_completions"), ("responses-only", "responses"), ("both", "responses")]
    {
        add(&home, &sandbox, kind).await;
        stages(&home, GROQ, 0).await;
        assert!(home.read("config.toml").contains(&format!("wire = \"{wire}\"")), "{kind}");
        sandbox.reset();
        stages(&home, GROQ, 0).await;
        let tried = sandbox.count("compatible.responses") + sandbox.count("compatible.chat_completions");
        assert_eq!(tried, 1, "{kind}: it is not found out again");
        home.json(&["providers", "set", GROQ, "--wire", "chat_completions"]).await.done();
        sandbox.reset();
        let code = i32::from(kind == "responses-only");
        stages(&home, GROQ, code).await;
        assert_eq!(sandbox.count("compatible.chat_completions"), 1, "{kind}");
        home.json(&["providers", "remove", GROQ]).await.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn api_without_version_path_is_found_at_base_url() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "unversioned").await;
    stages(&home, GROQ, 0).await;
    assert!(home.read("config.toml").contains("unversioned = true"));
    let provider = home.json(&["providers", "set", GROQ, "--timeout", "5"]).await.done();
    assert_eq!(provider["endpoint"]["root"], json!(service(&sandbox, "unversioned")));
    // Another address has no detected API.
    let base = service(&sandbox, "both");
    let moved = home.json(&["providers", "set", GROQ, "--base-url", &base]).await.done();
    assert_eq!(moved["endpoint"]["root"], json!(format!("{base}/v1")));
    assert_eq!(moved["endpoint"]["wire"], Value::Null);
}

/// A person may edit the address in the file; what was found out about the old one says nothing of the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn address_edited_by_hand_is_found_out_again() {
    let (sandbox, home) = sandbox().await;
    let edit = |from: &str, to: &str| {
        let text = home.read("config.toml");
        assert!(text.contains(from), "{text}");
        home.write("config.toml", &text.replacen(from, to, 1));
    };
    add(&home, &sandbox, "chat-only").await;
    stages(&home, GROQ, 0).await;
    assert!(home.read("config.toml").contains("wire = \"chat_completions\""));
    edit("/chat-only", "/responses-only");
    stages(&home, GROQ, 0).await;
    assert!(home.read("config.toml").contains("wire = \"responses\""));
    edit("/responses-only", "/unversioned");
    stages(&home, GROQ, 0).await;
    edit("/unversioned", "/both");
    stages(&home, GROQ, 0).await;
    // What the person writes there is not found out.
    edit("base_url", "wire = \"chat_completions\"\nbase_url");
    sandbox.reset();
    stages(&home, GROQ, 0).await;
    assert_eq!((sandbox.count("compatible.responses"), sandbox.count("compatible.chat_completions")), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_after_address_change_is_not_sent() {
    let (sandbox, home) = sandbox().await;
    let other_sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    add(&home, &sandbox, "both").await;
    let moved =
        home.json(&["providers", "set", GROQ, "--base-url", &service(&other_sandbox, "both")]).await.done();
    assert_eq!(moved["credential"]["kind"], "key_of_other_address");
    let test = stages(&home, GROQ, 3).await;
    assert_eq!(test[1].1, "sign_in_required");
    assert_eq!(other_sandbox.all_requests().len(), 0, "the key was not sent");
    home.json_with_input(&["login", "--provider", GROQ, "--api-key-stdin"], KEY).await.done();
    stages(&home, GROQ, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_with_secret_header_needs_no_key() {
    let (sandbox, home) = sandbox().await;
    let base = service(&sandbox, "keyless");
    home.json(&["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &base]).await.done();
    stages(&home, GROQ, 0).await;
    assert!(sandbox.requests("compatible.models").iter().all(|one| one.header("authorization").is_none()));
    home.json(&["providers", "set", GROQ, "--base-url", &service(&sandbox, "header")]).await.done();
    assert_eq!(stages(&home, GROQ, 3).await[1].1, "sign_in_required");
    let set = ["providers", "set", GROQ, "--header-stdin", "X-Sandbox-Secret"];
    let view = home.json_with_input(&set, "letmein").await.done();
    assert_eq!(view["endpoint"]["headers"], json!(["x-sandbox-secret"]));
    stages(&home, GROQ, 0).await;
    assert!(!home.read("config.toml").contains("letmein"));
    let removed = home.json(&["providers", "set", GROQ, "--remove-header", "x-sandbox-secret"]).await.done();
    assert_eq!(removed["endpoint"]["headers"], json!([]));
    let bad = home.json_with_input(&["providers", "set", GROQ, "--header-stdin", "Host"], "x").await;
    assert_eq!(bad.error_code(2), "bad_usage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_failures_name_their_cause() {
    let (sandbox, home) = sandbox().await;
    for (kind, stage, code, exit) in [
        ("redirecting", 1, "host_not_allowed", 1),
        ("html", 1, "challenge_page", 5),
        ("no-such-kind", 2, "endpoint_not_found", 1),
    ] {
        add(&home, &sandbox, kind).await;
        let ran = home.json(&["test", "--provider", GROQ]).await;
        assert_eq!((ran.code, &ran.json()["stages"][stage]["code"]), (exit, &json!(code)), "{kind}: {ran:?}");
        home.json(&["providers", "remove", GROQ]).await.done();
    }
    // The report makes no claim about a key that the server did not check.
    add(&home, &sandbox, "both").await;
    let busy = Fault::Status { status: 503, body: Value::Null, headers: [].into() };
    // A service may list its models to anybody, so a list proves nothing about the key either.
    for fault in [Some(busy), None] {
        if let Some(fault) = fault {
            sandbox.push_fault("compatible.models", fault);
        }
        let report = home.run(&["test", "--provider", GROQ]).await.stdout;
        let token = report.lines().find(|line| line.starts_with("Key")).unwrap_or_default();
        assert!(token.contains("checked with the models"), "{report}");
    }
    home.json(&["providers", "remove", GROQ]).await.done();
    // The wait for a silent server is the configured timeout.
    add(&home, &sandbox, "both").await;
    home.json(&["providers", "set", GROQ, "--timeout", "1"]).await.done();
    sandbox.push_fault("compatible.models", Fault::Hang);
    assert_eq!(stages(&home, GROQ, 1).await[1].1, "timeout");
    for wrong in [&["--timeout", "0"][..], &["--timeout", "99999"], &["--organization", "org"]] {
        let ran = home.json(&[&["providers", "set", GROQ], wrong].concat()).await;
        assert_eq!(ran.error_code(2), "bad_usage", "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_of_another_address_or_key_is_fetched_again() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "both").await;
    let models = ["models", "--provider", GROQ];
    home.json(&models).await.done();
    home.json(&models).await.done();
    assert_eq!(sandbox.count("compatible.models"), 1, "a fresh list is not fetched again");
    sandbox.change_settings(|settings| settings.compatible_models = Some(vec!["newer".into()]));
    let other_address = format!("{}/unversioned", sandbox.compatible());
    home.json(&["providers", "set", GROQ, "--base-url", &other_address]).await.done();
    let list = home.json(&models).await.done();
    assert_eq!(list["models"][0]["id"], "newer");
    let fetched = sandbox.count("compatible.models");
    home.json(&models).await.done();
    assert_eq!(sandbox.count("compatible.models"), fetched, "the list of the place that was found is kept");
    // By hand in the file.
    let edited = home.read("config.toml").replace(&other_address, &service(&sandbox, "both/v1"));
    home.write("config.toml", &edited);
    home.json(&models).await.done();
    assert!(sandbox.count("compatible.models") > fetched, "the address in the file is another");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_without_address_is_shown_as_a_problem() {
    let (_sandbox, home) = sandbox().await;
    home.write("config.toml", &format!("[providers.\"{GROQ}\"]\nname = \"Groq\"\n"));
    let shown = home.run(&["providers", "list"]).await.stdout;
    assert!(shown.contains("has no base_url in config.toml"), "{shown}");
    assert_eq!(
        home.json(&["test", "--provider", GROQ]).await.json()["stages"][0]["code"],
        "settings_unusable"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn added_model_survives_refresh() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "both").await;
    home.json(&["models", "--provider", GROQ, "--add", "my-own"]).await.done();
    let list = home.json(&["models", "--provider", GROQ, "--refresh"]).await.done();
    let own = list["models"].as_array().unwrap().iter().find(|one| one["id"] == "my-own").unwrap().clone();
    assert_eq!(own["source"], "by_hand");
    home.json(&["use", "my-own", "--provider", GROQ]).await.done();
    // The model works without any list.
    sandbox.change_settings(|settings| settings.compatible_models = Some(vec!["my-own".into()]));
    sandbox.push_fault(
        "compatible.models",
        Fault::Status { status: 404, body: Value::Null, headers: [].into() },
    );
    stages(&home, GROQ, 0).await;
    home.json(&["models", "--provider", GROQ, "--forget", "my-own"]).await.done();
    assert!(!home.read("config.toml").contains("models ="));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_removal_changes_nothing() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "both").await;
    let good = home.read("config.toml");
    for broken in [format!("{good}[broken\n"), "providers = 3\n".to_owned()] {
        home.write("config.toml", &broken);
        assert_ne!(home.json(&["providers", "remove", GROQ]).await.code, 0, "{broken}");
        assert_eq!(home.read("config.toml"), broken);
        home.write("config.toml", &good);
        let status = home.json(&["status", "--provider", GROQ]).await.done();
        assert_eq!(status["signed_in"], true, "{broken}: {status}");
        stages(&home, GROQ, 0).await;
    }
}

/// The table was removed by hand, but the key of the service is still stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_of_removed_provider_is_reported_and_not_reused() {
    let (sandbox, home) = sandbox().await;
    let again =
        ["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &service(&sandbox, "both")];
    add(&home, &sandbox, "both").await;
    home.write("config.toml", "version = 1\n");
    let found = home.run(&["doctor"]).await.stdout;
    let report = found.lines().find(|line| line.starts_with("keys")).unwrap_or_else(|| panic!("{found}"));
    assert!(report.contains(&format!("`usher logout --provider {GROQ}`")), "{report}");
    assert_eq!(home.json(&again).await.done()["credential"]["kind"], "not_needed", "it begins without a key");

    // Saved several times without a table: it can still be erased, once.
    home.json_with_input(&["login", "--provider", GROQ, "--api-key-stdin"], KEY).await.done();
    home.write("config.toml", "version = 1\n");
    assert_eq!(home.json(&["logout", "--provider", GROQ, "--yes"]).await.done()["erased"], true);
    assert_eq!(home.json(&["logout", "--provider", GROQ, "--yes"]).await.error_code(2), "bad_usage");
    let found = home.run(&["doctor"]).await.stdout;
    assert!(!found.contains(GROQ), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_changes_change_nothing() {
    let (sandbox, home) = sandbox().await;
    let base = service(&sandbox, "both");
    let arguments =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    assert_eq!(home.json_with_input(&arguments, "bad key").await.error_code(3), "invalid_key");
    assert!(!home.path().join("config.toml").exists());
    add(&home, &sandbox, "both").await;
    let before = home.read("config.toml");
    let set = ["providers", "set", GROQ, "--name", "renamed"];
    let wrong = home.json_with_input(&[&set[..], &["--header-stdin", "bad header"]].concat(), "v").await;
    assert_eq!(wrong.error_code(2), "bad_usage");
    let wrong = home.json_with_input(&[&set[..], &["--api-key-stdin"]].concat(), "bad key").await;
    assert_eq!(wrong.error_code(3), "invalid_key");
    let other = ["providers", "add", "openai-compatible", "--name", "Other", "--base-url", &base];
    // Only the store can detect that its key file is missing.
    let key_file = home.path().join("secrets.key");
    let saved_key = std::fs::read(&key_file).unwrap();
    std::fs::remove_file(&key_file).unwrap();
    let refused = home.json_with_input(&[&other[..], &["--api-key-stdin"]].concat(), KEY).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    std::fs::write(&key_file, saved_key).unwrap();
    assert_eq!(home.read("config.toml"), before);
    for argument in
        [&["--timeout", "5"][..], &["--wire", "responses"], &["--local-network"], &["--preset", "groq"]]
    {
        for kind in ["openai", "codex-cli"] {
            let ran = home.json(&[&["providers", "add", kind], argument].concat()).await;
            assert_eq!(ran.error_code(2), "bad_usage", "{kind} {argument:?}");
        }
    }
    assert_eq!(home.read("config.toml"), before);
}
