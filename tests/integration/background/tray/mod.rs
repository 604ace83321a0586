//! The icon in the tray: what its menu shows, and what is done when an entry is chosen.

mod desktop;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nix::sys::stat::Mode;
use serde_json::{Value, json};
use usher_sandbox::Sandbox;
use usher_tests::{Gateway, Home, Running, sign_in, signed_in, usher};

use self::desktop::{TrayHost, find};
use super::bus::Bus;
use super::{Peer, reply, settings_with_port, started};

/// A home with usage and models that were seen, on a desktop with a tray.
async fn home_with_tray() -> (Sandbox, Home, Bus, TrayHost) {
    let (sandbox, home) = signed_in().await;
    assert_eq!(home.run(&["usage"]).await.code, 0);
    assert_eq!(home.run(&["models"]).await.code, 0);
    let (home, bus, host) = with_tray(home).await;
    (sandbox, home, bus, host)
}

/// Has the process stay without window and gateway, and shows its icon.
async fn with_tray(mut home: Home) -> (Home, Bus, TrayHost) {
    settings_with_port(&home, false);
    home.write("config.toml", &format!("{}keep_running = true\n", home.read("config.toml")));
    let bus = Bus::start().await;
    home.set("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    let host = TrayHost::start(&bus).await;
    (home, bus, host)
}

async fn status(home: &Home) -> Value {
    home.json(&["status"]).await.json()
}

#[tokio::test]
async fn menu_shows_what_stands_and_does_what_is_chosen() {
    let (sandbox, home, _bus, mut host) = home_with_tray().await;
    sign_in(&home, &sandbox, "ada-work").await;
    let mut process = started(&home).await;
    let mut item = host.item().await;

    let entries = item.entries().await;
    let account = find(&entries, "Personal").unwrap();
    assert!(account.label.contains("ada@example.com") && account.has_picture && !account.is_enabled);
    assert!(entries[1].label.starts_with("5-hour ") && entries[1].label.contains("% used, weekly "));
    let (calm, off) = item.status_and_picture().await;
    assert_eq!(calm, "Active");

    item.choose("Gateway").await;
    item.until(|entries| find(entries, "Gateway").unwrap().is_chosen).await;
    assert_eq!(status(&home).await["gateway"]["running"], true);
    assert_ne!(item.status_and_picture().await.1, off, "the icon of a gateway that runs is another");

    let model = home.json(&["models"]).await.done()["models"][1].clone();
    assert_eq!(model["chosen"], false, "{model}");
    item.choose(model["name"].as_str().unwrap()).await;
    item.entry(&format!("Model: {}", model["name"].as_str().unwrap())).await;
    assert_eq!(status(&home).await["model"]["id"], model["id"]);

    let before = status(&home).await["account"]["id"].clone();
    let others = home.json(&["accounts"]).await.done();
    let others = others["accounts"].as_array().unwrap();
    let other = others.iter().find(|one| one["id"] != before).unwrap();
    let entries = item.entries().await;
    let other_name = other["name"].as_str().unwrap();
    let at = entries.iter().rposition(|entry| entry.label.starts_with(&format!("{other_name} ("))).unwrap();
    assert!(entries[at].has_picture && !entries[at].is_chosen, "{:?}", entries[at]);
    item.choose_at(&entries[at]).await;
    item.entry(&format!("Account: {other_name}")).await;
    assert_eq!(status(&home).await["account"]["id"], other["id"]);

    item.choose("Quit Usher").await;
    let ended = process.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    assert_eq!(status(&home).await["gateway"]["running"], false);
}

#[tokio::test]
async fn menu_follows_the_language_that_is_chosen() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    let _process = started(&home).await;
    let mut item = host.item().await;
    item.entry("Open Usher").await;
    home.write("config.toml", &format!("language = \"de\"\n{}", home.read("config.toml")));
    item.entry("Usher öffnen").await;
    let usage = item.entries().await[1].label.clone();
    assert!(usage.contains(" % genutzt, wöchentlich "), "{usage}");
}

#[tokio::test]
async fn stop_everything_marks_the_icon_until_it_is_allowed_again() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    let _process = started(&home).await;
    let mut item = host.item().await;
    let (_, calm) = item.status_and_picture().await;
    item.choose("Stop everything").await;
    item.entry("Allow again").await;
    item.entry("Everything was stopped").await;
    assert_eq!(status(&home).await["gateway"]["locked"], true);
    let (marked, picture) = item.status_and_picture().await;
    assert!(marked == "NeedsAttention" && picture != calm, "{marked}");
    // By another process, which the icon hears of.
    assert_eq!(home.run(&["unlock"]).await.code, 0);
    item.entry("Stop everything").await;
    assert_eq!(item.status_and_picture().await, ("Active".to_owned(), calm));
    assert_eq!(home.run(&["lock"]).await.code, 0);
    item.choose("Allow again").await;
    item.entry("Stop everything").await;
    assert_eq!(status(&home).await["gateway"]["locked"], false);
}

/// Other choices change the settings, and wait for their turn.
#[tokio::test]
async fn stop_everything_waits_for_no_choice_before_it() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    let models = home.json(&["models"]).await.done();
    let _process = started(&home).await;
    let mut item = host.item().await;
    let model = item.entry(models["models"][1]["name"].as_str().unwrap()).await;
    let lock = std::fs::File::options().write(true).open(home.path().join("usher.lock")).unwrap();
    lock.lock().unwrap();
    // More than may wait.
    for _ in 0..20 {
        item.choose_at(&model).await;
    }
    item.choose("Stop everything").await;
    item.entry("Everything was stopped").await;
    assert_eq!(status(&home).await["gateway"]["locked"], true);
    item.choose("Allow again").await;
    item.entry("Stop everything").await;
}

