//! `usher tools`: tools of this computer, connecting them, and back.

mod conflicts;
mod copies;

use comfy_table::Table;
use serde::Serialize;
use usher_app::view::{
    RestoreScriptView, SignInCopyView, ToolCheckOutcome, ToolCheckView, ToolConnectionView, ToolFileOutcome,
    ToolPassMethod, ToolPreview, ToolTrialOutcome, ToolTrialView, ToolUndone, ToolView,
};
use usher_app::{App, Target, ToolOptions};
use usher_domain::{ExitStatus, Failure};
use usher_text::messages as m;

use crate::args::ToolsCommand;
use crate::confirm::{declined, is_confirmed};
use crate::language::language;
use crate::output::{Output, shown_cause, time_format};

#[derive(Serialize)]
struct ToolsDocument<'a> {
    tools: &'a [ToolView],
    restore_script: Option<RestoreScriptView>,
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    checked: &'a [ToolCheckView],
}

#[derive(Serialize)]
struct PreviewDocument<'a> {
    preview: &'a ToolPreview,
}

#[derive(Serialize)]
struct ConnectedDocument<'a> {
    connected: &'a ToolView,
    /// What a tool that was moved still holds of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<&'a [SignInCopyView]>,
}

#[derive(Serialize)]
struct TriedDocument<'a> {
    tried: &'a ToolTrialView,
}

#[derive(Serialize)]
struct UndoneDocument<'a> {
    undone: &'a [ToolUndone],
}

pub(crate) async fn run(
    app: &App,
    command: &ToolsCommand,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match command {
        ToolsCommand::List => list(app, output).await,
        ToolsCommand::Copies => copies::list(app, output).await,
        ToolsCommand::Move { tool, dry_run, yes } => {
            let options =
                ToolOptions { target: target.clone(), make_default: true, ..ToolOptions::default() };
            let preview = app.tools.preview(tool, &options).await?;
            if *dry_run {
                return Ok(only_shown(&preview, output));
            }
            let copies = copies::of_tool(app, tool).await?;
            connect(app, &options, &preview, *yes, Some(&copies), output).await
        }
        ToolsCommand::Check => check(app, output).await,
        ToolsCommand::Connect { tool, dry_run, make_default, restore_if_silent, yes } => {
            let options = ToolOptions {
                target: target.clone(),
                make_default: *make_default,
                restore_if_silent: restore_if_silent.unwrap_or_default(),
            };
            let preview = app.tools.preview(tool, &options).await?;
            if *dry_run {
                return Ok(only_shown(&preview, output));
            }
            connect(app, &options, &preview, *yes, None, output).await
        }
        ToolsCommand::Try { tool } => try_out(app, tool, output).await,
        ToolsCommand::Disconnect { tool, yes } => disconnect(app, tool, *yes, output).await,
        ToolsCommand::Restore { yes } => restore(app, *yes, output).await,
    }
}

/// Shows what connecting would change, for `--dry-run`.
fn only_shown(preview: &ToolPreview, output: Output) -> ExitStatus {
    output.document(&PreviewDocument { preview });
    show(preview, output);
    ExitStatus::Success
}

async fn try_out(app: &App, tool: &str, output: Output) -> Result<ExitStatus, Failure> {
    let tried = app.tools.try_out(tool).await?;
    output.document(&TriedDocument { tried: &tried });
    output.text(tried_text(&tried));
    let answered = tried.outcome == ToolTrialOutcome::Answered;
    Ok(if answered { ExitStatus::Success } else { ExitStatus::Failed })
}

async fn disconnect(app: &App, tool: &str, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    if !yes && !is_confirmed(&m::tools_ask_disconnect(language(), tool))? {
        return Err(declined());
    }
    let undone = app.tools.disconnect(tool).await?;
    report(&[undone], output);
    Ok(ExitStatus::Success)
}

async fn restore(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    if !yes && !is_confirmed(m::tools_ask_restore(language()))? {
        return Err(declined());
    }
    let undone = app.tools.restore().await?;
    report(&undone, output);
    if undone.is_empty() {
        output.text(m::tools_none_connected(language()));
    }
    Ok(ExitStatus::Success)
}

fn tried_text(tried: &ToolTrialView) -> String {
    let ToolTrialView { command, outcome, last_line, took_ms, .. } = tried;
    let last_line = last_line.as_deref().unwrap_or(m::tools_no_line(language()));
    match outcome {
        ToolTrialOutcome::Answered => {
            m::tools_tried_works(language(), command, time_format::seconds(*took_ms))
        }
        ToolTrialOutcome::Failed => m::tools_tried_failed(language(), command, last_line),
        ToolTrialOutcome::Bypassed => m::tools_tried_bypassed(language(), command, &tried.tool),
        ToolTrialOutcome::TimedOut => m::tools_tried_timed_out(language(), command, last_line),
    }
}

