//! `usher tools --copies`, and what is left of a tool's own sign-in after `usher tools move`.

use serde::Serialize;
use usher_app::App;
use usher_app::view::{SignInCopiesView, SignInCopyView};
use usher_domain::{ExitStatus, Failure};
use usher_text::{list as list_of, messages as m};

use crate::language::language;
use crate::output::{Output, shown_cause, time_format};

#[derive(Serialize)]
struct CopiesDocument<'a> {
    #[serde(flatten)]
    map: &'a SignInCopiesView,
}

pub(super) async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let map = app.tools.copies().await?;
    output.document(&CopiesDocument { map: &map });
    output.text(badge(&map));
    output.lines(map.copies.iter().map(line));
    if !map.not_looked_at.is_empty() {
        output.text(m::copies_not_looked_at(language(), list_of(language(), &map.not_looked_at)));
    }
    Ok(ExitStatus::Success)
}

fn badge(map: &SignInCopiesView) -> String {
    if map.copies.is_empty() {
        return m::copies_none(language()).to_owned();
    }
    let Some((copy, same)) = map.copies.iter().find_map(|copy| Some((copy, copy.same_as.as_ref()?))) else {
        let is_complete = map.copies.iter().all(|copy| copy.problem.is_none());
        let line = if is_complete { m::copies_one_writer } else { m::copies_one_writer_known };
        return line(language()).to_owned();
    };
    let other = map.copies.iter().find(|other| other.place == *same);
    let other = other.map_or(same.as_str(), |other| other.program_name.as_str());
    m::copies_two_writers(language(), other, &copy.program_name)
}

fn line(copy: &SignInCopyView) -> String {
    let SignInCopyView { program_name, place, .. } = copy;
    if let Some(problem) = &copy.problem {
        return m::import_found_problem(language(), program_name, shown_cause(problem), place);
    }
    let who = copy.email.clone().unwrap_or_else(|| m::no_email(language()).to_owned());
    let renewed = copy.last_refresh.map(|at| m::copies_renewed(language(), time_format::moment(at)));
    let last = renewed.as_ref().filter(|_| copy.renewed_last);
    let last = last.map(|_| m::copies_last_of_account(language()).to_owned());
    let about: Vec<String> =
        [Some(who), copy.plan_name.clone(), renewed, last].into_iter().flatten().collect();
    let line = m::import_found(language(), program_name, list_of(language(), &about), place);
    format!("{line}{}", advice(copy))
}

fn advice(copy: &SignInCopyView) -> String {
    let mut parts = Vec::new();
    match (&copy.same_as, &copy.account_name) {
        (Some(place), _) => parts.push(m::copies_same_as(language(), place)),
        (None, Some(account)) if copy.program != "usher" => {
            parts.push(m::copies_account_of_usher(language(), account));
        }
        _ => {}
    }
    match &copy.tool {
        Some(_) if copy.connected => parts.push(m::copies_connected(language()).to_owned()),
        Some(tool) => parts.push(m::copies_move(language(), tool)),
        None => {}
    }
    if parts.is_empty() { String::new() } else { format!("\n    {}", parts.join("; ")) }
}

/// Returns what the tool still holds of its own, which Usher leaves alone.
pub(super) async fn of_tool(app: &App, tool: &str) -> Result<Vec<SignInCopyView>, Failure> {
    let mut map = app.tools.copies().await?;
    map.copies.retain(|copy| copy.tool.as_deref() == Some(tool) && copy.problem.is_none());
    Ok(map.copies)
}

/// Says how the tool's own sign-in is ended.
pub(super) fn left(copy: &SignInCopyView) -> String {
    let SignInCopyView { program, program_name, place, .. } = copy;
    let end = match program.as_str() {
        "codex" => m::copies_end_codex(language()).to_owned(),
        _ => m::copies_end_other(language(), program_name),
    };
    let left = m::copies_left(language(), place, end);
    match &copy.same_as {
        Some(other) => m::copies_left_both(language(), left, other),
        None => left,
    }
}
