//! What goes wrong is shown with its cause and the next step, and the wizard goes on from there.

use std::time::Duration;

use serde_json::json;
use usher_sandbox::Fault;
use usher_tests::{Home, Terminal};

use super::{DOWN, ENTER, ESCAPE, files, keep_account_and_model, new_home, paste, signed_in_home};

async fn assert_nobody_is_signed_in(home: &Home) {
    assert_eq!(home.json(&["status"]).await.code, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_sign_in_is_offered_again() {
    let (_sandbox, home) = new_home().await;
    let before = files(&home);
    let mut terminal = Terminal::start(&home, &["setup"]);
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ENTER).await;
    let choose_pasting = format!("{DOWN}{DOWN}{ENTER}");
    paste(&mut terminal, &choose_pasting, false).await;
    terminal.shows("error: OpenAI denied access.").await;
    terminal.shows("hint: Nothing was saved. Sign in again below, and choose Allow.").await;
    paste(&mut terminal, &choose_pasting, false).await;
    terminal.shows("error: OpenAI denied access.").await;
    terminal.shows("How do you want to sign in?").await;
    terminal.types(ESCAPE).await;
    let (code, shown) = terminal.end().await;
    assert!(code == 1 && shown.contains("Nothing was changed."), "{shown}");
    assert_nobody_is_signed_in(&home).await;
    assert_eq!(files(&home), before, "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_address_is_asked_for_again() {
    let (_sandbox, home) = new_home().await;
    let mut terminal = Terminal::start(&home, &["setup"]);
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ENTER).await;
    terminal.shows("How do you want to sign in?").await;
    terminal.types(&format!("{DOWN}{DOWN}{ENTER}")).await;
    for wrong in ["", "https://example.com/"] {
        terminal.shows("Address that the browser ends at:").await;
        terminal.types(&format!("{wrong}{ENTER}")).await;
        terminal.shows("hint: Copy the complete address").await;
    }
    terminal.shows("Address that the browser ends at:").await;
    terminal.types(ESCAPE).await;
    assert_eq!(terminal.end().await.0, 1);
    assert_nobody_is_signed_in(&home).await;
}

/// It ends while the question is open. The person reads why, and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_that_took_too_long_is_offered_again() {
    let (_sandbox, home) = new_home().await;
    for (arguments, keys) in [
        (&["setup", "--timeout", "1"][..], format!("{DOWN}{DOWN}{ENTER}")),
        (&["setup", "--plain", "--timeout", "1"], "3\r".to_owned()),
    ] {
        let mut terminal = Terminal::start(&home, arguments);
        terminal.shows("Which provider do you want to use?").await;
        terminal.types(ENTER).await;
        terminal.shows("How do you want to sign in?").await;
        terminal.shows("paste the address").await;
        terminal.types(&keys).await;
        terminal.shows("Address that the browser ends at:").await;
        // Time is what this is about.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        terminal.types(&format!("http://127.0.0.1:1455/auth/callback?code=x&state=y{ENTER}")).await;
        terminal.shows("error: It took too long.").await;
        terminal.shows("This sign-in has ended, and nothing was saved.").await;
        terminal.shows("How do you want to sign in?").await;
        terminal.types("\u{3}").await;
        assert_eq!(terminal.end().await.0, 1);
    }
    assert_nobody_is_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provider_that_stays_switched_off_is_not_set_up() {
    let (sandbox, home) = signed_in_home().await;
    home.json(&["providers", "disable", "chatgpt"]).await.done();
    let before = files(&home);
    sandbox.reset();
    for arguments in [&["setup"][..], &["setup", "--provider", "chatgpt"]] {
        let mut terminal = Terminal::start(&home, arguments);
        if arguments.len() == 1 {
            terminal.shows("switched off").await;
            terminal.types(ENTER).await;
        }
        terminal.shows("Switch it on?").await;
        terminal.types("n\r").await;
        terminal.shows("OpenAI stays switched off, so it cannot be set up.").await;
        terminal.shows("Choose a provider again; Esc stops.").await;
        terminal.shows("Which provider do you want to use?").await;
        terminal.types(ESCAPE).await;
        let (code, shown) = terminal.end().await;
        assert!(code == 1 && shown.contains("Nothing was changed."), "{shown}");
        assert_eq!(files(&home), before, "{shown}");
    }
    assert!(sandbox.all_requests().is_empty());

    let mut terminal = Terminal::start(&home, &["setup", "--provider", "chatgpt"]);
    terminal.shows("Switch it on?").await;
    terminal.types("y\r").await;
    terminal.shows("Which account do you want to use?").await;
    terminal.types(ESCAPE).await;
    let (_, shown) = terminal.end().await;
    assert!(shown.contains("This is done, and stays:"), "{shown}");
    home.json(&["test"]).await.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_test_is_shown_and_the_person_decides() {
    let (sandbox, home) = signed_in_home().await;
    let before = files(&home);
    for (keys, goes_on) in [(format!("{DOWN}{ENTER}"), true), (format!("{DOWN}{DOWN}{ENTER}"), false)] {
        let body =
            json!({ "error": { "type": "usage_limit_reached", "message": "limit", "plan_type": "plus" } });
        sandbox.push_fault("responses", Fault::Status { status: 429, body, headers: [].into() });
        let mut terminal = Terminal::start(&home, &["setup"]);
        keep_account_and_model(&mut terminal).await;
        terminal.types(ENTER).await;
        terminal.shows("error: You reached the limit of your plan.").await;
        terminal.shows("hint: Wait until it resets").await;
        terminal.shows("The test failed. How do you want to go on?").await;
        terminal.types(&keys).await;
        if goes_on {
            terminal.shows("Which tools do you want to connect?").await;
            terminal.types(ESCAPE).await;
        }
        let (code, shown) = terminal.end().await;
        assert_eq!((code, shown.contains("Step 5 of 5")), (1, goes_on), "{shown}");
        assert!(shown.contains("Test      failed: You reached the limit of your plan."), "{shown}");
        assert_eq!(files(&home), before, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_that_is_no_key_is_asked_for_again() {
    let (_sandbox, home) = new_home().await;
    let before = files(&home);
    let mut terminal = Terminal::start(&home, &["setup", "--provider", "openai"]);
    terminal.shows("Paste the API key").await;
    terminal.types("not a key\r").await;
    terminal.shows("error: ").await;
    terminal.shows("Paste the API key").await;
    terminal.types(ENTER).await;
    terminal.shows("No key was entered, so nothing was saved.").await;
    terminal.shows("Which provider do you want to use?").await;
    terminal.types(ESCAPE).await;
    let (code, shown) = terminal.end().await;
    assert!(code == 1 && shown.contains("Nothing was changed."), "{shown}");
    assert_eq!(files(&home), before, "{shown}");
}
