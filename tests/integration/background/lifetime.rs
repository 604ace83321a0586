//! One per home; how it starts, stays and ends.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use nix::sys::signal::Signal;
use serde_json::json;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Running};

use super::{Peer, reply, settings_with_port, socket, started, switched_on};

async fn home() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    (sandbox, home)
}

#[tokio::test]
async fn one_runs_per_home_until_somebody_quits_it() {
    let (_sandbox, home) = home().await;
    assert_eq!(home.json(&["background", "--quit"]).await.done()["was_running"], false);
    settings_with_port(&home, true);
    let mut first = started(&home).await;
    let error = home.json(&["background"]).await.error(1);
    assert_eq!(error["code"], "port_busy");
    assert!(error["message"].as_str().unwrap_or_default().contains(&first.id().to_string()), "{error}");

    assert_eq!(home.json(&["background", "--quit"]).await.done()["was_running"], true);
    let ended = first.end().await;
    assert_eq!((ended.code, ended.stderr.as_str(), ended.stdout.lines().count()), (0, "", 1), "{ended:?}");
    assert!(!socket(&home).exists() && !home.path().join("background.json").exists(), "it leaves nothing");
    let mut next = started(&home).await;
    next.signal(Signal::SIGTERM);
    assert_eq!(next.end().await.code, 0);
}

#[tokio::test]
async fn killed_process_leaves_neither_lock_nor_open_socket() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, true);
    let mut first = started(&home).await;
    first.signal(Signal::SIGKILL);
    first.end().await;
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(socket(&home), open).expect("the socket is left");
    let mut second = started(&home).await;
    let mode = std::fs::metadata(socket(&home)).expect("it listens").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    second.signal(Signal::SIGINT);
    assert_eq!(second.end().await.code, 0);
}

#[tokio::test]
async fn ends_by_itself_once_the_gateway_is_off_and_no_window_is_open() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, false);
    let mut unused = started(&home).await;
    let mut used = {
        // It stays for a window, which the first one does not have.
        assert_eq!(unused.end().await.code, 0);
        started(&home).await
    };
    let window = Peer::ask(&home, json!({ "do": "stay" })).await;
    switched_on(&home).await;
    drop(window);
    // With the gateway on it needs no window; the settings may be changed by another program.
    let status = reply(&home, json!({ "do": "status" })).await;
    assert_eq!(status["at"], "on", "{status}");
    let text = home.read("config.toml").replace("enabled = true", "enabled = false");
    home.write("config.toml", &text);
    let began = Instant::now();
    assert_eq!(used.end().await.code, 0);
    assert!(began.elapsed() < super::TIMEOUT, "it ended late");
}

#[tokio::test]
async fn window_keeps_it_with_the_gateway_off() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, false);
    let mut running = started(&home).await;
    let mut window = Peer::ask(&home, json!({ "do": "stay" })).await;
    assert_eq!(window.done().await, json!({ "ends": false, "tray": false }));
    // Longer than one without a window stays: another one comes and goes in that time.
    let mut other = home.start(&["settings", "--no-browser", "--json", "--idle", "0.08"]);
    other.event_named("ended").await;
    other.signal(Signal::SIGTERM);
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "off");
    running.signal(Signal::SIGTERM);
    assert_eq!(
        window.done().await,
        json!({ "ends": true, "tray": false }),
        "the window knows that it was ended on purpose"
    );
    assert_eq!(running.end().await.code, 0);
}

#[tokio::test]
async fn waits_while_another_process_runs_the_gateway() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, true);
    let mut service = home.start(&["serve", "--json"]);
    service.event_named("listening").await;
    let mut running = started(&home).await;
    let status = reply(&home, json!({ "do": "status" })).await;
    assert_eq!((&status["at"], &status["by"]), (&json!("elsewhere"), &json!("command")), "{status}");
    service.signal(Signal::SIGTERM);
    assert_eq!(service.end().await.code, 0);
    while reply(&home, json!({ "do": "status" })).await["at"] != "on" {
        // It looks for the end of the other one twice a second.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
}

/// `usher-desktop --hidden`, as the system starts it at login: without a display.
#[tokio::test]
async fn window_program_becomes_it_where_no_window_is_wanted() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, true);
    let program = usher_tests::usher().with_file_name("usher-desktop");
    let mut running = Running::start(home.command(program, &["--hidden"]));
    let line = running.line().await.expect("it says that it runs");
    assert!(line.starts_with("Usher runs in the background."), "{line}");
    let holder: serde_json::Value = serde_json::from_str(&home.read("background.json")).expect("it is JSON");
    assert_eq!(holder["process"], running.id(), "it is the same process");
    assert_eq!(home.json(&["background", "--quit"]).await.done()["was_running"], true);
    assert_eq!(running.end().await.code, 0);
}
