//! `usher logout`: disconnects, and reports which parts succeeded.

use serde::Serialize;
use usher_app::view::{CredentialView, PassChange, PassOutcome, PassUse, RevocationView};
use usher_app::{App, CHATGPT, ProviderAccess, Target, provider_access};
use usher_domain::{ErrorCode, ExitStatus, Failure, ProviderId};

use crate::confirm::confirmed;
use crate::output::Output;

#[derive(Serialize)]
struct LogoutDocument<'a> {
    revoked: RevocationView,
    erased: bool,
    passes_refused: bool,
    /// What each pass uses from now on.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    passes: &'a [PassOutcome],
}

/// Disconnects an account, or deletes the key of a provider that uses one.
pub(crate) async fn run(
    app: &App,
    target: &Target,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let provider = &target.provider.clone().unwrap_or(CHATGPT);
    match provider_access(provider) {
        Some(ProviderAccess::SignIn) => disconnect(app, target.account.as_deref(), yes, output).await,
        Some(ProviderAccess::LinkedSignIn) => {
            let cause = "this sign-in belongs to the Codex CLI; run `codex logout`, or `usher providers remove codex-cli`";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
        _ => {
            if !yes && !confirmed("Delete the key from this computer? At the service it stays valid. [y/N] ")?
            {
                return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
            }
            forget(app, provider, output).await
        }
    }
}

/// Deletes a saved key and reports what there was. A key from the environment cannot be deleted by Usher.
async fn forget(app: &App, provider: &ProviderId, output: Output) -> Result<ExitStatus, Failure> {
    // A provider that cannot be read may still have a saved key.
    let before = app.providers.get(provider).await.ok().map(|view| view.credential);
    app.providers.forget_key(provider).await?;
    let nothing_saved = match &before {
        Some(CredentialView::Environment { variable, .. }) => Some(from_environment(provider, variable)),
        Some(CredentialView::Missing | CredentialView::NotNeeded) => {
            Some(format!("No key of {provider} is saved here, so nothing was deleted."))
        }
        _ => None,
    };
    output.document(&LogoutDocument {
        revoked: RevocationView::NotNeeded,
        erased: nothing_saved.is_none(),
        passes_refused: true,
        passes: &[],
    });
    output.text(nothing_saved.unwrap_or_else(|| {
        format!("The key of {provider} is deleted from this computer; at the service it stays valid until you delete it there.")
    }));
    Ok(ExitStatus::Success)
}

/// Explains how to stop using a key from the environment.
pub(crate) fn from_environment(provider: &ProviderId, variable: &str) -> String {
    format!(
        "The key of {provider} comes from the environment variable {variable}; none is saved here. Unset the variable, or run \
         `usher providers disable {provider}`."
    )
}

pub(crate) async fn disconnect(
    app: &App,
    account: Option<&str>,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let outcomes = passes_after_disconnect(app, account).await;
    if !yes {
        output.lines(outcomes.iter().map(outcome_line));
    }
    if !yes && !confirmed("Disconnect? OpenAI is asked to end this sign-in, and it is deleted here. [y/N] ")?
    {
        return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
    }
    let done = app.accounts.disconnect(account).await?;
    let others = !app.accounts.list().await?.is_empty();
    output.document(&LogoutDocument {
        revoked: done.revoked,
        erased: done.erased,
        passes_refused: done.passes_refused,
        passes: &outcomes,
    });
    let whose = done.email.as_deref().unwrap_or("the account");
    output.text(match done.revoked {
        RevocationView::Yes => format!(
            "Disconnected. OpenAI has ended the sign-in for {whose}, and it is deleted from this computer."
        ),
        RevocationView::Pending => format!(
            "Disconnected here, but OpenAI could not be reached. The sign-in for {whose} is deleted from this \
             computer; Usher tries again when it next starts, for up to seven days."
        ),
        RevocationView::NotNeeded => format!(
            "The sign-in for {whose} is deleted from this computer; there was nothing to end at OpenAI."
        ),
    });
    if yes {
        output.lines(outcomes.iter().map(outcome_line));
    }
    if others {
        output.hint("No other account is used instead. Choose one with `usher accounts use`.");
    }
    Ok(ExitStatus::Success)
}

/// Returns what each pass uses after the disconnect; empty where the account is not known, which the disconnect reports.
async fn passes_after_disconnect(app: &App, account: Option<&str>) -> Vec<PassOutcome> {
    let accounts = app.accounts.list().await.unwrap_or_default();
    let id = match account {
        Some(wanted) => app.accounts.find_id(wanted).await.ok(),
        None => accounts.into_iter().find(|card| card.active).map(|card| card.account.id),
    };
    let Some(account) = id else { return Vec::new() };
    app.passes.outcomes(&PassChange::Disconnect { account, next: None }).await.unwrap_or_default()
}

/// Returns one line about a pass: `Claude Code: uses OpenAI, ada@example.com`.
pub(crate) fn outcome_line(outcome: &PassOutcome) -> String {
    let next = match &outcome.next {
        PassUse::Refused { failure } => format!("refused, because {}", failure.cause),
        PassUse::Uses { provider, account: Some(account), .. } => format!("uses {provider}, {account}"),
        PassUse::Uses { provider, account: None, .. } => format!("uses {provider}"),
    };
    format!("  Pass {}: {next}", outcome.pass)
}
