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
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::args::ToolsCommand;
use crate::confirm::confirmed;
use crate::output::{Output, time_format};

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
                output.document(&PreviewDocument { preview: &preview });
                show(&preview, output);
                return Ok(ExitStatus::Success);
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
                output.document(&PreviewDocument { preview: &preview });
                show(&preview, output);
                return Ok(ExitStatus::Success);
            }
            connect(app, &options, &preview, *yes, None, output).await
        }
        ToolsCommand::Try { tool } => {
            let tried = app.tools.try_out(tool).await?;
            output.document(&TriedDocument { tried: &tried });
            output.text(tried_text(&tried));
            let answered = tried.outcome == ToolTrialOutcome::Answered;
            Ok(if answered { ExitStatus::Success } else { ExitStatus::Failed })
        }
        ToolsCommand::Disconnect { tool, yes } => {
            if !yes && !confirmed(&format!("Put the files of {tool} back and revoke its pass? [y/N] "))? {
                return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
            }
            let undone = app.tools.disconnect(tool).await?;
            report(&[undone], output);
            Ok(ExitStatus::Success)
        }
        ToolsCommand::Restore { yes } => {
            if !yes
                && !confirmed("Put the files of all connected tools back and revoke their passes? [y/N] ")?
            {
                return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
            }
            let undone = app.tools.restore().await?;
            report(&undone, output);
            if undone.is_empty() {
                output.text("No tool is connected, so nothing was changed.");
            }
            Ok(ExitStatus::Success)
        }
    }
}

fn tried_text(tried: &ToolTrialView) -> String {
    let ToolTrialView { command, outcome, last_line, took_ms, .. } = tried;
    let last_line = last_line.as_deref().unwrap_or("none");
    match outcome {
        ToolTrialOutcome::Answered => {
            #[expect(clippy::cast_precision_loss, reason = "seconds for people")]
            let seconds = *took_ms as f64 / 1_000.0;
            format!("It works: `{command}` was answered through Usher in {seconds:.1} s.")
        }
        ToolTrialOutcome::Failed => {
            format!("`{command}` failed. Its last line: {last_line}\nIs the gateway on? See `usher status`.")
        }
        ToolTrialOutcome::Bypassed => format!(
            "`{command}` was answered, but not through Usher. A variable of the environment or another sign-in wins; \
             `usher tools connect {} --dry-run` names what is known.",
            tried.tool
        ),
        ToolTrialOutcome::TimedOut => {
            format!(
                "`{command}` did not end in time. Run it in a terminal to see why. Its last line: {last_line}"
            )
        }
    }
}

async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let tools = app.tools.list().await?;
    output.document(&ToolsDocument { tools: &tools, restore_script: app.tools.restore_script() });
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    table.set_header(["Tool", "Name", "Version", "State"]);
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
        Some(connection) if connection.interrupted => {
            format!("interrupted; `usher tools disconnect {}` puts its files back", tool.id)
        }
        Some(connection) if connection.suspended => {
            "its files are back until the gateway answers again".to_owned()
        }
        Some(ToolConnectionView { served_by: Some(other), .. }) => format!("connected through {other}"),
        Some(connection) => {
            let used = match connection.last_used_at {
                Some(at) => format!("connected, used {}", time_format::moment(at)),
                None => "connected, not used yet".to_owned(),
            };
            match connection.restore_after_minutes {
                Some(minutes) => format!("{used}; files come back after {minutes} min without the gateway"),
                None => used,
            }
        }
        None if !tool.automatic => format!("by hand: `usher tools connect {} --dry-run`", tool.id),
        None if tool.found && tool.own_sign_in => "not connected; can sign in to OpenAI by itself".to_owned(),
        None if tool.found => "not connected".to_owned(),
        None => "not found".to_owned(),
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
        if !confirmed(&format!("Connect {name}? [y/N] "))? {
            return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
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
    output.text(format!(
        "{name} is connected with the pass {}. `usher tools disconnect {tool}` puts its files back.",
        preview.pass
    ));
    if let Some(minutes) = connected.connection.as_ref().and_then(|one| one.restore_after_minutes) {
        output.text(format!(
            "Once the gateway has not answered for {minutes} min, the files come back by themselves until it does."
        ));
    }
    if let Some(script) = app.tools.restore_script() {
        output.text(format!("So does this, without Usher: {}", script.command));
    }
    if let ToolPassMethod::PassFile | ToolPassMethod::Literal = connected.pass_method {
        output.text(format!(
            "{name} cannot run a command for its pass, so the pass is in a file that only you can read."
        ));
    }
}

