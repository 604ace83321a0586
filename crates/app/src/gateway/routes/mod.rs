//! Routes the gateway's requests: which pass is valid, and which provider, account and model a request goes to.
//!
//! The answers come from the files of the home and are cached until one of these changes.

mod cached_token_source;
mod debounced_observer;
mod host;
pub(super) mod model_alias;

pub(crate) use self::host::RouterHandle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_auth::{KnownPasses, Passes, VaultSummary};
use usher_domain::ports::TokenSource;
use usher_domain::{AccountId, ErrorCode, Failure, Model, Pass, PassScope, ProviderId, Selection, Wire};
use usher_gateway::Route;
use usher_upstream::{Backend, Observer};

use crate::accounts::requester::{Requester, check_requester};
use crate::accounts::scope::ModelScope;
use crate::connection::connector::Connector;
use crate::connection::{Connection, Target};
use crate::context::{Context, FilesVersion, run_blocking};
use crate::gateway::passes::assignment::{Choices, check_payer};
use crate::gateway::passes::outcomes::{name_of_account, name_of_provider};
use crate::gateway::passes::usage::PassUsage;
use crate::gateway::routes::cached_token_source::{CachedTokenSource, SNAPSHOT_TTL};
use crate::gateway::routes::debounced_observer::DebouncedObserver;
use crate::gateway::routes::model_alias::{
    ResolvedModel, RoleChoices, unlisted, with_provider, without_window,
};
use crate::models::catalog::{ModelCatalog, with_manual_models};
use crate::providers::kinds::{self, has_accounts};
use crate::providers::known::known_providers;
use crate::usage::window_length;
use crate::view::Billing;

/// How long a cached model list is used before it is read again; another process may have fetched a newer one.
const MODEL_LIST_TTL: Duration = Duration::from_secs(30);

/// Resolves passes to routes.
pub(crate) struct Router {
    context: Arc<Context>,
    connector: Arc<Connector>,
    catalog: Arc<ModelCatalog>,
    pass_usage: Arc<PassUsage>,
    /// The last snapshot of the files, and when it was last checked.
    seen: Mutex<Option<(Instant, Arc<Snapshot>)>>,
    routes: Mutex<HashMap<RouteKey, Arc<CachedRoute>>>,
}

/// Passes, accounts and enabled providers at one version of the files.
struct Snapshot {
    stamp: FilesVersion,
    passes: KnownPasses,
    vault: VaultSummary,
    enabled: Vec<ProviderId>,
    choices: Choices,
    /// All passes are locked.
    locked: bool,
}

/// The provider and account that a request is for; what is absent is chosen by the user's settings.
type RouteKey = (Option<ProviderId>, Option<AccountId>);

/// All that is needed to send requests to one provider and account, but for the model.
struct CachedRoute {
    stamp: FilesVersion,
    found: Instant,
    backend: Arc<Backend>,
    observer: Arc<DebouncedObserver>,
    tokens: Arc<dyn TokenSource>,
    provider: ProviderId,
    /// The name of the provider, for people.
    provider_name: String,
    scope: ModelScope,
    /// The name of the account, for people.
    account_name: Option<String>,
    billing: Billing,
    keyed: bool,
    wire: Wire,
    models: Vec<Model>,
    selection: Selection,
}

impl CachedRoute {
    /// Returns what was chosen for the account, with the choices of a pass over it.
    fn choices<'a>(&'a self, scope: &'a PassScope) -> RoleChoices<'a> {
        RoleChoices { models: &self.models, selection: &self.selection, pass: &scope.roles }
    }

    fn route(&self, resolved: ResolvedModel) -> Route {
        let ResolvedModel { model, effort, tier } = resolved;
        Route {
            backend: Arc::clone(&self.backend),
            provider: self.provider.clone(),
            provider_name: self.provider_name.clone(),
            account: self.scope.key().0,
            account_name: self.account_name.clone(),
            paid_by: self.billing.paid_by(),
            uses_api_key: self.keyed,
            wire: self.wire,
            effort: effort.filter(|effort| model.supports_effort(effort)),
            tier,
            model,
        }
    }
}

impl Router {
    pub(crate) fn new(
        context: Arc<Context>,
        connector: Arc<Connector>,
        catalog: Arc<ModelCatalog>,
        pass_usage: Arc<PassUsage>,
    ) -> Self {
        Self { context, connector, catalog, pass_usage, seen: Mutex::default(), routes: Mutex::default() }
    }

    /// Writes down the usage that responses have reported and that still waits for its turn. Waits for the disk.
    pub(crate) fn write_down(&self) {
        for route in self.routes.lock().values() {
            route.observer.write_down();
        }
    }

    /// Returns the current snapshot. The files are read again only when one of them has changed.
    async fn snapshot(self: &Arc<Self>) -> Result<Arc<Snapshot>, Failure> {
        if let Some(seen) = self.current_snapshot() {
            return Ok(seen);
        }
        let router = Arc::clone(self);
        run_blocking(move || router.snapshot_blocking()).await
    }

