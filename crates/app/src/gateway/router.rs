//! Answers the gateway's questions from what is kept, and remembers the answers until something changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use usher_auth::{KnownPasses, Passes, VaultSummary};
use usher_domain::ports::{Authorization, BoxFuture, TokenSource};
use usher_domain::{AccountId, ErrorCode, Failure, Model, Pass, PassScope, ProviderId, Selection, Wire};
use usher_gateway::{Denied, FrontDesk, Route};
use usher_upstream::Backend;

use crate::accounts::scope::Owner;
use crate::app::{App, AppStamp, run_blocking};
use crate::connection::{Connection, Target};
use crate::gateway::cached_token_source::Remembered;
use crate::gateway::debounced_observer::Throttled;
use crate::gateway::model_alias::{known, unlisted, with_provider};
use crate::models::catalog::with_those_by_hand;

/// How long a model list is used before it is looked at again; other processes may have fetched a newer one.
const LIST_STANDS: Duration = Duration::from_secs(30);

/// How long a look at the files counts as one of now. One request looks several times, and a program that changes
/// something takes longer to end than this.
pub(super) const LOOK_STANDS: Duration = Duration::from_millis(2);

/// Knows passes, providers and choices.
pub(super) struct Desk {
    app: Arc<App>,
    /// What depends on files, as they stood when last looked at, and when that was.
    seen: Mutex<Option<(Instant, Arc<Seen>)>>,
    ways: Mutex<HashMap<Whither, Arc<Way>>>,
}

/// Passes, accounts and what is switched on, at one state of the files.
struct Seen {
    stamp: AppStamp,
    passes: KnownPasses,
    standings: VaultSummary,
    enabled: Vec<ProviderId>,
}

/// Provider and account that a request is for; what is absent is the person's choice.
type Whither = (Option<ProviderId>, Option<AccountId>);

/// The way to one provider and account.
struct Way {
    stamp: AppStamp,
    found: Instant,
    backend: Arc<Backend>,
    tokens: Arc<dyn TokenSource>,
    provider: ProviderId,
    owner: Owner,
    keyed: bool,
    wire: Wire,
    models: Vec<Model>,
    selection: Selection,
}

impl Way {
    fn route(&self, model: Model) -> Route {
        let own = self.selection.effort.clone().filter(|effort| model.supports_effort(effort));
        Route {
            backend: Arc::clone(&self.backend),
            provider: self.provider.clone(),
            account: self.owner.key().0,
            keyed: self.keyed,
            wire: self.wire,
            effort: own,
            model,
        }
    }
}

impl Desk {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app, seen: Mutex::default(), ways: Mutex::default() }
    }

    /// What the files say now; looked at again only when one of them has changed.
    async fn look(self: &Arc<Self>) -> Result<Arc<Seen>, Failure> {
        if let Some(seen) = self.unchanged() {
            return Ok(seen);
        }
        let desk = Arc::clone(self);
        run_blocking(move || desk.look_now()).await
    }

    fn unchanged(&self) -> Option<Arc<Seen>> {
        let mut last = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (looked, seen) = last.as_mut()?;
        if looked.elapsed() >= LOOK_STANDS {
            let now = Instant::now();
            if seen.stamp != self.app.stamp() {
                return None;
            }
            *looked = now;
        }
        Some(Arc::clone(seen))
    }

    /// The same on a thread that may wait.
    fn look_now(&self) -> Result<Arc<Seen>, Failure> {
        if let Some(seen) = self.unchanged() {
            return Ok(seen);
        }
        // Taken before, so that a change while we read is seen the next time.
        let (looked, stamp) = (Instant::now(), self.app.stamp());
        let settings = self.app.read_settings()?;
        let known = self.app.known_providers(&settings);
        let seen = Arc::new(Seen {
            stamp,
            passes: Passes::new(Arc::clone(&self.app.store), Arc::clone(&self.app.clock)).known()?,
            standings: VaultSummary::read(&self.app.store)?,
            enabled: known.into_iter().filter(|provider| settings.enabled(provider)).collect(),
        });
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((looked, Arc::clone(&seen)));
        Ok(seen)
    }

    async fn way(self: &Arc<Self>, whither: Whither) -> Result<Arc<Way>, Failure> {
        let stamp = self.look().await?.stamp.clone();
        let remembered = self.ways.lock().unwrap_or_else(PoisonError::into_inner).get(&whither).cloned();
        if let Some(way) = remembered.filter(|way| way.stamp == stamp && way.found.elapsed() < LIST_STANDS) {
            return Ok(way);
        }
        let way = Arc::new(self.find_way(&whither, stamp).await?);
        self.ways.lock().unwrap_or_else(PoisonError::into_inner).insert(whither, Arc::clone(&way));
        Ok(way)
    }

    async fn find_way(
        self: &Arc<Self>,
        (provider, account): &Whither,
        stamp: AppStamp,
    ) -> Result<Way, Failure> {
        let app = &self.app;
        let target =
            Target { provider: provider.clone(), account: account.as_ref().map(|account| account.0.clone()) };
        let mut connection = app.connect(&target).await?;
        let owner = connection.owner.clone();
        let mut listed = app.state.models(&owner.key()).map(|list| list.models).unwrap_or_default();
        if listed.is_empty() {
            // The first request of a provider whose list nobody has seen. Without one, names are taken at their word.
            match app.fetch_models(&connection).await {
                Ok(list) => listed = list.models,
                Err(failure) => tracing::info!(cause = %failure, "there is no model list to go by"),
            }
            // The list may just have shown that the API is at the address itself.
            connection = app.connect(&target).await?;
        }
        if connection.wire.is_none() {
            connection.wire = self.found_wire(&connection).await?;
        }
        if connection.provider != ProviderId::CodexCli {
            // That of the Codex CLI lies in a file of its own, which is looked at each time.
            let (store, clock) = (Arc::clone(&app.store), Arc::clone(&app.clock));
            connection.tokens = Arc::new(Remembered::new(connection.tokens, store, clock));
        }
        let settings = app.read_settings()?;
        Ok(Way {
            stamp,
            found: Instant::now(),
            backend: Arc::new(
                app.backend_watched(&connection, |recorder| Arc::new(Throttled::new(recorder)))?,
            ),
            tokens: Arc::clone(&connection.tokens),
            provider: connection.provider.clone(),
            keyed: self.look().await?.standings.key_for(&connection.provider).is_some(),
            wire: connection.wire.unwrap_or(Wire::Responses),
            models: with_those_by_hand(listed, settings.models_by_hand(&owner)),
            selection: settings.selection(&owner),
            owner,
        })
    }

    /// Which API a service has that nobody has tested yet; nothing when it does not tell.
    async fn found_wire(&self, connection: &Connection) -> Result<Option<Wire>, Failure> {
        let wire = self.app.backend_by(connection, Wire::Responses)?.find_wire().await;
        if let Some(wire) = wire {
            self.app.keep_wire(&connection.provider, wire).await;
        }
        Ok(wire)
    }

    /// The provider of `provider/model`, where the pass may use it.
    async fn way_by_name(
        self: &Arc<Self>,
        scope: &PassScope,
        name: &str,
    ) -> Result<Option<(Arc<Way>, String)>, Failure> {
        let Some((provider, model)) = with_provider(name) else { return Ok(None) };
        if scope.provider.as_ref().is_some_and(|own| *own != provider) {
            let cause = format!("this pass is for {} only", scope.provider.as_ref().unwrap_or(&provider));
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        let account = scope.account.clone().filter(|_| provider == ProviderId::Chatgpt);
        Ok(Some((self.way((Some(provider), account)).await?, model.to_owned())))
    }

    async fn find_route(self: &Arc<Self>, pass: &Pass, name: &str) -> Result<Route, Failure> {
        let scope = &pass.scope;
        let name = scope.model.as_deref().unwrap_or(name);
        let own = self.way((scope.provider.clone(), scope.account.clone())).await;
        if let Ok(way) = &own
            && let Some(model) = known(name, &way.models, &way.selection)
        {
            return Ok(way.route(model));
        }
        if let Some((way, name)) = self.way_by_name(scope, name).await? {
            let model = known(&name, &way.models, &way.selection).unwrap_or_else(|| unlisted(&name));
            return Ok(way.route(model));
        }
        let way = own?;
        if name.is_empty() {
            let cause = "no model is named, and none is known to choose";
            return Err(Failure::new(ErrorCode::ModelUnavailable, cause));
        }
        Ok(way.route(unlisted(name)))
    }
}

