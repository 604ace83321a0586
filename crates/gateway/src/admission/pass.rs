//! Reading the pass that a request carries.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

/// What a request is let in by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PresentedPass<'a> {
    /// Texts that may be a pass. Two, because some clients send what they were given in both headers, and some a key
    /// of their own in one of them.
    pub(crate) candidates: Vec<&'a str>,
    /// One of them is a JSON Web Token: the caller's own sign-in, sent by mistake.
    pub(crate) foreign_jwt: bool,
}

/// What `headers` carry.
pub(crate) fn from_headers(headers: &HeaderMap) -> PresentedPass<'_> {
    let bearer = single_value(headers, &AUTHORIZATION).and_then(bearer);
    let key = single_value(headers, &HeaderName::from_static("x-api-key"));
    let given = bearer.into_iter().chain(key);
    let candidates: Vec<&str> = given.map(str::trim).filter(|text| !text.is_empty()).collect();
    let own_sign_in = candidates.iter().any(|text| is_jwt(text));
    PresentedPass { candidates, foreign_jwt: own_sign_in }
}

/// The value of a header that is there once. Which of two counts is for nobody to guess (RFC 9110 §5.3), and no client
/// sends two.
fn single_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// The scheme's name is case-insensitive (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// `requires_openai_auth` makes Codex send its own access token (clients §2.1).
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
    fn pass_in_either_header_is_read() {
        for pair in [("authorization", "Bearer p"), ("authorization", "bearer  p "), ("x-api-key", "p")] {
            assert_eq!(from_headers(&headers(&[pair])).candidates, ["p"], "{pair:?}");
        }
        let both = headers(&[("authorization", "Bearer p"), ("x-api-key", "q")]);
        assert_eq!(from_headers(&both).candidates, ["p", "q"]);
    }

    #[test]
    fn pass_without_bearer_scheme_is_ignored() {
        for pair in [("authorization", "Basic p"), ("authorization", "p"), ("x-api-key", " ")] {
            assert!(from_headers(&headers(&[pair])).candidates.is_empty(), "{pair:?}");
        }
        let two =
            headers(&[("authorization", "Bearer a"), ("authorization", "Bearer b"), ("x-api-key", "c")]);
        assert_eq!(from_headers(&two).candidates, ["c"]);
    }

    #[test]
    fn pass_foreign_jwt_is_recognized() {
        assert!(from_headers(&headers(&[("authorization", "Bearer eyJh.eyJi.c2ln")])).foreign_jwt);
        assert!(!from_headers(&headers(&[("authorization", "Bearer usher_pass_x")])).foreign_jwt);
    }
}
