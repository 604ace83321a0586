//! The Codex CLI's sign-in as a provider: used in place, for as long as Codex keeps it valid. Usher never refreshes
//! and never writes it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_sandbox::GrantOperation;

use crate::auth::external_sign_ins::{CODEX, Person};

const ID: &str = "codex-cli";

async fn linked(account: &str) -> Person {
    let mut person = Person::new().await;
    person.put_codex(account);
    person.json(&["import", "--from", "codex"]).await.done();
    person
}

/// Asserts that nothing was refreshed and nothing revoked, which is up to Codex.
fn assert_left_alone(person: &Person) {
    for endpoint in ["token.refresh_token", "token.other", "revoke"] {
        assert_eq!(person.sandbox.count(endpoint), 0, "{:?}", person.sandbox.counts());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_sign_in_when_linked_is_used_in_place() {
    let person = linked("ada").await;
    let providers = person.json(&["providers"]).await.done();
    let link = providers["providers"].as_array().unwrap().iter().find(|one| one["id"] == ID).unwrap();
    assert_eq!((&link["pays"], &link["enabled"]), (&json!("plan"), &json!(true)), "{link}");
    let status = person.json(&["status", "--provider", ID]).await.done();
    assert_eq!(
        (&status["signed_in"], &status["account"]["email"], &status["account"]["plan"]),
        (&json!(true), &json!("ada@example.com"), &json!("plus")),
        "{status}"
    );
    assert!(status["expires_at"].is_i64() && status["attention"].is_null(), "{status}");
    let models = person.json(&["models", "--provider", ID]).await.done();
    assert!(models["models"].as_array().unwrap().iter().any(|model| model["id"] == "gpt-5.5"), "{models}");
    person.json(&["use", "gpt-5.5", "--effort", "high", "--provider", ID]).await.done();
    for arguments in [&["test", "--provider", ID][..], &["test"]] {
        assert_eq!(person.json(arguments).await.done()["ok"], json!(true), "{arguments:?}");
        let output = person.run(arguments).await;
        assert!(output.code == 0 && output.stderr.contains("TRACE "), "the log was on: {output:?}");
        assert!(output.stdout.contains("; Usher cannot renew it"), "Codex does: {output:?}");
    }
    let requests = person.sandbox.requests("responses");
    assert!(
        requests.len() == 4 && requests.iter().all(|request| request.body["model"] == "gpt-5.5"),
        "{requests:?}"
    );
    assert_left_alone(&person);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_of_another_issuer_is_not_sent() {
    let mut person = linked("ada").await;
    // Versions of Codex that do not store the issuer only know OpenAI.
    for issuer in [None, Some("https://auth.openai.com"), Some("http://127.0.0.1:9")] {
        let file = person.codex_file("ada", issuer);
        person.put(CODEX, file.to_string());
        person.sandbox.reset();
        let refused = person.json(&["models", "--refresh", "--provider", ID]).await.error(1);
        assert_eq!(refused["code"], "host_not_allowed", "{issuer:?}: {refused}");
        assert_eq!(person.json(&["test", "--provider", ID]).await.code, 1);
        assert_eq!(person.sandbox.all_requests().len(), 0, "{issuer:?}: {:?}", person.sandbox.counts());
    }
}

/// The failure names the Codex CLI's sign-in and the command that helps, not Usher's own sign-in.
async fn assert_ended(person: &Person) {
    for arguments in [&["models", "--refresh", "--provider", ID][..], &["models", "--refresh"]] {
        let ended = person.json(arguments).await.error(3);
        assert_eq!(ended["code"], "sign_in_expired", "{ended}");
        assert!(ended["message"].as_str().unwrap().contains("run codex once to refresh it"), "{ended}");
        assert!(ended["hint"].as_str().unwrap().contains("codex"), "{ended}");
    }
    let test = person.json(&["test", "--provider", ID]).await;
    let stages = test.json()["stages"].clone();
    let failed = stages.as_array().unwrap().iter().find(|stage| stage["ok"] == false).unwrap();
    assert_eq!((test.code, &failed["code"]), (3, &json!("sign_in_expired")), "{test:?}");
    assert!(failed["hint"].as_str().unwrap().contains("codex"), "{failed}");
    assert!(test.stderr.lines().any(|line| line.starts_with("hint: ") && line.contains("codex")), "{test:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_token_works_again_after_codex_refreshes_it() {
    let mut person = linked("ada").await;
    person.sandbox.change_settings(|settings| settings.access_token_lifetime_s = -60);
    person.put_codex("ada");
    assert_ended(&person).await;
    let status = person.json(&["status", "--provider", ID]).await;
    assert_eq!((status.code, &status.json()["attention"]), (3, &json!("sign_in_expired")), "{status:?}");
    assert_eq!(person.sandbox.count("models"), 0, "a token that has ended is not sent");

    person.sandbox.change_settings(|settings| settings.access_token_lifetime_s = 3600);
    person.put_codex("pia");
    let status = person.json(&["status", "--provider", ID]).await.done();
    assert_eq!(status["account"]["email"], "pia@example.com", "the account that Codex signed in");
    person.json(&["test", "--provider", ID]).await.done();
    assert_left_alone(&person);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_token_is_not_refreshed() {
    let person = linked("ada").await;
    person.json(&["test", "--provider", ID]).await.done();
    assert_eq!(person.sandbox.change_grants(GrantOperation::ExpireAccess, Some("ada")), 1);
    assert_ended(&person).await;
    assert_left_alone(&person);
}

/// Puts a `codex` on the search path that prints its version and runs `login` as its sign-in.
fn put_program(person: &mut Person, login: &str) {
    put_codex(person, "echo codex-cli 0.171.0", login);
}

fn put_codex(person: &mut Person, version: &str, login: &str) {
    let script =
        format!("#!/bin/sh\ncase \"$*\" in\n--version) {version};;\nlogin) {login};;\n*) exit 64;;\nesac\n");
    person.put("bin/codex", script);
    let bin = person.folder.join("bin");
    fs::set_permissions(bin.join("codex"), fs::Permissions::from_mode(0o700)).unwrap();
    person.home.set("PATH", bin.to_str().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_login_shows_output_of_codex() {
    let mut person = Person::new().await;
    let issuer = person.sandbox.issuer().to_owned();
    let file = person.codex_file("ada", Some(&issuer));
    person.put("new.json", file.to_string());
    fs::create_dir(person.folder.join(".codex")).unwrap();
    let token = file["tokens"]["access_token"].as_str().unwrap();
    put_program(
        &mut person,
        &format!(
            "echo Starting local login server; echo token {token}; echo Successfully logged in >&2; \
             /bin/cp \"$HOME/new.json\" \"$HOME/{CODEX}\""
        ),
    );
    let arguments = ["login", "--provider", ID];
    let output = person.home.run(&arguments).await;
    person.assert_shows_no_token(&arguments, &output);
    assert_eq!(output.code, 0, "{output:?}");
    for line_of_codex in ["codex-cli 0.171.0", "Starting local login server", "Successfully logged in"] {
        assert!(output.stdout.contains(line_of_codex), "{line_of_codex}: {output:?}");
    }
    person.json(&["test", "--provider", ID]).await.done();
    let output = person.home.json(&arguments).await;
    assert_eq!(output.done(), json!({"event": "saved", "provider": ID}));
    assert_left_alone(&person);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_login_that_fails_changes_nothing() {
    let mut person = Person::new().await;
    let missing = person.json(&["login", "--provider", ID]).await.error(1);
    assert_eq!(missing["code"], "program_missing", "{missing}");
    put_program(&mut person, "echo no such luck; exit 3");
    let failed = person.json(&["login", "--provider", ID]).await.error(1);
    assert!(failed["message"].as_str().unwrap().contains("status 3"), "{failed}");
    // An earlier sign-in does not make the failed login a success.
    person.put_codex("ada");
    assert_eq!(person.json(&["login", "--provider", ID]).await.error_code(1), "upstream_error");
    let output = person.run(&["login", "--provider", ID]).await;
    assert!(output.code == 1 && output.stdout.contains("no such luck"), "{output:?}");
    let providers = person.json(&["providers"]).await.done();
    let ids: Vec<&Value> =
        providers["providers"].as_array().unwrap().iter().map(|provider| &provider["id"]).collect();
    assert_eq!(ids, ["chatgpt"], "what could not be signed in is not added");
}

/// Reads the process ids that a program has written.
fn id_in(person: &Person) -> String {
    fs::read_to_string(person.folder.join("id")).unwrap().trim().to_owned()
}

/// Returns whether a process has ended, also as a zombie.
fn has_ended(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

/// The installed `codex` is a script that starts the real program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_login_when_stopped_ends_child_processes() {
    let mut person = Person::new().await;
    for login in ["", "trap '' TERM; "] {
        put_program(&mut person, &format!("{login}/bin/sleep 431 & echo child $!; wait; wait"));
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            let mut running = person.home.start(&["login", "--provider", ID]);
            let child = loop {
                let line = running.line().await.expect("it waits for its child");
                if let Some(id) = line.strip_prefix("child ") {
                    break id.to_owned();
                }
            };
            running.signal(signal);
            let output = running.end().await;
            assert!(output.code == 1 && output.stderr.contains("Cancelled"), "{signal}: {output:?}");
            assert!(has_ended(&child), "{login}{signal}: the child goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_with_hanging_codex_reports_other_checks() {
    let mut person = Person::new().await;
    put_codex(&mut person, "echo $$ >\"$HOME/id\"; exec /bin/sleep 431", "exit 0");
    let doctor = person.home.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("`codex --version` did not end within 5 s"), "{doctor:?}");
    assert!(doctor.stdout.contains("clock"), "the other checks are reported: {doctor:?}");
    assert!(has_ended(&id_in(&person)));
    assert_eq!(person.home.json(&["login", "--provider", ID]).await.error_code(1), "timeout");
    // A program that has ended but left a child that keeps its outputs open.
    put_codex(&mut person, "echo codex-cli 0.1; /bin/sleep 431 & echo $! >\"$HOME/id\"", "exit 0");
    let doctor = person.home.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("codex-cli 0.1"), "{doctor:?}");
    let left = id_in(&person).parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(left), Signal::SIGKILL).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codex_home_variable_selects_another_folder() {
    let mut person = Person::new().await;
    let issuer = person.sandbox.issuer().to_owned();
    let (usual, other) = (person.codex_file("ben", Some(&issuer)), person.codex_file("eve", Some(&issuer)));
    person.put(CODEX, usual.to_string());
    person.put("elsewhere/auth.json", other.to_string());
    let folder = person.folder.join("elsewhere").to_str().unwrap().to_owned();
    for (home, email) in [("", "ben@example.com"), (&folder, "eve@example.com")] {
        person.home.set("CODEX_HOME", home);
        let found = person.json(&["import", "--from", "codex"]).await.done();
        assert_eq!(found["found"][0]["email"], email, "{found}");
        let status = person.json(&["status", "--provider", ID]).await.done();
        assert_eq!(status["account"]["email"], email, "{status}");
        person.json(&["test", "--provider", ID]).await.done();
    }
}
