//! The addresses that Usher may open in the person's browser. The window names one; it never gives one.

use url::Url;
use usher_domain::{ErrorCode, Failure};

use crate::app::App;
use crate::view::Link;

impl App {
    /// Opens `link`.
    pub fn open_link(&self, link: Link) -> Result<(), Failure> {
        let url = self.address(link)?;
        self.browser.open(&url)
    }

    fn address(&self, link: Link) -> Result<Url, Failure> {
        let fixed = |text| {
            Url::parse(text).map_err(|error| Failure::new(ErrorCode::BadUrl, format!("{text}: {error}")))
        };
        match link {
            Link::SignInPage | Link::DevicePage => self
                .pending_page()
                .ok_or_else(|| Failure::new(ErrorCode::BadUsage, "no sign-in is waiting for a page")),
            Link::Pricing => fixed("https://chatgpt.com/pricing"),
            Link::Usage => fixed("https://chatgpt.com/codex/settings/usage"),
            Link::Models => fixed("https://developers.openai.com/codex/models"),
            Link::Status => fixed("https://status.openai.com"),
            Link::Security => fixed("https://chatgpt.com/#settings/Security"),
        }
    }
}
