//! The person's own browser.

use url::Url;
use usher_domain::ports::Browser;
use usher_domain::{ErrorCode, Failure};

/// Opens addresses as the operating system does.
pub(crate) struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open(&self, url: &Url) -> Result<(), Failure> {
        open::that_detached(url.as_str()).map_err(|error| {
            Failure::new(ErrorCode::UpstreamError, format!("no browser could be started: {error}"))
        })
    }
}