    fn current_snapshot(&self) -> Option<Arc<Snapshot>> {
        let mut last = self.seen.lock();
        let (checked_at, seen) = last.as_mut()?;
        if checked_at.elapsed() >= SNAPSHOT_TTL {
            let now = Instant::now();
            if seen.stamp != self.context.stamp() {
                return None;
            }
            *checked_at = now;
        }
        Some(Arc::clone(seen))
    }

    /// Like [`snapshot`](Self::snapshot), on a thread that may block.
    fn snapshot_blocking(&self) -> Result<Arc<Snapshot>, Failure> {
        if let Some(seen) = self.current_snapshot() {
            return Ok(seen);
        }
        // Taken first, so that a change during the reading is seen by the next check.
        let (checked_at, stamp) = (Instant::now(), self.context.stamp());
        let settings = self.context.read_settings()?;
        let known = known_providers(&self.context, &settings);
        let vault = self.context.read_vault()?;
        let seen = Arc::new(Snapshot {
            stamp,
            passes: Passes::new(Arc::clone(&self.context.store), Arc::clone(&self.context.clock)).known()?,
            choices: Choices::new(&self.context, &settings, &vault),
            vault,
            locked: self.context.pass_lock.since().is_some(),
            enabled: known.into_iter().filter(|provider| settings.enabled(provider)).collect(),
        });
        *self.seen.lock() = Some((checked_at, Arc::clone(&seen)));
        Ok(seen)
    }

    async fn cached_route(self: &Arc<Self>, key: RouteKey) -> Result<Arc<CachedRoute>, Failure> {
        let stamp = self.snapshot().await?.stamp.clone();
        let remembered = self.routes.lock().get(&key).cloned();
        if let Some(cached_route) = remembered.filter(|cached_route| {
            cached_route.stamp == stamp && cached_route.found.elapsed() < MODEL_LIST_TTL
        }) {
            return Ok(cached_route);
        }
        let cached_route = Arc::new(self.find_cached_route(&key, stamp).await?);
        self.routes.lock().insert(key, Arc::clone(&cached_route));
        Ok(cached_route)
    }

    async fn find_cached_route(
        self: &Arc<Self>,
        (provider, account): &RouteKey,
        stamp: FilesVersion,
    ) -> Result<CachedRoute, Failure> {
        let (context, connector) = (&self.context, &self.connector);
        let target =
            Target { provider: provider.clone(), account: account.as_ref().map(|account| account.0.clone()) };
        let mut connection = self.connect(&target).await?;
        let scope = connection.scope.clone();
        let mut listed = self.catalog.cached_models(&connection).map(|list| list.models).unwrap_or_default();
        if listed.is_empty() {
            // First request to a provider whose list was never fetched. Without a list, any model name is accepted.
            match self.catalog.fetch_models(&connection).await {
                Ok(list) => listed = list.models,
                Err(failure) => tracing::info!(cause = %failure, "the model list could not be fetched"),
            }
            // Fetching the list may have shown that the API is at the base URL itself.
            connection = self.connect(&target).await?;
        }
        if connection.wire.is_none() {
            connection.wire = self.detect_wire(&connection).await?;
        }
        if connection.caches_tokens {
            let (store, clock) = (Arc::clone(&context.store), Arc::clone(&context.clock));
            connection.tokens = Arc::new(CachedTokenSource::new(connection.tokens, store, clock));
        }
        let settings = context.read_settings()?;
        let vault = &self.snapshot().await?.vault;
        let observer = Arc::new(DebouncedObserver::new(connector.recorder(&connection)));
        let backend = connector.backend_observed(&connection, Arc::clone(&observer) as Arc<dyn Observer>)?;
        Ok(CachedRoute {
            stamp,
            found: Instant::now(),
            backend: Arc::new(backend),
            observer,
            tokens: Arc::clone(&connection.tokens),
            provider: connection.provider.clone(),
            provider_name: name_of_provider(&connection.provider, &settings),
            account_name: match &scope {
                ModelScope::Account(id) => name_of_account(id, vault),
                ModelScope::Provider(_) => None,
            },
            billing: kinds::of(&connection.provider)?.billing(),
            keyed: vault.key_for(&connection.provider).is_some(),
            wire: connection.wire.unwrap_or(Wire::Responses),
            models: with_manual_models(listed, settings.manual_models(&scope)),
            selection: settings.selection(&scope),
            scope,
        })
    }