#[tokio::test]
async fn icon_comes_back_with_the_bus() {
    let (_sandbox, mut home) = signed_in().await;
    settings_with_port(&home, true);
    let folder = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}", folder.path().join("bus").display());
    home.set("DBUS_SESSION_BUS_ADDRESS", &address);
    // Started before the desktop.
    let _process = started(&home).await;
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    let mut window = Peer::ask(&home, json!({ "do": "stay" })).await;
    assert_eq!(window.done().await["tray"], false);
    for pass in ["one", "two"] {
        let bus = Bus::start_at(&address).await;
        let mut host = TrayHost::start(&bus).await;
        // A change of the home; without one the bus is looked for within a minute.
        assert_eq!(home.run(&["pass", "new", pass]).await.code, 0);
        host.item().await.entry("Gateway").await;
        while window.done().await["tray"] != true {}
        bus.stop().await;
        while window.done().await["tray"] != false {}
    }
}

#[tokio::test]
async fn icon_waits_for_tray_and_outlives_it_and_the_bus() {
    let (_sandbox, home, bus, host) = home_with_tray().await;
    host.stop().await;
    settings_with_port(&home, true);
    let mut process = started(&home).await;
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    let mut window = Peer::ask(&home, json!({ "do": "stay" })).await;
    for _ in 0..2 {
        let mut host = TrayHost::start(&bus).await;
        let mut item = host.item().await;
        assert!(item.entry("Gateway").await.is_chosen);
        // A window that knows of it closes without a question.
        while window.done().await["tray"] != true {}
        host.stop().await;
        while window.done().await["tray"] != false {}
    }
    bus.stop().await;
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    process.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = process.end().await;
    assert_eq!(ended.code, 0, "{ended:?}");
}

/// A menu that is opened may ask; nothing else does.
#[tokio::test]
pub(super) async fn opened_menu_asks_for_usage_at_most_once_a_minute() {
    let (sandbox, home) = signed_in().await;
    let (home, _bus, mut host) = with_tray(home).await;
    let _process = started(&home).await;
    let mut item = host.item().await;
    assert!(sandbox.requests("usage").is_empty());
    for _ in 0..3 {
        item.open_menu().await;
    }
    item.entry("5-hour ").await;
    item.open_menu().await;
    assert_eq!(sandbox.requests("usage").len(), 1);
}

/// Puts a copy of `usher` beside a window that writes a line into `pipe`.
pub(super) fn with_window(folder: &Path, pipe: &Path) {
    std::fs::copy(usher(), folder.join("usher")).unwrap();
    nix::unistd::mkfifo(pipe, Mode::S_IRWXU).unwrap();
    let window = folder.join("usher-desktop");
    std::fs::write(&window, format!("#!/bin/sh\necho opened \"$@\" > '{}'\n", pipe.display())).unwrap();
    std::fs::set_permissions(window, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Waits until the window is opened, and returns the arguments that it has.
pub(super) async fn opened(pipe: &Path) -> String {
    let line = tokio::fs::read_to_string(pipe).await.unwrap();
    line.strip_prefix("opened").unwrap_or_else(|| panic!("{line}")).trim().to_owned()
}

#[tokio::test]
async fn icon_opens_the_window_and_says_when_it_cannot() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    with_window(folder.path(), &pipe);
    let mut process = Running::start(home.command(folder.path().join("usher"), &["background", "--json"]));
    process.event_named("ready").await;
    let mut item = host.item().await;
    item.press().await;
    assert_eq!(opened(&pipe).await, "");
    item.choose("Open Usher").await;
    assert_eq!(opened(&pipe).await, "");
    for (entry, link) in [("Preferences", "preferences"), ("Activity", "activity"), ("Tools", "tools")] {
        item.choose(entry).await;
        assert_eq!(opened(&pipe).await, format!("usher://open/{link}"));
    }
    item.choose("Stop everything").await;
    // What needs the person opens the panel where it is mended.
    item.choose("Everything was stopped").await;
    assert_eq!(opened(&pipe).await, "usher://open/gateway");
    std::fs::remove_file(folder.path().join("usher-desktop")).unwrap();
    item.choose("Open Usher").await;
    let failed = item.entry("Open Usher failed").await;
    assert!(failed.label.contains("usher-desktop"), "{failed:?}");
    assert_eq!(item.status_and_picture().await.0, "NeedsAttention");
}

#[tokio::test]
async fn icon_alone_keeps_no_process_that_nobody_asked_to_stay() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    settings_with_port(&home, false);
    let mut process = started(&home).await;
    host.item().await;
    assert_eq!(process.end().await.code, 0);
}

/// The one who runs the gateway decides when it ends.
#[tokio::test]
async fn gateway_of_another_process_cannot_be_switched() {
    let (_sandbox, home, _bus, mut host) = home_with_tray().await;
    let _gateway = Gateway::start(&home).await;
    let _process = started(&home).await;
    let mut item = host.item().await;
    let entry = item.entry("Gateway (run by another process)").await;
    assert!(entry.is_chosen && !entry.is_enabled, "{entry:?}");
}
