//! `usher tools --copies`, and what is left of a tool's own sign-in after `usher tools move`.

use serde::Serialize;
use usher_app::App;
use usher_app::view::{SignInCopiesView, SignInCopyView};
use usher_domain::{ExitStatus, Failure};

use crate::output::{Output, time_format};

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
        output.text(format!(
            "Not looked at, because their files are not documented: {}.",
            map.not_looked_at.join(", ")
        ));
    }
    Ok(ExitStatus::Success)
}

fn badge(map: &SignInCopiesView) -> String {
    if map.copies.is_empty() {
        return "No sign-in of OpenAI was found.".to_owned();
    }
    let Some((copy, same)) = map.copies.iter().find_map(|copy| Some((copy, copy.same_as.as_ref()?))) else {
        let is_complete = map.copies.iter().all(|copy| copy.problem.is_none());
        let known = if is_complete { "" } else { ", as far as they could be read" };
        return format!("One writer{known}: no two programs renew the same sign-in.");
    };
    let other = map.copies.iter().find(|other| other.place == *same);
    let other = other.map_or(same.as_str(), |other| other.program_name.as_str());
    format!(
        "Two programs renew the same sign-in: {other} and {}. The first one that does signs the other one out.",
        copy.program_name
    )
}

fn line(copy: &SignInCopyView) -> String {
    let SignInCopyView { program_name, place, .. } = copy;
    if let Some(problem) = &copy.problem {
        return format!("{program_name}: {problem}\n    in {place}");
    }
    let who = copy.email.as_deref().unwrap_or("no e-mail");
    let plan = copy.plan_name.as_ref().map(|plan| format!(", {plan}")).unwrap_or_default();
    let last = if copy.renewed_last { ", the last of this account" } else { "" };
    let age = copy
        .last_refresh
        .map(|at| format!(", renewed {}{last}", time_format::moment(at)))
        .unwrap_or_default();
    format!("{program_name}: {who}{plan}{age}, in {place}{}", advice(copy))
}

fn advice(copy: &SignInCopyView) -> String {
    let mut parts = Vec::new();
    match (&copy.same_as, &copy.account_name) {
        (Some(place), _) => parts.push(format!("the same sign-in as in {place}")),
        (None, Some(account)) if copy.program != "usher" => {
            parts.push(format!("the account {account} of Usher, with a sign-in of its own"));
        }
        _ => {}
    }
    match &copy.tool {
        Some(_) if copy.connected => parts.push("connected to Usher".to_owned()),
        Some(tool) => parts.push(format!("a pass in its place: `usher tools move {tool}`")),
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
        "codex" => "run `codex logout`".to_owned(),
        _ => format!("sign out in {program_name}"),
    };
    let both =
        copy.same_as.as_ref().map(|other| format!(" That ends the one in {other} too.")).unwrap_or_default();
    format!("Its own sign-in stays in {place}. It is not needed any more; to end it, {end}.{both}")
}
