//! `usher settings`: the link, the browser that it opens, and its end.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Running, free_port};

async fn home() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    (sandbox, home)
}

/// Gives `home` a display, and a browser that writes what it is to open into the file that is returned.
fn recording_browser(home: &mut Home) -> PathBuf {
    let (script, log) = (home.path().join("browser"), home.path().join("opened"));
    home.write("browser", &format!("#!/bin/sh\necho \"$*\" > '{}'\n", log.display()));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("it is there");
    home.set("BROWSER", script.to_str().expect("a plain path"));
    home.set("DISPLAY", ":1");
    log
}

/// Returns address and link.
async fn listening(running: &mut Running) -> (String, String) {
    let event = running.event_named("listening").await;
    let text = |field: &str| event[field].as_str().expect("it is text").to_owned();
    (text("address"), text("link"))
}

#[tokio::test]
async fn second_process_names_the_first_and_gets_no_link() {
    let (_sandbox, home) = home().await;
    let mut first = home.start(&["settings", "--no-browser", "--json"]);
    let (address, link) = listening(&mut first).await;
    let second = home.json(&["settings", "--no-browser", "--idle", "0.05"]).await;
    let error = second.error(1);
    assert_eq!(error["code"], "port_busy");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains(&address) && message.contains(&first.id().to_string()), "{message}");
    let secret = link.split_once("#open=").expect("the secret is in the fragment").1;
    assert!(!second.stdout.contains(secret) && !second.stderr.contains(secret), "{second:?}");

    first.signal(Signal::SIGINT);
    let ended = first.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.documents().pop().map(|last| last["reason"].clone()), Some("stopped".into()));
    let mut third = home.start(&["settings", "--no-browser", "--json"]);
    listening(&mut third).await;
}

#[tokio::test]
async fn killed_process_leaves_no_lock() {
    let (_sandbox, home) = home().await;
    let mut first = home.start(&["settings", "--no-browser", "--json"]);
    listening(&mut first).await;
    first.signal(Signal::SIGKILL);
    first.end().await;
    let mut second = home.start(&["settings", "--no-browser", "--json"]);
    listening(&mut second).await;
}

#[tokio::test]
async fn browser_gets_a_private_file_and_no_link() {
    let (_sandbox, mut home) = home().await;
    let log = recording_browser(&mut home);
    let mut running = home.start(&["settings", "--json"]);
    let (_, link) = listening(&mut running).await;
    let opened = loop {
        // The file is there a moment before its text is.
        match std::fs::read_to_string(&log) {
            Ok(text) if text.ends_with('\n') => break text,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let file = home.path().join("settings-link.html");
    assert_eq!(opened.trim(), format!("file://{}", file.display()));
    assert!(home.read("settings-link.html").contains(&format!("url={link}\"")), "it leads to the link");
    let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let arguments = std::fs::read(format!("/proc/{}/cmdline", running.id())).unwrap_or_default();
    let secret = link.split_once("#open=").expect("the secret is in the fragment").1;
    assert!(!String::from_utf8_lossy(&arguments).contains(secret));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
    assert!(!file.exists(), "the end deletes it");
}

#[tokio::test]
async fn no_browser_is_opened_over_ssh() {
    let (_sandbox, mut home) = home().await;
    let log = recording_browser(&mut home);
    home.set("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let mut running = home.start(&["settings", "--idle", "0.02"]);
    let ended = running.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(!log.exists(), "it was opened");
    assert!(ended.stdout.contains("ssh -L "), "{ended:?}");
    assert!(ended.stdout.contains("Nobody used the settings for 1 second,"), "{ended:?}");
}

#[tokio::test]
async fn gateway_goes_on_when_the_page_is_closed() {
    let (_sandbox, home) = home().await;
    let port = free_port();
    home.write("config.toml", &format!("version = 1\n[gateway]\nenabled = true\nport = {port}\n"));
    let mut running = home.start(&["settings", "--no-browser", "--json", "--idle", "0.05"]);
    assert_eq!(running.event_named("ended").await["reason"], "idle");
    let gateway = home.json(&["status"]).await.documents()[0]["gateway"].clone();
    assert_eq!(gateway["running"], true, "{gateway}");
    let mut second = home.start(&["settings", "--no-browser", "--json"]);
    listening(&mut second).await;
    running.signal(Signal::SIGINT);
    assert_eq!(running.end().await.code, 0);
}

#[tokio::test]
async fn taken_port_and_wrong_time_are_reported() {
    let (_sandbox, home) = home().await;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("it has one").port().to_string();
    let busy = home.json(&["settings", "--no-browser", "--port", &port]).await;
    assert_eq!(busy.error_code(1), "port_busy");
    for minutes in ["0", "-1", "soon", "1441"] {
        assert_eq!(home.run(&["settings", &format!("--idle={minutes}")]).await.code, 2, "{minutes}");
    }
}
