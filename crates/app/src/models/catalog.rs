//! The model list of an account or provider, and the person's choice from it.

use std::sync::Arc;

use usher_domain::{ErrorCode, Failure, Model, ModelSource, ProviderId, Role, Selection};
use usher_upstream::ModelList;

use crate::accounts::scope::ModelScope;
use crate::connection::connector::Connector;
use crate::connection::{Connection, Target};
use crate::context::Context;
use crate::models::chosen::chosen;
use crate::models::role_edit::RoleEdit;
use crate::settings::Finding;
use crate::state::CachedModels;
use crate::view::{ModelView, ModelsView};

/// A list this old is asked for again (protocol §7.1).
const TTL_SECONDS: i64 = 300;

/// Fetches, caches and shows model lists.
pub struct ModelCatalog {
    context: Arc<Context>,
    connector: Arc<Connector>,
    /// Held while a list is fetched, so that concurrent callers share one request.
    fetching: tokio::sync::Mutex<()>,
}

impl ModelCatalog {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>) -> Self {
        Self { context, connector, fetching: tokio::sync::Mutex::default() }
    }

    /// The list. It is fetched when `refresh` says so, when it is older than five minutes, or when an
    /// answer has named another version of it since; a list that cannot be fetched is shown with its age.
    pub async fn models(&self, target: &Target, refresh: bool) -> Result<ModelsView, Failure> {
        let connection = match self.connector.connect(target).await {
            Ok(connection) => connection,
            // No request is sent to a provider that is switched off; its earlier list is still shown.
            Err(failure) if failure.code == ErrorCode::HostNotAllowed && !refresh => {
                let (provider, scope) = self.connector.scope_of(target).await?;
                let list = self.context.state.models(&scope.key()).ok_or(failure)?;
                return self.models_view(provider, &scope, Some(list), None);
            }
            Err(failure) => return Err(failure),
        };
        let (provider, scope) = (connection.provider.clone(), connection.scope.clone());
        // One at a time: a list that somebody else is just fetching serves this caller as well.
        let _turn = self.fetching.lock().await;
        let cached = self.cached_models(&connection);
        if let Some(list) = cached.as_ref().filter(|list| !refresh && self.is_current(list)) {
            return self.models_view(provider, &scope, Some(list.clone()), None);
        }
        match self.fetch_models(&connection).await {
            Ok(list) => self.models_view(provider, &scope, Some(list), None),
            Err(failure) if failure.code.requires_sign_in() => Err(failure),
            Err(failure) => {
                if cached.is_none() && self.context.read_settings()?.manual_models(&scope).is_empty() {
                    return Err(failure);
                }
                self.models_view(provider, &scope, cached, Some(failure))
            }
        }
    }

    /// Returns the list as it was kept last, of whatever age; without models where none was. Never uses the network.
    pub async fn kept_models(&self, target: &Target) -> Result<ModelsView, Failure> {
        let (provider, scope) = self.connector.scope_of(target).await?;
        let list = self.context.state.models(&scope.key());
        self.models_view(provider, &scope, list, None)
    }

    /// Chooses model and effort of the main role, and the small model, for the account or provider in use. An empty `small`
    /// takes the small model away.
    pub async fn select_model(
        &self,
        target: &Target,
        model: Option<&str>,
        effort: Option<&str>,
        small: Option<&str>,
    ) -> Result<Selection, Failure> {
        let main = RoleEdit {
            model: model.map(str::to_owned),
            effort: effort.map(str::to_owned),
            ..RoleEdit::default()
        };
        let small = small.map(|id| RoleEdit { model: Some(id.to_owned()), ..RoleEdit::default() });
        let edits = [Some((Role::Main, main)), small.map(|small| (Role::Small, small))];
        self.select(target, edits.into_iter().flatten().collect()).await
    }

    /// Chooses for one role of the account or provider in use.
    pub async fn select_role(
        &self,
        target: &Target,
        role: Role,
        edit: RoleEdit,
    ) -> Result<Selection, Failure> {
        self.select(target, vec![(role, edit)]).await
    }

    async fn select(&self, target: &Target, edits: Vec<(Role, RoleEdit)>) -> Result<Selection, Failure> {
        let (_, scope) = self.connector.scope_of(target).await?;
        let before = self.context.read_settings()?.selection(&scope);
        // To take choices away needs no list, and so no network.
        let models = if edits.iter().all(|(_, edit)| edit.is_reset()) {
            Vec::new()
        } else {
            let list = self.models(target, false).await?;
            list.models.into_iter().map(|one| one.model).collect()
        };
        let mut wanted = before;
        for (role, edit) in &edits {
            edit.check_ids(&models)?;
            edit.apply(*role, &models, &mut wanted);
            edit.check(*role, &models, &wanted)?;
        }
        let mut selection = Selection::default();
        // What was not named stays as the file has it at that moment: another command may just have set it.
        self.context
            .change_settings(|settings| {
                selection = settings.selection(&scope);
                for (role, edit) in &edits {
                    edit.apply(*role, &models, &mut selection);
                }
                settings.set_selection(&scope, &selection)
            })
            .await?;
        Ok(selection)
    }

    /// Adds a model's id by hand, or takes one that was added out. It survives a refresh.
    pub async fn set_manual_model(
        &self,
        target: &Target,
        id: &str,
        wanted: bool,
    ) -> Result<ModelsView, Failure> {
        let id = id.trim();
        if !Model::is_valid_id(id) || id.contains(char::is_whitespace) {
            let cause =
                format!("an id of a model has up to {} characters and no spaces", Model::MAX_ID_CHARS);
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let (_, scope) = self.connector.scope_of(target).await?;
        self.context
            .change_settings(|settings| settings.set_manual_model(&scope, id, wanted).map(drop))
            .await?;
        self.models(target, false).await
    }

    /// Returns the list that was kept for `connection`; none where its address or key was another then.
    pub(crate) fn cached_models(&self, connection: &Connection) -> Option<CachedModels> {
        let list = self.context.state.models(&connection.scope.key())?;
        (list.source == connection.list_source).then_some(list)
    }

    /// Asks the server for the list and keeps it.
    pub(crate) async fn fetch_models(&self, connection: &Connection) -> Result<CachedModels, Failure> {
        let fetched = match self.connector.backend(connection)?.models(connection.plan.as_ref()).await {
            Err(failure) if may_have_other_path(failure.code) && connection.may_be_unversioned => {
                self.fetch_unversioned(connection, failure).await?
            }
            other => other?,
        };
        let list = CachedModels {
            fetched_at: self.context.clock.now(),
            seen_etag: fetched.etag.clone(),
            etag: fetched.etag,
            models: fetched.models,
            source: connection.list_source.clone(),
        };
        if let Err(failure) = self.context.state.keep_models(&connection.scope.key(), &list) {
            // It is here all the same, and will be fetched again when it is next asked for.
            tracing::warn!(cause = %failure, "the model list was not kept");
        }
        self.context.changed();
        Ok(list)
    }

    /// The address names no version, and there is nothing at `/v1` below it: perhaps the API is at the address itself.
    /// If so, that is written down.
    async fn fetch_unversioned(&self, connection: &Connection, first: Failure) -> Result<ModelList, Failure> {
        let other = self.connector.unversioned(connection).await?;
        let Ok(fetched) = self.connector.backend(&other)?.models(None).await else { return Err(first) };
        let id = &connection.provider;
        self.context.change_settings(|settings| settings.set_found(id, Finding::Unversioned)).await?;
        Ok(fetched)
    }

    fn is_current(&self, list: &CachedModels) -> bool {
        self.context.clock.now().since(list.fetched_at) < TTL_SECONDS && list.etag == list.seen_etag
    }

    /// Returns the list as it is shown. Models that the person added are also shown where none was fetched.
    fn models_view(
        &self,
        provider: ProviderId,
        scope: &ModelScope,
        list: Option<CachedModels>,
        stale: Option<Failure>,
    ) -> Result<ModelsView, Failure> {
        let settings = self.context.read_settings()?;
        let by_hand = settings.manual_models(scope);
        let version = list_version(list.as_ref(), &by_hand).unwrap_or_default();
        let fetched_at = list.as_ref().map_or_else(|| self.context.clock.now(), |list| list.fetched_at);
        let models = with_manual_models(list.map(|list| list.models).unwrap_or_default(), by_hand);
        let chosen = chosen(&models, &settings.selection(scope)).map(|model| model.id.clone());
        let with_mark = |model: Model| ModelView { chosen: chosen.as_ref() == Some(&model.id), model };
        Ok(ModelsView {
            provider,
            account: scope.key(),
            version,
            fetched_at,
            stale: stale.map(Into::into),
            models: models.into_iter().map(with_mark).collect(),
        })
    }
}

/// Returns what differs when what [`ModelCatalog::models`] shows does; `None` where it shows nothing.
pub(crate) fn list_version(list: Option<&CachedModels>, by_hand: &[String]) -> Option<String> {
    if list.is_none() && by_hand.is_empty() {
        return None;
    }
    let list = list.map(|list| format!("{:x}", list.version())).unwrap_or_default();
    Some(format!("{list} {}", by_hand.join(" ")))
}

/// What the server lists, and behind it what the person added that is not listed.
pub(crate) fn with_manual_models(mut models: Vec<Model>, by_hand: Vec<String>) -> Vec<Model> {
    for id in by_hand {
        if !models.iter().any(|model| model.id == id) {
            let default = !models.iter().any(|model| model.default);
            let source = ModelSource::ByHand;
            models.push(Model { name: id.clone(), id, text: true, default, source, ..Model::default() });
        }
    }
    models
}

/// Returns whether the API may be at another path: there is nothing, or a page of the server's own interface.
pub(crate) fn may_have_other_path(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::EndpointNotFound | ErrorCode::ChallengePage)
}
