//! The third step: which model.

use usher_app::Target;
use usher_app::view::{ModelView, ModelsView};
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::models::{about, id_width};
use crate::commands::status::to_failure;
use crate::language::language;
use crate::questions::{Choice, Stop};

/// Asks for the model. The one in use stays unless another is chosen.
pub(super) async fn choose(wizard: &mut Wizard<'_>, target: &Target) -> Result<(), Stop> {
    Step::Model.begin(wizard.output);
    let Some(models) = load(wizard, target).await? else { return Ok(()) };
    let width = id_width(&models);
    let choices = models.iter().map(|one| Choice::with_answer(&about(one, width), &one.model.id)).collect();
    let start = models.iter().position(|one| one.chosen).unwrap_or_default();
    let index = wizard.questions.select(m::setup_ask_model(language()), choices, start).await?;
    let (id, is_chosen) = (&models[index].model.id, models[index].chosen);
    if is_chosen {
        wizard.progress.found(Step::Model, id);
    } else {
        wizard.app.catalog.select_model(target, Some(id), None, None).await?;
        wizard.progress.changed(Step::Model, id);
    }
    Ok(())
}

/// Returns the models that answer with text; `None` where the person goes on without a list.
async fn load(wizard: &Wizard<'_>, target: &Target) -> Result<Option<Vec<ModelView>>, Stop> {
    loop {
        let loaded = wizard.questions.unless_stopped(wizard.app.catalog.models(target, false)).await?;
        match loaded.map(|list| shown(wizard, list)) {
            Ok(models) if models.is_empty() => {
                wizard.output.text(wizard.output.subject.no_models(language()));
            }
            Ok(models) => return Ok(Some(models)),
            Err(failure) => wizard.output.print_failure(&failure),
        }
        let choices = [m::setup_models_again, m::setup_models_enter, m::setup_models_go_on];
        let choices = choices.into_iter().map(|choice| Choice::new(choice(language()))).collect();
        match wizard.questions.select(m::setup_models_none(language()), choices, 0).await? {
            0 => {}
            1 => enter(wizard, target).await?,
            _ => return Ok(None),
        }
    }
}

fn shown(wizard: &Wizard<'_>, list: ModelsView) -> Vec<ModelView> {
    if let Some(stale) = &list.stale {
        wizard.output.print_failure(&to_failure(stale));
    }
    list.models.into_iter().filter(|one| one.model.text).collect()
}

/// Adds a model by its id; the list then has it.
async fn enter(wizard: &Wizard<'_>, target: &Target) -> Result<(), Stop> {
    let id = wizard.questions.text(m::setup_models_id(language())).await?;
    if let Err(failure) = wizard.app.catalog.set_manual_model(target, &id, true).await {
        wizard.output.print_failure(&failure);
    }
    Ok(())
}
