//! The lock of all passes with the screen, as services of a desktop report the screen.

use serde_json::json;
use tokio::time::timeout;
use usher_sandbox::{Fault, Sandbox};
use usher_tests::{Gateway, Home, signed_in};
use zbus::Connection;
use zbus::object_server::SignalEmitter;

use super::bus::Bus;
use super::logind::{Logind, Session};
use super::requests::{request, until_status};
use super::{Peer, TIMEOUT, settings_with_port, started, switched_on};

const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";

/// What Plasma has for its locked screen.
struct Saver {
    active: bool,
}

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl Saver {
    fn get_active(&self) -> bool {
        self.active
    }

    #[zbus(signal)]
    async fn active_changed(emitter: &SignalEmitter<'_>, active: bool) -> zbus::Result<()>;
}

async fn saver(bus: &Bus, active: bool) -> Connection {
    let connection = bus.connect().await;
    connection.object_server().at(SAVER_PATH, Saver { active }).await.expect("the path is free");
    connection.request_name("org.freedesktop.ScreenSaver").await.expect("the name is free");
    connection
}

async fn report(saver: &Connection, active: bool) {
    let emitter = SignalEmitter::new(saver, SAVER_PATH).expect("it is a path");
    Saver::active_changed(&emitter, active).await.expect("the bus runs");
}

/// A home with both buses, whose passes are locked with the screen if `on`.
async fn home_on_buses(on: bool) -> (Sandbox, Home, Bus, Bus) {
    let (sandbox, mut home) = signed_in().await;
    settings_with_port(&home, true);
    home.write("config.toml", &format!("{}lock_with_screen = {on}\n", home.read("config.toml")));
    let (session, system) = (Bus::start().await, Bus::start().await);
    home.set("DBUS_SESSION_BUS_ADDRESS", &session.address);
    home.set("DBUS_SYSTEM_BUS_ADDRESS", &system.address);
    (sandbox, home, session, system)
}

/// Waits until all passes are locked, or are not. The file is what every process of the home looks at.
async fn until_locked(home: &Home, locked: bool) {
    let wait = async {
        while home.json(&["status"]).await.json()["gateway"]["locked"] != locked {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("the passes stay locked: {}", !locked));
}

/// Waits until the passes are locked by these files, whole and no others.
async fn until_locked_by(home: &Home, names: &[&str]) {
    let wait = async {
        loop {
            let mut found = home.files("passes.locked");
            found.sort();
            if found == names {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, wait).await.unwrap_or_else(|_| panic!("never locked by {names:?}"));
}

#[tokio::test]
async fn passes_are_locked_while_the_screen_is() {
    let (sandbox, home, session, system) = home_on_buses(true).await;
    let (saver, logind) = (saver(&session, false).await, Logind::start(&system, Session::desktop("2")).await);
    let pass = home.run(&["pass", "new", "nightly"]).await.stdout.trim().to_owned();
    let _process = started(&home).await;
    let address = switched_on(&home).await;
    assert!(request(&address, &pass).await.contains("response.completed"));

    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let mut feed = Peer::ask(&home, json!({ "do": "watch_requests" })).await;
    let (running, ()) = tokio::join!(request(&address, &pass), async {
        until_status(&mut feed, "answering").await;
        report(&saver, true).await;
    });
    assert!(
        running.contains("everything was stopped") && !running.contains("response.completed"),
        "{running}"
    );
    assert!(request(&address, &pass).await.starts_with("HTTP/1.1 403"));
    report(&saver, false).await;
    until_locked(&home, false).await;

    logind.set_locked("2", true).await;
    until_locked(&home, true).await;
    report(&saver, true).await;
    logind.set_locked("2", false).await;
    report(&saver, false).await;
    until_locked(&home, false).await;
}

#[tokio::test]
async fn lock_of_the_person_stays_when_the_screen_is_unlocked() {
    let (_sandbox, home, session, _system) = home_on_buses(true).await;
    let saver = saver(&session, true).await;
    let _process = started(&home).await;
    until_locked(&home, true).await;
    assert_eq!(home.files("passes.locked"), ["passes.locked-with-screen"], "locked before it was started");
    assert_eq!(home.run(&["lock"]).await.code, 0);
    report(&saver, false).await;
    until_locked_by(&home, &["passes.locked"]).await;
    until_locked(&home, true).await;
    // And the person lifts both.
    report(&saver, true).await;
    until_locked_by(&home, &["passes.locked", "passes.locked-with-screen"]).await;
    assert_eq!(home.run(&["unlock"]).await.code, 0);
    until_locked(&home, false).await;
}

/// `logind` reports whatever changes of a session: that it is idle, for example.
#[tokio::test]
async fn unlock_by_the_person_stays_while_the_screen_is_locked() {
    let (_sandbox, home, session, system) = home_on_buses(true).await;
    let (_saver, logind) =
        (saver(&session, false).await, Logind::start(&system, Session::desktop("2")).await);
    let _process = started(&home).await;
    // Followed from here on.
    logind.until_asked("2").await;
    logind.set_locked("2", true).await;
    until_locked(&home, true).await;
    assert_eq!(home.run(&["unlock"]).await.code, 0);
    logind.report_unrelated("2").await;
    assert!(home.files("passes.locked").is_empty());
    logind.set_locked("2", false).await;
    // The session is asked after the signal, and would be locked again by then.
    logind.report_unrelated("2").await;
    logind.set_locked("2", true).await;
    until_locked(&home, true).await;
}

#[tokio::test]
async fn service_that_has_gone_locks_nothing_and_is_found_again() {
    let (_sandbox, home, session, system) = home_on_buses(true).await;
    let _logind = Logind::start(&system, Session::desktop("2")).await;
    let _process = started(&home).await;
    for _ in 0..2 {
        let saver = saver(&session, true).await;
        until_locked(&home, true).await;
        saver.close().await.expect("it is open");
        until_locked(&home, false).await;
    }
}

/// A service goes on after the person has logged out.
#[tokio::test]
async fn session_that_ends_locked_locks_nothing_and_the_next_one_is_followed() {
    let (_sandbox, home, session, system) = home_on_buses(true).await;
    let (_saver, logind) =
        (saver(&session, false).await, Logind::start(&system, Session::desktop("2")).await);
    let _process = started(&home).await;
    logind.until_asked("2").await;
    logind.set_locked("2", true).await;
    until_locked(&home, true).await;
    logind.end("2").await;
    until_locked(&home, false).await;
    logind.begin(Session::desktop("3")).await;
    logind.until_asked("3").await;
    logind.set_locked("3", true).await;
    until_locked(&home, true).await;
}

/// As `usher serve` over SSH.
#[tokio::test]
async fn session_of_the_display_is_followed_where_the_own_one_has_no_screen() {
    let (_sandbox, home, session, system) = home_on_buses(true).await;
    let _saver = saver(&session, false).await;
    let logind = Logind::start(&system, Session::remote("5").locked()).await;
    logind.begin_display(Session::desktop("2")).await;
    let _gateway = Gateway::start(&home).await;
    logind.until_asked("2").await;
    assert!(home.files("passes.locked").is_empty());
    logind.set_locked("2", true).await;
    until_locked(&home, true).await;
    logind.set_locked("2", false).await;
    until_locked(&home, false).await;
}

/// Without the background process, as on a server or with the service.
#[tokio::test]
async fn gateway_of_serve_follows_the_screen() {
    let (_sandbox, home, session, _system) = home_on_buses(true).await;
    let saver = saver(&session, true).await;
    let _gateway = Gateway::start(&home).await;
    until_locked(&home, true).await;
    report(&saver, false).await;
    until_locked(&home, false).await;
}

#[tokio::test]
async fn lock_with_a_screen_that_is_gone_is_lifted() {
    for on in [true, false] {
        let (_sandbox, home, session, system) = home_on_buses(on).await;
        session.stop().await;
        system.stop().await;
        home.write("passes.locked-with-screen", "");
        let _gateway = Gateway::start(&home).await;
        until_locked(&home, false).await;
    }
}

#[tokio::test]
async fn screen_locks_nothing_until_the_person_wants_it() {
    let (_sandbox, home, session, _system) = home_on_buses(false).await;
    let _saver = saver(&session, true).await;
    let _process = started(&home).await;
    until_locked(&home, false).await;
    home.write("config.toml", &home.read("config.toml").replace("= false", "= true"));
    until_locked(&home, true).await;
    home.write("config.toml", &home.read("config.toml").replace("lock_with_screen = true", ""));
    until_locked(&home, false).await;
}

#[tokio::test]
async fn without_a_service_that_reports_the_screen_nothing_is_locked() {
    let (_sandbox, home, session, system) = home_on_buses(true).await;
    let mut process = started(&home).await;
    session.stop().await;
    system.stop().await;
    switched_on(&home).await;
    until_locked(&home, false).await;
    process.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = process.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
}
