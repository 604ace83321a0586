//! Locks all passes while the screen is locked, where the person wants that.
//!
//! Two services know of it: `logind` on the system bus (`LockedHint`, which GNOME sets), and `org.freedesktop.ScreenSaver` on
//! the session bus (Plasma and others). The screen counts as locked while one of them reports it.

mod logind;
mod saver;
mod service;

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;
use usher_app::App;

use crate::screen_lock::logind::Logind;
use crate::screen_lock::saver::Saver;
use crate::screen_lock::service::follow_service;

/// Follows the screen until the process ends. `changed` is notified after each change of the home. Connects to no bus while
/// the person does not want it.
pub async fn follow_screen_lock(app: Arc<App>, changed: Arc<Notify>) {
    loop {
        match app.preferences.locks_with_screen() {
            Some(true) => tokio::select! {
                () = follow(&app) => {}
                () = until_unwanted(&app, &changed) => {}
            },
            Some(false) => {
                // What the screen locked stays locked for nobody.
                set_locked(&app, false);
                changed.notified().await;
            }
            None => changed.notified().await,
        }
    }
}

/// Waits until the person does not want it any more.
async fn until_unwanted(app: &App, changed: &Notify) {
    while app.preferences.locks_with_screen() != Some(false) {
        changed.notified().await;
    }
}

/// Follows both services, each for itself. Never ends.
async fn follow(app: &App) {
    let reports = Reports { app, last: Mutex::default() };
    tokio::join!(
        follow_service::<Saver>(|active| reports.set(|last| last.saver = Some(active))),
        follow_service::<Logind>(|locked| reports.set(|last| last.logind = Some(locked))),
    );
}

/// Whether the two services report a locked screen.
struct Reports<'a> {
    app: &'a App,
    last: Mutex<LastReports>,
}

#[derive(Default)]
struct LastReports {
    /// `None` until it was asked.
    saver: Option<bool>,
    logind: Option<bool>,
    /// What both together were last, if the passes follow that.
    both: Option<bool>,
}

impl Reports<'_> {
    /// Changes one of the reports. Locks or unlocks when both together report something else than before: what the person
    /// unlocked meanwhile stays unlocked.
    fn set(&self, change: impl FnOnce(&mut LastReports)) {
        let mut last = self.last.lock();
        change(&mut last);
        let locked = match (last.saver, last.logind) {
            (Some(true), _) | (_, Some(true)) => true,
            (Some(false), Some(false)) => false,
            // The other one may know of a locked screen.
            _ => return,
        };
        if last.both != Some(locked) {
            last.both = set_locked(self.app, locked).then_some(locked);
        }
    }
}

/// Locks or unlocks, unless that is done. Returns whether it is. A lock that the person made stays.
fn set_locked(app: &App, locked: bool) -> bool {
    let done = app.pass_lock.set_locked_with_screen(locked);
    if let Err(failure) = &done {
        tracing::error!(cause = %failure, locked, "the passes do not follow the screen");
    }
    done.is_ok()
}
