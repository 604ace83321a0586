//! The addresses that Usher may open in the person's browser. The window names one; it never gives one.

use std::sync::Arc;

use url::Url;
use usher_domain::ports::Browser;
use usher_domain::{ErrorCode, Failure};

use crate::accounts::sign_in::SignIns;
use crate::view::Link;

/// Where OpenAI shows how much of a plan is used, and what an app may use of it (siwc §0).
pub const MANAGE_USAGE: &str = "https://chatgpt.com/settings/usage";

/// Opens pages in the person's browser.
pub struct Links {
    sign_ins: Arc<SignIns>,
    browser: Arc<dyn Browser>,
}

impl Links {
    pub(crate) fn new(sign_ins: Arc<SignIns>, browser: Arc<dyn Browser>) -> Self {
        Self { sign_ins, browser }
    }

    /// Opens `link`.
    pub fn open(&self, link: Link) -> Result<(), Failure> {
        let url = match fixed(link) {
            Some(text) => Url::parse(text)
                .map_err(|error| Failure::new(ErrorCode::BadUrl, format!("{text}: {error}")))?,
            None => self
                .sign_ins
                .pending_url()
                .ok_or_else(|| Failure::new(ErrorCode::BadUsage, "no sign-in is waiting for a page"))?,
        };
        self.browser.open(&url)
    }
}

/// The address of `link`; none of those that the attempt under way has.
fn fixed(link: Link) -> Option<&'static str> {
    match link {
        Link::SignInPage | Link::DevicePage => None,
        Link::Pricing => Some("https://chatgpt.com/pricing"),
        Link::Usage => Some("https://chatgpt.com/codex/settings/usage"),
        Link::ManageUsage => Some(MANAGE_USAGE),
        Link::Models => Some("https://developers.openai.com/codex/models"),
        Link::Status => Some("https://status.openai.com"),
        Link::Security => Some("https://chatgpt.com/#settings/Security"),
        Link::PlatformKeys => Some("https://platform.openai.com/api-keys"),
        Link::PlatformBilling => Some("https://platform.openai.com/settings/organization/billing/overview"),
        Link::PlatformUsage => Some("https://platform.openai.com/usage"),
        Link::ModelGuide => Some("https://platform.openai.com/docs/guides/model-selection"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_leads_to_openai() {
        let fixed_ones = [
            Link::Pricing,
            Link::Usage,
            Link::ManageUsage,
            Link::Models,
            Link::Status,
            Link::Security,
            Link::PlatformKeys,
            Link::PlatformBilling,
            Link::PlatformUsage,
            Link::ModelGuide,
        ];
        for link in fixed_ones {
            let url = Url::parse(fixed(link).expect("a fixed address")).unwrap();
            let host = url.host_str().unwrap();
            let ours = ["chatgpt.com", "openai.com"];
            assert!(ours.iter().any(|end| host == *end || host.ends_with(&format!(".{end}"))), "{url}");
            assert_eq!(url.scheme(), "https", "{url}");
        }
    }
}