    /// Returns the connection that `target` means, if passes may use its account.
    async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let connection = self.connector.connect(target).await?;
        if let Some(account) = &connection.account {
            check_requester(account.route, Requester::Pass)?;
        }
        Ok(connection)
    }

    /// Finds out which API an untested service has; `None` if it cannot be detected.
    async fn detect_wire(&self, connection: &Connection) -> Result<Option<Wire>, Failure> {
        let wire = self.connector.backend_for_api(connection, Wire::Responses)?.detect_wire_api().await;
        if let Some(wire) = wire {
            self.connector.save_wire(&connection.provider, wire).await;
        }
        Ok(wire)
    }

    /// Returns the route to the provider and the account of a pass, or to those in use for one that belongs to none.
    async fn own_route(self: &Arc<Self>, scope: &PassScope) -> Result<Arc<CachedRoute>, Failure> {
        let assigned = self.snapshot().await?.choices.assign(scope)?;
        self.cached_route((Some(assigned.provider), assigned.account)).await
    }

    /// Returns the route for a name of the form `provider/model`, if the pass allows that provider.
    async fn cached_route_by_name(
        self: &Arc<Self>,
        scope: &PassScope,
        name: &str,
    ) -> Result<Option<(Arc<CachedRoute>, String)>, Failure> {
        let Some((provider, model)) = with_provider(name) else { return Ok(None) };
        if scope.provider.as_ref().is_some_and(|own| *own != provider) {
            let cause = format!("this pass is for {} only", scope.provider.as_ref().unwrap_or(&provider));
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        let account = scope.account.clone().filter(|_| has_accounts(&provider));
        if scope.provider.is_none() {
            // The request names the service; a bill by the token needs the user's yes.
            check_payer(scope, &provider, &[Billing::Plan, Billing::Service])?;
        }
        let cached_route = self.cached_route((Some(provider), account)).await?;
        Ok(Some((cached_route, model.to_owned())))
    }

    /// Fails if the budget of the pass is used up.
    fn check_budget(&self, pass: &Pass) -> Result<(), Failure> {
        let Some(budget) = pass.scope.budget else { return Ok(()) };
        let used = self.pass_usage.tokens(&pass.id, &self.context.state);
        if used < budget {
            return Ok(());
        }
        let cause = format!(
            "Usher: the budget of this run is used up: {used} of {budget} tokens. Start it again with a larger --budget"
        );
        Err(Failure::new(ErrorCode::BudgetReached, cause))
    }

    /// Fails if less of the plan is left than a background pass leaves to others.
    ///
    /// By the usage that was seen last: each response reports it, and it may not be written yet. The first request of an
    /// account that was never used goes through.
    async fn check_reserve(&self, scope: &PassScope, route: &CachedRoute) -> Result<(), Failure> {
        let Some(leaves) = scope.leaves_percent.filter(|_| route.billing == Billing::Plan) else {
            return Ok(());
        };
        let observer = Arc::clone(&route.observer);
        let usage = run_blocking(move || Ok(observer.newest_usage())).await?;
        let Some((usage, seen_at)) = usage else { return Ok(()) };
        let Some(window) = usage.window_without_reserve(leaves, seen_at, self.context.clock.now()) else {
            return Ok(());
        };
        let cause = format!(
            "Usher: this background pass leaves {leaves}% of the plan, and {:.0}% of the {} window is used",
            window.used_percent,
            window_length(window.window_seconds),
        );
        Err(Failure::new(ErrorCode::ReserveReached, cause).with_retry_at(window.resets_at))
    }

    async fn find_route(self: &Arc<Self>, pass: &Pass, name: &str) -> Result<Route, Failure> {
        self.check_budget(pass)?;
        let (cached_route, model) = self.find_model(&pass.scope, name).await?;
        self.check_reserve(&pass.scope, &cached_route).await?;
        Ok(cached_route.route(model))
    }

    /// Returns the route and the model that a request names, with what was chosen for it.
    async fn find_model(
        self: &Arc<Self>,
        scope: &PassScope,
        asked: &str,
    ) -> Result<(Arc<CachedRoute>, ResolvedModel), Failure> {
        let name = scope.model.as_deref().unwrap_or(asked);
        let (route, resolved) = self.resolve_name(scope, name).await?;
        let resolved = match scope.model {
            Some(_) => route.choices(scope).of_only_model(resolved, asked),
            None => resolved,
        };
        Ok((route, resolved))
    }

    async fn resolve_name(
        self: &Arc<Self>,
        scope: &PassScope,
        name: &str,
    ) -> Result<(Arc<CachedRoute>, ResolvedModel), Failure> {
        let own = self.own_route(scope).await;
        if let Ok(route) = &own
            && let Some(resolved) = route.choices(scope).resolve(name)
        {
            return Ok((Arc::clone(route), resolved));
        }
        let (route, name) = match self.cached_route_by_name(scope, name).await? {
            Some((route, name)) => (route, name),
            None => (own?, name.to_owned()),
        };
        if name.is_empty() {
            let cause = "no model is named, and none is known to choose";
            return Err(Failure::new(ErrorCode::ModelUnavailable, cause));
        }
        let choices = route.choices(scope);
        let resolved =
            choices.resolve(&name).unwrap_or_else(|| choices.of_model(unlisted(without_window(&name))));
        Ok((route, resolved))
    }
}
