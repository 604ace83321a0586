//! A change of what is chosen for a role, and what the models of the list allow.

use serde::Deserialize;
use ts_rs::TS;
use usher_domain::{ErrorCode, Failure, Model, Role, RoleChoice, Selection, Tier};

use crate::models::chosen::chosen;

/// What changes of the choice for a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
pub struct RoleEdit {
    /// Everything that was chosen before is taken away.
    pub reset: bool,
    /// The model; empty takes it away, and absent leaves what was chosen, as for the others.
    pub model: Option<String>,
    /// The effort; empty takes it away.
    pub effort: Option<String>,
    /// The tier.
    pub tier: Option<Tier>,
}

impl RoleEdit {
    /// Returns whether this only takes choices away.
    pub(crate) fn is_reset(&self) -> bool {
        let names = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        !names(&self.model) && !names(&self.effort) && self.tier.is_none_or(|tier| tier == Tier::Standard)
    }

    /// Returns `before` with what this names.
    pub(crate) fn applied(&self, before: RoleChoice) -> RoleChoice {
        let before = if self.reset { RoleChoice::default() } else { before };
        let named = |text: &Option<String>, before| match text.as_deref() {
            Some("") => None,
            Some(text) => Some(text.to_owned()),
            None => before,
        };
        RoleChoice {
            model: named(&self.model, before.model),
            effort: named(&self.effort, before.effort),
            tier: self.tier.or(before.tier),
        }
    }

    /// Changes the choice for `role` in `selection`.
    ///
    /// An effort or a tier that was chosen before stays only where the model has it.
    pub(crate) fn apply(&self, role: Role, models: &[Model], selection: &mut Selection) {
        let choice = self.applied(selection.choice(role));
        selection.set_choice(role, choice.clone());
        let Some(model) = model_of(role, models, selection) else { return };
        let kept = RoleChoice {
            effort: choice.effort.filter(|effort| self.effort.is_some() || model.supports_effort(effort)),
            tier: choice.tier.filter(|tier| self.tier.is_some() || model.supports_tier(*tier)),
            model: choice.model,
        };
        selection.set_choice(role, kept);
    }

    /// Fails if the model that this names is not in the list.
    pub(crate) fn check_ids(&self, models: &[Model]) -> Result<(), Failure> {
        let Some(id) = self.model.as_deref().filter(|id| !id.is_empty()) else { return Ok(()) };
        if models.iter().any(|model| model.id == id) {
            return Ok(());
        }
        let known: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        let there = if known.is_empty() {
            "the list is empty".into()
        } else {
            format!("there are {}", known.join(", "))
        };
        let cause = format!("there is no model {}; {there}", usher_domain::redact(id));
        Err(Failure::new(ErrorCode::ModelUnavailable, cause))
    }

    /// Fails if the model of `role` lacks the effort or the tier that this names. `selection` is what it is applied to.
    pub(crate) fn check(&self, role: Role, models: &[Model], selection: &Selection) -> Result<(), Failure> {
        if self.is_reset() {
            return Ok(());
        }
        let model = model_of(role, models, selection).ok_or_else(|| {
            Failure::new(ErrorCode::ModelUnavailable, "no models are offered to this account")
        })?;
        check_model(model, self.effort.as_deref().filter(|effort| !effort.is_empty()), self.tier)
    }
}

/// Fails if `model` lacks this effort or this tier.
pub(crate) fn check_model(model: &Model, effort: Option<&str>, tier: Option<Tier>) -> Result<(), Failure> {
    if let Some(effort) = effort.filter(|effort| !model.supports_effort(effort)) {
        return Err(effort_unsupported(model, effort));
    }
    if tier.is_some_and(|tier| !model.supports_tier(tier)) {
        let cause = format!("{} has no fast tier", model.id);
        return Err(Failure::new(ErrorCode::TierUnsupported, cause));
    }
    Ok(())
}

/// Returns the model that `role` uses; `None` where the list has none for it.
fn model_of<'a>(role: Role, models: &'a [Model], selection: &Selection) -> Option<&'a Model> {
    let wanted = RoleChoice::resolve(role, |role| selection.choice(role)).model;
    let listed = models.iter().find(|model| wanted.as_ref() == Some(&model.id));
    listed.or_else(|| chosen(models, selection))
}

fn effort_unsupported(model: &Model, effort: &str) -> Failure {
    let known: Vec<&str> = model.efforts.iter().map(|known| known.id.as_str()).collect();
    let has = if known.is_empty() { "no efforts to choose from".to_owned() } else { known.join(", ") };
    let cause =
        format!("{} does not have the effort {}; it has {has}", model.id, usher_domain::redact(effort));
    Failure::new(ErrorCode::EffortUnsupported, cause)
}
