//! The hosts that may be spoken to.

use std::collections::BTreeSet;

use url::Url;
use usher_domain::{ErrorCode, Failure};

/// Origins derived from the base addresses of enabled providers; there is no other way onto the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    origins: BTreeSet<String>,
}

impl AllowedHosts {
    /// The hosts of these base addresses.
    pub fn from_urls<'a>(bases: impl IntoIterator<Item = &'a Url>) -> Self {
        Self { origins: bases.into_iter().map(origin).collect() }
    }

    /// The origins, for people to read.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(String::as_str)
    }

    /// Refuses an address whose origin is not on the list, by name.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Failure> {
        let origin = origin(url);
        if self.origins.contains(&origin) {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::HostNotAllowed, format!("{origin} belongs to no enabled provider")))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use usher_domain::Endpoints;

    use super::*;

    #[test]
    fn allowed_hosts_other_scheme_port_or_host_is_refused() {
        let endpoints = Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap();
        let hosts = AllowedHosts::from_urls([&endpoints.issuer, &endpoints.backend]);
        hosts.check(&endpoints.at_issuer("/oauth/token")).unwrap();
        hosts.check(&endpoints.at_backend("/wham/usage")).unwrap();
        let others = [
            "http://auth.openai.com/",
            "https://auth.openai.com:444/",
            "https://auth.openai.com.evil.example/",
        ];
        for other in others {
            let refused = hosts.check(&Url::parse(other).unwrap()).unwrap_err();
            assert_eq!(refused.code, ErrorCode::HostNotAllowed, "{other}");
        }
    }
}
