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

use crate::menu::Action;

/// What the person or the desktop does with the icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrayEvent {
    Chosen(Action),
    /// The menu is about to be shown.
    Opened,
    /// There is a tray that shows the icon, or none any more.
    #[cfg(target_os = "linux")]
    Shown(bool),
    /// The system has a link for the window, `usher://…`, and gives it to this process.
    #[cfg(not(target_os = "linux"))]
    Link(String),
}