/// The gateway holds the desk as a trait object; looking at files needs it shared.
pub(super) struct AtDesk(pub(super) Arc<Desk>);

impl FrontDesk for AtDesk {
    fn admit<'a>(&'a self, presented: &'a str) -> BoxFuture<'a, Result<Arc<Pass>, Denied>> {
        Box::pin(async {
            let seen = self.0.look().await.map_err(Denied::Failed)?;
            let pass = seen.passes.find(presented).ok_or(Denied::Unknown)?;
            let (app, now) = (&self.0.app, self.0.app.clock.now());
            if pass.is_expired(now) {
                return Err(Denied::Expired);
            }
            app.gateway.uses.note(&pass.id, now, &app.state);
            Ok(pass)
        })
    }

    fn route<'a>(&'a self, pass: &'a Pass, model: &'a str) -> BoxFuture<'a, Result<Route, Failure>> {
        Box::pin(self.0.find_route(pass, model))
    }

    fn models<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Vec<Model>, Failure>> {
        Box::pin(async {
            let way = self.0.way((pass.scope.provider.clone(), pass.scope.account.clone())).await?;
            let fits = |model: &&Model| pass.scope.model.as_ref().is_none_or(|only| *only == model.id);
            Ok(way.models.iter().filter(|model| model.text).filter(fits).cloned().collect())
        })
    }

    fn authorization<'a>(&'a self, pass: &'a Pass) -> BoxFuture<'a, Result<Authorization, Failure>> {
        Box::pin(async {
            let way = self.0.way((pass.scope.provider.clone(), pass.scope.account.clone())).await?;
            way.tokens.authorization().await
        })
    }

    fn must_end(&self, pass: &Pass, route: &Route) -> Option<Failure> {
        let seen = match self.0.look_now() {
            Ok(seen) => seen,
            // Nobody is cut off because a disk was slow; the next look decides.
            Err(failure) => {
                tracing::warn!(cause = %failure, "passes could not be looked at");
                return None;
            }
        };
        if !seen.passes.has(&pass.id) {
            return Some(Failure::new(ErrorCode::Cancelled, "the pass was revoked"));
        }
        if !seen.enabled.contains(&route.provider) {
            let cause = format!("{} was switched off or removed", route.provider);
            return Some(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        if route.keyed && seen.standings.key_for(&route.provider).is_none() {
            return Some(Failure::new(ErrorCode::SignInRequired, "the key was removed"));
        }
        let gone = route.provider == ProviderId::Chatgpt
            && !seen.standings.sign_ins.iter().any(|one| one.account.id().0 == route.account);
        gone.then(|| Failure::new(ErrorCode::SignInRequired, "the account was disconnected"))
    }
}
