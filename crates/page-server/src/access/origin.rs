//! The check of where a request comes from: a page of this server in a tab of its own, and nothing else.
//!
//! A web page can reach a server on loopback in three ways: with a cross-origin request (`Origin`, `Sec-Fetch-Site`), with
//! a domain that it points to 127.0.0.1 (DNS rebinding, `Host`), and by framing the page (`Sec-Fetch-Dest`).
//!
//! The port of `Host` is not compared: through `ssh -L` the browser has another one than this server. It needs no
//! comparison, because a page of another port has another `Origin`, which must be the one of `Host`.

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method};

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginRejected {
    /// It names another host, or two.
    ForeignHost,
    /// A page of another origin sent it, or no page at all.
    ForeignOrigin,
    /// A page wants to show or use a part of this one.
    Embedded,
}

impl OriginRejected {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::ForeignHost => "Usher: the Host header must be 127.0.0.1, localhost or [::1].",
            Self::ForeignOrigin => "Usher: only its own page may send this.",
            Self::Embedded => "Usher: other pages may not embed this one.",
        }
    }
}

/// Accepts what a browser asks for when a person opens the page, and what the page itself sends.
pub(crate) fn check(request: &Parts) -> Result<(), OriginRejected> {
    let host = check_host(request)?;
    if matches!(request.method, Method::GET | Method::HEAD) {
        check_file(&request.headers)
    } else {
        check_call(&request.headers, &host)
    }
}

/// Returns the host if it is this computer.
fn check_host(request: &Parts) -> Result<Authority, OriginRejected> {
    let host = single(&request.headers, HOST.as_str()).map_err(|()| OriginRejected::ForeignHost)?;
    let host: Authority = host.and_then(|host| host.parse().ok()).ok_or(OriginRejected::ForeignHost)?;
    let name = host.host();
    let is_loopback = name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost");
    let has_user = host.as_str().contains('@');
    // The absolute form (RFC 9112 §3.2.2) names a host again and takes precedence; no browser sends it to a server.
    if !is_loopback || has_user || request.uri.authority().is_some() {
        return Err(OriginRejected::ForeignHost);
    }
    Ok(host)
}

/// Checks a request for a file of the page: the page in a tab, or what it loads itself.
///
/// Another site may link to the page, because opening it gives nothing: without a link that was not used it only says so.
fn check_file(headers: &HeaderMap) -> Result<(), OriginRejected> {
    let embedded = |()| OriginRejected::Embedded;
    let site = single(headers, "sec-fetch-site").map_err(embedded)?;
    let destination = single(headers, "sec-fetch-dest").map_err(embedded)?;
    match destination {
        None | Some("document") => Ok(()),
        Some("script" | "style" | "image" | "font" | "empty") if site == Some("same-origin") => Ok(()),
        Some(_) => Err(OriginRejected::Embedded),
    }
}

/// Checks a request that the page sends by a script. Browsers name the origin in each of them.
fn check_call(headers: &HeaderMap, host: &Authority) -> Result<(), OriginRejected> {
    let value = |name: &str| single(headers, name).map_err(|()| OriginRejected::ForeignOrigin);
    let is_own = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
    let is_from_page = value(ORIGIN.as_str())?.is_some_and(is_own)
        && value("sec-fetch-site")?.is_none_or(|site| site == "same-origin")
        && value("sec-fetch-mode")?.is_none_or(|mode| mode == "cors" || mode == "same-origin")
        && value("sec-fetch-dest")?.is_none_or(|destination| destination == "empty");
    if is_from_page { Ok(()) } else { Err(OriginRejected::ForeignOrigin) }
}

/// Returns the header's value. Fails if there are two, or one that is no text.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const HOST_HEADER: (&str, &str) = ("host", "127.0.0.1:4567");
    const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4567");

    fn check_request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Result<(), OriginRejected> {
        let request = Request::builder().method(method).uri(uri);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn host_of_this_computer_is_accepted_with_any_port() {
        for host in ["127.0.0.1:4567", "localhost:8080", "LocalHost:1", "[::1]:4567", "127.0.0.1"] {
            assert_eq!(check_request("GET", "/", &[("host", host)]), Ok(()), "{host}");
        }
    }

    #[test]
    fn host_foreign_missing_or_twice_is_rejected() {
        let foreign = Err(OriginRejected::ForeignHost);
        for host in [
            "evil.example:4567",
            "127.0.0.1.evil.example:4567",
            "localhost.:4567",
            "user@127.0.0.1:4567",
            "0.0.0.0:4567",
            "127.1:4567",
            "[::ffff:127.0.0.1]:4567",
            "",
        ] {
            assert_eq!(check_request("GET", "/", &[("host", host)]), foreign, "{host}");
            assert_eq!(check_request("POST", "/session", &[("host", host), OWN_ORIGIN]), foreign, "{host}");
        }
        assert_eq!(check_request("GET", "/", &[]), foreign);
        assert_eq!(check_request("GET", "/", &[HOST_HEADER, HOST_HEADER]), foreign);
        assert_eq!(check_request("GET", "http://127.0.0.1:4567/", &[HOST_HEADER]), foreign);
    }

    #[test]
    fn call_needs_the_origin_of_its_host() {
        let call = |headers: &[(&str, &str)]| check_request("POST", "/call/overview", headers);
        assert_eq!(call(&[HOST_HEADER, OWN_ORIGIN]), Ok(()));
        assert_eq!(call(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")]), Ok(()));
        let foreign = Err(OriginRejected::ForeignOrigin);
        assert_eq!(call(&[HOST_HEADER]), foreign, "no browser leaves it out");
        assert_eq!(call(&[HOST_HEADER, OWN_ORIGIN, OWN_ORIGIN]), foreign);
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1:3000",
            "http://localhost:4567",
            "https://127.0.0.1:4567",
            "",
        ] {
            assert_eq!(call(&[HOST_HEADER, ("origin", origin)]), foreign, "{origin}");
        }
    }

    #[test]
    fn call_of_another_site_or_kind_is_rejected() {
        let call = |header| check_request("POST", "/call/overview", &[HOST_HEADER, OWN_ORIGIN, header]);
        for header in
            [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")]
        {
            assert_eq!(call(header), Ok(()), "{header:?}");
        }
        for header in [
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-dest", "iframe"),
        ] {
            assert_eq!(call(header), Err(OriginRejected::ForeignOrigin), "{header:?}");
        }
    }

    #[test]
    fn page_opens_in_a_tab_and_loads_its_own_files() {
        let get = |destination, site| {
            let fetch = [("sec-fetch-dest", destination), ("sec-fetch-site", site)];
            check_request("GET", "/", &[HOST_HEADER, fetch[0], fetch[1]])
        };
        for site in ["none", "same-origin", "cross-site"] {
            assert_eq!(get("document", site), Ok(()), "{site}");
        }
        for destination in ["script", "style", "image", "empty"] {
            assert_eq!(get(destination, "same-origin"), Ok(()), "{destination}");
            for site in ["cross-site", "same-site", "none"] {
                assert_eq!(get(destination, site), Err(OriginRejected::Embedded), "{destination} {site}");
            }
        }
        for destination in ["iframe", "frame", "embed", "object", "worker", "serviceworker"] {
            assert_eq!(get(destination, "same-origin"), Err(OriginRejected::Embedded), "{destination}");
        }
    }
}
