//! The last step: which tools are connected.

use usher_app::view::{ToolPreview, ToolView};
use usher_app::{Target, ToolOptions};
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::tools::{print_connected, show};
use crate::language::language;
use crate::questions::{Choice, Stop};

/// Asks which tools to connect, and then for each one, after its changes were shown.
pub(super) async fn connect(wizard: &mut Wizard<'_>, target: &Target) -> Result<(), Stop> {
    Step::Tools.begin(wizard.output);
    let found: Vec<ToolView> = wizard.app.tools.list().await?.into_iter().filter(|tool| tool.found).collect();
    let (connected, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|tool| tool.connection.is_some());
    let (automatic, by_hand): (Vec<_>, Vec<_>) = others.into_iter().partition(|tool| tool.automatic);
    let mut names: Vec<String> = connected.into_iter().map(|tool| tool.name).collect();
    if !names.is_empty() {
        wizard.output.text(m::setup_tools_connected(language(), names.join(", ")));
        wizard.progress.found(Step::Tools, names.join(", "));
    }
    for tool in choose(wizard, automatic).await? {
        if connect_one(wizard, target, &tool).await? {
            names.push(tool.name);
            wizard.progress.changed(Step::Tools, names.join(", "));
        }
    }
    for ToolView { id, name, .. } in by_hand {
        wizard.output.text(m::setup_tools_by_hand(language(), name, id));
    }
    if names.is_empty() {
        wizard.progress.found(Step::Tools, m::setup_tools_none_connected(language()));
    }
    Ok(())
}

async fn choose(wizard: &Wizard<'_>, tools: Vec<ToolView>) -> Result<Vec<ToolView>, Stop> {
    if tools.is_empty() {
        wizard.output.text(m::setup_tools_nothing_else(language()));
        return Ok(tools);
    }
    let label = |tool: &ToolView| match &tool.version {
        Some(version) => Choice::with_answer(&format!("{} {version}", tool.name), &tool.name),
        None => Choice::new(&tool.name),
    };
    let choices = tools.iter().map(label).collect();
    let question = m::setup_ask_tools(language());
    let chosen = wizard.questions.select_any(question, choices).await?;
    let chosen = tools.into_iter().enumerate().filter(|(index, _)| chosen.contains(index));
    Ok(chosen.map(|(_, tool)| tool).collect())
}

/// Shows what would change, and connects the tool after a yes. Returns whether it is connected.
async fn connect_one(wizard: &Wizard<'_>, target: &Target, tool: &ToolView) -> Result<bool, Stop> {
    let mut options = ToolOptions { target: target.clone(), ..ToolOptions::default() };
    let preview = loop {
        let preview = match wizard.app.tools.preview(&tool.id, &options).await {
            Ok(preview) => preview,
            Err(failure) => {
                wizard.output.print_failure(&failure);
                return Ok(false);
            }
        };
        wizard.output.text(format!("\n{}", m::setup_would_change(language(), &tool.name)));
        show(&preview, wizard.output);
        match decide(wizard, &preview, &options).await? {
            Decision::Connect => break preview,
            Decision::ShowAsDefault => options.make_default = true,
            Decision::Leave => {
                wizard.output.text(m::setup_left_as_it_is(language(), &tool.name));
                return Ok(false);
            }
        }
    };
    // Not cancelled meanwhile: its files are changed, or they are not.
    match wizard.app.tools.connect(&tool.id, &options, &preview.token).await {
        Ok(connected) => {
            print_connected(wizard.app, &preview, &connected, wizard.output);
            if let (Some(usage), false) = (&preview.usage, options.make_default) {
                wizard.output.text(m::tools_use_it_with(language(), usage));
            }
            Ok(true)
        }
        Err(failure) => {
            wizard.output.print_failure(&failure);
            Ok(false)
        }
    }
}

enum Decision {
    Connect,
    /// Show the changes that also make Usher the tool's default.
    ShowAsDefault,
    Leave,
}

async fn decide(wizard: &Wizard<'_>, preview: &ToolPreview, options: &ToolOptions) -> Result<Decision, Stop> {
    if preview.blocked {
        return Ok(Decision::Leave);
    }
    let question = m::tools_ask_connect(language(), &preview.name);
    if !preview.has_default || options.make_default {
        let wanted = wizard.questions.confirm(&question, false).await?;
        return Ok(if wanted { Decision::Connect } else { Decision::Leave });
    }
    let choices = [m::setup_tool_no, m::setup_tool_yes, m::setup_tool_default];
    let choices = choices.into_iter().map(|choice| Choice::new(choice(language()))).collect();
    Ok(match wizard.questions.select(&question, choices, 0).await? {
        1 => Decision::Connect,
        2 => Decision::ShowAsDefault,
        _ => Decision::Leave,
    })
}
