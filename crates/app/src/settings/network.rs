//! The table `[network]`: the proxy, what is reached without it, and a file of certificate authorities.

use std::path::PathBuf;

use toml_edit::Item;
use usher_domain::{ErrorCode, Failure};
use usher_net::{InvalidProxy, ProxyAddress};

use super::{Settings, comment_edit, set_value};

const TABLE: &str = "network";
const PROXY: &str = "proxy";
const NO_PROXY: &str = "no_proxy";
const CA_FILE: &str = "ca_file";
/// The proxy of the system, if it has one.
const SYSTEM: &str = "system";
/// No proxy.
const NONE: &str = "none";

/// What the person chose for proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ProxySetting {
    /// That of the system, if it has one.
    #[default]
    System,
    /// None.
    Direct,
    /// The one at an address.
    Address(ProxyAddress),
}

impl ProxySetting {
    /// Parses the text of the key. The error says what is wrong and repeats nothing of the text, which may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            SYSTEM => Ok(Self::System),
            NONE => Ok(Self::Direct),
            address => ProxyAddress::parse(address).map(Self::Address).map_err(|why| match why {
                InvalidProxy::HasPassword => PASSWORD,
                InvalidProxy::NotEncoded => InvalidProxy::ENCODE,
                InvalidProxy::NotAnAddress => NO_ADDRESS,
            }),
        }
    }

    /// Returns the text of the key.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::System => SYSTEM.into(),
            Self::Direct => NONE.into(),
            Self::Address(address) => address.to_string(),
        }
    }
}

/// Why the value cannot be used.
const PASSWORD: &str =
    "the password does not belong in it; save it with `usher preferences set proxy ADDRESS --password-stdin`";
const NO_ADDRESS: &str = "it must be system, none, or an address such as http://proxy.example:3128";

impl Settings {
    /// Returns the proxy that the person chose.
    ///
    /// One that cannot be used is a failure and not the default: without it requests would take a way that nobody chose.
    pub(crate) fn proxy(&self) -> Result<ProxySetting, Failure> {
        let Some(item) = self.get(&[TABLE, PROXY]) else { return Ok(ProxySetting::default()) };
        parse_proxy(item).map_err(|why| {
            let cause = format!("`{TABLE}.{PROXY}` in config.toml cannot be used, so nothing is sent: {why}");
            Failure::new(ErrorCode::Proxy, cause)
        })
    }

    pub(crate) fn set_proxy(&mut self, proxy: &ProxySetting) -> Result<(), Failure> {
        self.set_network(PROXY, (*proxy != ProxySetting::System).then(|| proxy.text()))
    }

    /// Returns the hosts that are reached without the proxy, written like `NO_PROXY`.
    pub(crate) fn no_proxy(&self) -> Option<&str> {
        self.get(&[TABLE, NO_PROXY]).and_then(Item::as_str)
    }

    pub(crate) fn set_no_proxy(&mut self, hosts: Option<String>) -> Result<(), Failure> {
        self.set_network(NO_PROXY, hosts)
    }

    /// Returns the file of certificate authorities to trust beside those of the system.
    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        self.get(&[TABLE, CA_FILE]).and_then(Item::as_str).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    pub(crate) fn set_ca_file(&mut self, path: Option<String>) -> Result<(), Failure> {
        self.set_network(CA_FILE, path)
    }

    /// Sets one key, or removes it, which gives it its default.
    fn set_network(&mut self, key: &str, value: Option<String>) -> Result<(), Failure> {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => set_value(self.table(&[TABLE])?, key, value.into()),
            None => comment_edit::remove_key(&mut self.document, &[TABLE], key),
        }
        Ok(())
    }
}

/// Returns the proxy that `item` is, or why it is none.
pub(super) fn parse_proxy(item: &Item) -> Result<ProxySetting, &'static str> {
    item.as_str().map_or(Err(NO_ADDRESS), ProxySetting::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::settings_keys;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, settings_keys).unwrap()
    }

    #[test]
    fn network_settings_are_written_and_removed() {
        let mut settings = settings("# mine\n");
        assert_eq!(settings.proxy().unwrap(), ProxySetting::System);
        settings.set_proxy(&ProxySetting::parse("proxy.example:3128").unwrap()).unwrap();
        settings.set_no_proxy(Some(".example".into())).unwrap();
        settings.set_ca_file(Some("/ca.pem".into())).unwrap();
        assert_eq!(
            settings.render(),
            "# mine\nversion = 1\n\n[network]\nproxy = \"http://proxy.example:3128\"\nno_proxy = \".example\"\nca_file = \"/ca.pem\"\n"
        );
        assert!(settings.warnings().is_empty());
        assert_eq!(settings.proxy().unwrap().text(), "http://proxy.example:3128");
        settings.set_proxy(&ProxySetting::System).unwrap();
        settings.set_no_proxy(None).unwrap();
        settings.set_ca_file(Some(String::new())).unwrap();
        assert_eq!((settings.proxy().unwrap(), settings.no_proxy(), settings.ca_file()), Default::default());
    }

    #[test]
    fn proxy_that_cannot_be_used_is_reported_and_not_passed_by() {
        for written in ["\"http://ada:sesame@x:1\"", "\"http://ada:ses@me@x:1\"", "\"nonsense://\"", "3"] {
            let settings = settings(&format!("network.proxy = {written}"));
            let failure = settings.proxy().unwrap_err();
            assert_eq!(failure.code, ErrorCode::Proxy, "{written}");
            let shown = format!("{failure} {}", settings.warnings().join(" "));
            assert_eq!(settings.warnings().len(), 1, "{written}");
            assert!(!shown.contains("same") && !shown.contains("ses@me"), "{shown}");
        }
        for written in ["system", "none", "socks5h://127.0.0.1:1080", "http://ada@x:1"] {
            let settings = settings(&format!("network.proxy = \"{written}\""));
            assert_eq!(settings.proxy().unwrap().text(), written);
            assert!(settings.warnings().is_empty(), "{written}");
        }
    }
}
