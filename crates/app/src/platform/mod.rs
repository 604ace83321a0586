//! The operating system: environment, folders, clock, processes, logs, browser.

pub(crate) mod app_image;
pub(crate) mod browser_page;
pub(crate) mod browser_variable;
pub(crate) mod clock;
pub(crate) mod environment;
pub(crate) mod heap;
pub(crate) mod home;
pub(crate) mod links;
pub(crate) mod logging;
pub(crate) mod marked_file;
pub(crate) mod pass_lock_file;
pub(crate) mod process_lock;
pub(crate) mod processes;
pub(crate) mod unit_text;
pub(crate) mod watch;
