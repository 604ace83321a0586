//! The whole way from a new home to a connected tool.

use usher_tests::{Home, Terminal, usher};

use super::{CODEX, DOWN, ENTER, new_home, paste};

async fn assert_set_up(home: &Home) {
    let status = home.json(&["status"]).await.done();
    assert_eq!(
        (&status["signed_in"], &status["account"]["email"]),
        (&true.into(), &"ada@example.com".into())
    );
    let models = home.json(&["models"]).await.done();
    let models = models["models"].as_array().unwrap();
    let chosen = models.iter().position(|model| model["chosen"] == true).unwrap();
    let default = models.iter().position(|model| model["default"] == true).unwrap();
    assert_eq!(chosen, default + 1, "the one below the default was chosen");
    let tools = home.json(&["tools"]).await.done();
    assert_eq!(
        (&tools["tools"][0]["id"], &tools["tools"][0]["connection"]["pass"]),
        (&"codex".into(), &"codex".into())
    );
    assert!(home.read(".codex/config.toml").starts_with(CODEX));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_home_is_set_up_with_arrow_keys() {
    let (_sandbox, home) = new_home().await;
    let mut terminal = Terminal::start(&home, &["setup"]);
    terminal.shows("Step 1 of 5, Provider").await;
    terminal.shows("Which provider do you want to use?").await;
    terminal.shows("OpenAI: your ChatGPT plan").await;
    terminal.types(ENTER).await;
    paste(&mut terminal, &format!("{DOWN}{DOWN}{ENTER}"), true).await;
    terminal.shows("Signed in as ada@example.com").await;
    terminal.shows("Which model do you want to use?").await;
    terminal.types(&format!("{DOWN}{ENTER}")).await;
    terminal.shows("Test it now?").await;
    terminal.types(ENTER).await;
    terminal.shows(" answered \"").await;
    terminal.shows("Which tools do you want to connect?").await;
    terminal.shows("Codex CLI").await;
    terminal.types(ENTER).await;
    terminal.shows("+[model_providers.usher]").await;
    terminal.shows("Connect Codex CLI?").await;
    terminal.types(&format!("{DOWN}{ENTER}")).await;
    terminal.shows("Codex CLI is connected").await;
    terminal.shows("Setup is done:").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 0, "{shown}");
    for line in
        ["Access    Personal: ada@example.com", "Test      passed", "Tools     Codex CLI", "usher serve"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert_set_up(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_home_is_set_up_line_by_line_without_escape_codes() {
    let (_sandbox, home) = new_home().await;
    let mut terminal = Terminal::start(&home, &["setup", "--plain"]);
    terminal.shows("  1. OpenAI: your ChatGPT plan").await;
    terminal.shows("Number [1]: ").await;
    terminal.types("9\r").await;
    terminal.shows("Type a number from 1 to ").await;
    terminal.shows("Number [1]: ").await;
    terminal.types("\r").await;
    paste(&mut terminal, "3\r", true).await;
    terminal.shows("Signed in as ada@example.com").await;
    terminal.shows("Number [").await;
    let default = terminal.shows("]: ").await;
    let below = default.parse::<usize>().unwrap() + 1;
    terminal.types(&format!("{below}\r")).await;
    terminal.shows("Test it now? Usher asks the model for one word. [Y/n] ").await;
    terminal.types("\r").await;
    terminal.shows("Numbers with spaces between them, all, or none [all]: ").await;
    terminal.types("all\r").await;
    terminal.shows("Connect Codex CLI?").await;
    terminal.shows("Number [1]: ").await;
    terminal.types("2\r").await;
    terminal.shows("Setup is done:").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert_set_up(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_of_a_new_service_is_saved_and_not_shown() {
    let (sandbox, home) = new_home().await;
    for (plain, secret) in [(true, "sk-sandbox-plain-0123456789"), (false, "sk-sandbox-arrows-0123456789")] {
        let arguments: &[&str] = if plain { &["setup", "--plain"] } else { &["setup"] };
        let mut terminal = Terminal::start(&home, arguments);
        let choose_last = if plain { "Another service, or a model on this computer\r" } else { "\u{1b}[F\r" };
        terminal.shows("Another service, or a model on this computer").await;
        terminal.types(choose_last).await;
        terminal.shows("Which service?").await;
        terminal.shows("Another address").await;
        terminal.types(ENTER).await;
        terminal.shows("Base URL").await;
        terminal.types(&format!("{}/both\r", sandbox.compatible())).await;
        terminal.shows("Name of the service").await;
        terminal.types(if plain { "Plain\r" } else { "Arrows\r" }).await;
        terminal.shows("Paste the API key").await;
        terminal.types(&format!("{secret}\r")).await;
        terminal.shows("Added: ").await;
        terminal.shows("Which model do you want to use?").await;
        terminal.types("\u{3}").await;
        let (code, shown) = terminal.end().await;
        assert_eq!(code, 1, "{shown}");
        assert!(shown.contains("Access    a key that ends in 6789") && !shown.contains(secret), "{shown}");
    }
    let providers = home.run(&["providers"]).await.stdout;
    assert!(
        providers.contains("openai-compatible:plain") && providers.contains("openai-compatible:arrows"),
        "{providers}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_lines_are_asked_for_by_the_environment() {
    for variable in ["ACCESSIBLE=1", "TERM=dumb"] {
        let (_sandbox, home) = new_home().await;
        let line = format!("/usr/bin/env {variable} {} setup", usher().display());
        let mut terminal = Terminal::start_line(&home, &line);
        terminal.shows("Number [1]: ").await;
        terminal.types("\u{4}").await;
        let (code, shown) = terminal.end().await;
        assert!(code == 1 && !shown.contains('\u{1b}'), "{variable}: {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_terminal_the_commands_are_printed() {
    let (_sandbox, home) = new_home().await;
    let refused = home.run(&["setup"]).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("asks its questions on a terminal"), "{refused:?}");
    for command in ["usher login", "usher use MODEL", "usher test", "usher tools connect NAME --yes"] {
        assert!(refused.stderr.contains(command), "{command}: {refused:?}");
    }
    assert_eq!(home.json(&["setup"]).await.error_code(2), "bad_usage");
    // The input is a terminal, and the output is none.
    let output = home.path().join("output");
    let line = format!("{} setup > '{}'", usher().display(), output.display());
    let (code, shown) = Terminal::start_line(&home, &line).end().await;
    assert!(code == 2 && shown.contains("usher tools connect NAME --yes"), "{shown}");
    assert_eq!(home.read("output"), "");
}