/// Prints how a connected tool is used.
fn print_next_steps(app: &App, options: &ToolOptions, preview: &ToolPreview, output: Output) {
    if let (Some(usage), false) = (&preview.usage, options.make_default) {
        output.hint(format!("Use it with: {usage}"));
    }
    if !app.gateway.view().running {
        output.hint("the gateway is off; switch it on in the window, or run `usher serve`");
    }
}

/// Prints what would change.
pub(crate) fn show(preview: &ToolPreview, output: Output) {
    let name = &preview.name;
    if let Some(lines) = &preview.lines {
        output.text(format!(
            "{name} is connected by hand. Create its pass with `usher pass new {}`, then:",
            preview.pass
        ));
        output.lines(lines.lines().map(|line| format!("  {line}")));
        return;
    }
    for file in &preview.files {
        output.lines(file.diff.lines().map(str::to_owned));
        if file.becomes_private {
            output.text(format!("Only you can read {} from then on: the pass is in it.", file.path));
        }
    }
    if preview.files.iter().all(|file| file.keys.is_empty()) {
        output.text(format!("The files of {name} have all keys already."));
    }
    if preview.takes_over {
        output.text(format!(
            "{name} then uses Usher for the requests that these keys govern, until you disconnect it."
        ));
    }
    if preview.tool == "codex-app" {
        output.text(ABOUT_CODEX_APP);
    }
    output.lines(preview.conflicts.iter().map(|conflict| conflicts::warning(conflict, name)));
}

const ABOUT_CODEX_APP: &str = "The requests of its agent and the list of models then go through Usher. Its own sign-in stays \
    with OpenAI, as do its plugins, its account and its limits. It sends that sign-in to Usher, too, which removes it: it is \
    not used, forwarded, logged or kept. Restart the app afterwards.";

async fn check(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let checked = app.tools.check().await?;
    output.document(&CheckDocument { checked: &checked });
    for ToolCheckView { tool, outcome, detail } in &checked {
        let detail = detail.join(", ");
        output.text(match outcome {
            ToolCheckOutcome::Restored => {
                format!("{tool}: the gateway does not answer, so its files are what they were.")
            }
            ToolCheckOutcome::Connected => format!("{tool}: the gateway answers, so it is connected again."),
            ToolCheckOutcome::Left => {
                format!("{tool}: changed since by somebody else, and left as it is: {detail}.")
            }
            ToolCheckOutcome::Failed => format!("{tool}: nothing was changed: {detail}"),
        });
    }
    Ok(ExitStatus::Success)
}

/// Prints what came back.
fn report(undone: &[ToolUndone], output: Output) {
    output.document(&UndoneDocument { undone });
    for one in undone {
        output.lines(one.files.iter().map(line));
        let pass = if one.pass_revoked { " Its pass is revoked." } else { "" };
        output.text(format!("{} is disconnected.{pass}", one.tool));
    }
}

fn line(file: &ToolFileOutcome) -> String {
    let ToolFileOutcome { path, changed, exact, removed, kept } = file;
    let text = match (changed, removed, exact) {
        (_, true, _) => format!("{path} was removed; it was made for the tool."),
        (false, ..) => format!("{path} needed no change."),
        (true, false, true) => format!("{path} is what it was."),
        (true, false, false) => format!("{path}: the keys are restored; your later changes stay."),
    };
    if kept.is_empty() {
        return text;
    }
    format!("{text} Changed since by somebody else, and left as it is: {}.", kept.join(", "))
}
