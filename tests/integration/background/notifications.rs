//! Notifications of `usher background`, as a server on the session bus gets them.

use std::collections::HashMap;

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;
use usher_sandbox::{Limits, Sandbox};
use usher_tests::{Home, Running, signed_in};
use zbus::Connection;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::bus::Bus;
use super::requests::request;
use super::{TIMEOUT, reply, settings_with_port, started, switched_on};

const PATH: &str = "/org/freedesktop/Notifications";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    title: String,
    body: String,
    actions: Vec<String>,
}

/// What a desktop has for notifications.
struct Server {
    shown: mpsc::UnboundedSender<Shown>,
    capabilities: Vec<String>,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "they are those of the interface"
    )]
    fn notify(
        &mut self,
        app_name: &str,
        replaces: u32,
        icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        assert_eq!((app_name, icon, replaces, timeout), ("Usher", "app.usher.Usher", 0, -1));
        assert!(hints.contains_key("desktop-entry"));
        self.last += 1;
        let _ = self.shown.send(Shown { title: summary, body, actions });
        self.last
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

struct Desktop {
    connection: Connection,
    shown: mpsc::UnboundedReceiver<Shown>,
}

impl Desktop {
    async fn start(bus: &Bus, capabilities: &[&str]) -> Self {
        let (sender, shown) = mpsc::unbounded_channel();
        let connection = bus.connect().await;
        let capabilities = capabilities.iter().map(|&one| one.to_owned()).collect();
        let server = Server { shown: sender, capabilities, last: 0 };
        connection.object_server().at(PATH, server).await.expect("the path is free");
        connection.request_name("org.freedesktop.Notifications").await.expect("the name is free");
        Self { connection, shown }
    }

    async fn next(&mut self) -> Shown {
        timeout(TIMEOUT, self.shown.recv()).await.expect("it is shown in time").expect("the server runs")
    }

    async fn click(&self, id: u32) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("it is a path");
        Server::action_invoked(&emitter, id, "default").await.expect("the bus runs");
    }
}

/// A home with a session bus. Its gateway is on, so that the process stays.
async fn home_on_bus() -> (Sandbox, Home, Bus) {
    let (sandbox, mut home) = signed_in().await;
    settings_with_port(&home, true);
    let bus = Bus::start().await;
    home.set("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    (sandbox, home, bus)
}

fn limits(percent: f64, reset_after_s: i64) -> Limits {
    Limits {
        primary_used_percent: Some(percent),
        primary_reset_after_s: Some(reset_after_s),
        secondary_used_percent: Some(10.0),
        ..Limits::default()
    }
}

/// Sets the usage of the plan, and has it seen by a command.
async fn seen(sandbox: &Sandbox, home: &Home, limits: Limits) {
    sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), limits)].into());
    home.run(&["usage"]).await;
}

/// Waits until `usher background` has looked at every change that was made until now.
async fn settled(home: &Home, desktop: &mut Desktop, sandbox: &Sandbox) {
    // A notification that is new is shown after all that were due before.
    let credits = Limits { reset_credits_expire_after_s: vec![7200], ..limits(20.0, 3600) };
    seen(sandbox, home, credits).await;
    assert_eq!(desktop.next().await.title, "A reset in reserve expires soon");
}

#[tokio::test]
async fn each_limit_is_shown_once_also_after_a_kill_and_a_restart() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut desktop = Desktop::start(&bus, &["body", "body-markup", "actions"]).await;
    assert_eq!(home.run(&["accounts", "rename", "ada@example.com", "<b>Ada</b> & Co"]).await.code, 0);
    let mut process = started(&home).await;

    seen(&sandbox, &home, limits(79.0, 3600)).await;
    seen(&sandbox, &home, limits(86.0, 3600)).await;
    let near = desktop.next().await;
    assert_eq!(near.title, "86% of the 5-hour window is used");
    let expected = "&lt;b&gt;Ada&lt;/b&gt; &amp; Co: Little is left of this window, which resets ";
    assert!(near.body.starts_with(expected), "{near:?}");
    assert_eq!(near.actions, ["default", "Open Usher"]);

    process.signal(Signal::SIGKILL);
    process.end().await;
    let mut process = started(&home).await;
    seen(&sandbox, &home, limits(87.0, 3600)).await;
    seen(&sandbox, &home, limits(100.0, 3600)).await;
    let reached = desktop.next().await;
    assert_eq!(reached.title, "The 5-hour window is used up", "not a second time near: {reached:?}");
    assert!(reached.body.contains("Requests are refused. They work again "), "{reached:?}");

    process.signal(Signal::SIGTERM);
    process.end().await;
    let _process = started(&home).await;
    settled(&home, &mut desktop, &sandbox).await;
}

