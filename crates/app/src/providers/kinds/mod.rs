//! The kinds of providers: one file each, and one line in [`ALL`].
//!
//! What a kind does differently is here and nowhere else: other code asks the trait, and never which kind it is.
//! docs/adding-a-provider.md shows the steps.

mod chatgpt;
mod codex_cli;
mod keyed;
mod openai;
mod openai_compatible;

/// A kind that only the tests know. It shows what a new kind has to touch: its file, and its line in the table.
#[cfg(test)]
#[path = "../../../tests/providers/fifth_kind.rs"]
mod fifth_kind;

use url::Url;
use usher_auth::VaultSummary;
use usher_domain::ports::{BoxFuture, ExtraHeader};
use usher_domain::{ApiKey, ErrorCode, Failure, ProviderId, Wire, redact};
use usher_upstream::{BackendRules, Timeouts};

use std::sync::Arc;
use std::time::Duration;

use crate::connection::{Connection, Target};
use crate::context::Context;
use crate::settings::{EndpointSettings, Keys, Settings};
use crate::view::{Billing, CredentialView};

pub(crate) use codex_cli::codex_of;
pub use openai_compatible::id_of_service;

/// All kinds. Those that are listed without a table in the settings file come in this order.
static ALL: &[&dyn ProviderKind] = &[
    &chatgpt::Chatgpt,
    &openai::Openai,
    &codex_cli::CodexCliLink,
    &openai_compatible::OpenaiCompatible,
    #[cfg(test)]
    &fifth_kind::FifthKind,
];

/// The person's ChatGPT plan, the only provider with accounts.
pub const CHATGPT: ProviderId = ProviderId::of_kind(chatgpt::KIND);
/// The OpenAI Platform.
pub const OPENAI: ProviderId = ProviderId::of_kind(openai::KIND);
/// The link to the Codex CLI's sign-in.
pub const CODEX_CLI: ProviderId = ProviderId::of_kind(codex_cli::KIND);

/// How Usher gets access to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderAccess {
    /// By a sign-in of its own.
    SignIn,
    /// By the sign-in of another program, which is read and never written.
    LinkedSignIn,
    /// By a key, without which nothing can be requested.
    RequiredKey,
    /// By a key, by secret headers, or by nothing: the service decides.
    OptionalKey,
}

impl ProviderAccess {
    /// Returns whether a key can be saved for it.
    pub fn takes_key(self) -> bool {
        matches!(self, Self::RequiredKey | Self::OptionalKey)
    }
}

/// One kind of provider. The defaults are those of a provider with a key at an address that cannot be configured.
pub(crate) trait ProviderKind: Sync {
    /// Returns the id, or what is before its colon where each provider has a name.
    fn id(&self) -> &'static str;

    /// Returns how Usher gets access.
    fn access(&self) -> ProviderAccess;

    /// Returns who pays.
    fn billing(&self) -> Billing;

    /// Returns the name that people see.
    fn display_name(&self, id: &ProviderId, endpoint: &EndpointSettings) -> String;

    /// Returns the rules of its server.
    fn rules(&self) -> &'static BackendRules;

    /// Returns where the paths of its server are appended. Fails with [`ErrorCode::BadUrl`].
    fn root(&self, context: &Context, id: &ProviderId, endpoint: &EndpointSettings) -> Result<Url, Failure>;

    /// Returns the keys of its table in the settings file, besides those that every provider has.
    fn settings_keys(&self) -> Keys {
        &[]
    }

    /// Returns whether there can be several, each with a name.
    fn is_named(&self) -> bool {
        false
    }

    /// Returns, for a kind that is always listed, why it cannot be removed.
    fn always_listed(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether it has accounts to choose from, each with models of its own.
    fn has_accounts(&self) -> bool {
        false
    }

    /// Returns the key of the environment, which is used while none is saved. With one, the provider is listed.
    fn environment_key(&self, _context: &Context) -> Option<EnvironmentKey> {
        None
    }

    /// Returns whether it has what it needs, so that it may be used where no provider is named.
    fn is_ready(&self, _context: &Context, _id: &ProviderId, _vault: &VaultSummary) -> bool {
        true
    }

    /// Returns the API of its server; `None` while that is not known.
    fn wire(&self, _endpoint: &EndpointSettings) -> Option<Wire> {
        Some(Wire::Responses)
    }

    /// Returns how long a list may take.
    fn list_timeout(&self, _endpoint: &EndpointSettings) -> Duration {
        Timeouts::default().lists
    }

    /// Returns headers that the settings add to each request.
    fn extra_headers(&self, _endpoint: &EndpointSettings) -> Vec<ExtraHeader> {
        Vec::new()
    }

    /// Returns whether the person may save secret headers.
    fn takes_headers(&self) -> bool {
        false
    }

    /// Returns why `key`, a well-formed one, cannot be a key of this provider.
    fn key_error(&self, _key: &str) -> Option<&'static str> {
        None
    }

