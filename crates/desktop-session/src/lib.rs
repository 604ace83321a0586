//! What the processes that stay have to do with the desktop session, over its bus. Linux only.

#![cfg(target_os = "linux")]

mod bus;
mod notifications;
mod screen_lock;

pub use notifications::DesktopNotifications;
pub use screen_lock::follow_screen_lock;
