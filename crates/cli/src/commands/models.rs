//! `usher models` and `usher use`.

use usher_app::view::{ModelView, ModelsView};
use usher_app::{App, RoleEdit, Target};
use usher_domain::{ExitStatus, Failure, ModelSource, Role, RoleChoice, Selection};
use usher_text::{list as list_of, messages as m};

use super::status::to_failure;
use crate::args::UseArguments;
use crate::language::language;
use crate::output::columns::padded;
use crate::output::{
    Output,
    json::{ModelChoice, ModelsDocument},
    messages::Subject,
    role_choice::with_details,
    time_format,
};

/// Changes to the list before it is shown.
pub(crate) struct Change<'a> {
    pub(crate) add: Option<&'a str>,
    pub(crate) forget: Option<&'a str>,
}

/// Which models are shown.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) refresh: bool,
    /// Also models that do not answer with text.
    pub(crate) all: bool,
}

pub(crate) async fn list(
    app: &App,
    target: &Target,
    change: Change<'_>,
    shown: Shown,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if let Some(id) = change.add {
        app.catalog.set_manual_model(target, id, true).await?;
    }
    if let Some(id) = change.forget {
        app.catalog.set_manual_model(target, id, false).await?;
    }
    let mut list = app.catalog.models(target, shown.refresh).await?;
    list.models.retain(|entry| shown.all || entry.model.text);
    output.document(&ModelsDocument::from(&list));
    let output = output.for_provider(&list.provider);
    if let Some(stale) = &list.stale {
        output.print_failure(&to_failure(stale));
    }
    output.lines(lines(&list, output.subject));
    // The previous list is good enough, unless --refresh asked for a new one.
    Ok(list.stale.filter(|_| shown.refresh).map_or(ExitStatus::Success, |stale| stale.code.exit_status()))
}

pub(crate) async fn choose(
    app: &App,
    target: &Target,
    arguments: &UseArguments,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let UseArguments { model, effort, tier, role, reset, small } = arguments;
    let role = role.unwrap_or(Role::Main);
    let chosen = if let Some(small) = small {
        app.catalog.select_model(target, model.as_deref(), effort.as_deref(), Some(small)).await?
    } else {
        let edit = RoleEdit { reset: *reset, model: model.clone(), effort: effort.clone(), tier: *tier };
        app.catalog.select_role(target, role, edit).await?
    };
    output.text(sentence(role, &chosen));
    output.document(&ModelChoice::from(&chosen));
    Ok(ExitStatus::Success)
}

/// Returns what is chosen for a role now: `Using gpt-5.5, effort high, fast tier for opus.`
fn sentence(role: Role, selection: &Selection) -> String {
    let choice = selection.choice(role);
    if role == Role::Main {
        let model = choice.model.clone().unwrap_or_else(|| m::models_account_default(language()).into());
        return m::models_using(language(), with_details(model, &choice));
    }
    if choice == RoleChoice::default() {
        let next = role.fallbacks()[1].as_ref();
        return m::models_nothing_chosen(language(), role.as_ref(), next);
    }
    let model = choice.model.clone();
    let model = model.unwrap_or_else(|| m::model_of_role(language(), role.fallbacks()[1].as_ref()));
    m::models_using_for(language(), with_details(model, &choice), role.as_ref())
}

/// The widest column of model ids, in characters.
const MAX_ID_WIDTH: usize = 60;
/// The column of the context windows, in cells.
const CONTEXT_CELLS: usize = 12;

fn lines(list: &ModelsView, subject: Subject) -> Vec<String> {
    if list.models.is_empty() {
        return vec![subject.no_models(language()).into()];
    }
    let width = id_width(&list.models);
    let mut lines: Vec<String> = list.models.iter().map(|entry| line(entry, width)).collect();
    let at = time_format::moment(list.fetched_at);
    lines.push(match list.stale {
        Some(_) => m::models_list_from(language(), at),
        None => m::models_refreshed(language(), at),
    });
    lines
}

/// Returns the width of the column of ids.
pub(crate) fn id_width(models: &[ModelView]) -> usize {
    let longest = models.iter().map(|entry| entry.model.id.chars().count()).max();
    longest.unwrap_or_default().min(MAX_ID_WIDTH)
}

fn line(entry: &ModelView, width: usize) -> String {
    let mark = if entry.chosen { '*' } else { ' ' };
    format!("{mark} {}", about(entry, width))
}

/// Returns the id of a model in a column of `width` characters, and what is known of it.
pub(crate) fn about(entry: &ModelView, width: usize) -> String {
    let model = &entry.model;
    let window = model.context_window.map(|tokens| m::model_context(language(), tokens / 1000));
    let window = padded(&window.unwrap_or_default(), CONTEXT_CELLS);
    let efforts: Vec<&str> = model.efforts.iter().map(|effort| effort.id.as_str()).collect();
    let about = [
        (!efforts.is_empty()).then(|| efforts.join("/")),
        (model.capabilities.fast == Some(true)).then(|| m::model_fast(language()).to_owned()),
        model.default.then(|| m::model_default(language()).to_owned()),
        (model.source == ModelSource::ByHand).then(|| m::model_added(language()).to_owned()),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    format!("{:width$}  {window}  {}", model.id, list_of(language(), &about)).trim_end().to_owned()
}
