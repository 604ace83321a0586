//! The key of the OpenAI Platform: saved, rejected, and found in the environment.

use std::os::unix::ffi::OsStrExt as _;

use serde_json::json;

use super::{KEY, sandbox, stages};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn platform_key_is_saved_used_and_forgotten() {
    let (sandbox, mut home) = sandbox().await;
    assert_eq!(home.json(&["status", "--provider", "openai"]).await.error_code(2), "bad_usage");
    let wrong = home.json_with_input(&["login", "--api-key-stdin"], "gsk_something").await;
    assert_eq!(wrong.error_code(3), "invalid_key");
    home.json_with_input(&["login", "--provider", "openai", "--api-key-stdin"], KEY).await.done();
    // The only usable provider is the default.
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["provider"], &status["signed_in"]), (&json!("openai"), &json!(true)));
    let list = home.json(&["models"]).await.done();
    let models = list["models"].as_array().unwrap();
    assert_eq!((&models[0]["id"], &models[0]["default"]), (&json!("gpt-6.2-sol"), &json!(true)));
    assert!(models.iter().all(|one| !one["id"].as_str().unwrap().contains("whisper")));
    assert_eq!(models[0]["capabilities"]["images"], true);
    home.json(&["use", "gpt-6.2-sol", "--effort", "high"]).await.done();
    assert_eq!(
        home.json(&["use", "gpt-6.2-sol", "--effort", "ultra"]).await.error_code(2),
        "effort_unsupported"
    );
    stages(&home, "openai", 0).await;
    let sent = sandbox.requests("platform.responses").pop().unwrap();
    assert_eq!(sent.body["reasoning"]["effort"], "high");
    assert_eq!(sent.header("originator"), None, "the Platform does not need it");

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
    // The environment's key is used and never stored.
    home.set("OPENAI_API_KEY", KEY);
    let status = home.json(&["providers"]).await.done();
    assert_eq!(status["providers"][1]["credential"]["kind"], "environment");
    stages(&home, "openai", 0).await;
    home.set("OPENAI_API_KEY", "");
    assert_eq!(stages(&home, "openai", 3).await[0].1, "sign_in_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_keys_and_missing_credit_are_reported() {
    let (_sandbox, home) = sandbox().await;
    for (key, stage, code, exit) in [
        ("sk-sandbox-revoked", 1, "invalid_key", 3),
        ("sk-sandbox-nomodels", 2, "model_unavailable", 1),
        ("sk-sandbox-noquota", 3, "billing", 4),
        ("sk-sandbox-spend", 3, "billing", 4),
        ("sk-sandbox-ratelimited", 3, "rate_limited", 4),
    ] {
        home.json_with_input(&["login", "--provider", "openai", "--api-key-stdin"], key).await.done();
        let ran = home.json(&["test", "--provider", "openai"]).await;
        assert_eq!((ran.code, &ran.json()["stages"][stage]["code"]), (exit, &json!(code)), "{key}: {ran:?}");
    }
    let usage = home.json(&["usage", "--provider", "openai"]).await.error(2);
    assert!(usage["message"].as_str().unwrap().contains("paid by use"), "{usage}");
}

/// The variable was set for other programs, so no value makes a command fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_key_variable_is_not_used() {
    let (_sandbox, mut home) = sandbox().await;
    for (value, is_reported) in [(" ", false), ("sk-sandbox\nx", true)] {
        home.set("OPENAI_API_KEY", value);
        let status = home.json(&["status"]).await;
        assert_eq!(
            (status.code, &status.json()["provider"]),
            (3, &json!("chatgpt")),
            "{value:?}: {status:?}"
        );
        let doctor = home.run(&["doctor"]).await.stdout;
        assert_eq!(doctor.contains("OPENAI_API_KEY has characters that no key has"), is_reported, "{doctor}");
    }
    let mut command = home.command(usher_tests::usher(), &["status"]);
    command.env("OPENAI_API_KEY", std::ffi::OsStr::from_bytes(b"sk-\xff"));
    assert_eq!(command.output().await.unwrap().status.code(), Some(3));
}
