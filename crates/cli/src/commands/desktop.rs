//! What `usher background` has on the desktop: the icon in the tray, notifications, and the lock with the screen.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::process::Command;
use tokio::sync::Notify;
use usher_app::{App, StayReason};
use usher_desktop_session::{DesktopNotifications, follow_screen_lock};
use usher_domain::{ErrorCode, Failure};
use usher_tray::{TrayActions, TrayPanel};

/// The program of the window.
const WINDOW: &str = "usher-desktop";

/// The parts that hear of each change of the home.
pub(super) struct Desktop {
    tray: Arc<Notify>,
    notifications: Arc<Notify>,
    screen: Arc<Notify>,
}

impl Desktop {
    pub(super) fn changed(&self) {
        self.tray.notify_one();
        self.notifications.notify_one();
        self.screen.notify_one();
    }
}

/// Shows the icon wherever there is a tray for it, notifies the person, and follows the screen.
pub(super) fn start(app: &Arc<App>) -> Desktop {
    let desktop = Desktop { tray: Arc::default(), notifications: Arc::default(), screen: Arc::default() };
    let actions = Arc::new(Actions { app: Arc::clone(app), stays: Mutex::default() });
    tokio::spawn(usher_tray::run(Arc::clone(app), actions, Arc::clone(&desktop.tray)));
    tokio::spawn(follow_screen_lock(Arc::clone(app), Arc::clone(&desktop.screen)));
    let (notifying, changed) = (Arc::clone(app), Arc::clone(&desktop.notifications));
    tokio::spawn(async move {
        let server = DesktopNotifications::new(|| open_window(None));
        notifying.notifications.run_forever(&server, &changed).await;
    });
    desktop
}

/// What the tray does beside its own menu.
struct Actions {
    app: Arc<App>,
    /// Held while the icon is shown: its menu can switch the gateway on again. Only where the person chose that the process
    /// goes on without the window.
    stays: Mutex<Option<StayReason>>,
}

impl TrayActions for Actions {
    fn open_window(&self, panel: Option<TrayPanel>) -> Result<(), Failure> {
        open_window(panel)
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

/// Opens the window, or brings it forward, with a panel or as it was.
fn open_window(panel: Option<TrayPanel>) -> Result<(), Failure> {
    let program = window();
    let mut command = Command::new(&program);
    command.args(panel.map(TrayPanel::link));
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
