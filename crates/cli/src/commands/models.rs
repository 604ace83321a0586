//! `usher models` and `usher use`.

use usher_app::view::{ModelView, ModelsView};
use usher_app::{App, Target};
use usher_domain::{ExitStatus, Failure, ModelSource};

use super::status::to_failure;
use crate::output::{
    Output,
    json::{ModelChoice, ModelsDocument},
    messages::Subject,
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
    model: Option<&str>,
    effort: Option<&str>,
    small: Option<&str>,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let chosen = app.catalog.select_model(target, model, effort, small).await?;
    let id = chosen.model.clone().unwrap_or_else(|| "the account's default model".into());
    let with = chosen.effort.as_ref().map(|effort| format!(", effort {effort}")).unwrap_or_default();
    output.text(format!("Using {id}{with}."));
    output.document(&ModelChoice { id: chosen.model, effort: chosen.effort, small: chosen.small });
    Ok(ExitStatus::Success)
}

/// The widest column of model ids, in characters.
const MAX_ID_WIDTH: usize = 60;

fn lines(list: &ModelsView, subject: Subject) -> Vec<String> {
    if list.models.is_empty() {
        return vec![subject.no_models().into()];
    }
    let width = id_width(&list.models);
    let mut lines: Vec<String> = list.models.iter().map(|entry| line(entry, width)).collect();
    let from = if list.stale.is_some() { "List from" } else { "Refreshed" };
    lines.push(format!("{from} {}.", time_format::moment(list.fetched_at)));
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
    let window = model.context_window.map(|tokens| format!("{}K context", tokens / 1000)).unwrap_or_default();
    let efforts: Vec<&str> = model.efforts.iter().map(|effort| effort.id.as_str()).collect();
    let about = [
        (!efforts.is_empty()).then(|| efforts.join("/")),
        model.default.then(|| "default".to_owned()),
        (model.source == ModelSource::ByHand).then(|| "added by you".to_owned()),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    format!("{:width$}  {window:<12}  {}", model.id, about.join(", ")).trim_end().to_owned()
}
