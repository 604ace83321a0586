//! What is done already is recognized, and stays.

use usher_sandbox::GrantOperation;
use usher_tests::{Terminal, sign_in};

use super::{CODEX, DOWN, ENTER, ESCAPE, files, keep_account_and_model, paste, signed_in_home};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_and_model_are_kept_and_a_refused_tool_is_untouched() {
    let (sandbox, home) = signed_in_home().await;
    let before = files(&home);
    let mut terminal = Terminal::start(&home, &["setup"]);
    keep_account_and_model(&mut terminal).await;
    terminal.types(ENTER).await;
    terminal.shows("Which tools do you want to connect?").await;
    terminal.types(ENTER).await;
    terminal.shows("+[model_providers.usher]").await;
    terminal.shows("Connect Codex CLI?").await;
    terminal.types(ENTER).await;
    terminal.shows("Codex CLI is left as it is.").await;
    terminal.shows("Setup is done:").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Tools     none connected"), "{shown}");
    assert_eq!(files(&home), before);
    assert_eq!(sandbox.count("token"), 0, "nobody signed in again");
    let passes = home.json(&["pass", "list"]).await.done();
    assert_eq!(passes["passes"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tool_becomes_its_default_only_after_a_second_look() {
    let (_sandbox, home) = signed_in_home().await;
    for (answer, is_connected) in [("n\r", false), ("y\r", true)] {
        let mut terminal = Terminal::start(&home, &["setup"]);
        keep_account_and_model(&mut terminal).await;
        terminal.types("n\r").await;
        terminal.shows("Which tools do you want to connect?").await;
        terminal.types(ENTER).await;
        terminal.shows("Connect Codex CLI?").await;
        terminal.types(&format!("{DOWN}{DOWN}{ENTER}")).await;
        terminal.shows("+model_provider = \"usher\"").await;
        terminal.shows("Connect Codex CLI?").await;
        terminal.types(answer).await;
        terminal.shows("Setup is done:").await;
        let (code, shown) = terminal.end().await;
        assert_eq!(code, 0, "{shown}");
        assert!(shown.contains("Test      skipped"), "{shown}");
        assert_eq!(home.read(".codex/config.toml") != CODEX, is_connected, "{shown}");
    }
    let mut terminal = Terminal::start(&home, &["setup"]);
    keep_account_and_model(&mut terminal).await;
    terminal.types("n\r").await;
    terminal.shows("Connected already: Codex CLI").await;
    terminal.types(ESCAPE).await;
    terminal.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_sign_in_is_renewed_for_the_same_account() {
    let (sandbox, home) = signed_in_home().await;
    sandbox.change_grants(GrantOperation::Invalidate, Some("ada"));
    assert_eq!(home.json(&["usage"]).await.error_code(3), "sign_in_revoked");
    let mut terminal = Terminal::start(&home, &["setup"]);
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("its sign-in has ended, sign in again").await;
    terminal.types(ENTER).await;
    terminal.shows("hint: Sign in again.").await;
    paste(&mut terminal, &format!("{DOWN}{DOWN}{ENTER}"), true).await;
    terminal.shows("Which model do you want to use?").await;
    terminal.types(ESCAPE).await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("This is done, and stays:"), "{shown}");
    home.json(&["usage"]).await.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_that_is_not_in_use_can_be_set_up() {
    let (sandbox, home) = signed_in_home().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let before = files(&home);
    let mut terminal = Terminal::start(&home, &["setup", "--account", "Business"]);
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Which account do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Which model do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("Test it now?").await;
    terminal.types(ENTER).await;
    terminal.shows("Tested Business").await;
    terminal.shows("Which tools").await;
    terminal.types(&format!("\u{1b}[D{ENTER}")).await;
    terminal.shows("Setup is done:").await;
    let (code, shown) = terminal.end().await;
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("Tools use  OpenAI, Personal")
            && shown.contains("usher providers use chatgpt --account"),
        "{shown}"
    );
    assert_eq!(files(&home), before, "the account in use stays in use");
}
