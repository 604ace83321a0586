//! Model, effort and tier by role, for the account and for a pass.

use serde_json::{Value, json};
use usher_sandbox::Sandbox;
use usher_tests::{Gateway, Home};

use crate::gateway::activity::written;
use crate::gateway::dialects::serving;

/// What Claude Code names its models, and another name with its prefix.
const NAMES: [&str; 4] =
    ["claude-opus-5-5", "claude-sonnet-5-5[1m]", "claude-haiku-4-5-20251001", "claude-next"];

/// A request of each API that names `model`.
fn requests(model: &str, stream: bool) -> [(&'static str, Value); 3] {
    let messages = json!([{ "role": "user", "content": "hi" }]);
    [
        ("/v1/responses", json!({ "model": model, "input": "hi", "stream": stream })),
        ("/v1/chat/completions", json!({ "model": model, "messages": messages, "stream": stream })),
        ("/v1/messages", json!({ "model": model, "max_tokens": 9, "messages": messages, "stream": stream })),
    ]
}

/// Sends a request and returns what the backend got: model, effort and tier.
async fn sent(
    sandbox: &Sandbox,
    gateway: &Gateway,
    secret: &str,
    path: &str,
    body: &Value,
) -> (String, Value, Value) {
    let response = gateway.send("POST", path, &[("x-api-key", secret)], &body.to_string()).await;
    assert_eq!(response.status, 200, "{path} {body}: {response:?}");
    let body = sandbox.requests("responses").pop().expect("the backend was asked").body;
    let tier = body.get("service_tier").cloned().unwrap_or_default();
    let named = response.header("x-usher-tier");
    assert_eq!(named, if tier == "priority" { "fast" } else { "" }, "{path}: the response says which tier");
    assert_eq!(response.header("x-usher-model"), body["model"].as_str().unwrap());
    (body["model"].as_str().unwrap().to_owned(), body["reasoning"]["effort"].clone(), tier)
}

async fn expect_roles(
    sandbox: &Sandbox,
    gateway: &Gateway,
    secret: &str,
    expected: [(&str, Value, Value); 4],
) {
    for (name, (model, effort, tier)) in NAMES.iter().zip(expected) {
        for stream in [false, true] {
            for (path, body) in requests(name, stream) {
                let found = sent(sandbox, gateway, secret, path, &body).await;
                assert_eq!(found, (model.to_owned(), effort.clone(), tier.clone()), "{name} at {path}");
            }
        }
    }
}

async fn choose(home: &Home, arguments: &[&str]) -> Value {
    home.json(&[&["use"], arguments].concat()).await.done()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_uses_what_was_chosen_for_it() {
    let (sandbox, home, gateway) = serving().await;
    choose(&home, &["gpt-6.2-sol", "--effort", "medium", "--tier", "fast"]).await;
    choose(&home, &["--small", "gpt-6-luna"]).await;
    choose(&home, &["gpt-6.2-astra", "--role", "opus", "--effort", "high", "--tier", "fast"]).await;
    choose(&home, &["--role", "sonnet", "--effort", "low", "--tier", "standard"]).await;
    let chosen = choose(&home, &["--role", "haiku", "--effort", "xhigh"]).await;
    let set =
        |model: Value, effort: &str, tier: Value| json!({ "model": model, "effort": effort, "tier": tier });
    let roles = json!({
        "opus": set(json!("gpt-6.2-astra"), "high", json!("fast")),
        "sonnet": set(json!(null), "low", json!("standard")),
        "haiku": set(json!(null), "xhigh", json!(null)),
    });
    assert_eq!((&chosen["tier"], &chosen["roles"]), (&json!("fast"), &roles));
    assert_eq!(home.json(&["status"]).await.done()["model"], chosen);
    let status = home.run(&["status"]).await.stdout;
    for line in [
        "Model      gpt-6.2-sol, effort medium, fast tier",
        "small    gpt-6-luna",
        "opus     gpt-6.2-astra, effort high, fast tier",
        "sonnet   the model of main, effort low, standard tier",
        "haiku    the model of small, effort xhigh",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }
    let expected = [
        ("gpt-6.2-astra", json!("high"), json!("priority")),
        ("gpt-6.2-sol", json!("low"), json!(null)),
        // The fast tier was chosen for another model.
        ("gpt-6-luna", json!("xhigh"), json!(null)),
        ("gpt-6.2-sol", json!("medium"), json!("priority")),
    ];
    expect_roles(&sandbox, &gateway, gateway.pass(), expected).await;
    written(&home, 24).await;
    let receipts = home.json(&["activity", "receipts", "--last", "1"]).await.done();
    assert_eq!(receipts["receipts"][0]["tier"], "fast", "{receipts}");
    assert!(home.run(&["activity", "receipts"]).await.stdout.contains("fast tier"));

    let reset = choose(&home, &["--role", "opus", "--reset"]).await;
    assert_eq!(reset["roles"].get("opus"), None);
    let (_, opus) = requests("claude-opus-5-5", false)[2].clone();
    let found = sent(&sandbox, &gateway, gateway.pass(), "/v1/messages", &opus).await;
    assert_eq!(found, ("gpt-6.2-sol".into(), json!("medium"), json!("priority")));
    assert!(!home.read("config.toml").contains("opus"), "{}", home.read("config.toml"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_names_wins_over_its_role() {
    let (sandbox, home, gateway) = serving().await;
    choose(&home, &["gpt-6.2-sol", "--effort", "high", "--tier", "fast"]).await;
    let pass = gateway.pass();
    let hi = json!([{ "role": "user", "content": "hi" }]);
    let rows = [
        // The standard tier of the client, in each API, and a lower effort.
        (
            "/v1/responses",
            json!({ "model": "", "input": "hi", "service_tier": "default", "reasoning": { "effort": "low" } }),
            "low",
        ),
        (
            "/v1/chat/completions",
            json!({ "model": "", "messages": hi, "service_tier": "auto", "reasoning_effort": "low" }),
            "low",
        ),
        (
            "/v1/messages",
            json!({ "model": "claude-opus-5", "max_tokens": 9, "messages": hi, "speed": "standard", "output_config": { "effort": "low" } }),
            "low",
        ),
        (
            "/v1/messages",
            json!({ "model": "claude-opus-5", "max_tokens": 9, "messages": hi, "service_tier": "standard_only" }),
            "high",
        ),
        // Nobody chose a tier for another model that is named by its id.
        ("/v1/responses", json!({ "model": "gpt-5.5", "input": "hi" }), "high"),
    ];
    for (path, body, effort) in rows {
        let (_, sent_effort, tier) = sent(&sandbox, &gateway, pass, path, &body).await;
        assert_eq!((sent_effort, tier), (json!(effort), json!(null)), "{path} {body}");
    }
    choose(&home, &["--tier", "standard"]).await;
    // The fast tier that the client asks for, where the person chose none.
    for (path, body) in [
        ("/v1/responses", json!({ "model": "", "input": "hi", "service_tier": "priority" })),
        ("/v1/chat/completions", json!({ "model": "", "messages": hi, "service_tier": "priority" })),
        (
            "/v1/messages",
            json!({ "model": "claude-opus-5", "max_tokens": 9, "messages": hi, "speed": "fast" }),
        ),
    ] {
        let (_, _, tier) = sent(&sandbox, &gateway, pass, path, &body).await;
        assert_eq!(tier, "priority", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_overrides_roles_until_it_is_reset() {
    let (sandbox, home, gateway) = serving().await;
    choose(&home, &["gpt-6.2-sol", "--effort", "medium", "--tier", "fast"]).await;
    choose(&home, &["--small", "gpt-6-luna"]).await;
    let new = ["pass", "new", "cheap", "--role-model", "opus=gpt-5.5", "--role-effort", "haiku=low"];
    let made = home.json(&[&new[..], &["--role-tier", "main=standard"]].concat()).await.done();
    assert_eq!(made["pass"]["roles"]["opus"], json!({ "model": "gpt-5.5", "effort": null, "tier": null }));
    let secret = home.run(&["pass", "print", "cheap"]).await.stdout.trim().to_owned();
    let expected = [
        ("gpt-5.5", json!("medium"), json!(null)),
        ("gpt-6.2-sol", json!("medium"), json!(null)),
        ("gpt-6-luna", json!("low"), json!(null)),
        ("gpt-6.2-sol", json!("medium"), json!(null)),
    ];
    expect_roles(&sandbox, &gateway, &secret, expected).await;
    let listed = home.run(&["pass", "list"]).await.stdout;
    assert!(
        listed.contains("opus gpt-5.5") && listed.contains("haiku the account's model, effort low"),
        "{listed}"
    );

    // The account's choices hold for other passes, and for this one where it has none any more.
    let set =
        ["pass", "set", "cheap", "--role-reset", "main", "--role-reset", "opus", "--role-tier", "opus=fast"];
    let set = home.run(&set).await;
    assert!(set.stdout.contains("cheap uses the account's model, fast tier for opus."), "{set:?}");
    assert!(set.stdout.contains("cheap uses what is chosen for the account for main."), "{set:?}");
    let fast = json!("priority");
    let expected = [
        ("gpt-6.2-sol", json!("medium"), fast.clone()),
        ("gpt-6.2-sol", json!("medium"), fast.clone()),
        ("gpt-6-luna", json!("low"), json!(null)),
        ("gpt-6.2-sol", json!("medium"), fast),
    ];
    expect_roles(&sandbox, &gateway, &secret, expected).await;

    // The fast tier was chosen for opus with the account's main model, not with the pass's.
    choose(&home, &["--role", "opus", "--tier", "fast"]).await;
    let other = home.run(&["pass", "new", "other", "--role-model", "main=gpt-6-luna"]).await;
    for (path, body) in requests("claude-opus-5-5", true) {
        let found = sent(&sandbox, &gateway, other.stdout.trim(), path, &body).await;
        assert_eq!(found, ("gpt-6-luna".into(), json!("medium"), json!(null)), "{path}");
    }

    let only = home.run(&["pass", "new", "only", "--model", "gpt-6-luna", "--role-tier", "opus=fast"]).await;
    let only = only.stdout.trim();
    for (name, tier) in [("claude-opus-5", json!("priority")), ("claude-sonnet-5", json!(null))] {
        let (path, body) = requests(name, true)[2].clone();
        let found = sent(&sandbox, &gateway, only, path, &body).await;
        assert_eq!(found, ("gpt-6-luna".into(), json!("medium"), tier), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_model_lacks_is_refused_when_chosen_and_named_when_dropped() {
    let (sandbox, home, gateway) = serving().await;
    let refused = home.json(&["use", "gpt-6-luna", "--role", "opus", "--effort", "ultra"]).await;
    assert_eq!(refused.error_code(2), "effort_unsupported");
    let refused =
        home.json(&["pass", "new", "one", "--role-model", "opus=gpt-6-luna", "--role-effort", "opus=ultra"]);
    assert_eq!(refused.await.error_code(2), "effort_unsupported");
    assert_eq!(home.json(&["use", "gpt-0", "--role", "opus"]).await.error_code(1), "model_unavailable");
    choose(&home, &["gpt-6-luna", "--tier", "fast"]).await;

    let mut models: Vec<Value> =
        serde_json::from_str(include_str!("../../../crates/sandbox/src/backend/models.json")).unwrap();
    for model in &mut models {
        if model["slug"] == "gpt-6-luna" {
            model["service_tiers"] = json!([]);
        }
    }
    sandbox.change_settings(|settings| settings.models = Some(models));
    home.json(&["models", "--refresh"]).await.done();
    for (path, body) in requests("", false).into_iter().chain(requests("claude-opus-5", true)) {
        let response = gateway.post(path, &body).await;
        assert_eq!((response.status, response.header("x-usher-tier")), (200, ""), "{path}: {response:?}");
        let dropped = response.header("x-usher-dropped");
        assert!(dropped.split(", ").any(|name| name == "service_tier"), "{path}: {dropped}");
        assert_eq!(sandbox.requests("responses").pop().unwrap().body.get("service_tier"), None);
    }
    let asked = json!({ "model": "", "input": "hi", "service_tier": "priority" });
    assert_eq!(gateway.post("/v1/responses", &asked).await.header("x-usher-dropped"), "service_tier");
    for arguments in [&["use", "--tier", "fast"][..], &["pass", "new", "one", "--role-tier", "opus=fast"]] {
        let refused = home.json(arguments).await;
        assert_eq!(refused.error_code(2), "tier_unsupported", "{arguments:?}");
    }
    // Another model that has it not either: the tier is taken away with the change.
    choose(&home, &["gpt-6.2-sol", "--tier", "fast"]).await;
    let chosen = choose(&home, &["gpt-6-luna"]).await;
    assert_eq!((&chosen["id"], &chosen["tier"]), (&json!("gpt-6-luna"), &json!(null)));

    for (arguments, why) in [
        (&["use", "--role", "opuss", "--effort", "high"][..], "opuss"),
        (&["use", "--reset"], "--role"),
        (&["use", "gpt-5.5", "--tier", "priority"], "priority"),
        (&["use", "--small", "gpt-5.5", "--role", "opus"], "--small"),
        (
            &["pass", "new", "two", "--role-model", "opuss=gpt-5.5"],
            "the roles are main, small, opus, sonnet, haiku",
        ),
        (&["pass", "new", "two", "--model", "gpt-5.5", "--role-model", "opus=gpt-5.5"], "in every role"),
        (&["pass", "set", "test"], "--leave"),
    ] {
        let refused = home.run(arguments).await;
        assert!(refused.code == 2 && refused.stderr.contains(why), "{arguments:?}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_leaves_a_share_of_the_plan() {
    let (_sandbox, home, _gateway) = serving().await;
    let usher = usher_tests::usher();
    let usher = usher.to_str().unwrap();
    let listed = home.run(&["run", "--leave", "30", "--", usher, "pass", "list"]).await;
    assert!(listed.code == 0 && listed.stdout.contains("leaves 30% of the plan"), "{listed:?}");
    home.run(&["pass", "new", "nightly", "--leave", "40"]).await;
    let listed =
        home.run(&["run", "--pass", "nightly", "--leave", "0", "--", usher, "pass", "list", "--json"]).await;
    let passes = listed.json()["passes"].clone();
    let run = passes.as_array().unwrap().iter().find(|pass| pass["run"] == true).unwrap();
    assert_eq!(run["leaves_percent"], json!(null), "{run}");
    let refused = home.run(&["run", "--leave", "100", "--", "true"]).await;
    assert!(refused.code == 2 && refused.stderr.contains("0 to 99"), "{refused:?}");
}