    /// Returns the credential in use, and what needs the person.
    fn credential<'a>(
        &'a self,
        request: CredentialRequest<'a>,
    ) -> BoxFuture<'a, (CredentialView, Option<Failure>)> {
        Box::pin(async move { (keyed::credential(self, &request), keyed::refusal(self, &request)) })
    }

    /// Returns a connection. Nothing is requested yet.
    fn connect<'a>(&'a self, request: ConnectRequest<'a>) -> BoxFuture<'a, Result<Connection, Failure>> {
        Box::pin(keyed::connect(self, request))
    }
}

/// A key that an environment variable has.
pub(crate) struct EnvironmentKey {
    pub(crate) variable: &'static str,
    pub(crate) key: Arc<ApiKey>,
}

/// What the credential of a provider is found from.
pub(crate) struct CredentialRequest<'a> {
    pub(crate) context: &'a Context,
    pub(crate) id: &'a ProviderId,
    /// Absent where the address cannot be used.
    pub(crate) root: Option<&'a Url>,
    pub(crate) vault: &'a VaultSummary,
}

/// What a connection is made from.
#[derive(Clone, Copy)]
pub(crate) struct ConnectRequest<'a> {
    pub(crate) context: &'a Context,
    pub(crate) id: &'a ProviderId,
    pub(crate) target: &'a Target,
    pub(crate) settings: &'a Settings,
    pub(crate) vault: &'a VaultSummary,
    /// Whether the API is at the address itself, whatever the settings say.
    pub(crate) unversioned: bool,
}

/// Returns the kind of `id`; `None` where this version has no such kind.
pub(crate) fn find(id: &ProviderId) -> Option<&'static dyn ProviderKind> {
    let kind = ALL.iter().find(|kind| kind.id() == id.kind())?;
    (kind.is_named() == id.name().is_some()).then_some(*kind)
}

/// Like [`find`]; the error is [`ErrorCode::BadUsage`] with the ids that there are.
pub(crate) fn of(id: &ProviderId) -> Result<&'static dyn ProviderKind, Failure> {
    find(id).ok_or_else(|| unknown(&id.to_string()))
}

/// Returns whether `id` is a provider with accounts to choose from.
pub(crate) fn has_accounts(id: &ProviderId) -> bool {
    find(id).is_some_and(ProviderKind::has_accounts)
}

/// Returns the kinds without names, each with its id.
pub(crate) fn unnamed() -> impl Iterator<Item = (ProviderId, &'static dyn ProviderKind)> {
    ALL.iter().filter(|kind| !kind.is_named()).map(|kind| (ProviderId::of_kind(kind.id()), *kind))
}

/// Returns the keys of the table of provider `name` in the settings file; `None` for what is no provider's.
pub(crate) fn settings_keys(name: &str) -> Option<Keys> {
    Some(find(&name.parse().ok()?)?.settings_keys())
}

/// Parses the id of a provider of a known kind; the error is [`ErrorCode::BadUsage`] with the ids that there are.
pub fn parse_provider_id(text: &str) -> Result<ProviderId, Failure> {
    let is_about_name = ALL
        .iter()
        .any(|kind| kind.is_named() && text.split_once(':').is_some_and(|(before, _)| before == kind.id()));
    match text.parse() {
        Ok(id) if find(&id).is_some() => Ok(id),
        Err(failure) if is_about_name => Err(failure),
        _ => Err(unknown(text)),
    }
}

/// Returns how Usher gets access to `provider`; `None` where this version has no such kind.
pub fn provider_access(provider: &ProviderId) -> Option<ProviderAccess> {
    find(provider).map(ProviderKind::access)
}

/// Returns the kinds that a person can add, and whether each provider of it has a name.
pub fn addable_kinds() -> Vec<(&'static str, bool)> {
    let addable = ALL.iter().filter(|kind| kind.always_listed().is_none());
    addable.map(|kind| (kind.id(), kind.is_named())).collect()
}

fn unknown(text: &str) -> Failure {
    let id = |kind: &&dyn ProviderKind| {
        let name = if kind.is_named() { ":NAME" } else { "" };
        format!("{}{name}", kind.id())
    };
    let ids: Vec<String> = ALL.iter().map(id).collect();
    let cause = format!("unknown provider {}; use one of {}", redact(text), ids.join(", "));
    Failure::new(ErrorCode::BadUsage, cause)
}
