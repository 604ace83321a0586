//! Cancelled at any step, nothing is half done, and the terminal is as it was.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use usher_tests::{Home, Terminal, usher};

use super::{CTRL_C, CTRL_D, DOWN, ENTER, ESCAPE, files, new_home, signed_in_home};

/// What is shown at a step, and what is typed to get on from there.
type Steps = &'static [(&'static str, &'static str)];

/// Walks `steps`, cancels at each of them with each of `keys`, and checks that the files are what they were.
async fn cancel_at_each(home: &Home, arguments: &[&str], steps: Steps, keys: &[&str]) {
    let before = files(home);
    for last in 0..steps.len() {
        for key in keys {
            let mut terminal = Terminal::start(home, arguments);
            for (question, answer) in &steps[..last] {
                terminal.shows(question).await;
                terminal.types(answer).await;
            }
            let question = steps[last].0;
            terminal.shows(question).await;
            terminal.types(key).await;
            let (code, shown) = terminal.end().await;
            assert_eq!(code, 1, "{key:?} at {question}: {shown}");
            assert!(
                shown.contains("Setup has stopped. Nothing was changed."),
                "{key:?} at {question}: {shown}"
            );
            assert!(shown.contains("Tools     not done"), "{key:?} at {question}: {shown}");
            assert_eq!(files(home), before, "{key:?} at {question}: {shown}");
        }
    }
}

const NEW: Steps = &[
    ("Which provider do you want to use?", "\r"),
    ("How do you want to sign in?", "\u{1b}[B\u{1b}[B\r"),
    ("Address that the browser ends at:", ""),
];

const SIGNED_IN: Steps = &[
    ("Which provider do you want to use?", "\r"),
    ("Which account do you want to use?", "\r"),
    ("Which model do you want to use?", "\r"),
    ("Test it now?", "n\r"),
    ("Which tools do you want to connect?", "\r"),
    ("Connect Codex CLI?", ""),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_that_is_cancelled_leaves_nothing() {
    let (sandbox, home) = new_home().await;
    cancel_at_each(&home, &["setup"], NEW, &[ESCAPE, CTRL_C, CTRL_D]).await;
    assert_eq!(sandbox.count("token"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_later_step_that_is_cancelled_changes_nothing() {
    let (_sandbox, home) = signed_in_home().await;
    cancel_at_each(&home, &["setup"], SIGNED_IN, &[ESCAPE, CTRL_C, CTRL_D]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_steps_are_cancelled_by_ctrl_c_and_the_end_of_input() {
    const NEW: Steps =
        &[("Number [1]: ", "\r"), ("Number [1]: ", "3\r"), ("Address that the browser ends at: ", "")];
    const SIGNED_IN: Steps = &[
        ("Number [1]: ", "\r"),
        ("Number [1]: ", "\r"),
        ("Number [", "\r"),
        ("[Y/n] ", "n\r"),
        ("none [all]: ", "\r"),
        ("Number [1]: ", ""),
    ];
    let (_sandbox, home) = new_home().await;
    cancel_at_each(&home, &["setup", "--plain"], NEW, &["\u{1b}\r", CTRL_C, CTRL_D]).await;
    let (_sandbox, home) = signed_in_home().await;
    cancel_at_each(&home, &["setup", "--plain"], SIGNED_IN, &[CTRL_C, CTRL_D]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_that_is_not_entered_leaves_nothing() {
    const STEPS: Steps = &[("Paste the API key", "")];
    let (_sandbox, home) = new_home().await;
    let arguments = ["setup", "--provider", "openai"];
    cancel_at_each(&home, &arguments, STEPS, &[ESCAPE, CTRL_C, CTRL_D]).await;
    let arguments = ["setup", "--plain", "--provider", "openai"];
    cancel_at_each(&home, &arguments, STEPS, &[CTRL_C, CTRL_D]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_code_is_cancelled_by_ctrl_c() {
    let (sandbox, home) = new_home().await;
    for arguments in [&["setup"][..], &["setup", "--plain"]] {
        let keys = if arguments.len() == 1 { format!("{DOWN}{ENTER}") } else { "2\r".to_owned() };
        let before = files(&home);
        let mut terminal = Terminal::start(&home, arguments);
        terminal.shows("Which provider do you want to use?").await;
        terminal.types(ENTER).await;
        terminal.shows("How do you want to sign in?").await;
        terminal.shows("With a code").await;
        terminal.types(&keys).await;
        terminal.shows("Waiting for it. Ctrl-C cancels.").await;
        terminal.types(CTRL_C).await;
        let (code, shown) = terminal.end().await;
        assert!(code == 1 && shown.contains("Nothing was changed."), "{shown}");
        assert_eq!(files(&home), before, "{shown}");
    }
    assert_eq!(sandbox.count("token"), 0);
}

/// Also when a signal ends it while a question is drawn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminal_is_what_it_was() {
    let (_sandbox, home) = new_home().await;
    for end in [ESCAPE, CTRL_C, "SIGTERM", "SIGHUP"] {
        for step in ["Which provider do you want to use?", "Paste the API key"] {
            let provider = if step.starts_with("Paste") { "--provider openai" } else { "" };
            let line = format!(
                "echo \"($(/usr/bin/stty -g))\"; /bin/sh -c 'echo [$$]; exec {} setup {provider}'; echo \"($(/usr/bin/stty -g))\"",
                usher().display()
            );
            let mut terminal = Terminal::start_line(&home, &line);
            terminal.shows("(").await;
            let before = terminal.shows(")").await;
            terminal.shows("[").await;
            let id: i32 = terminal.shows("]").await.parse().unwrap();
            terminal.shows(step).await;
            match end {
                "SIGTERM" => kill(Pid::from_raw(id), Signal::SIGTERM).unwrap(),
                "SIGHUP" => kill(Pid::from_raw(id), Signal::SIGHUP).unwrap(),
                key => terminal.types(key).await,
            }
            terminal.shows("Setup has stopped.").await;
            terminal.shows("(").await;
            let after = terminal.shows(")").await;
            assert_eq!(after, before, "{end:?} at {step}");
            let (_, shown) = terminal.end().await;
            let (hidden, visible) = (shown.rfind("\u{1b}[?25l"), shown.rfind("\u{1b}[?25h"));
            assert!(visible > hidden, "the cursor stays hidden, {end:?} at {step}: {shown:?}");
        }
    }
}
