//! Logs: to stderr for commands, to a rotated file for the window.

use std::path::PathBuf;

use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;
use usher_auth::make_private_folder;
use usher_domain::{ErrorCode, Failure};

/// Days of logs that are kept.
const MAX_LOG_FILES: usize = 7;

/// Where the log goes.
#[derive(Debug, Clone)]
pub enum LogTo {
    /// The terminal.
    Stderr,
    /// Daily files in this folder.
    Folder(PathBuf),
}

/// Starts logging with the filter of `USHER_LOG`. Call it once, at the start of a program.
pub fn start_logging(filter: &str, to: &LogTo) -> Result<(), Failure> {
    let wrong = |why: String| Failure::new(ErrorCode::BadUsage, format!("USHER_LOG: {why}"));
    let filter = EnvFilter::try_new(filter).map_err(|error| wrong(error.to_string()))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    let started = match to {
        LogTo::Stderr => builder.with_writer(std::io::stderr).try_init(),
        LogTo::Folder(folder) => {
            let unwritable =
                |why: String| Failure::new(ErrorCode::StoreUnavailable, format!("the log: {why}"));
            // It looks for old files before it makes the folder, and would complain on the terminal.
            make_private_folder(folder).map_err(|error| unwritable(error.to_string()))?;
            let file = Builder::new()
                .rotation(Rotation::DAILY)
                .filename_prefix("usher")
                .filename_suffix("log")
                .max_log_files(MAX_LOG_FILES)
                .build(folder)
                .map_err(|error| unwritable(error.to_string()))?;
            builder.with_writer(std::sync::Mutex::new(file)).try_init()
        }
    };
    started.map_err(|error| wrong(error.to_string()))
}
