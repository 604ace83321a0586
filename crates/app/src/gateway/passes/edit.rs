//! Changes of a pass that is there, and what a pass may choose by role.

use std::sync::Arc;

use usher_domain::{ErrorCode, Failure, Pass, PassScope, Role};

use crate::context::blocking;
use crate::gateway::passes::GatewayPasses;
use crate::gateway::passes::scope::{check_leaves_percent, owner_of};
use crate::gateway::routes::model_alias::RoleChoices;
use crate::models::catalog::with_manual_models;
use crate::models::role_edit::{RoleEdit, check_model};

/// What changes of a pass that is there.
#[derive(Debug, Clone, Default)]
pub struct PassEdit {
    /// How much of a plan it leaves to others, in percent; 0: nothing.
    pub leaves_percent: Option<u8>,
    /// What its requests use by role.
    pub roles: Vec<(Role, RoleEdit)>,
}

impl PassEdit {
    fn apply(&self, scope: &mut PassScope) {
        if let Some(percent) = self.leaves_percent {
            scope.leaves_percent = Some(percent).filter(|percent| *percent > 0);
        }
        for (role, edit) in &self.roles {
            let choice = edit.applied(scope.roles.remove(role).unwrap_or_default());
            if !choice.is_empty() {
                scope.roles.insert(*role, choice);
            }
        }
    }
}

impl GatewayPasses {
    /// Changes the pass `name`, from its next request on.
    pub async fn change(&self, name: &str, edit: PassEdit) -> Result<Arc<Pass>, Failure> {
        let found = self.list().await?.into_iter().find(|pass| pass.name == name);
        let Some(pass) = found else {
            let name = usher_domain::redact(name);
            let cause = format!("there is no pass named {name}; `usher pass list` shows them");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        };
        self.change_pass(&pass, edit).await
    }

    /// Changes the pass with this id, from its next request on.
    pub async fn change_by_id(&self, id: &str, edit: PassEdit) -> Result<Arc<Pass>, Failure> {
        let found = self.list().await?.into_iter().find(|pass| pass.id == id);
        let gone = || Failure::new(ErrorCode::BadUsage, "the pass was revoked");
        let pass = found.ok_or_else(gone)?;
        self.change_pass(&pass, edit).await
    }

    async fn change_pass(&self, pass: &Pass, edit: PassEdit) -> Result<Arc<Pass>, Failure> {
        let mut scope = pass.scope.clone();
        edit.apply(&mut scope);
        check_leaves_percent(scope.leaves_percent, scope.provider.as_ref(), scope.token)?;
        self.check_roles(&scope).await?;
        let pass = self.saved().change_scope(&pass.id, move |scope| edit.apply(scope)).await?;
        self.context.changed();
        Ok(pass)
    }

    /// Refuses choices by role that a pass cannot have: a model beside the only one that it allows, and an effort or a tier
    /// that its model is known to lack.
    pub(super) async fn check_roles(&self, scope: &PassScope) -> Result<(), Failure> {
        if scope.roles.is_empty() {
            return Ok(());
        }
        if scope.model.is_some() && scope.roles.values().any(|choice| choice.model.is_some()) {
            let cause = "a pass for one model uses it in every role; leave out --model, or --role-model";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let vault = self.context.vault().await?;
        let Some(owner) = owner_of(scope, &vault) else { return Ok(()) };
        let settings = self.context.read_settings()?;
        let listed = blocking(|| self.context.state.models(&owner.key())).map(|list| list.models);
        let models = with_manual_models(listed.unwrap_or_default(), settings.manual_models(&owner));
        let selection = settings.selection(&owner);
        let choices = RoleChoices { models: &models, selection: &selection, pass: &scope.roles };
        for (role, choice) in &scope.roles {
            let used = scope.model.clone().or_else(|| choices.of_role(*role).map(|used| used.model.id));
            // What is not listed may exist all the same, with whatever it can do.
            if let Some(model) = models.iter().find(|model| used.as_ref() == Some(&model.id)) {
                check_model(model, choice.effort.as_deref(), choice.tier)?;
            }
        }
        Ok(())
    }
}
