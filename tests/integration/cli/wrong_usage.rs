//! Wrong usage: exit status 2, reported before any request or change.

use nix::sys::signal::Signal;
use serde_json::json;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, signed_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_usage_is_rejected_before_any_request() {
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
        let output = home.json(arguments).await;
        assert_eq!(output.code, 2, "{arguments:?}: {output:?}");
        assert_eq!(output.json()["error"]["code"], "bad_usage", "{arguments:?}");
        assert!(output.stderr.contains("error: "), "{arguments:?}: {output:?}");
    }
    // The JSON error names the argument, too.
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

/// `--help` and `--version` are not failures, and a reader that closes early is none either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_and_version_exit_0() {
    let home = Home::at_addresses("http://127.0.0.1:9", "http://127.0.0.1:9");
    for arguments in [&["--help"][..], &["login", "--help"], &["--version"]] {
        let output = home.run(arguments).await;
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
        assert!(output.stdout.contains("usher"), "{output:?}");
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
async fn logout_without_terminal_needs_yes() {
    let (sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["logout"]).await.error_code(2), "bad_usage");
    assert_eq!(sandbox.count("revoke"), 0);
    assert_eq!(home.json(&["status"]).await.code, 0, "still signed in");
}

/// Its input ends, too: Ctrl-C in a shell also ends the program that writes into it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_cancels_a_sign_in() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    for _ in 0..5 {
        let mut login = home.start(&["login", "--paste", "--json"]);
        login.event_named("open").await;
        login.signal(Signal::SIGINT);
        let output = login.end().await;
        assert_eq!(output.code, 1, "{output:?}");
        let last = output.documents().pop().unwrap();
        assert_eq!((&last["event"], &last["code"]), (&json!("failed"), &json!("cancelled")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn end_of_input_ends_a_sign_in() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let mut login = home.start(&["login", "--paste", "--json"]);
    login.event_named("open").await;
    let output = login.end().await;
    let last = output.documents().pop().unwrap();
    assert_eq!((output.code, &last["code"]), (2, &json!("bad_usage")), "{output:?}");
}

/// The cause is the error itself, and the hint names the command that helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pass_new_with_existing_name_hints_at_revoke() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let created = home.run(&["pass", "new", "Claude Code", "--any-provider"]).await;
    assert_eq!(created.code, 0, "{created:?}");
    for step in ["ANTHROPIC_BASE_URL=", "[model_providers.usher]", "export OPENAI_BASE_URL="] {
        assert!(created.stderr.contains(step), "{step}: {created:?}");
    }
    assert_eq!(created.stdout.lines().count(), 1, "stdout holds only the pass: {created:?}");
    let again = home.run(&["pass", "new", "Claude Code", "--any-provider"]).await;
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.stderr.starts_with("error: A pass named Claude Code already exists.\n"), "{again:?}");
    assert!(again.stderr.contains("usher pass revoke 'Claude Code'"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_of_each_command_ends_with_an_example() {
    let home = Home::at_addresses("http://127.0.0.1:9", "http://127.0.0.1:9");
    let mut commands = vec![String::new()];
    let mut seen = 0;
    while let Some(name) = commands.pop() {
        let arguments: Vec<&str> = name.split_whitespace().chain(["--help"]).collect();
        let output = home.run(&arguments).await;
        commands.extend(subcommands(&output.stdout).map(|one| format!("{name} {one}").trim().to_owned()));
        if name.is_empty() {
            continue;
        }
        seen += 1;
        let examples = output.stdout.split("Example").nth(1).unwrap_or_else(|| panic!("{name}: {output:?}"));
        assert!(examples.contains(&format!("usher {name}")), "{name}: {output:?}");
    }
    assert!(seen > 25, "only {seen} commands were found");
}

/// Returns the names of the subcommands that a help text lists, without `help`.
fn subcommands(help: &str) -> impl Iterator<Item = &str> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Continued descriptions are indented further.
    let named = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
}

/// A message says what is wrong in a sentence, and the hint is the next step, not the help of everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_usage_is_a_sentence_with_its_own_hint() {
    let (_sandbox, home) = signed_in().await;
    for (arguments, error, hint) in [
        (&["logout"][..], "There is no terminal to confirm on.", "Add --yes."),
        (
            &["accounts", "use", "bob@example.com"],
            "bob@example.com is no account here.",
            "`usher accounts` lists them.",
        ),
        (&["pass", "revoke", "Nope"], "There is no pass named Nope.", "`usher pass list` shows them."),
        (&["usage", "--provider", "openai"], "There is no provider openai.", "Add it first."),
        (&["login", "--provider", "openai"], "openai uses an API key.", "Pass it with --api-key-stdin."),
    ] {
        let output = home.run(arguments).await;
        assert_eq!(output.code, 2, "{arguments:?}: {output:?}");
        let wanted = format!("error: {error}\nhint: {hint}\n");
        assert!(output.stderr.ends_with(&wanted), "{arguments:?}: {output:?}");
    }
}

/// Each kind of credential is named as what it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_access_token_is_not_called_a_key() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let output = home.json_with_input(&["login", "--access-token-stdin"], "at-wrong\n").await;
    assert_eq!(output.code, 3, "{output:?}");
    assert!(output.stderr.starts_with("error: OpenAI rejected this access token.\n"), "{output:?}");
    assert!(!output.stderr.contains("key"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_names_the_plan_also_when_a_key_is_in_use() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    home.json_with_input(&["login", "--api-key-stdin"], "sk-sandbox-0123456789abcd").await.done();
    let status = home.run(&["status"]).await;
    assert!(status.stdout.contains("OpenAI, your ChatGPT plan: not signed in."), "{status:?}");
}
