//! What `usher background` has on the desktop: the icon in the tray; on Linux also notifications, and the lock with the
//! screen, which `usher serve` has too.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::process::Command;
use tokio::sync::Notify;
use usher_app::{App, StayReason};
#[cfg(target_os = "linux")]
use usher_desktop_session::{DesktopNotifications, follow_screen_lock};
use usher_domain::{ErrorCode, Failure};
use usher_tray::TrayActions;

/// The program of the window.
const WINDOW: &str = if cfg!(windows) { "usher-desktop.exe" } else { "usher-desktop" };

/// The parts that hear of each change of the home.
pub(super) struct Desktop(Box<[Arc<Notify>]>);

impl Desktop {
    pub(super) fn changed(&self) {
        for part in &self.0 {
            part.notify_one();
        }
    }
}

/// Shows the icon wherever there is a tray for it, notifies the person, and follows the screen.
pub(super) fn start(app: &Arc<App>) -> Desktop {
    Desktop(Box::new([
        show_icon(app),
        #[cfg(target_os = "linux")]
        notify(app),
        #[cfg(target_os = "linux")]
        follow_screen(app),
    ]))
}

fn show_icon(app: &Arc<App>) -> Arc<Notify> {
    let changed = Arc::<Notify>::default();
    let actions = Arc::new(Actions { app: Arc::clone(app), stays: Mutex::default() });
    tokio::spawn(usher_tray::run(Arc::clone(app), actions, Arc::clone(&changed)));
    changed
}

#[cfg(target_os = "linux")]
fn notify(app: &Arc<App>) -> Arc<Notify> {
    let changed = Arc::<Notify>::default();
    let (app, heard) = (Arc::clone(app), Arc::clone(&changed));
    tokio::spawn(async move {
        let server = DesktopNotifications::new(|| open_window(None));
        app.notifications.run_forever(&server, &heard).await;
    });
    changed
}

/// Locks all passes with the screen, in a process that has nothing else on the desktop: a gateway without the background
/// process.
#[cfg(target_os = "linux")]
pub(super) fn follow_screen_only(app: &Arc<App>) {
    let screen = follow_screen(app);
    super::watch_home(app, move || screen.notify_one());
}

#[cfg(target_os = "linux")]
fn follow_screen(app: &Arc<App>) -> Arc<Notify> {
    let changed = Arc::<Notify>::default();
    tokio::spawn(follow_screen_lock(Arc::clone(app), Arc::clone(&changed)));
    changed
}

/// What the tray does beside its own menu.
struct Actions {
    app: Arc<App>,
    /// Held while the icon is shown: its menu can switch the gateway on again. Only where the person chose that the process
    /// goes on without the window.
    stays: Mutex<Option<StayReason>>,
}

impl TrayActions for Actions {
    fn open_window(&self, link: Option<&str>) -> Result<(), Failure> {
        open_window(link)
    }

    fn quit(&self) {
        self.app.background.end();
    }

    fn set_shown(&self, shown: bool) {
        self.app.background.set_tray(shown);
        let is_kept = || self.app.preferences.view().is_ok_and(|chosen| chosen.keep_running == Some(true));
        let stays = shown && is_kept();
        let mut held = self.stays.lock();
        if held.is_some() != stays {
            *held = stays.then(|| self.app.background.hold());
        }
    }
}

/// Opens the window, or brings it forward, with what a link opens or as it was.
fn open_window(link: Option<&str>) -> Result<(), Failure> {
    let program = window();
    let mut command = Command::new(&program);
    command.args(link);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut window = command.spawn().map_err(|error| {
        let cause = format!("{} could not be started: {error}", program.display());
        Failure::new(ErrorCode::ProgramMissing, cause)
    })?;
    // A second window ends at once, after it has brought the first one forward.
    tokio::spawn(async move { window.wait().await });
    Ok(())
}

/// Returns the program of the window: the one beside this program, else the one on the search path.
fn window() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|program| program.with_file_name(WINDOW));
    beside.filter(|program| program.exists()).unwrap_or_else(|| PathBuf::from(WINDOW))
}
