//! What `usher settings` has in the home: the lock that allows one of them, and the file that opens the browser.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;
use usher_auth::replace_locked_file;
use usher_domain::{ErrorCode, Failure};

use crate::context::Context;
use crate::platform::environment::Session;
use crate::platform::process_lock::{ProcessLock, ProcessLockFiles};

/// Leads the browser to the link.
const LAUNCH_FILE: &str = "settings-link.html";

/// The page in a browser of this home.
pub struct BrowserPage {
    context: Arc<Context>,
}

/// The process that serves the page, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserPageAddress {
    /// For example `http://127.0.0.1:4567`. It opens nothing by itself.
    pub address: String,
    /// The process id.
    pub process: u32,
}

/// The lock that allows one page per home.
pub struct BrowserPageLock {
    lock: ProcessLock,
    context: Arc<Context>,
}

/// The file that leads the browser to the link. Dropping it deletes it.
pub struct LaunchFile(PathBuf);

impl BrowserPage {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Takes the lock; `None` if another process has it.
    pub fn lock(&self) -> Result<Option<BrowserPageLock>, Failure> {
        let Some(lock) = files(&self.context).take()? else { return Ok(None) };
        // A process that was killed leaves it. Its link is void.
        drop(LaunchFile(self.context.home.data.join(LAUNCH_FILE)));
        Ok(Some(BrowserPageLock { lock, context: Arc::clone(&self.context) }))
    }

    /// Returns the process that serves the page of this home.
    pub fn running(&self) -> Option<BrowserPageAddress> {
        let files = files(&self.context);
        if files.is_held() { files.read_holder() } else { None }
    }

    /// Returns how this computer is reached, as far as the environment says.
    pub fn session(&self) -> Session {
        self.context.session
    }
}

impl BrowserPageLock {
    /// Writes where this process serves the page, for others that would.
    pub fn write_address(&self, address: &str) -> Result<(), Failure> {
        let holder = BrowserPageAddress { address: address.to_owned(), process: std::process::id() };
        self.lock.write_holder(&holder).map_err(|error| {
            Failure::new(
                ErrorCode::StoreUnavailable,
                format!("the page's address could not be saved: {error}"),
            )
        })
    }

    /// Opens the browser with `link`.
    ///
    /// Other users of the computer can read the arguments with which a browser is started. The link is a secret, so the
    /// browser gets a file that leads to it, which only this user can read.
    pub fn open_browser(&self, link: &str) -> Result<LaunchFile, Failure> {
        let path = self.context.home.data.join(LAUNCH_FILE);
        let failed = |cause: String| Failure::new(ErrorCode::BrowserUnavailable, cause);
        let text = format!(
            "<!doctype html><meta charset=\"utf-8\"><title>Usher</title>\
             <meta name=\"referrer\" content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0;url={link}\">\n"
        );
        let written = replace_locked_file(&path, text.as_bytes(), None);
        written.map_err(|error| failed(format!("{}: {error}", path.display())))?;
        let file = LaunchFile(path);
        let url =
            Url::from_file_path(&file.0).map_err(|()| failed("the home has no absolute path".into()))?;
        self.context.browser.open(&url)?;
        Ok(file)
    }
}

impl Drop for LaunchFile {
    fn drop(&mut self) {
        // Missing is what it is to be.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn files(context: &Context) -> ProcessLockFiles<'_> {
    ProcessLockFiles { folder: &context.home.data, lock: "settings.lock", holder: "settings.json" }
}
