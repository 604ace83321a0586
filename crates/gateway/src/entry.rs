//! Who may knock: a program of this computer that means this address.
//!
//! The listener is on loopback, but so is every web page's browser. A page reaches us in three ways: by a request
//! across origins (which carries `Origin` or `Sec-Fetch-Site`), by a name of its own that it lets point to 127.0.0.1
//! (DNS rebinding, told by `Host`), and by requests that are so simple that a browser sends them without asking. None
//! of them gets further than this, pass or not.

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

/// Why a request ends at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnedAway {
    /// It means another host than ours.
    ForeignHost,
    /// A web page sent it.
    WebPage,
    /// It says twice, or in two ways, whom it means.
    Ambiguous,
}

impl TurnedAway {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::ForeignHost => {
                "this gateway answers to 127.0.0.1, [::1] and localhost with its own port only"
            }
            Self::WebPage => "web pages may not use this gateway",
            Self::Ambiguous => "the request names its host twice",
        }
    }
}

/// Lets a request in that means `port` of this computer and comes from no page.
pub(crate) fn check(request: &Parts, port: u16) -> Result<(), TurnedAway> {
    let header = |name: &str| request.headers.get(name);
    if header(ORIGIN.as_str()).is_some() {
        return Err(TurnedAway::WebPage);
    }
    if header("sec-fetch-site").is_some_and(|site| site != "none") {
        return Err(TurnedAway::WebPage);
    }
    let mut hosts = request.headers.get_all(HOST).iter();
    let host = hosts.next().ok_or(TurnedAway::ForeignHost)?;
    if hosts.next().is_some() {
        return Err(TurnedAway::Ambiguous);
    }
    let host: Authority =
        host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(TurnedAway::ForeignHost)?;
    if !is_ours(&host, port) {
        return Err(TurnedAway::ForeignHost);
    }
    // The absolute form (RFC 9112 §3.2.2) names the host again, and there it counts more than the header.
    match request.uri.authority() {
        Some(target) if !is_ours(target, port) => Err(TurnedAway::ForeignHost),
        Some(target) if *target != host => Err(TurnedAway::Ambiguous),
        _ => Ok(()),
    }
}

fn is_ours(authority: &Authority, port: u16) -> bool {
    let name = authority.host();
    let named = name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost");
    let with_user = authority.as_str().contains('@');
    named && !with_user && authority.port_u16().unwrap_or(80) == port
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn knock(uri: &str, headers: &[(&str, &str)]) -> Result<(), TurnedAway> {
        let request =
            headers.iter().fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0, 18740)
    }

    #[test]
    fn our_own_names_are_let_in() {
        for host in ["127.0.0.1:18740", "localhost:18740", "LocalHost:18740", "[::1]:18740"] {
            assert_eq!(knock("/v1/models", &[("host", host)]), Ok(()), "{host}");
        }
        assert_eq!(knock("http://127.0.0.1:18740/v1/models", &[("host", "127.0.0.1:18740")]), Ok(()));
        assert_eq!(knock("/", &[("host", "127.0.0.1:18740"), ("sec-fetch-mode", "cors")]), Ok(()));
    }

    #[test]
    fn other_names_are_not() {
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
            assert_eq!(knock("/v1/models", &[("host", host)]), Err(TurnedAway::ForeignHost), "{host}");
        }
        assert_eq!(knock("/v1/models", &[]), Err(TurnedAway::ForeignHost));
    }

    #[test]
    fn a_page_is_known_by_what_only_browsers_send() {
        let host = ("host", "127.0.0.1:18740");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:18740", "file://", ""] {
            assert_eq!(knock("/", &[host, ("origin", origin)]), Err(TurnedAway::WebPage), "{origin}");
        }
        for site in ["cross-site", "same-site", "same-origin"] {
            assert_eq!(knock("/", &[host, ("sec-fetch-site", site)]), Err(TurnedAway::WebPage), "{site}");
        }
    }

    #[test]
    fn saying_two_hosts_is_saying_none() {
        let host = ("host", "127.0.0.1:18740");
        assert_eq!(knock("/", &[host, ("host", "evil.example")]), Err(TurnedAway::Ambiguous));
        assert_eq!(knock("http://evil.example/", &[host]), Err(TurnedAway::ForeignHost));
        assert_eq!(knock("http://localhost:18740/", &[host]), Err(TurnedAway::Ambiguous));
    }
}
