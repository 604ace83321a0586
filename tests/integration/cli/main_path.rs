//! The main path from a script: sign in, list, choose, test, disconnect, with the documents of contract §6.
//! Uses the real callback port, as `callback_ports` does.

use serde_json::{Value, json};
use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};
use usher_tests::Home;

use crate::fields::assert_fields;

const ADA: &str = "user-ada:ada00000-0000-4000-8000-000000000002";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_ports_main_path_from_script_succeeds() {
    // Strict: only the two registered ports are accepted in a redirect.
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let home = Home::at(&sandbox);
    let before = home.json(&["status"]).await;
    assert_eq!(before.code, 3, "{before:?}");
    check_signed_out(&before.json());

    let account = log_in(&home).await;
    assert_eq!(sandbox.count("models"), 1, "the list loads automatically");
    assert_fields(&account, "id name email route workspace plan label");
    assert_eq!(account["id"], ADA);
    assert_eq!(account["email"], "ada@example.com");
    assert_eq!(account["plan"], "plus");

    check_status(&home.json(&["status"]).await.done(), &account);
    let chosen = check_models(&home).await;
    check_usage(&home.json(&["usage"]).await.done());
    check_test(&home.json(&["test"]).await.done());
    let request = &sandbox.requests("responses")[0].body;
    assert_eq!(request["model"], chosen["id"], "the chosen model was requested");
    assert_eq!(request["reasoning"]["effort"], chosen["effort"]);

    let out = home.json(&["logout", "--yes"]).await.done();
    assert_fields(&out, "revoked erased passes_refused");
    assert_eq!(out, json!({"revoked": "yes", "erased": true, "passes_refused": true}));
    assert_eq!(sandbox.count("revoke"), 1);
    let after = home.json(&["status"]).await;
    assert_eq!(after.code, 3, "{after:?}");
    check_signed_out(&after.json());
}

async fn log_in(home: &Home) -> Value {
    let mut login = home.start(&["login", "--no-browser", "--json"]);
    let open = login.event().await;
    assert_eq!(open["event"], "open");
    assert_fields(&open, "event url");
    let landing = Browser::new().approve(open["url"].as_str().unwrap(), "ada").await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    assert_eq!(login.event().await, json!({"event": "exchanging"}));
    let signed_in = login.event().await;
    assert_eq!(signed_in["event"], "signed_in");
    assert_fields(&signed_in, "event account");
    let output = login.end().await;
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
    signed_in["account"].clone()
}

fn check_signed_out(status: &Value) {
    assert_fields(
        status,
        "signed_in provider account model expires_at store gateway limits spend_limits attention store_findings provider_problems tools",
    );
    assert_eq!(status["signed_in"], false);
    for nothing in ["account", "model", "expires_at", "attention"] {
        assert_eq!(status[nothing], Value::Null, "{nothing} in {status}");
    }
}

fn check_status(status: &Value, account: &Value) {
    assert_fields(
        status,
        "signed_in provider account model expires_at store gateway limits spend_limits attention store_findings provider_problems tools",
    );
    assert_eq!(status["signed_in"], true);
    assert_eq!(status["provider"], "chatgpt");
    assert_eq!(status["account"], *account);
    assert_fields(&status["model"], "id effort small tier roles");
    assert!(status["model"]["id"].is_string(), "the default of the list that the sign-in loaded: {status}");
    assert!(status["expires_at"].is_i64(), "{status}");
    assert_eq!(status["store"], "file");
    assert_eq!(status["gateway"], json!({"running": false, "address": null, "locked": false}));
    assert_eq!(status["attention"], Value::Null);
}

/// Checks the list, then chooses a model that is not the default and returns the choice.
async fn check_models(home: &Home) -> Value {
    let list = home.json(&["models"]).await.done();
    assert_fields(&list, "provider account fetched_at stale attention models");
    assert_eq!((&list["account"], &list["stale"]), (&json!(ADA), &json!(false)));
    let models = list["models"].as_array().unwrap();
    assert!(!list.to_string().contains("codex-auto-review"), "hidden models are not shown");
    for model in models {
        assert_fields(
            model,
            "id name description context_window efforts default_effort default chosen source text capabilities",
        );
        assert!(model["efforts"].as_array().unwrap().iter().all(|one| one["id"].is_string()), "{model}");
    }
    let marked = |models: &[Value], mark: &str| -> Vec<String> {
        let marked = models.iter().filter(|model| model[mark] == true);
        marked.map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(marked(models, "default").len(), 1, "{models:?}");
    assert_eq!(marked(models, "chosen"), marked(models, "default"), "nothing else was chosen yet");

    let other = models.iter().find(|model| model["default"] == false).unwrap();
    let (id, effort) = (other["id"].as_str().unwrap(), other["efforts"][0]["id"].as_str().unwrap());
    let used = home.json(&["use", id, "--effort", effort]).await.done();
    assert_eq!(used, json!({"id": id, "effort": effort, "small": null, "tier": null, "roles": {}}));
    let list = home.json(&["models", "--refresh"]).await.done();
    assert_eq!(marked(list["models"].as_array().unwrap(), "chosen"), [id]);
    assert_eq!(home.json(&["status"]).await.done()["model"], used);
    used
}

fn check_usage(usage: &Value) {
    assert_fields(usage, "plan windows spend_limits credits reset_credits limit_reached seen_at");
    assert_eq!((&usage["plan"], &usage["limit_reached"]), (&json!("plus"), &Value::Null));
    let windows = usage["windows"].as_array().unwrap();
    for window in windows {
        assert_fields(window, "label window_seconds used_percent resets_at");
    }
    let lengths: Vec<_> = windows.iter().map(|window| window["window_seconds"].as_u64()).collect();
    assert_eq!(lengths, [Some(18_000), Some(604_800)]);
    let labels: Vec<_> = windows.iter().map(|window| window["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["5-hour", "weekly"]);
}

fn check_test(test: &Value) {
    assert_fields(test, "provider account ok stages");
    assert_eq!(test["ok"], true);
    let stages = test["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, ["credential", "token", "models", "answer"]);
    for stage in stages {
        assert_fields(stage, "stage ok ms code hint");
        assert_eq!(
            (&stage["ok"], &stage["code"], &stage["hint"]),
            (&json!(true), &Value::Null, &Value::Null)
        );
        assert!(stage["ms"].is_u64(), "{stage}");
    }
}
