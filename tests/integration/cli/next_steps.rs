//! Messages name the right provider and the next step, and the exit status is the result of the request.

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, signed_in};

const KEY: &str = "sk-sandbox-0123456789abcd";
const SERVICE: &str = "openai-compatible:k";

async fn sandbox() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    (sandbox, home)
}

async fn add_service(home: &Home, base: &str) {
    let add = ["providers", "add", "openai-compatible", "--name", "k", "--base-url", base, "--api-key-stdin"];
    home.json_with_input(&add, KEY).await.done();
}

fn check<'a>(checkup: &'a Value, name: &str) -> &'a Value {
    let checks = checkup["checks"].as_array().unwrap();
    checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{name}: {checkup}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requested_refresh_when_rejected_is_a_failure() {
    let (sandbox, home) = sandbox().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let list = ["models", "--provider", "openai"];
    assert_eq!(home.json(&list).await.done()["attention"], Value::Null);
    sandbox.push_fault("platform.models", Fault::Refuse { code: "invalid_api_key".into(), status: 401 });
    let refused = home.json(&[&list[..], &["--refresh"]].concat()).await;
    assert_eq!(refused.code, 3, "{refused:?}");
    let document = refused.json();
    assert_eq!((&document["stale"], &document["attention"]), (&json!(true), &json!("invalid_key")));
    assert!(!document["models"].as_array().unwrap().is_empty(), "the cached list is shown: {document}");
    home.json(&list).await.done();
}

/// What one command learns of a key is what the next one says, until the key is taken or replaced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_key_is_remembered_until_it_is_taken_or_replaced() {
    let (sandbox, home) = signed_in().await;
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    let refuse = || {
        sandbox.push_fault("platform.models", Fault::Refuse { code: "invalid_api_key".into(), status: 401 });
    };
    let problems = async || home.json(&["status"]).await.done()["provider_problems"].clone();
    let refresh = ["models", "--provider", "openai", "--refresh"];
    assert_eq!(problems().await, json!([]));

    refuse();
    assert_eq!(home.json(&refresh).await.code, 3);
    assert_eq!(problems().await, json!([{ "provider": "openai", "code": "invalid_key" }]));
    let status = home.run(&["status"]).await;
    assert!(status.stdout.contains("Trouble    OpenAI API key: The API key is not valid"), "{status:?}");
    let providers = home.run(&["providers"]).await;
    assert!(providers.stdout.contains("Trouble    The API key is not valid"), "{providers:?}");
    assert_eq!(home.json(&["status", "--provider", "openai"]).await.json()["attention"], "invalid_key");

    home.json(&refresh).await.done();
    assert_eq!(problems().await, json!([]), "a good answer lifts it");

    refuse();
    assert_eq!(home.json(&refresh).await.code, 3);
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    assert_eq!(problems().await, json!([]), "another key was not refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_list_names_the_provider() {
    let (sandbox, home) = sandbox().await;
    home.json_with_input(&["login", "--api-key-stdin"], "sk-sandbox-nomodels").await.done();
    let of_key = home.run(&["models", "--provider", "openai"]).await;
    assert!(of_key.stdout.contains("to this key") && !of_key.stdout.contains("plan"), "{of_key:?}");
    add_service(&home, &format!("{}/both", sandbox.compatible())).await;
    sandbox.change_settings(|settings| settings.compatible_models = Some(Vec::new()));
    let of_service = home.run(&["models", "--provider", SERVICE]).await;
    assert!(of_service.stdout.contains("The service lists no models"), "{of_service:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hints_about_a_service_name_the_service() {
    let (sandbox, home) = sandbox().await;
    let closed_port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).unwrap();
    add_service(&home, &format!("http://{closed_port}/v1")).await;
    let offline = home.json(&["models", "--provider", SERVICE]).await.error(5);
    assert!(offline["hint"].as_str().unwrap().contains("that the service runs"), "{offline}");
    let doctor = home.run(&["doctor"]).await;
    let host = doctor.stdout.split("host openai-compatible:k").nth(1).expect("it is checked");
    let hint = host.lines().nth(1).unwrap();
    assert!(hint.contains("that the service runs"), "{doctor:?}");

    add_service_again(&home, &sandbox).await;
    sandbox.push_fault("compatible.models", Fault::HtmlChallenge);
    let doctor = home.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("Check the base URL"), "{doctor:?}");
    assert!(!doctor.stdout.contains("without VPN"), "{doctor:?}");
    let checkup = home.json(&["doctor"]).await.json();
    assert_eq!(check(&checkup, "host openai-compatible:k")["provider"], json!(SERVICE));
    assert_eq!(check(&checkup, "clock")["provider"], Value::Null);
}

async fn add_service_again(home: &Home, sandbox: &Sandbox) {
    home.json(&["providers", "remove", SERVICE]).await.done();
    add_service(home, &format!("{}/both", sandbox.compatible())).await;
}

