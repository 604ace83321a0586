//! The way to remote hosts: the environment's settings and the person's.

use std::path::PathBuf;
use std::sync::Arc;

use usher_auth::ProxyPasswords;
use usher_domain::Failure;
use usher_net::{NetworkConfig, ProxyChoice, ProxyPreference, ProxySettings};

use crate::context::{Context, blocking};
use crate::settings::ProxySetting;

impl Context {
    /// Returns the network settings of the environment and of the person.
    pub(crate) fn network_config(&self) -> Result<NetworkConfig, Failure> {
        Ok(NetworkConfig {
            extra_certificates: self.certificate_files(),
            proxy: blocking(|| self.proxy_preference())?,
        })
    }

    /// Returns the files of certificate authorities that are trusted beside those of the system: that of `SSL_CERT_FILE`,
    /// and the person's.
    pub(crate) fn certificate_files(&self) -> Vec<PathBuf> {
        let chosen = self.read_settings().ok().and_then(|settings| settings.ca_file());
        let chosen = chosen.map(|path| self.home.config.join(path));
        self.extra_certificates.iter().cloned().chain(chosen).collect()
    }

    /// Returns what the person chose for proxies. Settings that cannot be read choose nothing.
    fn proxy_preference(&self) -> Result<ProxyPreference, Failure> {
        let Ok(settings) = self.read_settings() else { return Ok(ProxyPreference::default()) };
        let proxy = match settings.proxy()? {
            ProxySetting::System => ProxyChoice::System,
            ProxySetting::Direct => ProxyChoice::Direct,
            ProxySetting::Address(address) => {
                let password = if address.has_user() {
                    self.proxy_passwords().password_for(&address.to_string())?
                } else {
                    None
                };
                ProxyChoice::Address { address, password }
            }
        };
        Ok(ProxyPreference { proxy, exceptions: settings.no_proxy().unwrap_or_default().to_owned() })
    }

    /// Returns which proxies requests go through.
    pub(crate) fn proxies(&self) -> Result<ProxySettings, Failure> {
        Ok(ProxySettings::from_system(&blocking(|| self.proxy_preference())?))
    }

    /// Returns the password of the proxy.
    pub(crate) fn proxy_passwords(&self) -> ProxyPasswords {
        ProxyPasswords::new(Arc::clone(&self.store))
    }
}
