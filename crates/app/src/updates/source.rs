//! Where new versions come from: an address, and the key that they are signed for.

use url::Url;
use usher_domain::{ErrorCode, Failure, is_loopback};

use crate::settings::Settings;

/// What the program was built with; the packager sets both, or neither.
const BUILT_IN: (Option<&str>, Option<&str>) =
    (option_env!("USHER_UPDATE_ENDPOINT"), option_env!("USHER_UPDATE_PUBLIC_KEY"));

/// Where new versions come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateSource {
    /// The list of versions.
    pub endpoint: Url,
    /// The public key of minisign that packages are signed for, in base64.
    pub public_key: String,
}

impl UpdateSource {
    /// Returns the source of this program; `None` until both parts are set, here or at its build.
    ///
    /// A key that is built in wins over the settings, so that a file does not change who may replace the program.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, Failure> {
        Self::chosen(BUILT_IN, (settings.update_endpoint(), settings.update_public_key()))
    }

    fn chosen(
        built_in: (Option<&str>, Option<&str>),
        settings: (Option<&str>, Option<&str>),
    ) -> Result<Option<Self>, Failure> {
        let (endpoint, public_key) = if built_in.1.is_some() { built_in } else { settings };
        let filled =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(endpoint), Some(public_key)) = (filled(endpoint), filled(public_key)) else {
            return Ok(None);
        };
        Ok(Some(Self { endpoint: parse_endpoint(&endpoint)?, public_key }))
    }
}

fn parse_endpoint(text: &str) -> Result<Url, Failure> {
    let bad = |why: &str| Failure::new(ErrorCode::BadUrl, format!("the address of updates {why}"));
    let url = Url::parse(text).map_err(|_| bad("is no address"))?;
    if !is_safe(&url) {
        return Err(bad("must begin with https://"));
    }
    Ok(url)
}

/// Returns whether nobody on the way can read or change what is sent: HTTPS, or this computer.
pub(super) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (Option<&str>, Option<&str>) = (Some("https://here.example/latest.json"), Some("mine"));

    #[test]
    fn source_needs_both_parts_and_a_built_in_key_wins() {
        for half in [(None, None), (HERE.0, None), (None, HERE.1), (Some(" "), HERE.1), (HERE.0, Some(""))] {
            assert_eq!(UpdateSource::chosen((None, None), half).unwrap(), None, "{half:?}");
        }
        let chosen = UpdateSource::chosen((None, None), HERE).unwrap().unwrap();
        assert_eq!((chosen.endpoint.as_str(), chosen.public_key.as_str()), (HERE.0.unwrap(), "mine"));
        let built_in = (Some("https://built.example/latest.json"), Some("theirs"));
        assert_eq!(UpdateSource::chosen(built_in, HERE).unwrap().unwrap().public_key, "theirs");
        assert_eq!(UpdateSource::chosen((None, Some("theirs")), HERE).unwrap(), None);
    }

    #[test]
    fn endpoint_without_encryption_is_refused_but_on_this_computer() {
        for (address, is_taken) in [
            ("https://usher.example/latest.json", true),
            ("http://127.0.0.1:8080/latest.json", true),
            ("http://usher.example/latest.json", false),
            ("http://127.0.0.1.usher.example/", false),
            ("file:///tmp/latest.json", false),
            ("latest.json", false),
        ] {
            let chosen = UpdateSource::chosen((None, None), (Some(address), Some("key")));
            assert_eq!(chosen.is_ok(), is_taken, "{address}");
            if let Err(refused) = chosen {
                assert_eq!(refused.code, ErrorCode::BadUrl);
            }
        }
    }
}
