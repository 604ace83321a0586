//! Snapshots of the text output. Times, ids and random parts are blanked.

use usher_sandbox::browser::Browser;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Output, signed_in};

/// Returns both outputs and the exit status as one text.
fn render(output: &Output) -> String {
    format!("{}{}[exit {}]", output.stdout, output.stderr, output.code)
}

fn blanked(check: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.add_filter(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d \w{3} \d{4}, \d\d:\d\d", "[time]");
    settings.add_filter(r"http://127\.0\.0\.1:\d+", "[sandbox]");
    settings.add_filter(r"(state|code_challenge)=[\w-]{43}", "$1=[random]");
    // Short times are not shown.
    settings.add_filter(r"(?m)^(Credential|Token|Models|Answer) +(ok|-)( +\d+ ms)? +", "$1 $2 ");
    settings.add_filter(r"[A-Z0-9]{4}-[A-Z0-9]{5}", "[code]");
    settings.bind(check);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_ports_login_matches_snapshot() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let home = Home::at(&sandbox);
    let mut login = home.start(&["login", "--no-browser"]);
    let url = loop {
        let line = login.line().await.expect("the address is printed");
        if let Some(url) = line.trim().strip_prefix("http") {
            break format!("http{url}");
        }
    };
    Browser::new().approve(&url, "ada").await;
    let output = login.end().await;
    blanked(|| insta::assert_snapshot!("login", render(&output)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn main_path_commands_match_snapshots() {
    let (_sandbox, home) = signed_in().await;
    let used = home.run(&["use", "gpt-5.5", "--effort", "high"]).await;
    let (models, usage) = (home.run(&["models"]).await, home.run(&["usage"]).await);
    let (status, test) = (home.run(&["status"]).await, home.run(&["test"]).await);
    let out = home.run(&["logout", "--yes"]).await;
    let after = home.run(&["status"]).await;
    blanked(|| {
        insta::assert_snapshot!("use", render(&used));
        insta::assert_snapshot!("models", render(&models));
        insta::assert_snapshot!("usage", render(&usage));
        insta::assert_snapshot!("status", render(&status));
        insta::assert_snapshot!("test", render(&test));
        insta::assert_snapshot!("logout", render(&out));
        insta::assert_snapshot!("signed_out", render(&after));
    });
}

/// `error:`, `cause:` and `hint:` are separate lines.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failure_matches_snapshot() {
    let (_sandbox, home) = signed_in().await;
    let output = home.run(&["use", "gpt-5.5", "--effort", "heroic"]).await;
    blanked(|| insta::assert_snapshot!("failure", render(&output)));
}

/// Exported diagnostics contain no names and addresses of users.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exported_diagnostics_contain_no_names() {
    let (sandbox, mut home) = signed_in().await;
    let folder = home.path().join("Ada Lovelace");
    std::fs::create_dir(&folder).unwrap();
    home.set("USHER_HOME", folder.to_str().unwrap());
    let base = format!("{}/both", sandbox.compatible());
    for (name, base) in [("Ada private gpu", "https://ada-lovelace.invalid/v1"), ("Ada at home", &base)] {
        home.json(&["providers", "add", "openai-compatible", "--name", name, "--base-url", base])
            .await
            .done();
    }
    let render = home.run(&["doctor", "--export"]).await.stdout;
    assert!(render.contains("openai-compatible:ada-private-gpu"), "{render}");
    let report = std::fs::read_to_string(folder.join("logs/diagnostics.txt")).unwrap();
    for part in ["ada", "Ada", "lovelace", "Lovelace", folder.parent().unwrap().to_str().unwrap()] {
        assert!(!report.contains(part), "{part} in {report}");
    }
    assert!(report.contains("host service 1") && report.contains("host of service 1"), "{report}");
}
