//! The icon of Usher in the tray of the desktop, and its menu (design 15).
//!
//! Linux only: a `StatusNotifierItem` on the session bus, without GTK. [`run`] reads the [`TrayState`](state::TrayState)
//! after each change of the home, [`menu`] makes the entries from it, and [`item`] gives them to `ksni`. Nothing asks the
//! network but an opened menu, at most once a minute.

#![cfg(target_os = "linux")]

mod colours;
mod icons;
mod item;
mod menu;
mod panel;
mod run;
mod state;
mod texts;

pub use panel::TrayPanel;
pub use run::{TrayActions, run};
