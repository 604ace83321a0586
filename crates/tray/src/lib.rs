//! The icon of Usher in the tray of the desktop, and its menu (design 15).
//!
//! [`run`] reads the [`TrayState`](state::TrayState) after each change of the home, [`menu`] makes the entries from it, and
//! [`item`] shows them: on Linux a `StatusNotifierItem` on the session bus, without GTK; on macOS and Windows the tray of the
//! system, which needs the main thread (`beside_main_thread`). Nothing asks the network but an opened menu, at most once a
//! minute.

mod actions;
mod choices;
mod colours;
mod icons;
mod item;
mod menu;
mod panel;
mod run;
mod state;
mod texts;

pub use actions::TrayActions;
#[cfg(not(target_os = "linux"))]
pub use item::beside_main_thread;
pub use run::run;
