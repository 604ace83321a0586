//! `usher models` and `usher use`.

use usher_app::App;
use usher_app::view::{ModelView, ModelsView};
use usher_domain::{Exit, Failure};

use crate::documents::{ModelChoice, ModelsDocument};
use crate::output::{self, Output};
use crate::status::failure_of;
use crate::times;

pub(crate) async fn list(app: &App, refresh: bool, output: Output) -> Result<Exit, Failure> {
    let list = app.models(refresh).await?;
    output.document(&ModelsDocument::from(&list));
    if let Some(stale) = &list.stale {
        output::say(&failure_of(stale));
    }
    for line in lines(&list) {
        output.text(line);
    }
    Ok(Exit::Done)
}

pub(crate) async fn choose(
    app: &App,
    model: Option<&str>,
    effort: Option<&str>,
    small: Option<&str>,
    output: Output,
) -> Result<Exit, Failure> {
    let chosen = app.choose(model, effort, small).await?;
    let id = chosen.model.clone().unwrap_or_else(|| "the account's default model".into());
    let with = chosen.effort.as_ref().map(|effort| format!(", effort {effort}")).unwrap_or_default();
    output.text(format!("Using {id}{with}."));
    output.document(&ModelChoice { id: chosen.model, effort: chosen.effort, small: chosen.small });
    Ok(Exit::Done)
}

fn lines(list: &ModelsView) -> Vec<String> {
    if list.models.is_empty() {
        return vec!["OpenAI offers no models to this account. Your plan may not include Codex.".into()];
    }
    let width = list.models.iter().map(|one| one.model.id.len()).max().unwrap_or_default();
    let mut lines: Vec<String> = list.models.iter().map(|one| line(one, width)).collect();
    let from = if list.stale.is_some() { "List from" } else { "Refreshed" };
    lines.push(format!("{from} {}.", times::moment(list.fetched_at)));
    lines
}

fn line(one: &ModelView, width: usize) -> String {
    let mark = if one.chosen { '*' } else { ' ' };
    let id = &one.model.id;
    let window =
        one.model.context_window.map(|tokens| format!("{}K context", tokens / 1000)).unwrap_or_default();
    let efforts: Vec<&str> = one.model.efforts.iter().map(|effort| effort.id.as_str()).collect();
    let default = if one.model.default { ", default" } else { "" };
    format!("{mark} {id:width$}  {window}  {}{default}", efforts.join("/")).trim_end().to_owned()
}
