//! The hosts that are reached without a proxy.

use hyper_util::client::proxy::matcher::Matcher;
use std::sync::Arc;
use url::Url;

/// The entries of `NO_PROXY`: names with everything below them, addresses, networks, patterns with `*`, each with a port
/// if it is meant for that port only.
#[derive(Clone, Default)]
pub(crate) struct NoProxy {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    port: Option<u16>,
    hosts: Hosts,
}

#[derive(Clone)]
enum Hosts {
    /// In lower case, with at least one `*`.
    Pattern(String),
    /// A matcher with this entry as its only exception.
    Exception(Arc<Matcher>),
}

impl NoProxy {
    /// Parses a list separated by commas or spaces.
    pub(crate) fn parse(list: &str) -> Self {
        let entries =
            list.split(|one: char| one == ',' || one.is_whitespace()).filter(|entry| !entry.is_empty());
        Self { entries: entries.map(Entry::parse).collect() }
    }

    /// Returns whether `url` is reached without a proxy.
    pub(crate) fn contains(&self, url: &Url) -> bool {
        self.entries.iter().any(|entry| entry.contains(url))
    }
}

impl Entry {
    fn parse(text: &str) -> Self {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
        let (host, port) = match text.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
            // An IPv6 address has colons of its own; with a port it is in brackets.
            Some((host, Ok(port))) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let hosts = if host.contains('*') {
            Hosts::Pattern(host.to_ascii_lowercase())
        } else {
            Hosts::Exception(Matcher::builder().all("http://proxy.invalid").no(host).build().into())
        };
        Self { port, hosts }
    }

    fn contains(&self, url: &Url) -> bool {
        if self.port.is_some_and(|port| url.port_or_known_default() != Some(port)) {
            return false;
        }
        match &self.hosts {
            Hosts::Pattern(pattern) => is_match(pattern, url.host_str().unwrap_or_default()),
            Hosts::Exception(matcher) => {
                url.as_str().parse().is_ok_and(|uri| matcher.intercept(&uri).is_none())
            }
        }
    }
}

/// Returns whether `text` matches `pattern`, in which `*` stands for any text.
fn is_match(pattern: &str, text: &str) -> bool {
    let Some((before, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(before) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_match_as_they_are_written() {
        let rows = [
            ("*.openai.com", "https://auth.openai.com/", true),
            ("*.OpenAI.com", "https://auth.openai.com/", true),
            ("*.openai.com", "https://auth.openai.com.evil.example/", false),
            ("auth.*.com", "https://auth.openai.com/", true),
            ("a*.open*.com", "https://auth.openai.com/", true),
            ("a*.shut*.com", "https://auth.openai.com/", false),
            ("*", "https://auth.openai.com/", true),
            ("auth.openai.com:443", "https://auth.openai.com/", true),
            ("auth.openai.com:8443", "https://auth.openai.com/", false),
            ("*.openai.com:443", "https://auth.openai.com/", true),
            ("x.example, openai.com", "https://auth.openai.com/", true),
            ("x.example openai.com", "https://auth.openai.com/", true),
            (".openai.com", "https://auth.openai.com/", true),
            ("https://auth.openai.com/", "https://auth.openai.com/", true),
            ("nai.com", "https://auth.openai.com/", false),
            ("192.168.1.0/24", "http://192.168.1.7:11434/", true),
            ("192.168.1.7:11434", "http://192.168.1.7:11434/", true),
            ("fd00::1", "http://[fd00::1]:11434/", true),
            ("[fd00::1]:11434", "http://[fd00::1]:11434/", true),
            ("[fd00::1]:1", "http://[fd00::1]:11434/", false),
            ("", "https://auth.openai.com/", false),
        ];
        for (list, url, is_direct) in rows {
            assert_eq!(NoProxy::parse(list).contains(&Url::parse(url).unwrap()), is_direct, "{list:?} {url}");
        }
    }
}
