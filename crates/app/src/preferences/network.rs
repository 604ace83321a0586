//! The proxy and the certificate authorities that the person chose.

use std::path::Path;

use usher_domain::{ErrorCode, Failure, ProxyPassword};
use usher_net::{ProxyPreference, ProxySettings, check_certificate_file};

use super::{Preferences, bad_usage};
use crate::context::blocking;
use crate::settings::{ProxySetting, Settings};
use crate::view::{NetworkView, shown_path};

/// The longest list of hosts.
const MAX_NO_PROXY_CHARS: usize = 4096;

impl Preferences {
    pub(super) fn network_view(&self, settings: &Settings) -> NetworkView {
        let (proxy, problem) = match settings.proxy() {
            Ok(proxy) => (proxy, None),
            Err(failure) => (ProxySetting::System, Some(failure.cause)),
        };
        let has_password = match &proxy {
            ProxySetting::Address(address) if address.has_user() => {
                let saved = blocking(|| self.context.proxy_passwords().password_for(&address.to_string()));
                // The overview reports sign-ins that cannot be read.
                saved.is_ok_and(|password| password.is_some())
            }
            _ => false,
        };
        // What is chosen makes no difference to which variables are set.
        let variables = ProxySettings::from_system(&ProxyPreference::default());
        let certificates_of_environment = self.context.extra_certificates.as_deref().map(shown_path);
        NetworkView {
            proxy: proxy.text(),
            has_password,
            no_proxy: settings.no_proxy().unwrap_or_default().to_owned(),
            ca_file: settings.ca_file().as_deref().map(shown_path),
            variables: variables.variables().iter().map(|name| (*name).to_owned()).collect(),
            certificates_of_environment,
            problem,
        }
    }

    /// Chooses the proxy: `system`, `none` or an address. Its password is saved with the sign-ins, for this address only;
    /// without one, a password that was saved for it stays.
    pub async fn set_proxy(&self, proxy: &str, password: Option<ProxyPassword>) -> Result<(), Failure> {
        let proxy =
            ProxySetting::parse(proxy.trim()).map_err(|why| bad_usage(format!("the proxy: {why}")))?;
        let address = match &proxy {
            ProxySetting::Address(address) if address.has_user() => Some(address.to_string()),
            _ => None,
        };
        let passwords = self.context.proxy_passwords();
        if let Some(password) = password {
            let Some(address) = address.clone() else {
                let cause = "a password is for a user: write the proxy as http://USER@proxy.example:3128";
                return Err(bad_usage(cause.into()));
            };
            // First: an address whose password is missing would be refused by the proxy until it is there.
            passwords.save(address, password).await?;
        }
        self.change(|settings| settings.set_proxy(&proxy)).await?;
        if self.context.store.path().exists() {
            passwords.forget_all_but(address).await?;
        }
        Ok(())
    }

    /// Chooses the hosts that are reached without the proxy, written like `NO_PROXY`.
    pub async fn set_no_proxy(&self, hosts: &str) -> Result<(), Failure> {
        let hosts = hosts.trim().to_owned();
        if !usher_domain::is_printable_within(&hosts, MAX_NO_PROXY_CHARS) && !hosts.is_empty() {
            return Err(bad_usage(
                "the hosts without a proxy: names in one line, separated by commas".into(),
            ));
        }
        self.change(|settings| settings.set_no_proxy(Some(hosts))).await
    }

    /// Chooses a file of certificate authorities to trust beside those of the system; `None` for none.
    ///
    /// A file without a certificate is refused, and nothing changes.
    pub async fn set_ca_file(&self, path: Option<&Path>) -> Result<(), Failure> {
        let Some(path) = path else { return self.change(|settings| settings.set_ca_file(None)).await };
        let path = std::path::absolute(path).map_err(|error| bad_usage(error.to_string()))?;
        blocking(|| check_certificate_file(&path))?;
        let text = path.to_str().ok_or_else(|| {
            Failure::new(ErrorCode::BadUsage, "the path of the certificate file is not in UTF-8")
        })?;
        self.change(|settings| settings.set_ca_file(Some(text.to_owned()))).await
    }
}
