//! What servers, files of other programs and file names say is shown, and no terminal obeys any of it.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use usher_domain::is_control_or_format;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, Ran, sign_in};

use crate::auth::external_sign_ins::{CODEX, Person};

/// Clears the screen, sets the title, begins a sequence as C1 does, turns the reading round, ends a line.
const ODD: &str = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}2J\u{202e}\r\nx";
const SERVICE: &str = "openai-compatible:k";

async fn with_a_service() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let base = format!("{}/both", sandbox.compatible());
    let add =
        ["providers", "add", "openai-compatible", "--name", "k", "--base-url", &base, "--api-key-stdin"];
    home.given(&add, "sk-sandbox-0123456789abcd").await.done();
    (sandbox, home)
}

fn answers(sandbox: &Sandbox, endpoint: &str, body: Value) {
    sandbox.push_fault(endpoint, Fault::Status { status: 200, body, headers: [].into() });
}

/// Nothing of either output is obeyed but the ends of its own lines.
fn assert_harmless(ran: &Ran) {
    for text in [&ran.stdout, &ran.stderr] {
        let odd = text.chars().find(|one| *one != '\n' && is_control_or_format(*one));
        assert_eq!(odd, None, "{ran:?}");
    }
}

/// Both ways to run a command are harmless; its text.
async fn text(home: &Home, arguments: &[&str]) -> String {
    let ran = home.run(arguments).await;
    assert_harmless(&ran);
    format!("{}{}", ran.stdout, ran.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_list_is_cleaned_where_it_comes_in() {
    let (sandbox, home) = with_a_service().await;
    let list = json!({ "data": [
        { "id": format!("m{ODD}") }, { "id": "a\nb" }, { "id": "rtl\u{202e}evil" }, { "id": "a".repeat(100_000) },
        { "id": "good", "name": format!("N{ODD}"), "description": format!("D{ODD}{}", "d ".repeat(9_000)) },
    ] });
    answers(&sandbox, "compatible.models", list);
    let listed = home.json(&["models", "--provider", SERVICE, "--refresh"]).await;
    assert_harmless(&listed);
    let models = listed.done()["models"].take();
    assert_eq!(models.as_array().unwrap().len(), 1, "what cannot be an id is none: {models}");
    assert_eq!((&models[0]["id"], &models[0]["name"]), (&json!("good"), &json!("N [2J ]0;pwned 2J x")));
    assert!(models[0]["description"].as_str().unwrap().chars().count() < 2_100, "{models}");
    // Kept so as well.
    assert!(text(&home, &["models", "--provider", SERVICE]).await.contains("good"));
    let wrong = text(&home, &["use", "nobody", "--provider", SERVICE]).await;
    assert!(wrong.contains("there are good"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_model_says_is_cleaned() {
    let (sandbox, home) = with_a_service().await;
    let said = json!({ "type": "message", "role": "assistant", "id": "i",
        "content": [{ "type": "output_text", "text": format!("re{ODD}ady ") }] });
    let event = json!({ "type": "response.output_item.done", "output_index": 0, "item": said });
    sandbox.push_fault("compatible.responses", Fault::Event { event, after_events: 1 });
    let tested = text(&home, &["test", "--provider", SERVICE]).await;
    assert!(tested.contains("answered \"re [2J ]0;pwned 2J xady"), "{tested}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_a_person_gives_are_names() {
    let (sandbox, home) = with_a_service().await;
    sign_in(&home, &sandbox, "ada").await;
    let base = format!("{}/both", sandbox.compatible());
    for name in ["\u{1b}[31mred", "red\u{202e}", &"n".repeat(61)] {
        let add = ["providers", "add", "openai-compatible", "--name", name, "--base-url", &base];
        let rename = ["accounts", "rename", "ada@example.com", name];
        for arguments in [&add[..], &["providers", "set", SERVICE, "--name", name], &rename] {
            let error = home.json(arguments).await.error(2);
            assert!(error["message"].as_str().unwrap().contains("60 characters"), "{error}");
        }
    }
    home.json(&["models", "--provider", SERVICE, "--add", "rtl\u{202e}evil"]).await.error(2);
    // The file is the person's, but somebody may have sent it to them.
    let config = home.read("config.toml").replace("name = \"k\"", r#"name = "k\u001b[2J\u202e""#);
    home.write("config.toml", &config);
    assert!(text(&home, &["providers"]).await.contains("k [2J (openai-compatible:k)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_cleaned_whoever_says_it() {
    let mut person = Person::new().await;
    let sandbox = person.sandbox.issuer().to_owned();
    let mut file = person.codex_file("ada", Some(&sandbox));
    let auth = json!({ "chatgpt_account_id": "acct", "chatgpt_user_id": "user",
        "chatgpt_plan_type": format!("plus{ODD}") });
    let claims = json!({ "email": format!("ada{ODD}@x.example"), "exp": 4_102_444_800_i64,
        "https://api.openai.com/auth": auth });
    let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()));
    file["tokens"]["id_token"] = json!(token);
    file["tokens"]["access_token"] = json!(token);
    person.put(CODEX, file.to_string());
    assert_harmless(&person.run(&["providers", "add", "codex-cli"]).await);
    for arguments in [&["status", "--provider", "codex-cli"][..], &["providers"]] {
        assert!(text(&person.home, arguments).await.contains("no e-mail, unknown"));
        assert_harmless(&person.json(arguments).await);
    }
    // The same by an access token, whose owner the server names.
    let who = json!({ "email": format!("ada{ODD}@x.example"), "chatgpt_user_id": "user",
        "chatgpt_account_id": "acct", "chatgpt_plan_type": format!("plus{ODD}") });
    answers(&person.sandbox, "whoami", who);
    let login = person.home.given(&["login", "--access-token-stdin"], "at-sandbox-ada").await;
    assert_harmless(&login);
    assert_eq!(login.done()["account"]["email"], Value::Null);
    let usage = json!({ "plan_type": format!("plus{ODD}"), "rate_limit": {},
        "additional_rate_limits": [{ "limit_name": format!("m{ODD}"),
            "rate_limit": { "primary_window": { "used_percent": 1, "limit_window_seconds": 18_000 } } }],
        "credits": { "has_credits": true, "balance": format!("1{ODD}") } });
    answers(&person.sandbox, "usage", usage);
    assert!(text(&person.home, &["usage"]).await.contains("m [2J"));
    for arguments in [&["accounts"][..], &["status"]] {
        text(&person.home, arguments).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_name_is_cleaned() {
    let person = Person::new().await;
    let name = "openai-oauth-\u{1b}[2J\u{202e}\nx.json";
    person.put(format!(".missy/secrets/{name}"), "broken");
    assert!(fs::exists(person.folder.join(".missy/secrets").join(name)).unwrap());
    let found = person.json(&["import"]).await;
    assert_harmless(&found);
    let place = found.done()["found"][0]["place"].take();
    assert!(place.as_str().unwrap().ends_with("openai-oauth- [2J x.json"), "{place}");
    assert_harmless(&person.run(&["import"]).await);
}