#[tokio::test]
async fn reset_is_shown_at_its_time_and_nothing_is_asked_for_it() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut desktop = Desktop::start(&bus, &["body"]).await;
    let _process = started(&home).await;
    seen(&sandbox, &home, limits(90.0, 3)).await;
    assert_eq!(desktop.next().await.title, "90% of the 5-hour window is used");
    let asked = sandbox.requests("usage").len();
    let refilled = desktop.next().await;
    assert_eq!(refilled.title, "The 5-hour window was reset");
    assert_eq!(refilled.body, "Personal: All of it is left again.");
    assert_eq!(sandbox.requests("usage").len(), asked, "the time of a reset is known");
}

/// Seen by the gateway of the same process, in the answer to a tool.
#[tokio::test]
async fn limit_that_a_response_reports_is_shown() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut desktop = Desktop::start(&bus, &[]).await;
    let pass = home.run(&["pass", "new", "nightly"]).await.stdout.trim().to_owned();
    let _process = started(&home).await;
    let address = switched_on(&home).await;
    let near = limits(95.0, 3600);
    sandbox.change_settings(|settings| settings.limits = [("ada".to_owned(), near)].into());
    assert!(request(&address, &pass).await.contains("response.completed"));
    assert!(desktop.next().await.title.starts_with("95% of the 5-hour window"));
    assert!(sandbox.requests("usage").is_empty());
}

#[tokio::test]
async fn nothing_is_shown_where_the_person_does_not_want_it() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut desktop = Desktop::start(&bus, &["body"]).await;
    let on = home.read("config.toml");
    home.write("config.toml", &format!("notifications = false\n{on}"));
    let _process = started(&home).await;
    seen(&sandbox, &home, limits(90.0, 3600)).await;
    // Seen by the process, as it answers with what came after it.
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    assert!(desktop.shown.try_recv().is_err());
    home.write("config.toml", &on);
    assert_eq!(desktop.next().await.title, "90% of the 5-hour window is used", "and then it is");
    assert!(desktop.shown.try_recv().is_err(), "once");
}

#[tokio::test]
async fn without_a_server_nothing_breaks_and_nothing_is_lost() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut process = started(&home).await;
    seen(&sandbox, &home, limits(90.0, 3600)).await;
    for _ in 0..3 {
        seen(&sandbox, &home, limits(91.0, 3600)).await;
        assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    }
    bus.stop().await;
    seen(&sandbox, &home, limits(92.0, 3600)).await;
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    process.signal(Signal::SIGTERM);
    let ended = process.end().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    // The next start finds a server.
    let mut home = home;
    let bus = Bus::start().await;
    home.set("DBUS_SESSION_BUS_ADDRESS", &bus.address);
    let mut desktop = Desktop::start(&bus, &["body"]).await;
    let _process = started(&home).await;
    assert_eq!(desktop.next().await.title, "92% of the 5-hour window is used");
}

#[tokio::test]
async fn click_opens_the_window() {
    let (sandbox, home, bus) = home_on_bus().await;
    let mut desktop = Desktop::start(&bus, &["body", "actions"]).await;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    super::tray::with_window(folder.path(), &pipe);
    let mut process = Running::start(home.command(folder.path().join("usher"), &["background", "--json"]));
    process.event_named("ready").await;
    seen(&sandbox, &home, limits(90.0, 3600)).await;
    desktop.next().await;
    // One that is not Usher's, then its own.
    desktop.click(77).await;
    desktop.click(1).await;
    assert_eq!(super::tray::opened(&pipe).await, "");
}
