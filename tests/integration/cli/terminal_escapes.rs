//! Text of servers, of other programs' files and of file names is shown without control sequences.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use usher_domain::is_control_or_format;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, Output, sign_in};

use crate::auth::external_sign_ins::{CODEX, Person};

/// Clears the screen, sets the title, begins a C1 sequence, reverses the reading direction, ends a line.
const ODD: &str = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}2J\u{202e}\r\nx";
const SERVICE: &str = "openai-compatible:k";

async fn home_with_service() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let base = format!("{}/both", sandbox.compatible());
    let add =
        ["providers", "add", "openai-compatible", "--name", "k", "--base-url", &base, "--api-key-stdin"];
    home.json_with_input(&add, "sk-sandbox-0123456789abcd").await.done();
    (sandbox, home)
}

fn respond_with(sandbox: &Sandbox, endpoint: &str, body: Value) {
    sandbox.push_fault(endpoint, Fault::Status { status: 200, body, headers: [].into() });
}

/// Asserts that both outputs contain no control characters except line ends.
fn assert_sanitized(output: &Output) {
    for text in [&output.stdout, &output.stderr] {
        let odd = text.chars().find(|one| *one != '\n' && is_control_or_format(*one));
        assert_eq!(odd, None, "{output:?}");
    }
}

/// Runs a command without and with `--json`, asserts that both are sanitized, and returns the text.
async fn text(home: &Home, arguments: &[&str]) -> String {
    let output = home.run(arguments).await;
    assert_sanitized(&output);
    format!("{}{}", output.stdout, output.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn model_list_is_sanitized_on_arrival() {
    let (sandbox, home) = home_with_service().await;
    let list = json!({ "data": [
        { "id": format!("m{ODD}") }, { "id": "a\nb" }, { "id": "rtl\u{202e}evil" }, { "id": "a".repeat(100_000) },
        { "id": "good", "name": format!("N{ODD}"), "description": format!("D{ODD}{}", "d ".repeat(9_000)) },
    ] });
    respond_with(&sandbox, "compatible.models", list);
    let listed = home.json(&["models", "--provider", SERVICE, "--refresh"]).await;
    assert_sanitized(&listed);
    let models = listed.done()["models"].take();
    assert_eq!(models.as_array().unwrap().len(), 1, "what cannot be an id is none: {models}");
    assert_eq!((&models[0]["id"], &models[0]["name"]), (&json!("good"), &json!("N [2J ]0;pwned 2J x")));
    assert!(models[0]["description"].as_str().unwrap().chars().count() < 2_100, "{models}");
    // It is stored sanitized, too.
    assert!(text(&home, &["models", "--provider", SERVICE]).await.contains("good"));
    let wrong = text(&home, &["use", "nobody", "--provider", SERVICE]).await;
    assert!(wrong.contains("there are good"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn model_output_is_sanitized() {
    let (sandbox, home) = home_with_service().await;
    let message = json!({ "type": "message", "role": "assistant", "id": "i",
        "content": [{ "type": "output_text", "text": format!("re{ODD}ady ") }] });
    let event = json!({ "type": "response.output_item.done", "output_index": 0, "item": message });
    sandbox.push_fault("compatible.responses", Fault::Event { event, after_events: 1 });
    let tested = text(&home, &["test", "--provider", SERVICE]).await;
    assert!(tested.contains("answered \"re [2J ]0;pwned 2J xady"), "{tested}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_with_control_characters_are_rejected() {
    let (sandbox, home) = home_with_service().await;
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
    // The file is the user's, but somebody may have sent it to them.
    let config = home.read("config.toml").replace("name = \"k\"", r#"name = "k\u001b[2J\u202e""#);
    home.write("config.toml", &config);
    assert!(text(&home, &["providers"]).await.contains("k [2J (openai-compatible:k)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_fields_from_any_source_are_sanitized() {
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
    assert_sanitized(&person.run(&["providers", "add", "codex-cli"]).await);
    for arguments in [&["status", "--provider", "codex-cli"][..], &["providers"]] {
        assert!(text(&person.home, arguments).await.contains("no e-mail, unknown"));
        assert_sanitized(&person.json(arguments).await);
    }
    // An access token, whose owner the server names.
    let who = json!({ "email": format!("ada{ODD}@x.example"), "chatgpt_user_id": "user",
        "chatgpt_account_id": "acct", "chatgpt_plan_type": format!("plus{ODD}") });
    respond_with(&person.sandbox, "whoami", who);
    let login = person.home.json_with_input(&["login", "--access-token-stdin"], "at-sandbox-ada").await;
    assert_sanitized(&login);
    assert_eq!(login.done()["account"]["email"], Value::Null);
    let usage = json!({ "plan_type": format!("plus{ODD}"), "rate_limit": {},
        "additional_rate_limits": [{ "limit_name": format!("m{ODD}"),
            "rate_limit": { "primary_window": { "used_percent": 1, "limit_window_seconds": 18_000 } } }],
        "credits": { "has_credits": true, "balance": format!("1{ODD}") } });
    respond_with(&person.sandbox, "usage", usage);
    assert!(text(&person.home, &["usage"]).await.contains("m [2J"));
    for arguments in [&["accounts"][..], &["status"]] {
        text(&person.home, arguments).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_name_is_sanitized() {
    let person = Person::new().await;
    let name = "openai-oauth-\u{1b}[2J\u{202e}\nx.json";
    person.put(format!(".missy/secrets/{name}"), "broken");
    assert!(fs::exists(person.folder.join(".missy/secrets").join(name)).unwrap());
    let found = person.json(&["import"]).await;
    assert_sanitized(&found);
    let path = found.done()["found"][0]["place"].take();
    assert!(path.as_str().unwrap().ends_with("openai-oauth- [2J x.json"), "{path}");
    assert_sanitized(&person.run(&["import"]).await);
}
