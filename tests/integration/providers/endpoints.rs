//! Keys and services: added, tested, chosen from, switched and removed; and what is refused on the way.

use std::os::unix::ffi::OsStrExt as _;

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::Home;

const GROQ: &str = "openai-compatible:groq";
const KEY: &str = "sk-sandbox-0123456789abcd";

async fn sandbox() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    (sandbox, home)
}

fn service(sandbox: &Sandbox, kind: &str) -> String {
    format!("{}/{kind}", sandbox.compatible())
}

/// Adds a service of this kind, with a key.
async fn add(home: &Home, sandbox: &Sandbox, kind: &str) -> Value {
    let base = service(sandbox, kind);
    let words =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    home.given(&words, KEY).await.done()
}

async fn stages(home: &Home, provider: &str, code: i32) -> Vec<(Value, Value)> {
    let ran = home.json(&["test", "--provider", provider]).await;
    assert_eq!(ran.code, code, "{ran:?}");
    let document = ran.json();
    let stages = document["stages"].as_array().expect("stages").iter();
    stages.map(|stage| (stage["ok"].clone(), stage["code"].clone())).collect()
}

/// The script that the first look at this part is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_from_a_bad_address_to_its_removal() {
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
    assert_eq!(ids, ["llama-4-scout", "qwen3-coder"], "what does not answer with text is left out");
    let all = home.json(&["models", "--provider", GROQ, "--all"]).await.done();
    assert_eq!(all["models"].as_array().unwrap().len(), 3);
    home.json(&["use", "qwen3-coder", "--small", "llama-4-scout", "--provider", GROQ]).await.done();
    let status = home.json(&["status", "--provider", GROQ]).await.done();
    assert_eq!(status["model"], json!({ "id": "qwen3-coder", "effort": null, "small": "llama-4-scout" }));
    let chosen = home.json(&["use", "--small", "", "--provider", GROQ]).await.done();
    assert_eq!(
        chosen,
        json!({ "id": "qwen3-coder", "effort": null, "small": null }),
        "it is taken away again"
    );

    home.json(&["providers", "disable", GROQ]).await.done();
    let asked = sandbox.all_requests().len();
    let refused = stages(&home, GROQ, 1).await;
    assert_eq!(refused[0], (json!(false), json!("host_not_allowed")));
    assert_eq!(sandbox.all_requests().len(), asked, "a provider that is off is not spoken to");
    home.json(&["providers", "enable", GROQ]).await.done();
    stages(&home, GROQ, 0).await;

    home.json(&["providers", "remove", GROQ]).await.done();
    assert_eq!(home.json(&["status", "--provider", GROQ]).await.error_code(2), "bad_usage");
    assert!(!home.read("config.toml").contains("groq"));
    // Added again, it has no key of before.
    let again =
        ["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &service(&sandbox, "both")];
    assert_eq!(home.json(&again).await.done()["credential"]["kind"], "not_needed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_found_out_and_kept_and_can_be_changed() {
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
async fn an_api_without_a_version_is_found_at_the_address_itself() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "unversioned").await;
    stages(&home, GROQ, 0).await;
    assert!(home.read("config.toml").contains("unversioned = true"));
    let provider = home.json(&["providers", "set", GROQ, "--timeout", "5"]).await.done();
    assert_eq!(provider["endpoint"]["root"], json!(service(&sandbox, "unversioned")));
    // Another address says nothing of that.
    let base = service(&sandbox, "both");
    let moved = home.json(&["providers", "set", GROQ, "--base-url", &base]).await.done();
    assert_eq!(moved["endpoint"]["root"], json!(format!("{base}/v1")));
    assert_eq!(moved["endpoint"]["wire"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_stays_with_the_address_that_it_was_saved_for() {
    let (sandbox, home) = sandbox().await;
    let elsewhere = Sandbox::start(Options::for_tests()).await.unwrap();
    add(&home, &sandbox, "both").await;
    let moved =
        home.json(&["providers", "set", GROQ, "--base-url", &service(&elsewhere, "both")]).await.done();
    assert_eq!(moved["credential"]["kind"], "key_of_other_address");
    let test = stages(&home, GROQ, 3).await;
    assert_eq!(test[1].1, "sign_in_required");
    assert_eq!(elsewhere.all_requests().len(), 0, "the key went nowhere");
    home.given(&["login", "--provider", GROQ, "--api-key-stdin"], KEY).await.done();
    stages(&home, GROQ, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_without_a_key_and_with_a_header_instead() {
    let (sandbox, home) = sandbox().await;
    let base = service(&sandbox, "keyless");
    home.json(&["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &base]).await.done();
    stages(&home, GROQ, 0).await;
    assert!(sandbox.requests("compatible.models").iter().all(|one| one.header("authorization").is_none()));
    home.json(&["providers", "set", GROQ, "--base-url", &service(&sandbox, "header")]).await.done();
    assert_eq!(stages(&home, GROQ, 3).await[1].1, "invalid_key");
    let set = ["providers", "set", GROQ, "--header-stdin", "X-Sandbox-Secret"];
    let view = home.given(&set, "letmein").await.done();
    assert_eq!(view["endpoint"]["headers"], json!(["x-sandbox-secret"]));
    stages(&home, GROQ, 0).await;
    assert!(!home.read("config.toml").contains("letmein"));
    let removed = home.json(&["providers", "set", GROQ, "--remove-header", "x-sandbox-secret"]).await.done();
    assert_eq!(removed["endpoint"]["headers"], json!([]));
    let bad = home.given(&["providers", "set", GROQ, "--header-stdin", "Host"], "x").await;
    assert_eq!(bad.error_code(2), "bad_usage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_is_named() {
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
    // Nothing is said of a key that nobody has looked at.
    add(&home, &sandbox, "both").await;
    let busy = Fault::Status { status: 503, body: Value::Null, headers: [].into() };
    for (fault, words) in [(Some(busy), "it was not checked"), (None, "the key was accepted")] {
        if let Some(fault) = fault {
            sandbox.push_fault("compatible.models", fault);
        }
        let told = home.run(&["test", "--provider", GROQ]).await.stdout;
        let token = told.lines().find(|line| line.starts_with("Token")).unwrap_or_default();
        assert!(token.contains(words), "{told}");
    }
    home.json(&["providers", "remove", GROQ]).await.done();
    // Silence is waited for as long as the person said.
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
async fn a_model_added_by_hand_survives_a_refresh() {
    let (sandbox, home) = sandbox().await;
    add(&home, &sandbox, "both").await;
    home.json(&["models", "--provider", GROQ, "--add", "my-own"]).await.done();
    let list = home.json(&["models", "--provider", GROQ, "--refresh"]).await.done();
    let own = list["models"].as_array().unwrap().iter().find(|one| one["id"] == "my-own").unwrap().clone();
    assert_eq!(own["source"], "by_hand");
    home.json(&["use", "my-own", "--provider", GROQ]).await.done();
    // Without any list it can be asked all the same.
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
async fn a_key_of_the_platform() {
    let (sandbox, mut home) = sandbox().await;
    assert_eq!(home.json(&["status", "--provider", "openai"]).await.error_code(2), "bad_usage");
    let wrong = home.given(&["login", "--api-key-stdin"], "gsk_something").await;
    assert_eq!(wrong.error_code(3), "invalid_key");
    home.given(&["login", "--provider", "openai", "--api-key-stdin"], KEY).await.done();
    // The only provider that can be used is the one that is meant.
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["provider"], &status["signed_in"]), (&json!("openai"), &json!(true)));
    let list = home.json(&["models"]).await.done();
    let models = list["models"].as_array().unwrap();
    assert_eq!((&models[0]["id"], &models[0]["default"]), (&json!("gpt-6.1-sol"), &json!(true)));
    assert!(models.iter().all(|one| !one["id"].as_str().unwrap().contains("whisper")));
    assert_eq!(models[0]["capabilities"]["images"], true);
    home.json(&["use", "gpt-6.1-sol", "--effort", "high"]).await.done();
    assert_eq!(
        home.json(&["use", "gpt-6.1-sol", "--effort", "ultra"]).await.error_code(2),
        "effort_unsupported"
    );
    stages(&home, "openai", 0).await;
    let sent = sandbox.requests("platform.responses").pop().unwrap();
    assert_eq!(sent.body["reasoning"]["effort"], "high");
    assert_eq!(sent.header("originator"), None, "no one asks for it there");

    home.json(&["providers", "set", "openai", "--organization", "org-sandbox", "--project", "proj_sandbox"])
        .await
        .done();
    stages(&home, "openai", 0).await;
    assert_eq!(
        sandbox.requests("platform.models").pop().unwrap().header("openai-organization"),
        Some("org-sandbox")
    );
    home.json(&["providers", "set", "openai", "--organization", "org-other"]).await.done();
    assert_eq!(stages(&home, "openai", 3).await[1].1, "invalid_key");
    home.json(&["providers", "set", "openai", "--organization", ""]).await.done();

    home.json(&["logout", "--provider", "openai", "--yes"]).await.done();
    assert_eq!(home.json(&["status", "--provider", "openai"]).await.code, 3);
    // The environment's key is used and never kept.
    home.set("OPENAI_API_KEY", KEY);
    let status = home.json(&["providers"]).await.done();
    assert_eq!(status["providers"][1]["credential"]["kind"], "environment");
    stages(&home, "openai", 0).await;
    home.set("OPENAI_API_KEY", "");
    assert_eq!(stages(&home, "openai", 3).await[0].1, "sign_in_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_refused_or_have_no_credit() {
    let (_sandbox, home) = sandbox().await;
    for (key, stage, code, exit) in [
        ("sk-sandbox-revoked", 1, "invalid_key", 3),
        ("sk-sandbox-nomodels", 2, "model_unavailable", 1),
        ("sk-sandbox-noquota", 3, "billing", 4),
        ("sk-sandbox-spend", 3, "billing", 4),
        ("sk-sandbox-ratelimited", 3, "rate_limited", 4),
    ] {
        home.given(&["login", "--provider", "openai", "--api-key-stdin"], key).await.done();
        let ran = home.json(&["test", "--provider", "openai"]).await;
        assert_eq!((ran.code, &ran.json()["stages"][stage]["code"]), (exit, &json!(code)), "{key}: {ran:?}");
    }
    let usage = home.json(&["usage", "--provider", "openai"]).await.error(2);
    assert!(usage["message"].as_str().unwrap().contains("paid by use"), "{usage}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_removal_has_taken_nothing_away() {
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

/// The table was taken out by hand; what let the service in is still kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_whose_provider_is_gone_is_named_and_lets_nobody_in_again() {
    let (sandbox, home) = sandbox().await;
    let again =
        ["providers", "add", "openai-compatible", "--name", "groq", "--base-url", &service(&sandbox, "both")];
    add(&home, &sandbox, "both").await;
    home.write("config.toml", "version = 1\n");
    let found = home.run(&["doctor"]).await.stdout;
    let told = found.lines().find(|line| line.starts_with("keys")).unwrap_or_else(|| panic!("{found}"));
    assert!(told.contains(&format!("`usher logout --provider {GROQ}`")), "{told}");
    assert_eq!(home.json(&again).await.done()["credential"]["kind"], "not_needed", "it begins without a key");

    // Saved again and again without a table: it can be erased all the same, once.
    home.given(&["login", "--provider", GROQ, "--api-key-stdin"], KEY).await.done();
    home.write("config.toml", "version = 1\n");
    assert_eq!(home.json(&["logout", "--provider", GROQ, "--yes"]).await.done()["erased"], true);
    assert_eq!(home.json(&["logout", "--provider", GROQ, "--yes"]).await.error_code(2), "bad_usage");
    let found = home.run(&["doctor"]).await.stdout;
    assert!(!found.contains(GROQ), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_has_changed_nothing() {
    let (sandbox, home) = sandbox().await;
    let base = service(&sandbox, "both");
    let words =
        ["providers", "add", "openai-compatible", "--name", "Groq", "--base-url", &base, "--api-key-stdin"];
    assert_eq!(home.given(&words, "bad key").await.error_code(3), "invalid_key");
    assert!(!home.path().join("config.toml").exists());
    add(&home, &sandbox, "both").await;
    let before = home.read("config.toml");
    let set = ["providers", "set", GROQ, "--name", "renamed"];
    let wrong = home.given(&[&set[..], &["--header-stdin", "bad header"]].concat(), "v").await;
    assert_eq!(wrong.error_code(2), "bad_usage");
    let wrong = home.given(&[&set[..], &["--api-key-stdin"]].concat(), "bad key").await;
    assert_eq!(wrong.error_code(3), "invalid_key");
    let other = ["providers", "add", "openai-compatible", "--name", "Other", "--base-url", &base];
    // What is found out by the store only: its key is gone.
    let key_file = home.path().join("secrets.key");
    let kept = std::fs::read(&key_file).unwrap();
    std::fs::remove_file(&key_file).unwrap();
    let refused = home.given(&[&other[..], &["--api-key-stdin"]].concat(), KEY).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    std::fs::write(&key_file, kept).unwrap();
    assert_eq!(home.read("config.toml"), before);
    for given in
        [&["--timeout", "5"][..], &["--wire", "responses"], &["--local-network"], &["--preset", "groq"]]
    {
        for kind in ["openai", "codex-cli"] {
            let ran = home.json(&[&["providers", "add", kind], given].concat()).await;
            assert_eq!(ran.error_code(2), "bad_usage", "{kind} {given:?}");
        }
    }
    assert_eq!(home.read("config.toml"), before);
}

/// It was set for other programs; whatever it is, no command fails for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variable_that_is_no_key_is_not_used() {
    let (_sandbox, mut home) = sandbox().await;
    for (value, is_told) in [(" ", false), ("sk-sandbox\nx", true)] {
        home.set("OPENAI_API_KEY", value);
        let status = home.json(&["status"]).await;
        assert_eq!(
            (status.code, &status.json()["provider"]),
            (3, &json!("chatgpt")),
            "{value:?}: {status:?}"
        );
        let doctor = home.run(&["doctor"]).await.stdout;
        assert_eq!(doctor.contains("OPENAI_API_KEY has characters that no key has"), is_told, "{doctor}");
    }
    let mut command = home.command(usher_tests::usher(), &["status"]);
    command.env("OPENAI_API_KEY", std::ffi::OsStr::from_bytes(b"sk-\xff"));
    assert_eq!(command.output().await.unwrap().status.code(), Some(3));
}
