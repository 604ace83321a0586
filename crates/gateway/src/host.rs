//! What the gateway asks of the rest of the program.

use std::sync::Arc;

use usher_domain::ports::{Authorization, BoxFuture};
use usher_domain::{Failure, Model, Pass, ProviderId, Wire};
use usher_upstream::Backend;

/// Knows the passes, the providers and the person's choices. Asked for each request, so that a change counts from
/// the next one on.
pub trait GatewayHost: Send + Sync + 'static {
    /// The pass whose secret `from_headers` is.
    fn authenticate<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, PassRejected>>;

    /// Where a request goes that comes with `pass` and names `model`; an empty name is no name.
    fn route<'a>(&'a self, pass: &'a Pass, model: &'a str) -> BoxFuture<'a, Result<Route, Failure>>;

    /// The models that `pass` may name.
    fn models<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>>;

    /// What the provider of `pass` is asked with now, for a pass that may have it (contract section 3).
    fn authorization<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>>;

    /// Why a request that is under way must end; nothing while pass and account are good. Asked twice a second
    /// while there are any, so it has to be cheap.
    fn revocation(&self, pass: &Pass, route: &Route) -> Option<Failure>;
}

/// Why nobody is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassRejected {
    /// There is no such pass.
    Unknown,
    /// It was good until a while ago.
    Expired,
    /// Passes cannot be looked up now.
    Failed(Failure),
}

/// Where a request goes.
#[derive(Clone)]
pub struct Route {
    /// The provider's server.
    pub backend: Arc<Backend>,
    /// Whose server.
    pub provider: ProviderId,
    /// Which account there: its id; the provider's where it has no accounts.
    pub account: String,
    /// A key of the person's lets it in.
    pub uses_api_key: bool,
    /// Which API the server has.
    pub wire: Wire,
    /// The model, as the provider describes it.
    pub model: Model,
    /// The person's effort, for callers that name none.
    pub effort: Option<String>,
}

impl Route {
    /// Who seals reasoning here, and can open it again: one name for each account.
    pub(crate) fn reasoning_origin(&self) -> String {
        format!("{} {}", self.provider, self.account)
    }
}
