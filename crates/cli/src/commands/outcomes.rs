//! What each pass uses after a change: printed before the change is made, and after it.

use usher_app::App;
use usher_app::view::{PassChange, PassOutcome, PassUse};
use usher_domain::{ErrorCode, Failure};

use crate::confirm::{confirmed, is_interactive};
use crate::output::Output;

/// Prints what each pass will use after `change`, and returns it.
///
/// That it cannot be found out must not keep the change from being made.
pub(crate) async fn print_before(app: &App, change: &PassChange, output: Output) -> Vec<PassOutcome> {
    let outcomes = app.passes.outcomes(Some(change)).await.unwrap_or_default();
    print("After this:", &outcomes, output);
    outcomes
}

/// Prints what each pass uses now, and returns it.
pub(crate) async fn print_after(app: &App, output: Output) -> Vec<PassOutcome> {
    let outcomes = app.passes.outcomes(None).await.unwrap_or_default();
    print("Now:", &outcomes, output);
    outcomes
}

fn print(title: &str, outcomes: &[PassOutcome], output: Output) {
    if !outcomes.is_empty() {
        output.text(title);
        output.lines(outcomes.iter().map(outcome_line));
    }
}

/// Asks `question` where a person can answer it. A script that calls a command without a question goes on.
pub(crate) fn confirm_on_terminal(question: &str, yes: bool) -> Result<(), Failure> {
    if yes || !is_interactive() || confirmed(question)? {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"))
}

/// Returns one line about a pass: `Claude Code: uses OpenAI, Personal, ada@example.com`.
fn outcome_line(outcome: &PassOutcome) -> String {
    let next = match &outcome.next {
        PassUse::Refused { failure } => format!("refused, because {}", failure.cause),
        PassUse::Uses { provider, account: Some(account), .. } => format!("uses {provider}, {account}"),
        PassUse::Uses { provider, account: None, .. } => format!("uses {provider}"),
    };
    format!("  Pass {}: {next}", outcome.pass)
}
