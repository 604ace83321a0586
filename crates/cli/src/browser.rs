//! The user's browser.

use std::io;

use url::Url;
use usher_app::BrowserVariable;
use usher_domain::ports::Browser;
use usher_domain::{ErrorCode, Failure};

/// Opens addresses with a program of `BROWSER`, else with the system's default browser.
pub(crate) struct SystemBrowser {
    pub(crate) variable: BrowserVariable,
    /// Whether the default browser may be tried. Where it would open in front of nobody, it reports no error either.
    pub(crate) has_default: bool,
}

impl Browser for SystemBrowser {
    fn open(&self, url: &Url) -> Result<(), Failure> {
        if self.variable.open(url) {
            return Ok(());
        }
        if !self.has_default {
            return Err(Failure::new(
                ErrorCode::BrowserUnavailable,
                "no browser of this computer is before you",
            ));
        }
        open_with(url, |url| open::that_detached(url))
    }
}

fn open_with(url: &Url, open: impl FnOnce(&str) -> io::Result<()>) -> Result<(), Failure> {
    open(url.as_str()).map_err(|error| Failure::new(ErrorCode::BrowserUnavailable, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_without_browser_reports_browser_unavailable() {
        let url = Url::parse("https://auth.openai.com/").unwrap();
        let failure = open_with(&url, |_| Err(io::ErrorKind::NotFound.into())).unwrap_err();
        assert_eq!(failure.code, ErrorCode::BrowserUnavailable);
        open_with(&url, |_| Ok(())).unwrap();
    }

    #[test]
    fn open_with_a_browser_before_nobody_reports_browser_unavailable() {
        let browser = SystemBrowser { variable: BrowserVariable::default(), has_default: false };
        let failure = browser.open(&Url::parse("https://auth.openai.com/").unwrap()).unwrap_err();
        assert_eq!(failure.code, ErrorCode::BrowserUnavailable);
    }
}
