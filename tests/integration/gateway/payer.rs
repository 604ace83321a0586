//! Who pays: what a pass belongs to, and that nothing moves it to another account or to a bill.

use serde_json::{Value, json};
use usher_sandbox::{GrantOperation, Options, Sandbox};
use usher_tests::{Gateway, Home, Response, sign_in, signed_in};

use crate::gateway::dialects::{code, responses_request};

const KEY: &str = "sk-sandbox-0123456789abcd";

/// A pass of its own in this home.
async fn new_pass(home: &Home, name: &str, options: &[&str]) -> String {
    let made = home.run(&[&["pass", "new", name], options].concat()).await;
    assert_eq!(made.code, 0, "{made:?}");
    made.stdout.trim().to_owned()
}

async fn ask(gateway: &Gateway, pass: &str, model: &str) -> Response {
    let bearer = format!("Bearer {pass}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = json!({ "model": model, "input": "Say ready." }).to_string();
    gateway.send("POST", "/v1/responses", &headers, &body).await
}

async fn account_ids(home: &Home) -> Vec<String> {
    let document = home.json(&["accounts"]).await.done();
    let ids =
        document["accounts"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_without_options_keeps_its_account_when_another_is_used() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let [own, work] = account_ids(&home).await.try_into().unwrap();
    let gateway = Gateway::start(&home).await;
    let listed = home.json(&["pass", "list"]).await.done();
    let pass = &listed["passes"][0];
    assert_eq!((&pass["provider"], &pass["account"]), (&json!("chatgpt"), &json!(own)), "{listed}");

    home.json(&["accounts", "use", &work]).await.done();
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.header("x-usher-account"), own);
    assert_eq!(response.header("x-usher-paid-by"), "plan");

    let text = home.run(&["pass", "list"]).await.stdout;
    let [head, row] = text.lines().collect::<Vec<_>>().try_into().unwrap();
    assert!(head.starts_with("Name") && head.contains("May use") && head.ends_with("Expires"), "{text}");
    assert!(row.contains("OpenAI, Personal") && row.trim_end().ends_with("when revoked"), "{text}");

    // Its account is disconnected while the other one is in use.
    let done = home.json(&["accounts", "remove", &own, "--yes"]).await.done();
    assert_eq!(done["passes"][0]["next"]["kind"], "refused", "{done}");
    let refused = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!((refused.status, code(&refused.json())), (403, "sign_in_required"), "{refused:?}");
    assert!(refused.body.contains("no other one is used instead"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_for_any_provider_is_billed_per_token_only_after_a_yes() {
    let (_sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let gateway = Gateway::start(&home).await;
    let any = new_pass(&home, "any", &["--any-provider"]).await;
    let yes = new_pass(&home, "yes", &["--any-provider", "--pay-per-token"]).await;
    for pass in [&any, &yes] {
        let response = ask(&gateway, pass, "").await;
        assert_eq!((response.status, response.header("x-usher-paid-by")), (200, "plan"), "{response:?}");
    }
    // Also where the request names the provider that is billed.
    let named = ask(&gateway, &any, "openai/gpt-5.5").await;
    assert_eq!((named.status, code(&named.json())), (403, "host_not_allowed"), "{named:?}");
    assert_eq!(ask(&gateway, &yes, "openai/gpt-5.5").await.header("x-usher-paid-by"), "key");

    let done = home.json(&["logout", "--yes"]).await.done();
    let next = |name: &str| {
        let all = done["passes"].as_array().unwrap();
        all.iter().find(|one| one["pass"] == name).unwrap()["next"].clone()
    };
    assert_eq!(next("any")["kind"], "refused", "{done}");
    assert_eq!((&next("yes")["kind"], &next("yes")["paid_by"]), (&json!("uses"), &json!("key")), "{done}");

    // The requests do what the command printed.
    let refused = ask(&gateway, &any, "").await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("--pay-per-token"), "{refused:?}");
    let paid = ask(&gateway, &yes, "").await;
    assert_eq!((paid.status, paid.header("x-usher-paid-by")), (200, "key"), "{paid:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switching_off_and_removing_say_what_each_pass_does_next() {
    let (_sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    new_pass(&home, "Claude Code", &[]).await;
    new_pass(&home, "scripts", &["--provider", "openai"]).await;
    let off = home.run(&["providers", "disable", "openai"]).await;
    assert!(off.stdout.contains("Pass scripts: refused, because openai is switched off in Usher"), "{off:?}");
    assert!(off.stdout.contains("Pass Claude Code: uses OpenAI, Personal, ada@example.com"), "{off:?}");
    let gone = home.run(&["providers", "remove", "openai"]).await;
    assert!(gone.stdout.contains("Pass scripts: refused, because openai was removed"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_for_nobody_is_refused_before_it_is_made() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    home.json(&["pass", "new", "early"]).await.error(3);
    for wrong in [
        &["pass", "new", "x", "--any-provider", "--provider", "chatgpt"][..],
        &["pass", "new", "x", "--any-provider", "--account", "ada@example.com"],
        &["pass", "new", "x", "--pay-per-token"],
    ] {
        assert_eq!(home.run(wrong).await.code, 2, "{wrong:?}");
    }
    let none: Value = home.json(&["pass", "list"]).await.done();
    assert_eq!(none["passes"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_is_used_instead_only_where_it_is_named() {
    let (sandbox, home) = signed_in().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let [own, work] = account_ids(&home).await.try_into().unwrap();
    home.json(&["accounts", "use", &own]).await.done();
    let gateway = Gateway::start(&home).await;
    let any = new_pass(&home, "any", &["--any-provider"]).await;
    let itself = home.json(&["logout", "--use-instead", &own, "--yes"]).await;
    assert_eq!(itself.code, 2, "{itself:?}");
    assert_eq!(account_ids(&home).await.len(), 2, "nothing was done");
    let of_key = home.run(&["logout", "--provider", "openai", "--use-instead", &work, "--yes"]).await;
    assert_eq!(of_key.code, 2, "{of_key:?}");

    let done = home.json(&["logout", "--use-instead", &work, "--yes"]).await.done();
    let next = done["passes"].as_array().unwrap().iter().find(|one| one["pass"] == "any").unwrap();
    assert_eq!((&next["next"]["account_id"], &next["changed"]), (&json!(work), &json!(true)), "{done}");
    assert_eq!(done["passes_refused"], false, "{done}");
    let response = ask(&gateway, &any, "").await;
    assert_eq!((response.status, response.header("x-usher-account")), (200, work.as_str()), "{response:?}");

    let left = home.run(&["accounts", "remove", &work, "--yes"]).await;
    assert!(left.stdout.starts_with("After this:\n") && left.stdout.contains("\nNow:\n"), "{left:?}");
    assert_eq!(left.stdout.matches("Pass any: refused, because nobody is signed in").count(), 2, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_use_the_provider_that_was_chosen() {
    let (_sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let gateway = Gateway::start(&home).await;
    let any = new_pass(&home, "any", &["--any-provider", "--pay-per-token"]).await;
    let plan = home.json(&["status"]).await.done();
    assert_eq!((&plan["tools"]["provider"], &plan["tools"]["paid_by"]), (&json!("chatgpt"), &json!("plan")));
    let text = home.run(&["status"]).await.stdout;
    assert!(text.contains("Tools use  OpenAI, Personal, ada@example.com, paid by your plan"), "{text}");

    let chosen = home.run(&["providers", "use", "openai"]).await;
    assert!(chosen.stdout.contains("After this:\n"), "{chosen:?}");
    assert!(chosen.stdout.contains("Pass any: uses OpenAI API key"), "{chosen:?}");
    let status = home.json(&["status"]).await.done();
    assert_eq!(
        (&status["provider"], &status["tools"]["paid_by"]),
        (&json!("openai"), &json!("key")),
        "{status}"
    );
    let listed = home.run(&["providers"]).await.stdout;
    assert!(listed.contains("OpenAI API key (openai), pay per token, tools use this one"), "{listed}");
    let paid = ask(&gateway, &any, "").await;
    assert_eq!((paid.status, paid.header("x-usher-paid-by")), (200, "key"), "{paid:?}");
    new_pass(&home, "bound", &[]).await;
    let passes = home.json(&["pass", "list"]).await.done();
    let bound = passes["passes"].as_array().unwrap().iter().find(|one| one["name"] == "bound").unwrap();
    assert_eq!(bound["provider"], "openai", "a new pass belongs to what tools use: {passes}");

    // Off is no reason to use another; removed is no choice any more.
    home.json(&["providers", "disable", "openai"]).await.done();
    assert_eq!(ask(&gateway, &any, "").await.status, 403);
    home.json(&["providers", "enable", "openai"]).await.done();
    let removed = home.json(&["providers", "remove", "openai"]).await.done();
    let next = removed["passes"].as_array().unwrap().iter().find(|one| one["pass"] == "any").unwrap();
    assert_eq!(next["next"]["paid_by"], "plan", "{removed}");
    assert_eq!(ask(&gateway, &any, "").await.header("x-usher-paid-by"), "plan");
    assert_eq!(home.run(&["providers", "use", "openai"]).await.code, 2, "there is none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_name_and_ended_sign_in_say_what_passes_use() {
    let (sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    new_pass(&home, "Claude Code", &[]).await;
    new_pass(&home, "scripts", &["--provider", "openai"]).await;

    let named = home.run(&["accounts", "rename", "Personal", "Home"]).await.stdout;
    let users = "Still used by:\n  Pass Claude Code: uses OpenAI, Home, ada@example.com\n";
    assert!(named.contains(users) && !named.contains("Pass scripts"), "{named}");
    let changed = home.run(&["providers", "set", "openai", "--timeout", "40"]).await.stdout;
    assert!(changed.contains("Still used by:\n  Pass scripts: uses OpenAI API key\n"), "{changed}");

    sandbox.change_grants(GrantOperation::Invalidate, Some("ada"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    let status = home.run(&["status"]).await.stdout;
    assert!(status.contains("Now:\n  Pass Claude Code: refused, because"), "{status}");
    assert!(status.contains("Pass scripts: uses OpenAI API key"), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_of_the_environment_still_pays_after_a_logout() {
    let (_sandbox, mut home) = signed_in().await;
    home.set("OPENAI_API_KEY", KEY);
    new_pass(&home, "scripts", &["--provider", "openai"]).await;
    let left = home.json(&["logout", "--provider", "openai", "--yes"]).await.done();
    assert_eq!((&left["erased"], &left["passes_refused"]), (&json!(false), &json!(false)), "{left}");
    assert_eq!(left["passes"][0]["next"]["paid_by"], "key", "{left}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_key_refuses_its_passes_as_stated_before() {
    let (_sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let pass = new_pass(&home, "scripts", &["--provider", "openai"]).await;
    let gateway = Gateway::start(&home).await;
    let gone = home.run(&["logout", "--provider", "openai", "--yes"]).await;
    assert!(gone.stdout.contains("Pass scripts: refused, because no key is saved for openai"), "{gone:?}");
    let refused = ask(&gateway, &pass, "gpt-5.5").await;
    assert_eq!((refused.status, code(&refused.json())), (403, "sign_in_required"), "{refused:?}");
}
