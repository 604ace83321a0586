//! An address that a user pasted, without what terminals, chats and browsers add to it.

use url::{Url, form_urlencoded};
use usher_domain::is_control_or_format;

/// The marks that a terminal puts around pasted text ("bracketed paste").
const PASTE_MARKS: [&str; 2] = ["\u{1b}[200~", "\u{1b}[201~"];
/// Quotes and brackets that are copied with an address, and the ends of sentences.
const AROUND: &[char] = &[
    '"', '\'', '`', '<', '>', '(', ')', '{', '}', ',', ';', '.', '\u{201c}', '\u{201d}', '\u{201e}',
    '\u{2018}', '\u{2019}', '\u{ab}', '\u{bb}', '\u{2039}', '\u{203a}',
];
/// The names of this computer in a redirect address.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// An address in two parts. The part before the query is empty when only the query was pasted.
pub(crate) struct PastedAddress {
    base: String,
    pub(crate) query: String,
}

impl PastedAddress {
    pub(crate) fn parse(text: &str) -> Self {
        let text = PASTE_MARKS.iter().fold(text.to_owned(), |text, mark| text.replace(mark, ""));
        // No address has white space; a terminal that breaks lines adds some.
        let text: String =
            text.chars().filter(|one| !one.is_whitespace() && !is_control_or_format(*one)).collect();
        let text = text.trim_matches(AROUND).replace("&amp;", "&");
        let (base, query) = match text.split_once('?') {
            Some((base, query)) => (base, query),
            None if text.contains('=') && !text.contains('/') => ("", text.as_str()),
            None => (text.as_str(), ""),
        };
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        Self { base: base.to_owned(), query: query.to_owned() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.base.is_empty() && self.query.is_empty()
    }

    /// Returns whether it is a page of the same host as `url`.
    pub(crate) fn is_at(&self, url: &Url) -> bool {
        Url::parse(&self.base)
            .is_ok_and(|pasted| pasted.origin() == url.origin() && pasted.path() == url.path())
    }

    /// Returns whether it leads where `redirect_uri` leads, by whatever name of this computer. Browsers may hide the scheme
    /// or change it to HTTPS.
    pub(crate) fn is_redirect_to(&self, redirect_uri: &str) -> bool {
        let Some(place) = redirect_uri.split(':').nth(2) else { return false };
        let pasted = self.base.to_ascii_lowercase();
        let pasted = pasted.trim_start_matches("http://").trim_start_matches("https://");
        self.base.is_empty() || HOSTS.iter().any(|host| pasted == format!("{host}:{place}"))
    }

    /// Returns a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}
