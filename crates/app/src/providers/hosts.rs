//! The hosts that Usher speaks to, and no others.

use url::Url;
use usher_domain::SignInRoute;
use usher_net::AllowedHosts;

use crate::context::Context;
use crate::providers::kinds::{self, CHATGPT};
use crate::providers::known::known_providers;
use crate::settings::Settings;
use crate::view::HostView;

/// The hosts that Usher speaks to: those of enabled providers, and the authorization server, without which
/// nobody could be signed in or disconnected.
pub(crate) fn hosts(context: &Context, settings: &Settings) -> Vec<HostView> {
    let mut found: Vec<HostView> = Vec::new();
    let mut add = |url: &Url, name: &str| {
        let origin = url.origin().ascii_serialization();
        match found.iter_mut().find(|host| host.origin == origin) {
            Some(host) if host.providers.iter().any(|one| one == name) => {}
            Some(host) => host.providers.push(name.to_owned()),
            None => found.push(HostView { origin, providers: vec![name.to_owned()] }),
        }
    };
    add(&context.provider.endpoints.issuer, "OpenAI");
    if settings.enabled(&CHATGPT) && is_registered(context) {
        add(&context.endpoints(SignInRoute::PlanUsage).backend, "OpenAI");
    }
    for id in known_providers(context, settings) {
        // The provider's own view reports an address that cannot be used.
        let (Some(kind), Ok(endpoint)) = (kinds::find(&id), settings.endpoint(&id)) else { continue };
        if let Ok(root) = kind.root(context, &id, &endpoint)
            && settings.enabled(&id)
        {
            add(&root, &kind.display_name(&id, &endpoint));
        }
    }
    found
}

/// Returns whether Usher is registered in an account, whose plan then pays for requests to the API. A file that cannot be
/// read is reported by whoever needs what is in it.
fn is_registered(context: &Context) -> bool {
    context.registrations().read().is_ok_and(|registrations| !registrations.is_empty())
}

/// The same for the client. While the settings cannot be read, the plan's hosts only.
pub(crate) fn allowed_hosts(context: &Context) -> AllowedHosts {
    let Ok(settings) = context.read_settings() else {
        return AllowedHosts::from_urls([
            &context.provider.endpoints.issuer,
            &context.provider.endpoints.backend,
        ]);
    };
    let urls: Vec<Url> =
        hosts(context, &settings).iter().filter_map(|host| Url::parse(&host.origin).ok()).collect();
    AllowedHosts::from_urls(&urls)
}
