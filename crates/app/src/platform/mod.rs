//! The operating system: environment, folders, clock, processes, logs, browser.

pub(crate) mod clock;
pub(crate) mod environment;
pub(crate) mod home;
mod links;
pub(crate) mod logging;
pub(crate) mod processes;
mod watch;
