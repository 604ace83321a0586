//! Reading the pass that a request carries.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

/// What a request is let in by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presented<'a> {
    /// Texts that may be a pass. Two, because some clients send what they were given in both headers, and some a key
    /// of their own in one of them.
    pub(crate) candidates: Vec<&'a str>,
    /// One of them is a JSON Web Token: the caller's own sign-in, sent by mistake.
    pub(crate) own_sign_in: bool,
}

/// What `headers` carry.
pub(crate) fn presented(headers: &HeaderMap) -> Presented<'_> {
    let bearer = only(headers, &AUTHORIZATION).and_then(bearer);
    let key = only(headers, &HeaderName::from_static("x-api-key"));
    let given = bearer.into_iter().chain(key);
    let candidates: Vec<&str> = given.map(str::trim).filter(|text| !text.is_empty()).collect();
    let own_sign_in = candidates.iter().any(|text| is_jwt(text));
    Presented { candidates, own_sign_in }
}

/// The value of a header that is there once. Which of two counts is for nobody to guess (RFC 9110 §5.3), and no client
/// sends two.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// The scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// `requires_openai_auth` makes Codex send its own access token (`clients.md`).
fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn either_header_will_do() {
        for pair in [("authorization", "Bearer p"), ("authorization", "bearer  p "), ("x-api-key", "p")] {
            assert_eq!(presented(&headers(&[pair])).candidates, ["p"], "{pair:?}");
        }
        let both = headers(&[("authorization", "Bearer p"), ("x-api-key", "q")]);
        assert_eq!(presented(&both).candidates, ["p", "q"]);
    }

    #[test]
    fn what_is_no_bearer_is_none() {
        for pair in [("authorization", "Basic p"), ("authorization", "p"), ("x-api-key", " ")] {
            assert!(presented(&headers(&[pair])).candidates.is_empty(), "{pair:?}");
        }
        let two =
            headers(&[("authorization", "Bearer a"), ("authorization", "Bearer b"), ("x-api-key", "c")]);
        assert_eq!(presented(&two).candidates, ["c"]);
    }

    #[test]
    fn a_sign_in_of_the_callers_own_is_known() {
        assert!(presented(&headers(&[("authorization", "Bearer eyJh.eyJi.c2ln")])).own_sign_in);
        assert!(!presented(&headers(&[("authorization", "Bearer usher_pass_x")])).own_sign_in);
    }
}
