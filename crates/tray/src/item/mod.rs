//! The icon in the tray: of the session bus on Linux, of the system on macOS and Windows.

#[cfg(target_os = "linux")]
mod dot;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(not(target_os = "linux"))]
mod native_menu;
#[cfg(any(not(target_os = "linux"), test))]
mod shortened;
#[cfg(target_os = "linux")]
mod status_notifier;

#[cfg(not(target_os = "linux"))]
pub(crate) use native::ItemHandle;
#[cfg(not(target_os = "linux"))]
pub use native::beside_main_thread;
#[cfg(target_os = "linux")]
pub(crate) use status_notifier::ItemHandle;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::choices::Choices;
use crate::menu::Action;

/// Where the icon sends what happens to it.
pub(crate) struct TrayEvents {
    pub(crate) events: mpsc::Sender<TrayEvent>,
    pub(crate) choices: Arc<Choices>,
}

impl TrayEvents {
    /// Sends an event to the loop. A full queue means that the loop reads the state; then the event is dropped.
    pub(crate) fn send(&self, event: TrayEvent) {
        if self.events.try_send(event).is_err() {
            tracing::warn!("the tray is busy");
        }
    }

    /// Does what was chosen.
    pub(crate) fn choose(&self, action: Action) {
        self.choices.choose(action);
    }
}

/// What the person or the desktop does with the icon, beside a choice in its menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrayEvent {
    /// The menu is about to be shown.
    Opened,
    /// There is a tray that shows the icon, or none any more.
    #[cfg(target_os = "linux")]
    Shown(bool),
    /// The system has a link for the window, `usher://…`, and gives it to this process.
    #[cfg(not(target_os = "linux"))]
    Link(String),
}
