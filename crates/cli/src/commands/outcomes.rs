//! What each pass uses after a change: printed before the change is made, and after it.

use usher_app::App;
use usher_app::view::{PassChange, PassOutcome, PassUse};
use usher_domain::{AccountId, Failure, ProviderId};
use usher_text::messages as m;

use crate::confirm::{declined, is_confirmed, is_interactive};
use crate::language::{Text, language};
use crate::output::{Output, reason};

/// Prints what each pass will use after `change`, and returns it.
///
/// That it cannot be found out must not keep the change from being made.
pub(crate) async fn print_before(app: &App, change: &PassChange, output: Output) -> Vec<PassOutcome> {
    let outcomes = app.passes.outcomes(Some(change)).await.unwrap_or_default();
    print(m::outcomes_after, &outcomes, output);
    outcomes
}

/// Prints what each pass uses now, and returns it.
pub(crate) async fn print_after(app: &App, output: Output) -> Vec<PassOutcome> {
    let outcomes = app.passes.outcomes(None).await.unwrap_or_default();
    print(m::outcomes_now, &outcomes, output);
    outcomes
}

/// Prints the passes that go on using what was renamed or changed.
pub(crate) async fn print_users(app: &App, is_it: impl Fn(&PassUse) -> bool, output: Output) {
    let mut users = app.passes.outcomes(None).await.unwrap_or_default();
    users.retain(|one| is_it(&one.next));
    print(m::outcomes_still_used, &users, output);
}

/// Returns whether requests go to `account`.
pub(crate) fn uses_account(next: &PassUse, account: &AccountId) -> bool {
    matches!(next, PassUse::Uses { account_id: Some(id), .. } if id == account)
}

/// Returns whether requests go to `provider`.
pub(crate) fn uses_provider(next: &PassUse, provider: &ProviderId) -> bool {
    matches!(next, PassUse::Uses { provider_id, .. } if provider_id == provider)
}

fn print(title: Text, outcomes: &[PassOutcome], output: Output) {
    if !outcomes.is_empty() {
        output.text(title(language()));
        output.lines(outcomes.iter().map(outcome_line));
    }
}

/// Asks `question` where a person can answer it. A script that calls a command without a question goes on.
pub(crate) fn confirm_on_terminal(question: &str, yes: bool) -> Result<(), Failure> {
    if yes || !is_interactive() || is_confirmed(question)? {
        return Ok(());
    }
    Err(declined())
}

/// Returns one line about a pass: `Claude Code: uses OpenAI, Personal, ada@example.com`.
fn outcome_line(outcome: &PassOutcome) -> String {
    let pass = &outcome.pass;
    let line = match &outcome.next {
        PassUse::Refused { failure } => m::outcome_refused(language(), pass, reason(failure)),
        PassUse::Uses { provider, account: Some(account), .. } => {
            m::outcome_uses_account(language(), pass, provider, account)
        }
        PassUse::Uses { provider, account: None, .. } => m::outcome_uses(language(), pass, provider),
    };
    format!("  {line}")
}
