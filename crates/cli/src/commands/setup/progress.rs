//! The steps, and what stands of each.

use usher_app::{App, Target};
use usher_domain::Failure;

use crate::commands::providers::tools_line;
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

const STEPS: [(Step, &str, &str); 5] = [
    (Step::Provider, "Provider", "who answers the requests of your tools"),
    (Step::Access, "Access", "a sign-in or a key"),
    (Step::Model, "Model", "what your tools use when they ask for no model of their own"),
    (Step::Test, "Test", "whether it works"),
    (Step::Tools, "Tools", "programs on this computer that are to use it"),
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
        output.text(format!("\nStep {number} of {}, {name}: {about}", STEPS.len()));
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
            output.text("\nSetup has stopped. This is done, and stays:");
        } else {
            output.text("\nSetup has stopped. Nothing was changed.");
        }
        output.lines(self.lines("not done"));
        output.text("To go on, run `usher setup` again; it sees what is done.");
    }

    /// Prints what stands after the last step, and what comes next.
    pub(super) async fn print_end(&self, app: &App, target: &Target, output: Output) -> Result<(), Failure> {
        output.text("\nSetup is done:");
        output.lines(self.lines("skipped"));
        output.text("\nNext:");
        let gateway = app.gateway.view();
        if let Some(address) = gateway.address.filter(|_| gateway.running) {
            output.text(format!("  The gateway runs at {address}; connected tools use it."));
        } else {
            output.text("  usher serve            runs the gateway, which connected tools need");
            if cfg!(unix) {
                output.text("  usher service install  runs it from each login on");
            }
        }
        output.text("  usher tools            lists your tools, and connects more");
        output.text("  usher run -- CMD       runs one program through Usher");
        output.text("  usher pass new NAME    makes a pass for a script; `usher env openai` has its lines");
        print_other_provider(app, target, output).await
    }

    fn lines(&self, missing: &str) -> Vec<String> {
        let result = |step| {
            let result = self.results.iter().find(|known| known.step == step);
            result.map_or(missing, |known| known.text.as_str())
        };
        STEPS.iter().map(|(step, name, _)| format!("  {name:<10}{}", result(*step))).collect()
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
        output.text(format!(
            "\n{}\nSo do commands and new passes without options. To change it: `usher providers use {provider}{}`",
            tools_line(&tools),
            account.unwrap_or_default(),
        ));
    }
    Ok(())
}
