//! Connecting tools in throw-away homes, and undoing it.

mod catalog;
mod conflicts;
mod fixture;
mod kill;
mod properties;
mod refusals;
#[cfg(unix)]
mod restore_script;
#[cfg(unix)]
mod restore_script_properties;
mod shared;
mod suspend;
mod undo;
