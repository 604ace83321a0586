//! The built command line as a script uses it, against the sandbox, over real sockets.

mod failures;
mod leaks;
mod main_job;
mod settings;
mod support;
