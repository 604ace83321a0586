//! Which headers of a server's response go back to the caller.

use http::HeaderMap;

/// Headers of a response that a caller may read (protocol §8.3, protocol §9.2, protocol §9.4). A name that ends in `-` is a prefix.
const RESPONSE_HEADERS: &[&str] = &[
    "x-request-id",
    "x-oai-request-id",
    "cf-ray",
    "openai-",
    "x-models-etag",
    "x-reasoning-included",
    "x-codex-",
    "x-ratelimit-",
    "x-openai-authorization-error",
    "x-error-json",
    "retry-after",
];

/// Returns the headers of a response that go back to the caller.
pub(crate) fn response_headers(headers: &HeaderMap) -> HeaderMap {
    let is_returned = |name: &str| {
        RESPONSE_HEADERS
            .iter()
            .any(|known| name == *known || (known.ends_with('-') && name.starts_with(known)))
            || name.ends_with("-used-percent")
    };
    let returned = headers.iter().filter(|(name, _)| is_returned(name.as_str()));
    returned.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    fn headers(names: &[&'static str]) -> HeaderMap {
        names.iter().map(|name| (HeaderName::from_static(name), "v".parse().unwrap())).collect()
    }

    #[test]
    fn response_headers_cookies_are_removed() {
        let received = headers(&[
            "set-cookie",
            "transfer-encoding",
            "content-length",
            "server",
            "alt-svc",
            "openai-model",
            "x-codex-primary-used-percent",
            "x-codex-bengalfox-primary-used-percent",
            "x-ratelimit-remaining-tokens",
            "retry-after",
        ]);
        assert_eq!(
            names(&response_headers(&received)),
            [
                "openai-model",
                "retry-after",
                "x-codex-bengalfox-primary-used-percent",
                "x-codex-primary-used-percent",
                "x-ratelimit-remaining-tokens",
            ]
        );
    }
}
