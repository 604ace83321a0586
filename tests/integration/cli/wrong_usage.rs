//! Wrong usage: exit status 2, said before anything is asked or changed.

use nix::sys::signal::Signal;
use serde_json::json;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn is_refused_before_anything_is_asked() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    for arguments in [
        &["login", "--api-key-stdin"][..],
        &["login", "--access-token-stdin"],
        &["login", "--timeout", "0"],
        &["login", "--device", "--paste"],
        &["login", "--provider", "openai"],
        &["models", "--provider", "openai-compatible:groq"],
        &["status", "--provider", "groq"],
        &["status", "--account", "nobody"],
        &["logout"],
        &["use"],
        &["no-such-command"],
    ] {
        let ran = home.json(arguments).await;
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert_eq!(ran.json()["error"]["code"], "bad_usage", "{arguments:?}");
        assert!(ran.stderr.contains("error: "), "{arguments:?}: {ran:?}");
    }
    // Programs are told which argument it is as well.
    for (arguments, named) in [
        (&["login", "--timeout", "0"][..], "'0' for '--timeout <SECS>'"),
        (&["accounts", "rename"], "<ACCOUNT>"),
    ] {
        let error = home.json(arguments).await.json()["error"].take();
        assert!(error["message"].as_str().unwrap().contains(named), "{error}");
    }
    home.set("USHER_SECRETS", "cloud");
    assert_eq!(home.json(&["status"]).await.error_code(2), "bad_usage");
    home.set("USHER_SECRETS", "file");
    home.set("USHER_LOG", "=[");
    assert_eq!(home.json(&["status"]).await.error_code(2), "bad_usage");
    home.set("USHER_LOG", "warn");
    home.set("USHER_ISSUER_URL", "http://auth.example.com");
    assert_eq!(home.json(&["status"]).await.error_code(2), "bad_url");
    assert_eq!(sandbox.all_requests().len(), 0);
    assert_eq!(home.files(""), [""; 0], "nothing was made");
}

/// `--help` and `--version` are no failures, and a reader that leaves early is none either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_is_no_failure() {
    let home = Home::at_addresses("http://127.0.0.1:9", "http://127.0.0.1:9");
    for arguments in [&["--help"][..], &["login", "--help"], &["--version"]] {
        let ran = home.run(arguments).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
        assert!(ran.stdout.contains("usher"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_need_a_sign_in_exit_3() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    for arguments in [&["models"][..], &["use", "gpt-5.5"], &["usage"], &["logout", "--yes"]] {
        assert_eq!(home.json(arguments).await.error_code(3), "sign_in_required", "{arguments:?}");
    }
    let test = home.json(&["test"]).await;
    let stages = test.json()["stages"].clone();
    assert_eq!((test.code, &stages[0]["code"]), (3, &json!("sign_in_required")), "{test:?}");
    assert!(stages[1]["ok"].is_null(), "the rest was not tried: {stages}");
    assert_eq!(sandbox.all_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logout_asks_and_without_a_terminal_needs_yes() {
    let (sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["logout"]).await.error_code(2), "bad_usage");
    assert_eq!(sandbox.count("revoke"), 0);
    assert_eq!(home.json(&["status"]).await.code, 0, "still signed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_cancels_a_sign_in() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let mut login = home.start(&["login", "--paste", "--json"]);
    login.event_called("open").await;
    login.signal(Signal::SIGINT);
    let ran = login.end().await;
    assert_eq!(ran.code, 1, "{ran:?}");
    let last = ran.documents().pop().unwrap();
    assert_eq!((&last["event"], &last["code"]), (&json!("failed"), &json!("cancelled")));
}

/// The cause is the error itself, and the hint names the command that helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_new_with_existing_name_hints_at_revoke() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let created = home.run(&["pass", "new", "Claude Code"]).await;
    assert_eq!(created.code, 0, "{created:?}");
    for step in ["ANTHROPIC_BASE_URL=", "[model_providers.usher]", "export OPENAI_BASE_URL="] {
        assert!(created.stderr.contains(step), "{step}: {created:?}");
    }
    assert_eq!(created.stdout.lines().count(), 1, "stdout holds only the pass: {created:?}");
    let again = home.run(&["pass", "new", "Claude Code"]).await;
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.stderr.starts_with("error: a pass named Claude Code already exists"), "{again:?}");
    assert!(again.stderr.contains("usher pass revoke 'Claude Code'"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_of_each_command_ends_with_an_example() {
    let home = Home::at_addresses("http://127.0.0.1:9", "http://127.0.0.1:9");
    for command in [
        "login",
        "status",
        "models",
        "use",
        "usage",
        "test",
        "logout",
        "providers",
        "accounts",
        "import",
        "serve",
        "pass",
        "doctor",
    ] {
        let ran = home.run(&[command, "--help"]).await;
        let examples = ran.stdout.split("Example").nth(1).unwrap_or_else(|| panic!("{command}: {ran:?}"));
        assert!(examples.contains(&format!("  usher {command}")), "{command}: {ran:?}");
    }
}
