//! Reads the pass of a request.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

/// The credentials that a request presents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PresentedPass<'a> {
    /// Values that may be a pass, that of `authorization` first. There can be two, because some clients send the pass in
    /// both headers, and some their own key in one of them.
    pub(crate) candidates: Vec<&'a str>,
    /// A JSON Web Token was sent too: the client's own sign-in. It is none of the candidates, and is compared with nothing.
    pub(crate) foreign_jwt: bool,
}

/// Returns the credentials in `headers`.
pub(crate) fn from_headers(headers: &HeaderMap) -> PresentedPass<'_> {
    let bearer = single_value(headers, &AUTHORIZATION).and_then(bearer);
    let key = single_value(headers, &HeaderName::from_static("x-api-key"));
    let values = bearer.into_iter().chain(key).map(str::trim).filter(|text| !text.is_empty());
    let (foreign, candidates): (Vec<&str>, Vec<&str>) = values.partition(|text| is_jwt(text));
    PresentedPass { candidates, foreign_jwt: !foreign.is_empty() }
}

/// Returns the value of a header that occurs once.
///
/// It is undefined which of two is meant (RFC 9110 §5.3), and no client sends two.
fn single_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// Returns the token of a bearer credential. The scheme is case-insensitive (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Returns whether `text` looks like a JSON Web Token.
///
/// With `requires_openai_auth` Codex sends its own access token (clients §2.1).
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
    fn pass_foreign_jwt_is_no_candidate() {
        let jwt = ("authorization", "Bearer eyJh.eyJi.c2ln");
        for (pairs, candidates, foreign_jwt) in [
            (vec![jwt], vec![], true),
            (vec![jwt, ("x-api-key", "p")], vec!["p"], true),
            (vec![("x-api-key", "eyJh.eyJi.c2ln")], vec![], true),
            (vec![("authorization", "Bearer usher_pass_x")], vec!["usher_pass_x"], false),
        ] {
            let expected = PresentedPass { candidates, foreign_jwt };
            assert_eq!(from_headers(&headers(&pairs)), expected, "{pairs:?}");
        }
    }
}