/// A settings file that cannot be written is not reported as a problem of the sign-in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unwritable_home_is_not_reported_as_sign_in_problem() {
    let (_sandbox, mut home) = sandbox().await;
    home.write("file", "");
    let file = home.path().join("file");
    home.set("USHER_HOME", file.to_str().unwrap());
    let error = home.json(&["providers", "add", "codex-cli"]).await.error(1);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(file.to_str().unwrap()) && !message.contains("sign-in"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logout_with_environment_key_reports_nothing_deleted() {
    let (_sandbox, mut home) = sandbox().await;
    home.set("OPENAI_API_KEY", KEY);
    let logout = ["logout", "--provider", "openai", "--yes"];
    assert_eq!(home.json(&logout).await.done()["erased"], false);
    for arguments in [&logout[..], &["providers", "remove", "openai"]] {
        let output = home.run(arguments).await;
        assert!(
            output.stdout.contains("Unset the variable") && output.stdout.contains("disable openai"),
            "{output:?}"
        );
        assert!(!output.stdout.contains("Removed") && !output.stdout.contains("deleted"), "{output:?}");
    }
    home.set("OPENAI_API_KEY", "");
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    assert_eq!(home.json(&logout).await.done()["erased"], true);
    let nothing = home.run(&logout).await;
    assert!(nothing.stdout.contains("nothing was deleted"), "{nothing:?}");
    let removed = home.run(&["providers", "remove", "openai"]).await;
    assert!(removed.stdout.contains("Removed"), "{removed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_reports_skipped_checks() {
    let (_sandbox, mut home) = sandbox().await;
    home.set("HTTPS_PROXY", "::bad::");
    home.set("ANTHROPIC_MODEL", "x");
    let checkup = home.json(&["doctor", "--export"]).await.json();
    let proxy = check(&checkup, "proxy");
    assert_eq!((&proxy["verdict"], &proxy["code"]), (&json!("bad"), &json!("proxy")), "{proxy}");
    assert!(proxy["found"].as_str().unwrap().contains("HTTPS_PROXY holds no address"), "{proxy}");
    assert!(check(&checkup, "environment")["found"].as_str().unwrap().contains("ANTHROPIC_MODEL"));
    let file = checkup["exported"].as_str().expect("the file is named");
    assert!(std::fs::exists(file).unwrap(), "{file}");
    home.set("HTTPS_PROXY", "");
    home.set("SSL_CERT_FILE", home.path().join("none.pem").to_str().unwrap());
    let checkup = home.json(&["doctor"]).await.json();
    assert_eq!(checkup["exported"], Value::Null);
    assert_eq!(check(&checkup, "certificates")["verdict"], "bad");
    assert!(check(&checkup, "hosts")["found"].as_str().unwrap().contains("not asked"));
}

/// One line for any number of broken entries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_list_entries_are_reported_once() {
    let (sandbox, home) = sandbox().await;
    add_service(&home, &format!("{}/both", sandbox.compatible())).await;
    let mut data = vec![json!({ "id": 7 }); 50];
    data.push(json!({ "id": "good" }));
    let body = json!({ "data": data });
    sandbox.push_fault("compatible.models", Fault::Status { status: 200, body, headers: [].into() });
    let listed = home.run(&["models", "--provider", SERVICE]).await;
    assert!(listed.code == 0 && listed.stdout.contains("good"), "{listed:?}");
    assert_eq!(listed.stderr.matches("WARN").count(), 1, "{listed:?}");
    assert!(listed.stderr.contains("broken=50"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_option_selects_account_or_is_rejected_for_keys() {
    let (sandbox, home) = signed_in().await;
    usher_tests::sign_in(&home, &sandbox, "pia").await;
    home.json(&["accounts", "use", "pia@example.com"]).await.done();
    assert_eq!(home.json(&["status"]).await.done()["account"]["email"], "pia@example.com");
    let other = home.json(&["status", "--account", "ada@example.com"]).await.done();
    assert_eq!((&other["account"]["email"], &other["signed_in"]), (&json!("ada@example.com"), &json!(true)));
    home.json_with_input(&["login", "--api-key-stdin"], KEY).await.done();
    for command in [&["status"][..], &["models"], &["test"], &["use", "x"], &["models", "--add", "x"]] {
        let arguments = [command, &["--provider", "openai", "--account", "ada@example.com"]].concat();
        let output = home.json(&arguments).await;
        assert_eq!(output.code, 2, "{arguments:?}: {output:?}");
        assert!(output.stderr.contains("openai has no accounts"), "{output:?}");
    }
}

/// The lines name the pass and never hold its secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn env_prints_the_lines_of_the_only_pass_or_asks_which() {
    let (_sandbox, home) = sandbox().await;
    let none = home.json(&["env", "claude"]).await.error(2);
    assert!(none["message"].as_str().unwrap().contains("usher pass new"), "{none}");
    let created = home.run(&["pass", "new", "Claude Code", "--any-provider"]).await;
    let secret = created.stdout.trim();
    let lines = home.run(&["env", "claude"]).await;
    assert_eq!(
        lines.stdout,
        "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740\n\
         export ANTHROPIC_AUTH_TOKEN=$(usher pass print 'Claude Code')\n"
    );
    assert!(
        created.stderr.contains("export ANTHROPIC_AUTH_TOKEN=$(usher pass print 'Claude Code')"),
        "{created:?}"
    );
    home.run(&["pass", "new", "scripts", "--any-provider"]).await;
    let which = home.json(&["env", "openai"]).await.error(2);
    assert!(which["message"].as_str().unwrap().contains("Claude Code, scripts"), "{which}");
    home.json(&["env", "openai", "--pass", "other"]).await.error(2);
    home.write("config.toml", "[gateway]\nport = 18799\n");
    for tool in ["claude", "codex", "openai", "anthropic", "python"] {
        let setup = home.json(&["env", tool, "--pass", "scripts"]).await.done();
        let text = setup["text"].as_str().unwrap();
        assert_eq!((&setup["tool"], &setup["pass"]), (&json!(tool), &json!("scripts")));
        assert!(
            text.contains("127.0.0.1:18799") && text.contains("scripts") && !text.contains(secret),
            "{text}"
        );
    }
}
