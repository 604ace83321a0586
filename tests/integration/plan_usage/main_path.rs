//! From the sign-in to Disconnect, by a script.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_sandbox::{LimitStage, PlanGrantOperation, Sandbox};
use usher_tests::{Running, sign_in};

use super::{Decision, login, signed_in, world};

/// Seconds from the sign-in to minute 55 of the hour that an access token lasts.
const MINUTE_55: i64 = 55 * 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn script_signs_in_lists_tests_and_disconnects() {
    let (sandbox, home) = world().await;
    let account = signed_in(&home, "ada").await;
    assert_eq!(
        (&account["route"], &account["plan_use"], &account["plan"]),
        (&json!("plan_usage"), &json!("allowed"), &json!("unknown"))
    );
    assert_eq!(sandbox.count("plan.models"), 1, "the list loads by itself");
    let models = home.json(&["models"]).await.done();
    assert!(models["models"].as_array().unwrap().len() > 3, "{models}");
    assert_eq!(home.json(&["test"]).await.done()["ok"], true);
    let sent = &sandbox.requests("plan.responses")[0];
    assert_eq!((&sent.body["store"], &sent.body["stream"]), (&json!(false), &json!(true)));
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["signed_in"], &status["account"]["route"]), (&json!(true), &json!("plan_usage")));
    let usage = home.json(&["usage"]).await.error(2);
    assert!(usage.to_string().contains("https://chatgpt.com/settings/usage"), "{usage}");

    let doctor = home.json(&["doctor"]).await.json();
    let verdict = |name: &str| {
        let found = doctor["checks"].as_array().unwrap().iter().find(|one| one["check"] == name);
        found.map(|one| one["verdict"].clone())
    };
    for check in ["registrations", "sign-in keys", "host chatgpt plan"] {
        assert_eq!(verdict(check), Some(json!("good")), "{check}: {doctor}");
    }

    let out = home.json(&["logout", "--yes"]).await.done();
    assert_eq!(out["revoked"], "yes");
    assert_eq!(sandbox.registrations().len(), 1, "the registration stays until the person removes it");
    assert!(home.read("registrations.toml").contains(&sandbox.registrations()[0].client_id));
    let (_, again) = login(&home, &[], "ada", Decision::Allow).await;
    assert!(again.contains(&sandbox.registrations()[0].client_id), "it is used again");
    assert_eq!(sandbox.registrations().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plan_use_is_refused_until_it_is_allowed() {
    let (sandbox, home) = world().await;
    let (output, _) = login(&home, &[], "ada", Decision::SignInOnly).await;
    assert_eq!(output.code, 0, "{output:?}");
    for command in ["models", "test"] {
        let refused = home.json(&[command]).await;
        assert!(refused.stdout.contains("plan_use_not_allowed"), "{refused:?}");
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.stdout.contains("--allow-plan"), "{refused:?}");
    }
    assert_eq!(sandbox.count("plan.models") + sandbox.count("plan.responses"), 0, "nothing is asked");
    let allow = ["--account", "ada@example.com", "--allow-plan"];
    let (denied, url) = login(&home, &allow, "ada", Decision::Deny).await;
    assert_eq!(denied.code, 1, "{denied:?}");
    assert!(url.contains("prompt=consent"), "{url}");
    assert!(home.json(&["status"]).await.done()["signed_in"] == true, "the sign-in is kept");
    login(&home, &allow, "ada", Decision::Allow).await;
    assert_eq!(home.json(&["test"]).await.done()["ok"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn early_401_spends_nothing_and_minute_55_refreshes() {
    let (sandbox, home) = world().await;
    signed_in(&home, "ada").await;
    sandbox.change_plan_grants(PlanGrantOperation::ExpireAccess, None);
    let refused = home.json(&["models", "--refresh"]).await;
    // The list from before, with why it is not a new one: the sign-in has not ended.
    assert_eq!(
        (&refused.json()["stale"], &refused.json()["attention"]),
        (&json!(true), &json!("upstream_error"))
    );
    let test = home.run(&["test"]).await;
    assert!(test.stderr.contains("retry: from ") && test.stderr.contains("nothing is lost"), "{test:?}");
    assert_eq!(refreshes(&sandbox), 0, "a refresh now would end it");

    sandbox.advance_clock(MINUTE_55);
    let mut later =
        Running::start(home.command(env!("CARGO_BIN_EXE_usher-callers"), &[&MINUTE_55.to_string()]));
    assert_eq!(later.event().await["ready"], true);
    later.type_line("models 20").await;
    assert_eq!(later.event().await, json!({"ok": 20, "failed": []}));
    assert_eq!(refreshes(&sandbox), 1, "twenty callers share one refresh");
    assert_eq!(sandbox.count("plan.refresh_too_early"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limit_is_reported_without_a_time_and_without_retries() {
    let (sandbox, home) = world().await;
    signed_in(&home, "ada").await;
    for stage in [LimitStage::BeforeStream, LimitStage::InStream] {
        sandbox.reset();
        let limits = BTreeMap::from([("ada".to_owned(), stage)]);
        sandbox.change_settings(|settings| settings.plan_usage.limit_reached = limits);
        let test = home.json(&["test"]).await;
        assert_eq!(test.code, 4, "{test:?}");
        let stages = test.json()["stages"].clone();
        let answer = stages.as_array().unwrap().iter().find(|one| one["stage"] == "answer").unwrap().clone();
        assert_eq!(answer["code"], "usage_limit_reached", "{stages}");
        let hint = answer["hint"].as_str().unwrap();
        assert!(hint.starts_with("Manage usage at https://chatgpt.com/settings/usage"), "{hint}");
        assert_eq!(sandbox.count("plan.responses"), 1, "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_of_one_person_are_two_accounts() {
    let (sandbox, home) = world().await;
    let plan = signed_in(&home, "ada").await;
    sign_in(&home, &sandbox, "ada").await;
    let accounts = home.json(&["accounts"]).await.done();
    let accounts: Vec<&Value> = accounts["accounts"].as_array().unwrap().iter().collect();
    let shown: Vec<_> = accounts.iter().map(|one| (&one["email"], &one["route"], &one["active"])).collect();
    let ada = json!("ada@example.com");
    assert_eq!(
        shown,
        [(&ada, &json!("plan_usage"), &json!(true)), (&ada, &json!("codex_client"), &json!(false))]
    );
    let codex = accounts[1]["id"].as_str().unwrap();
    home.json(&["accounts", "use", codex]).await.done();
    assert_eq!(home.json(&["usage"]).await.done()["plan"], "plus");
    home.json(&["accounts", "use", plan["id"].as_str().unwrap()]).await.done();
    assert_eq!(home.json(&["test"]).await.done()["ok"], true);
    assert_eq!(sandbox.count("plan.responses"), 1, "the account in use pays");
}

fn refreshes(sandbox: &Sandbox) -> u64 {
    sandbox.count("plan.token.refresh_token")
}
