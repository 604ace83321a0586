//! `usher activity`: what used the plan, from what the gateway counted.

mod receipts;

use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use usher_app::App;
use usher_app::view::{ActivityCounts, ActivityFormat, ActivityGroup, ActivityView};
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::args::{ActivityArguments, ActivityBy, ActivityCommand};
use crate::confirm::confirmed;
use crate::output::{Output, time_format};

#[derive(Serialize)]
struct ActivityDocument<'a> {
    activity: &'a ActivityView,
    /// The file that was written.
    csv: Option<String>,
}

#[derive(Serialize)]
struct ClearedDocument {
    cleared: bool,
}

pub(crate) async fn run(
    app: &App,
    arguments: &ActivityArguments,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match &arguments.command {
        Some(ActivityCommand::Receipts { last }) => return receipts::run(app, *last, output).await,
        Some(ActivityCommand::Clear { yes }) => return clear(app, *yes, output).await,
        None => {}
    }
    let period = arguments.period();
    let activity = app.activity.read(&period).await?;
    if let Some(path) = &arguments.csv {
        app.activity.export(&period, ActivityFormat::Csv, path).await?;
    }
    let csv = arguments.csv.as_ref().map(|path| path.display().to_string());
    output.document(&ActivityDocument { activity: &activity, csv: csv.clone() });
    output.lines(lines(&activity, arguments.by));
    if let Some(path) = csv {
        output.text(format!("Written to {path}."));
    }
    Ok(ExitStatus::Success)
}

async fn clear(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    if !yes && !confirmed("Delete all counts and receipts of this computer? [y/N] ")? {
        return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
    }
    app.activity.clear().await?;
    output.document(&ClearedDocument { cleared: true });
    output.text("All counts and receipts are deleted.");
    Ok(ExitStatus::Success)
}

fn lines(activity: &ActivityView, by: ActivityBy) -> Vec<String> {
    if activity.kept_days == 0 {
        return vec!["Nothing is counted: `activity_days` is 0 in config.toml.".into()];
    }
    let (first, last) = (activity.days.first(), activity.days.last());
    let period = format!(
        "{} to {}",
        first.map(String::as_str).unwrap_or_default(),
        last.map(String::as_str).unwrap_or_default()
    );
    if activity.total.requests == 0 {
        return vec![format!("No requests through the gateway, {period}.")];
    }
    let mut lines = vec![format!("{} requests, {period}", activity.total.requests)];
    lines.extend(table_lines(activity, by));
    lines.extend(error_lines(&activity.total));
    lines
}

fn table_lines(activity: &ActivityView, by: ActivityBy) -> Vec<String> {
    let mut table = new_table();
    let (title, groups) = match by {
        ActivityBy::Tool => ("Tool", &activity.by_tool),
        ActivityBy::Model => ("Model", &activity.by_model),
        ActivityBy::Account => ("Account", &activity.by_account),
        ActivityBy::Payer => ("Paid by", &activity.by_payer),
        ActivityBy::Day => ("Day", &Vec::new()),
    };
    table.set_header([title, "Requests", "Failed", "Tokens in", "Cached", "Out", "First word", "Plan"]);
    match by {
        ActivityBy::Day => {
            let days = activity.days.iter().zip(&activity.by_day);
            for (day, counts) in days.filter(|(_, counts)| counts.requests > 0) {
                table.add_row(row(day.clone(), counts));
            }
        }
        _ => {
            for group in groups {
                table.add_row(row(name(group, by), &group.counts));
            }
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    finished(table)
}

/// Returns a table as all lists of this program have it.
fn new_table() -> Table {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    table
}

fn finished(mut table: Table) -> Vec<String> {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Returns the name of a group. One without a name is of an account that is no longer here.
fn name(group: &ActivityGroup, by: ActivityBy) -> String {
    let name = match (&group.name, by) {
        _ if group.id.is_empty() => "none".to_owned(),
        (Some(name), _) => name.clone(),
        (None, _) => format!("removed ({})", group.id),
    };
    usher_domain::sanitize_for_terminal(&name).into_owned()
}

fn row(name: String, counts: &ActivityCounts) -> [String; 8] {
    let cached = counts.cache_share.map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default();
    let first_word = match (counts.first_word_median_ms, counts.first_word_p95_ms) {
        (Some(median), Some(p95)) => {
            format!("{} ({})", time_format::seconds(median), time_format::seconds(p95))
        }
        _ => String::new(),
    };
    // The longest window is the one that people run out of.
    let plan = counts.window_share.last();
    let plan = plan.map(|share| {
        let window = usher_app::window_length(share.window_seconds);
        format!("{:.1}% {window}", share.percent)
    });
    [
        name,
        counts.requests.to_string(),
        counts.failed.to_string(),
        counts.tokens_in.to_string(),
        cached,
        counts.tokens_out.to_string(),
        first_word,
        plan.unwrap_or_default(),
    ]
}

fn error_lines(total: &ActivityCounts) -> Vec<String> {
    let errors = total.errors.iter().map(|error| format!("  {}: {}", error.code, error.requests));
    let heading = (!total.errors.is_empty()).then(|| "Failed:".to_owned());
    heading.into_iter().chain(errors).collect()
}
