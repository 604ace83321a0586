//! The hosts that Usher speaks to, and no others.

use url::Url;
use usher_net::AllowedHosts;

use crate::context::Context;
use crate::providers::kinds;
use crate::settings::Settings;
use crate::view::HostView;

impl Context {
    /// The hosts that Usher speaks to: those of enabled providers, and the authorization server, without which
    /// nobody could be signed in or disconnected.
    pub(crate) fn hosts(&self, settings: &Settings) -> Vec<HostView> {
        let mut hosts: Vec<HostView> = Vec::new();
        let mut add = |url: &Url, name: &str| {
            let origin = url.origin().ascii_serialization();
            match hosts.iter_mut().find(|host| host.origin == origin) {
                Some(host) if host.providers.iter().any(|one| one == name) => {}
                Some(host) => host.providers.push(name.to_owned()),
                None => hosts.push(HostView { origin, providers: vec![name.to_owned()] }),
            }
        };
        add(&self.provider.endpoints.issuer, "OpenAI");
        for id in self.known_providers(settings) {
            // The provider's own view reports an address that cannot be used.
            let (Some(kind), Ok(endpoint)) = (kinds::find(&id), settings.endpoint(&id)) else { continue };
            if let Ok(root) = kind.root(self, &id, &endpoint)
                && settings.enabled(&id)
            {
                add(&root, &kind.display_name(&id, &endpoint));
            }
        }
        hosts
    }

    /// The same for the client. While the settings cannot be read, the plan's hosts only.
    pub(crate) fn allowed_hosts(&self) -> AllowedHosts {
        let Ok(settings) = self.read_settings() else {
            return AllowedHosts::from_urls([
                &self.provider.endpoints.issuer,
                &self.provider.endpoints.backend,
            ]);
        };
        let urls: Vec<Url> =
            self.hosts(&settings).iter().filter_map(|host| Url::parse(&host.origin).ok()).collect();
        AllowedHosts::from_urls(&urls)
    }
}
