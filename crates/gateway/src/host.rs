//! The port through which the gateway uses the rest of the program.

use std::sync::Arc;

use usher_domain::ports::{Authorization, BoxFuture};
use usher_domain::{Failure, Model, Pass, ProviderId, Tier, Wire};
use usher_upstream::Backend;

/// Provides passes, routes and models.
///
/// Called for each request, so that a change takes effect with the next one.
pub trait GatewayHost: Send + Sync + 'static {
    /// Returns the pass whose secret is `presented`.
    fn authenticate<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, PassRejected>>;

    /// Returns the route of a request with `pass` for `model`; an empty `model` means the default.
    fn route<'a>(&'a self, pass: &'a Pass, model: &'a str) -> BoxFuture<'a, Result<Route, Failure>>;

    /// Returns the models that `pass` may use.
    fn models<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>>;

    /// Returns the current credential of the provider, for a pass that allows it (contract §3).
    fn authorization<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>>;

    /// Records that requests with `pass`, which has a budget, have used this many tokens more.
    fn count_tokens(&self, _pass: &Pass, _tokens: u64) {}

    /// Returns why a request must end, or `None` while its pass and account are valid; without a `route` the account is not
    /// known yet.
    ///
    /// Called before each request is sent, and about twice a second while requests run, so it must be cheap.
    fn revocation<'a>(&'a self, pass: &'a Pass, route: Option<&'a Route>) -> BoxFuture<'a, Option<Failure>>;
}

/// Why a pass is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassRejected {
    /// No pass has this secret.
    Unknown,
    /// The pass has expired.
    Expired,
    /// The pass is known and valid, but all passes are locked.
    Locked {
        /// The pass.
        pass: Arc<Pass>,
        /// Why.
        failure: Failure,
    },
    /// Passes could not be read.
    Failed(Failure),
}

/// Where a request goes.
#[derive(Clone)]
pub struct Route {
    /// The provider's server.
    pub backend: Arc<Backend>,
    /// The provider that runs it.
    pub provider: ProviderId,
    /// The name of the provider, for people.
    pub provider_name: String,
    /// Id of the account; the provider's id where it has no accounts.
    pub account: String,
    /// The name of the account, for people; absent where the provider has no accounts.
    pub account_name: Option<String>,
    /// Who pays: `plan`, `key` or `service`, as `x-usher-paid-by` says (contract §3).
    pub paid_by: &'static str,
    /// The credential is an API key of the user.
    pub uses_api_key: bool,
    /// The API of the server.
    pub wire: Wire,
    /// The model, as the provider describes it.
    pub model: Model,
    /// The configured effort, for requests that name none.
    pub effort: Option<String>,
    /// The configured tier, for requests that name none.
    pub tier: Option<Tier>,
}

impl Route {
    /// Returns who encrypts reasoning here and can decrypt it: one name for each account.
    pub(crate) fn reasoning_origin(&self) -> String {
        format!("{} {}", self.provider, self.account)
    }
}
