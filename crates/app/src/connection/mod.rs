//! A provider that can be spoken to, and how it is found.

pub(crate) mod connector;
pub(crate) mod known_usage;
pub(crate) mod recorder;
pub(crate) mod test_run;

use std::sync::Arc;

use usher_domain::ports::TokenSource;
use usher_domain::{Plan, ProviderId, Wire};
use usher_upstream::{BackendConfig, Timeouts};

use crate::accounts::scope::ModelScope;
use crate::view::{AccountView, CredentialPlace};

/// Which provider and which of its accounts; what is absent is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Absent: the one that tools use. Where the user chose none, that is the ChatGPT plan while somebody is signed in to
    /// it, and else the first provider that has what it needs.
    pub provider: Option<ProviderId>,
    /// An account's id, e-mail, name or workspace. Absent: the one in use.
    pub account: Option<String>,
}

impl Target {
    /// Returns this provider, and the account that is in use there.
    pub fn of(provider: ProviderId) -> Self {
        Self { provider: Some(provider), account: None }
    }
}

/// A provider that can be spoken to.
pub(crate) struct Connection {
    pub(crate) provider: ProviderId,
    /// Whose lists and choices.
    pub(crate) scope: ModelScope,
    /// The account of the plan that it authenticates with.
    pub(crate) account: Option<AccountView>,
    /// The name that people see.
    pub(crate) name: String,
    /// Where its model list comes from: the address and the key, without its secret. A list of another one is
    /// not the one of this connection.
    pub(crate) list_source: String,
    /// Which credential it has, without its secret; absent where the account itself keeps its refusals.
    pub(crate) credential: Option<String>,
    /// The plan whose models are listed, where there are plans.
    pub(crate) plan: Option<Plan>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    /// Where its credential was found.
    pub(crate) place: CredentialPlace,
    /// Whether Usher renews it by itself.
    pub(crate) renews: bool,
    /// Whether a token may be used again while the store is unchanged.
    pub(crate) caches_tokens: bool,
    /// The server, and what it is sent about us.
    pub(crate) config: BackendConfig,
    /// Which API it has, where that is known.
    pub(crate) wire: Option<Wire>,
    /// The address has no version, and whether `/v1` belongs behind it is not known yet.
    pub(crate) may_be_unversioned: bool,
    pub(crate) timeouts: Timeouts,
}
