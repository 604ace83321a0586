//! Opens an address in the person's own browser. Only the core asks for this, with an address of its
//! own list; the page has no command that takes one.

use url::Url;
use usher_app::BrowserVariable;
use usher_domain::{ErrorCode, Failure, is_loopback, ports::Browser};

use crate::opener;

/// A program of `BROWSER`, else the browser that the operating system opens web addresses with.
#[derive(Debug)]
pub struct SystemBrowser(pub BrowserVariable);

impl Browser for SystemBrowser {
    fn open(&self, url: &Url) -> Result<(), Failure> {
        // The opener starts whatever program a scheme belongs to; here that is a browser only.
        if !is_web_address(url) {
            return Err(Failure::new(ErrorCode::BadUrl, format!("not a web address: {}:", url.scheme())));
        }
        if self.0.open(url) {
            return Ok(());
        }
        opener::open(url.as_str().as_ref())
            .map_err(|error| Failure::new(ErrorCode::BrowserUnavailable, error.to_string()))
    }
}

fn is_web_address(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        for (address, opened) in [
            ("https://auth.openai.com/oauth/authorize?state=x", true),
            ("http://127.0.0.1:1455/authorize", true),
            ("http://localhost:1455/authorize", true),
            ("http://auth.openai.com/", false),
            ("file:///etc/passwd", false),
            ("mailto:someone@example.com", false),
            ("javascript:alert(1)", false),
        ] {
            let url = Url::parse(address).expect("a well-formed address");
            assert_eq!(is_web_address(&url), opened, "{address}");
        }
        let refused = SystemBrowser(BrowserVariable::default())
            .open(&Url::parse("file:///etc/passwd").expect("well-formed"));
        assert_eq!(refused.map_err(|failure| failure.code), Err(ErrorCode::BadUrl));
    }
}
