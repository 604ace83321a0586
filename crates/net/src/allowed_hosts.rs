//! The hosts that requests may be sent to.

use std::collections::BTreeSet;

use url::Url;
use usher_domain::{ErrorCode, Failure};

/// The origins of the base addresses of enabled providers. Nothing else adds to the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    origins: BTreeSet<String>,
}

impl AllowedHosts {
    /// Returns the hosts of these base addresses.
    pub fn from_urls<'a>(bases: impl IntoIterator<Item = &'a Url>) -> Self {
        Self { origins: bases.into_iter().map(origin).collect() }
    }

    /// Returns the origins, for people to read.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(String::as_str)
    }

    /// Returns an error that names the origin of `url`, if it is not on the list.
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
    fn allowed_hosts_other_scheme_port_or_host_is_rejected() {
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
            let error = hosts.check(&Url::parse(other).unwrap()).unwrap_err();
            assert_eq!(error.code, ErrorCode::HostNotAllowed, "{other}");
        }
    }
}
