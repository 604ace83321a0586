//! The steps, and what stands of each.

use usher_app::{App, Target};
use usher_domain::Failure;
use usher_text::messages as m;

use crate::commands::providers::tools_line;
use crate::language::{Text, language};
use crate::output::columns::{padded, widest};
use crate::output::{Output, shell_quoted};

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Provider,
    Access,
    Model,
    Test,
    Tools,
}

const STEPS: [(Step, Text, Text); 5] = [
    (Step::Provider, m::setup_step_provider, m::setup_step_provider_about),
    (Step::Access, m::label_access, m::setup_step_access_about),
    (Step::Model, m::label_model, m::setup_step_model_about),
    (Step::Test, m::setup_step_test, m::setup_step_test_about),
    (Step::Tools, m::setup_step_tools, m::setup_step_tools_about),
];

/// What stands so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    results: Vec<StepResult>,
    is_changed: bool,
}

#[derive(Debug)]
struct StepResult {
    step: Step,
    text: String,
    is_changed: bool,
}

impl Step {
    /// Prints the heading of the step.
    pub(super) fn begin(self, output: Output) {
        let number = self as usize + 1;
        let (_, name, about) = STEPS[self as usize];
        let (name, about) = (name(language()), about(language()));
        output.text(format!("\n{}", m::setup_step(language(), number, STEPS.len(), name, about)));
    }
}

impl Progress {
    /// Records what was found, and left as it is.
    pub(super) fn found(&mut self, step: Step, text: impl Into<String>) {
        self.record(step, text.into(), false);
    }

    /// Records what was changed.
    pub(super) fn changed(&mut self, step: Step, text: impl Into<String>) {
        self.is_changed = true;
        self.record(step, text.into(), true);
    }

    fn record(&mut self, step: Step, text: String, is_changed: bool) {
        self.results.retain(|known| known.step != step);
        self.results.push(StepResult { step, text, is_changed });
    }

    /// Forgets what was found for a provider that is not the one after all.
    pub(super) fn forget(&mut self) {
        self.results.retain(|known| known.is_changed);
    }

    /// Prints what stands after a wizard that did not come to its end.
    pub(super) fn print_stopped(&self, output: Output) {
        if self.is_changed {
            output.text(format!("\n{}", m::setup_stopped_done(language())));
        } else {
            output.text(format!("\n{}", m::setup_stopped(language())));
        }
        output.lines(self.lines(m::setup_not_done(language())));
        output.text(m::setup_go_on(language()));
    }

    /// Prints what stands after the last step, and what comes next.
    pub(super) async fn print_end(&self, app: &App, target: &Target, output: Output) -> Result<(), Failure> {
        output.text(format!("\n{}", m::setup_done(language())));
        output.lines(self.lines(m::setup_skipped(language())));
        output.text(format!("\n{}", m::setup_next(language())));
        let gateway = app.gateway.view();
        if let Some(address) = gateway.address.filter(|_| gateway.running) {
            output.text(format!("  {}", m::setup_gateway_runs(language(), address)));
        } else {
            output.text(format!("  usher serve            {}", m::setup_next_serve(language())));
            if cfg!(unix) {
                output.text(format!("  usher service install  {}", m::setup_next_service(language())));
            }
        }
        output.text(format!("  usher tools            {}", m::setup_next_tools(language())));
        output.text(format!("  usher run -- CMD       {}", m::setup_next_run(language())));
        output.text(format!("  usher pass new NAME    {}", m::setup_next_pass(language())));
        print_other_provider(app, target, output).await
    }

    fn lines(&self, missing: &str) -> Vec<String> {
        let result = |step| {
            let result = self.results.iter().find(|known| known.step == step);
            result.map_or(missing, |known| known.text.as_str())
        };
        let cells = widest(STEPS.map(|(_, name, _)| name(language()))) + 2;
        let line = |(step, name, _): &(Step, Text, Text)| {
            format!("  {}{}", padded(name(language()), cells), result(*step))
        };
        STEPS.iter().map(line).collect()
    }
}

/// Prints what new passes use where that is not what was set up. The wizard never changes who pays.
async fn print_other_provider(app: &App, target: &Target, output: Output) -> Result<(), Failure> {
    let tools = app.providers.tools().await?;
    let accounts = app.accounts.list().await?;
    let in_use = accounts.iter().find(|card| card.active).map(|card| card.account.id.0.as_str());
    let (Some(provider), account) = (&target.provider, target.account.as_deref()) else { return Ok(()) };
    let is_used = tools.provider == *provider && (account.is_none() || account == in_use);
    if !is_used {
        let account = account.map(|account| format!(" --account {}", shell_quoted(account)));
        let arguments = format!("{provider}{}", account.unwrap_or_default());
        output.text(format!("\n{}\n{}", tools_line(&tools), m::setup_so_do_commands(language(), arguments)));
    }
    Ok(())
}
