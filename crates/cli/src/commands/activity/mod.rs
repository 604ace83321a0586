//! `usher activity`: what used the plan, from what the gateway counted.

mod receipts;

use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use usher_app::App;
use usher_app::view::{ActivityCounts, ActivityFormat, ActivityGroup, ActivityView};
use usher_domain::{ExitStatus, Failure};
use usher_text::{Language, messages as m, percent, percent_with_decimal, window_length};

use crate::args::{ActivityArguments, ActivityBy, ActivityCommand};
use crate::confirm::{declined, is_confirmed};
use crate::language::{Text, language};
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
        output.text(m::written_to(language(), path));
    }
    Ok(ExitStatus::Success)
}

async fn clear(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    if !yes && !is_confirmed(m::activity_ask_clear(language()))? {
        return Err(declined());
    }
    app.activity.clear().await?;
    output.document(&ClearedDocument { cleared: true });
    output.text(m::activity_cleared(language()));
    Ok(ExitStatus::Success)
}

fn lines(activity: &ActivityView, by: ActivityBy) -> Vec<String> {
    if activity.kept_days == 0 {
        return vec![m::activity_not_counted(language()).into()];
    }
    let (first, last) = (activity.days.first(), activity.days.last());
    let day = |day: Option<&String>| day.cloned().unwrap_or_default();
    let period = m::activity_period_of(language(), day(first), day(last));
    if activity.total.requests == 0 {
        return vec![m::activity_no_requests(language(), period)];
    }
    let mut lines = vec![m::activity_requests(language(), activity.total.requests, period)];
    lines.extend(table_lines(activity, by));
    lines.extend(error_lines(&activity.total));
    lines
}

fn table_lines(activity: &ActivityView, by: ActivityBy) -> Vec<String> {
    let mut table = new_table();
    let (title, groups) = match by {
        ActivityBy::Tool => (m::column_tool as Text, &activity.by_tool),
        ActivityBy::Model => (m::column_model as Text, &activity.by_model),
        ActivityBy::Account => (m::column_account as Text, &activity.by_account),
        ActivityBy::Payer => (m::column_paid_by as Text, &activity.by_payer),
        ActivityBy::Day => (m::column_day as Text, &Vec::new()),
    };
    let columns: [Text; 8] = [
        title,
        m::column_requests,
        m::column_failed,
        m::column_tokens_in,
        m::column_cached,
        m::column_out,
        m::column_first_word,
        m::column_plan,
    ];
    table.set_header(columns.map(|title| title(language())));
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
        _ if group.id.is_empty() => m::activity_group_none(language()).to_owned(),
        (Some(name), _) => name.clone(),
        (None, _) => m::activity_group_removed(language(), &group.id),
    };
    usher_domain::sanitize_for_terminal(&name).into_owned()
}

fn row(name: String, counts: &ActivityCounts) -> [String; 8] {
    let cached = counts.cache_share.map(|share| cache_share(share * 100.0)).unwrap_or_default();
    let first_word = match (counts.first_word_median_ms, counts.first_word_p95_ms) {
        (Some(median), Some(p95)) => {
            format!("{} ({})", time_format::seconds(median), time_format::seconds(p95))
        }
        _ => String::new(),
    };
    // The longest window is the one that people run out of.
    let plan = counts.window_share.last();
    let plan = plan.map(|share| {
        let window = window_length(language(), share.window_seconds);
        format!("{} {window}", percent_with_decimal(language(), share.percent))
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

/// Returns the share of the tokens that came from the cache.
fn cache_share(share: f64) -> String {
    match language() {
        Language::English => format!("{share:.0} %"),
        other => percent(other, share),
    }
}

fn error_lines(total: &ActivityCounts) -> Vec<String> {
    let errors = total.errors.iter().map(|error| format!("  {}: {}", error.code, error.requests));
    let heading = (!total.errors.is_empty()).then(|| m::activity_failed_heading(language()).to_owned());
    heading.into_iter().chain(errors).collect()
}
