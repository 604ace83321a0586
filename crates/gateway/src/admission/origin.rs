//! The origin check: only programs on this computer may use the gateway, no web pages.
//!
//! The listener is on loopback, but so is the browser of every web page. A page can reach it in three ways: with a
//! cross-origin request (has `Origin` or `Sec-Fetch-Site`), with a domain that it points to 127.0.0.1 (DNS rebinding,
//! detected by `Host`), and with simple requests that a browser sends without a preflight. All are rejected here, with
//! or without a pass.

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginRejected {
    /// It names another host.
    ForeignHost,
    /// A web page sent it.
    WebPage,
    /// It names its host twice, or two hosts.
    Ambiguous,
    /// It names `localhost`, of which another program may have an address.
    Localhost,
}

impl OriginRejected {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::ForeignHost => {
                "Usher: the Host header must be 127.0.0.1, [::1] or localhost with the gateway's port."
            }
            Self::WebPage => "Usher: web pages may not use this gateway.",
            Self::Localhost => {
                "Usher: another program has an address of localhost on this port. Use 127.0.0.1 instead of localhost."
            }
            Self::Ambiguous => "Usher: the request names two hosts.",
        }
    }
}

/// Accepts a request that names `port` on this computer and does not come from a web page. `answers_localhost`: the
/// gateway has all addresses of `localhost`.
pub(crate) fn check(request: &Parts, port: u16, answers_localhost: bool) -> Result<(), OriginRejected> {
    let header = |name: &str| request.headers.get(name);
    if header(ORIGIN.as_str()).is_some() {
        return Err(OriginRejected::WebPage);
    }
    if header("sec-fetch-site").is_some_and(|site| site != "none" || !is_by_person(&request.headers)) {
        return Err(OriginRejected::WebPage);
    }
    // A page can have the browser fetch an address before anybody follows a link to it.
    if ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| header(name).is_some()) {
        return Err(OriginRejected::WebPage);
    }
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = hosts.next().ok_or(OriginRejected::ForeignHost)?;
    if hosts.next().is_some() {
        return Err(OriginRejected::Ambiguous);
    }
    let host: Authority =
        host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(OriginRejected::ForeignHost)?;
    if !is_gateway_host(&host, port) {
        return Err(OriginRejected::ForeignHost);
    }
    if !answers_localhost && host.host().eq_ignore_ascii_case("localhost") {
        return Err(OriginRejected::Localhost);
    }
    // The absolute form (RFC 9112 §3.2.2) names the host again and takes precedence over the header.
    match request.uri.authority() {
        Some(target) if !is_gateway_host(target, port) => Err(OriginRejected::ForeignHost),
        Some(target) if *target != host => Err(OriginRejected::Ambiguous),
        _ => Ok(()),
    }
}

/// Returns whether a person opened the address in the browser, or a program that looks like one sent a pass, which no
/// page can. `Sec-Fetch-Site: none` alone is also what a prefetch that a page caused can have.
fn is_by_person(headers: &HeaderMap) -> bool {
    let is_by_user = headers.get("sec-fetch-user").is_some_and(|user| user == "?1");
    is_by_user || headers.contains_key(AUTHORIZATION) || headers.contains_key("x-api-key")
}

fn is_gateway_host(authority: &Authority, port: u16) -> bool {
    let name = authority.host();
    let named = name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost");
    let with_user = authority.as_str().contains('@');
    named && !with_user && authority.port_u16().unwrap_or(80) == port
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check_request(uri: &str, headers: &[(&str, &str)]) -> Result<(), OriginRejected> {
        let request =
            headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0, 18740, true)
    }

    #[test]
    fn host_loopback_names_are_accepted() {
        for host in ["127.0.0.1:18740", "localhost:18740", "LocalHost:18740", "[::1]:18740"] {
            assert_eq!(check_request("/v1/models", &[("host", host)]), Ok(()), "{host}");
        }
        assert_eq!(check_request("http://127.0.0.1:18740/v1/models", &[("host", "127.0.0.1:18740")]), Ok(()));
        assert_eq!(check_request("/", &[("host", "127.0.0.1:18740"), ("sec-fetch-mode", "cors")]), Ok(()));
    }

    #[test]
    fn host_localhost_is_rejected_when_another_program_has_an_address_of_it() {
        let check_host = |host: &str| {
            let request = Request::get("/v1/models").header("host", host).body(()).unwrap();
            check(&request.into_parts().0, 18740, false)
        };
        assert_eq!(check_host("LocalHost:18740"), Err(OriginRejected::Localhost));
        assert_eq!(check_host("127.0.0.1:18740"), Ok(()));
        assert_eq!(check_host("[::1]:18740"), Ok(()));
    }

    #[test]
    fn host_foreign_is_rejected() {
        let hosts = [
            "evil.example:18740",
            "127.0.0.1:18741",
            "127.0.0.1",
            "localhost.:18740",
            "127.0.0.1.evil.example:18740",
            "user@127.0.0.1:18740",
            "127.1:18740",
            "0.0.0.0:18740",
            "[::ffff:127.0.0.1]:18740",
            "[::]:18740",
            "2130706433:18740",
            "",
        ];
        for host in hosts {
            assert_eq!(
                check_request("/v1/models", &[("host", host)]),
                Err(OriginRejected::ForeignHost),
                "{host}"
            );
        }
        assert_eq!(check_request("/v1/models", &[]), Err(OriginRejected::ForeignHost));
    }

    #[test]
    fn origin_of_web_page_is_rejected() {
        let host = ("host", "127.0.0.1:18740");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:18740", "file://", ""] {
            assert_eq!(
                check_request("/", &[host, ("origin", origin)]),
                Err(OriginRejected::WebPage),
                "{origin}"
            );
        }
        for site in ["cross-site", "same-site", "same-origin"] {
            assert_eq!(
                check_request("/", &[host, ("sec-fetch-site", site)]),
                Err(OriginRejected::WebPage),
                "{site}"
            );
        }
    }

    #[test]
    fn prefetch_of_web_page_is_rejected() {
        let host = ("host", "127.0.0.1:18740");
        let none = ("sec-fetch-site", "none");
        for path in ["/", "/healthz", "/v1/models"] {
            for header in [("sec-purpose", "prefetch"), ("purpose", "prefetch"), ("x-moz", "prefetch"), none]
            {
                assert_eq!(check_request(path, &[host, header]), Err(OriginRejected::WebPage), "{header:?}");
            }
            let person = ("sec-fetch-user", "?1");
            assert_eq!(check_request(path, &[host, none, person]), Ok(()));
            assert_eq!(check_request(path, &[host, none, ("x-api-key", "pass")]), Ok(()));
            let prefetch = ("sec-purpose", "prefetch;prerender");
            assert_eq!(check_request(path, &[host, none, person, prefetch]), Err(OriginRejected::WebPage));
        }
    }

    #[test]
    fn host_given_twice_is_rejected() {
        let host = ("host", "127.0.0.1:18740");
        assert_eq!(check_request("/", &[host, ("host", "evil.example")]), Err(OriginRejected::Ambiguous));
        assert_eq!(check_request("http://evil.example/", &[host]), Err(OriginRejected::ForeignHost));
        assert_eq!(check_request("http://localhost:18740/", &[host]), Err(OriginRejected::Ambiguous));
    }
}
