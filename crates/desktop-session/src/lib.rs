//! What the background process has to do with the desktop session, over its bus. Linux only.

#![cfg(target_os = "linux")]

mod bus;
mod notifications;

pub use notifications::DesktopNotifications;
