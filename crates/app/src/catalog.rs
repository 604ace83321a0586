//! The model list of the account, and the person's choice from it.

use usher_auth::Standing;
use usher_domain::{AccountId, ErrorCode, Failure, Model, Plan, Selection, UnixTime, Usage};

use crate::app::App;
use crate::state::CachedModels;
use crate::view::{ModelView, ModelsView};

/// A list this old is asked for again (protocol §7.1).
const TTL_SECONDS: i64 = 300;

impl App {
    /// The list. It is fetched when `refresh` says so, when it is older than five minutes, or when an
    /// answer has named another version of it since; a list that cannot be fetched is shown with its age.
    pub async fn models(&self, refresh: bool) -> Result<ModelsView, Failure> {
        let standing = self.active().await?;
        let id = standing.account.id();
        // One at a time: a list that somebody else is just fetching serves this caller as well.
        let _turn = self.fetching_models.lock().await;
        let cached = self.state.models(&id)?;
        if let Some(list) = cached.as_ref().filter(|list| !refresh && self.is_current(list)) {
            return self.models_view(&id, list.clone(), None);
        }
        match (self.fetch_models(&standing).await, cached) {
            (Ok(list), _) => self.models_view(&id, list, None),
            (Err(failure), Some(list)) if !failure.code.ends_sign_in() => {
                self.models_view(&id, list, Some(failure))
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// Chooses for the account in use. Without an effort, the one chosen before stays if the model has it;
    /// else the model's default is used.
    pub async fn choose(
        &self,
        model: Option<&str>,
        effort: Option<&str>,
        small: Option<&str>,
    ) -> Result<Selection, Failure> {
        let list = self.models(false).await?;
        let before = self.read_settings()?.selection(&list.account);
        let chosen = match model.or(before.model.as_deref()) {
            Some(id) => find(&list, id)?,
            None => default_of(&list)?,
        };
        if let Some(effort) = effort.filter(|effort| !chosen.supports(effort)) {
            return Err(effort_unsupported(chosen, effort));
        }
        let small = small.map(|id| find(&list, id)).transpose()?.map(|model| model.id.clone());
        let (account, mut selection) = (list.account.clone(), Selection::default());
        // What was not named stays as the file has it at that moment: another command may just have set it.
        self.change_settings(|settings| {
            let now = settings.selection(&account);
            selection = Selection {
                model: model.map(|_| chosen.id.clone()).or(now.model),
                effort: effort.map(str::to_owned).or(now.effort.filter(|effort| chosen.supports(effort))),
                small: small.or(now.small),
            };
            settings.set_selection(&account, &selection)
        })
        .await?;
        Ok(selection)
    }

    /// Asks the server for the list and keeps it.
    pub(crate) async fn fetch_models(&self, standing: &Standing) -> Result<CachedModels, Failure> {
        let id = standing.account.id();
        let plan = plan_in_force(standing, self.state.usage(&id)?);
        let fetched = self.backend(&id)?.models(Some(&plan)).await?;
        let list = CachedModels {
            fetched_at: self.clock.now(),
            seen_etag: fetched.etag.clone(),
            etag: fetched.etag,
            models: fetched.models,
        };
        if let Err(failure) = self.state.keep_models(&id, &list) {
            // It is here all the same, and will be fetched again when it is next asked for.
            tracing::warn!(cause = %failure, "the model list was not kept");
        }
        self.changed();
        Ok(list)
    }

    fn is_current(&self, list: &CachedModels) -> bool {
        self.clock.now().since(list.fetched_at) < TTL_SECONDS && list.etag == list.seen_etag
    }

    fn models_view(
        &self,
        account: &AccountId,
        list: CachedModels,
        stale: Option<Failure>,
    ) -> Result<ModelsView, Failure> {
        let selection = self.read_settings()?.selection(account);
        let chosen = chosen(&list.models, &selection).map(|model| model.id.clone());
        let with_mark = |model: Model| ModelView { chosen: chosen.as_ref() == Some(&model.id), model };
        Ok(ModelsView {
            provider: self.provider.id.clone(),
            account: account.clone(),
            fetched_at: list.fetched_at,
            stale: stale.map(Into::into),
            models: list.models.into_iter().map(with_mark).collect(),
        })
    }
}

/// The plan that was named last. The token's is as old as the token, which lives for days; a usage answer names
/// it anew, and is itself overtaken by the next renewal.
fn plan_in_force(standing: &Standing, seen: Option<(Usage, UnixTime)>) -> Plan {
    let newer = seen.filter(|(_, at)| *at >= standing.refreshed_at).and_then(|(usage, _)| usage.plan);
    newer.unwrap_or_else(|| standing.account.plan.clone())
}

/// The model that requests use: the chosen one while the list has it, else the account's default.
pub(crate) fn chosen<'a>(models: &'a [Model], selection: &Selection) -> Option<&'a Model> {
    let wanted = selection.model.as_ref().and_then(|id| models.iter().find(|model| model.id == *id));
    wanted.or_else(|| models.iter().find(|model| model.default))
}

fn find<'a>(list: &'a ModelsView, id: &str) -> Result<&'a Model, Failure> {
    list.models.iter().map(|one| &one.model).find(|model| model.id == id).ok_or_else(|| {
        let known: Vec<&str> = list.models.iter().map(|one| one.model.id.as_str()).collect();
        let cause =
            format!("the account has no model {}; it has {}", usher_domain::redact(id), known.join(", "));
        Failure::new(ErrorCode::ModelUnavailable, cause)
    })
}

fn default_of(list: &ModelsView) -> Result<&Model, Failure> {
    let models = list.models.iter().map(|one| &one.model);
    let nothing = || Failure::new(ErrorCode::ModelUnavailable, "OpenAI offers no models to this account");
    models.into_iter().find(|model| model.default).ok_or_else(nothing)
}

fn effort_unsupported(model: &Model, effort: &str) -> Failure {
    let known: Vec<&str> = model.efforts.iter().map(|known| known.id.as_str()).collect();
    let has = if known.is_empty() { "no efforts to choose from".to_owned() } else { known.join(", ") };
    let cause =
        format!("{} does not have the effort {}; it has {has}", model.id, usher_domain::redact(effort));
    Failure::new(ErrorCode::EffortUnsupported, cause)
}

#[cfg(test)]
mod tests {
    use usher_domain::{Account, Endpoints};

    use super::*;

    #[test]
    fn the_plan_is_the_one_that_was_named_last() {
        let account = Account {
            user_id: "user".into(),
            account_id: "account".into(),
            email: None,
            plan: Plan("free".into()),
            fedramp: false,
            label: None,
        };
        let standing = Standing {
            account,
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(100),
            ended: None,
        };
        let seen = |plan: Option<&str>, at| {
            let plan = plan.map(|plan| Plan(plan.into()));
            Some((Usage { plan, windows: Vec::new(), credits: None, limit_reached: None }, UnixTime(at)))
        };
        let rows = [
            (seen(Some("plus"), 200), "plus"),
            (seen(Some("plus"), 99), "free"),
            (seen(None, 200), "free"),
            (None, "free"),
        ];
        for (seen, plan) in rows {
            assert_eq!(plan_in_force(&standing, seen.clone()).0, plan, "{seen:?}");
        }
    }
}
