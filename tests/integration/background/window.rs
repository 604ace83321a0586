//! The window's side: it finds, starts and follows the background process of its home.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;
use usher_app::view::{GatewayStatus, RequestUpdate};
use usher_app::{
    App, BackgroundGateway, BackgroundProgram, Environment, GatewayControl, SystemClock, SystemProcesses,
};
use usher_domain::ports::Browser;
use usher_domain::{ErrorCode, Failure};
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, usher};

use super::{TIMEOUT, settings_with_port, started};

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &Url) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a window has of the gateway.
struct Window {
    app: Arc<App>,
    gateway: Arc<BackgroundGateway>,
    /// Changes of the home, as a window sees them: by this process and by others.
    changes: watch::Receiver<()>,
    following: Vec<JoinHandle<()>>,
}

impl Window {
    /// Opens a window whose background process is `program`.
    fn open(home: &Home, program: &Path) -> Self {
        let path = home.path().as_os_str().to_owned();
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(path.clone()),
            "USHER_SECRETS" => Some("file".into()),
            _ => None,
        });
        let processes = Arc::new(SystemProcesses::default());
        let app =
            App::new(environment.expect("valid"), Arc::new(SystemClock), Arc::new(NoBrowser), processes);
        let app = Arc::new(app.expect("a home"));
        let gateway = app.background.gateway(BackgroundProgram::beside(Some(program)));
        let (watching, looking, following) = (Arc::clone(&app), Arc::clone(&gateway), Arc::clone(&gateway));
        let (notifier, changes) = watch::channel(());
        let on_change = move || {
            looking.recheck();
            notifier.send_replace(());
        };
        let tasks = vec![
            tokio::spawn(async move { watching.watcher.watch(on_change).await }),
            tokio::spawn(async move { following.run_forever().await }),
        ];
        Self { app, gateway, changes, following: tasks }
    }

    /// Waits until the status is as wanted, and returns the process.
    async fn until(&self, is_wanted: impl Fn(&GatewayStatus, u32) -> bool) -> u32 {
        let mut changes = self.changes.clone();
        let waiting = async {
            loop {
                let status = self.gateway.status().await.expect("there is always one");
                let process = self.app.background.running().map_or(0, |holder| holder.process);
                if is_wanted(&status, process) {
                    return process;
                }
                changes.changed().await.expect("the home is watched");
            }
        };
        timeout(TIMEOUT, waiting).await.expect("the status changes in time")
    }

    async fn until_on(&self) -> u32 {
        self.until(|status, _| matches!(status, GatewayStatus::On { .. })).await
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        for task in &self.following {
            task.abort();
        }
    }
}

/// Writes an `usher` that runs `script`.
fn program(home: &Home, script: &str) -> std::path::PathBuf {
    let program = home.path().join("usher");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("the home can be written to");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("it is there");
    program
}

/// An `usher` with the environment of the home, which a window would have, too.
fn program_of_home(home: &Home) -> std::path::PathBuf {
    let command = home.command(usher(), &[]);
    let variables = command.as_std().get_envs();
    let set = |(name, value): (&OsStr, Option<&OsStr>)| {
        format!("{}='{}'", name.display(), value.unwrap_or_default().display())
    };
    let variables: Vec<_> = variables.map(set).collect();
    program(home, &format!("exec env {} '{}' \"$@\"", variables.join(" "), usher().display()))
}

fn end(process: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(process).expect("small")), signal).expect("it runs");
}

async fn home() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    (sandbox, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn process_is_started_outlives_the_window_and_is_replaced_when_it_is_killed() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, false);
    let program = program_of_home(&home);
    let first = Window::open(&home, &program);
    assert!(matches!(first.gateway.status().await, Ok(GatewayStatus::Off { .. })), "nothing is started");
    assert_eq!(first.app.background.running(), None);
    assert!(matches!(first.gateway.switch(true).await, Ok(GatewayStatus::On { .. })));
    let process = first.until_on().await;
    drop(first);

    let second = Window::open(&home, &program);
    assert_eq!(second.until_on().await, process, "the one that runs is found");
    let (updates, mut received) = tokio::sync::mpsc::unbounded_channel::<RequestUpdate>();
    let watching = Arc::clone(&second.gateway);
    tokio::spawn(async move { watching.watch_requests(Box::new(move |one| drop(updates.send(one)))).await });
    assert!(received.recv().await.expect("all requests").whole);
    end(process, Signal::SIGKILL);
    let next = second.until(|status, now| matches!(status, GatewayStatus::On { .. }) && now != process).await;
    drop(second);

    // Ended on purpose, it stays ended until the person switches it on again: a window that is connected learns of it.
    let window = Window::open(&home, &program);
    let is_connected = |_: &GatewayStatus, _| window.gateway.is_connected();
    assert_eq!(window.until(is_connected).await, next);
    assert_eq!(home.json(&["background", "--quit"]).await.done()["was_running"], true);
    window.until(|status, _| matches!(status, GatewayStatus::Off { .. })).await;
    assert!(matches!(window.gateway.switch(true).await, Ok(GatewayStatus::On { .. })));
    assert_ne!(window.until_on().await, next);
    assert!(matches!(window.gateway.switch(false).await, Ok(GatewayStatus::Off { .. })));
    let last = window.app.background.running().expect("a window is open").process;
    drop(window);
    // It has no reason to stay, and nobody waits for it: the socket is gone with it.
    while Path::new(&format!("/proc/{last}")).exists() && super::socket(&home).exists() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn program_that_does_not_come_up_is_reported_and_not_started_again() {
    let (_sandbox, home) = home().await;
    settings_with_port(&home, true);
    let window = Window::open(&home, &program(&home, "echo started >> \"$0.log\"; exit 3"));
    window.until(|status, _| matches!(status, GatewayStatus::Failed { .. })).await;
    assert_eq!(home.read("usher.log"), "started\n", "once, until the person decides");
    let failure = window.gateway.switch(true).await.expect_err("it fails again");
    assert_eq!(
        (failure.code, failure.cause.contains("ended at once")),
        (ErrorCode::Internal, true),
        "{failure}"
    );
    assert!(
        matches!(window.gateway.switch(false).await, Ok(GatewayStatus::Off { .. })),
        "off needs no process"
    );
    assert!(home.read("config.toml").contains("enabled = false"));

    // Started by somebody else, it is found.
    let mut running = started(&home).await;
    assert!(matches!(window.gateway.switch(true).await, Ok(GatewayStatus::On { .. })));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
}