async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let tools = app.tools.list().await?;
    output.document(&ToolsDocument { tools: &tools, restore_script: app.tools.restore_script() });
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    table.set_header([
        m::column_tool(language()),
        m::column_name(language()),
        m::column_version(language()),
        m::column_state(language()),
    ]);
    for tool in &tools {
        let version = tool.version.clone().unwrap_or_default();
        table.add_row([tool.id.clone(), tool.name.clone(), version, state(tool)]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    output.lines(table.lines().map(|line| line.trim_end().to_owned()));
    Ok(ExitStatus::Success)
}

fn state(tool: &ToolView) -> String {
    match &tool.connection {
        Some(connection) if connection.interrupted => m::tools_state_interrupted_line(language(), &tool.id),
        Some(connection) if connection.suspended => m::tools_state_suspended_line(language()).to_owned(),
        Some(ToolConnectionView { served_by: Some(other), .. }) => m::tools_state_through(language(), other),
        Some(connection) => {
            let used = match connection.last_used_at {
                Some(at) => m::tools_state_used(language(), time_format::moment(at)),
                None => m::tools_state_unused(language()).to_owned(),
            };
            match connection.restore_after_minutes {
                Some(minutes) => m::tools_state_comes_back(language(), used, minutes),
                None => used,
            }
        }
        None if !tool.automatic => m::tools_state_by_hand(language(), &tool.id),
        None if tool.found && tool.own_sign_in => m::tools_state_own_sign_in(language()).to_owned(),
        None if tool.found => m::tools_state_not_connected(language()).to_owned(),
        None => m::tools_state_not_found_line(language()).to_owned(),
    }
}

async fn connect(
    app: &App,
    options: &ToolOptions,
    preview: &ToolPreview,
    yes: bool,
    copies: Option<&[SignInCopyView]>,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let (tool, name) = (&preview.tool, &preview.name);
    if !yes && preview.lines.is_none() && !preview.blocked {
        show(preview, output);
        if !is_confirmed(&m::tools_ask_connect(language(), name))? {
            return Err(declined());
        }
    }
    let connected = app.tools.connect(tool, options, &preview.token).await?;
    output.document(&ConnectedDocument { connected: &connected, copies });
    if yes {
        output.lines(preview.conflicts.iter().map(|conflict| conflicts::warning(conflict, name)));
    }
    print_connected(app, preview, &connected, output);
    output.lines(copies.unwrap_or_default().iter().map(copies::left));
    print_next_steps(app, options, preview, output);
    Ok(ExitStatus::Success)
}

/// Prints that a tool is connected, and how its files come back.
pub(crate) fn print_connected(app: &App, preview: &ToolPreview, connected: &ToolView, output: Output) {
    let (tool, name) = (&preview.tool, &preview.name);
    output.text(m::tools_connected(language(), name, &preview.pass, tool));
    if let Some(minutes) = connected.connection.as_ref().and_then(|one| one.restore_after_minutes) {
        output.text(m::tools_comes_back_by_itself(language(), minutes));
    }
    if let Some(script) = app.tools.restore_script() {
        output.text(m::tools_restore_script(language(), script.command));
    }
    if let ToolPassMethod::PassFile | ToolPassMethod::Literal = connected.pass_method {
        output.text(m::tools_pass_in_file(language(), name));
    }
}

/// Prints how a connected tool is used.
fn print_next_steps(app: &App, options: &ToolOptions, preview: &ToolPreview, output: Output) {
    if let (Some(usage), false) = (&preview.usage, options.make_default) {
        output.hint(m::tools_use_it_with(language(), usage));
    }
    if !app.gateway.view().running {
        output.hint(m::gateway_hint_off(language()));
    }
}

/// Prints what would change.
pub(crate) fn show(preview: &ToolPreview, output: Output) {
    let name = &preview.name;
    if let Some(lines) = &preview.lines {
        output.text(m::tools_by_hand(language(), name, &preview.pass));
        output.lines(lines.lines().map(|line| format!("  {line}")));
        return;
    }
    for file in &preview.files {
        output.lines(file.diff.lines().map(str::to_owned));
        if file.becomes_private {
            output.text(m::tools_becomes_private(language(), &file.path));
        }
    }
    if preview.files.iter().all(|file| file.keys.is_empty()) {
        output.text(m::tools_has_keys(language(), name));
    }
    if preview.takes_over {
        output.text(m::tools_takes_over(language(), name));
    }
    if preview.tool == "codex-app" {
        output.text(m::tools_about_codex_app(language()));
    }
    output.lines(preview.conflicts.iter().map(|conflict| conflicts::warning(conflict, name)));
}

async fn check(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let checked = app.tools.check().await?;
    output.document(&CheckDocument { checked: &checked });
    for ToolCheckView { tool, outcome, detail } in &checked {
        let detail = detail.join(", ");
        output.text(match outcome {
            ToolCheckOutcome::Restored => m::tools_checked_restored(language(), tool),
            ToolCheckOutcome::Connected => m::tools_checked_connected(language(), tool),
            ToolCheckOutcome::Left => m::tools_checked_left(language(), tool, detail),
            ToolCheckOutcome::Failed => m::tools_checked_failed(language(), tool, shown_cause(&detail)),
        });
    }
    Ok(ExitStatus::Success)
}

/// Prints what came back.
fn report(undone: &[ToolUndone], output: Output) {
    output.document(&UndoneDocument { undone });
    for one in undone {
        output.lines(one.files.iter().map(line));
        output.text(if one.pass_revoked {
            m::tools_disconnected_pass_revoked(language(), &one.tool)
        } else {
            m::tools_disconnected(language(), &one.tool)
        });
    }
}

fn line(file: &ToolFileOutcome) -> String {
    let ToolFileOutcome { path, changed, exact, removed, kept } = file;
    let text = match (changed, removed, exact) {
        (_, true, _) => m::tools_file_removed(language(), path),
        (false, ..) => m::tools_file_unchanged(language(), path),
        (true, false, true) => m::tools_file_restored(language(), path),
        (true, false, false) => m::tools_file_keys_restored(language(), path),
    };
    if kept.is_empty() {
        return text;
    }
    m::tools_file_kept(language(), text, kept.join(", "))
}
