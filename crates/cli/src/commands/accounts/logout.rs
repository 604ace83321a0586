//! `usher logout`: disconnects, and reports which parts succeeded.

use serde::Serialize;
use usher_app::view::{CredentialView, PassChange, PassOutcome, RevocationView};
use usher_app::{App, CHATGPT, ProviderAccess, Target, provider_access};
use usher_domain::{ErrorCode, ExitStatus, Failure, ProviderId, SignInRoute};
use usher_text::messages as m;

use crate::commands::outcomes::{print_after, print_before, uses_provider};
use crate::confirm::{declined, is_confirmed, require_terminal};
use crate::language::language;
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
    next: Option<&str>,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let provider = &target.provider.clone().unwrap_or(CHATGPT);
    let access = provider_access(provider);
    if next.is_some() && access != Some(ProviderAccess::SignIn) {
        let cause = format!("{provider} has no accounts, so none can be used instead");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    match access {
        Some(ProviderAccess::SignIn) => disconnect(app, target.account.as_deref(), next, yes, output).await,
        Some(ProviderAccess::LinkedSignIn) => {
            let cause = "this sign-in belongs to the Codex CLI; run `codex logout`, or `usher providers remove codex-cli`";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
        _ => {
            print_before(app, &PassChange::ForgetKey { provider: provider.clone() }, output).await;
            if !yes && !is_confirmed(m::logout_ask_key(language()))? {
                return Err(declined());
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
            Some(m::logout_no_key(language(), provider))
        }
        _ => None,
    };
    let passes = app.passes.outcomes(None).await.unwrap_or_default();
    output.document(&LogoutDocument {
        revoked: RevocationView::NotNeeded,
        erased: nothing_saved.is_none(),
        passes_refused: !passes.iter().any(|one| uses_provider(&one.next, provider)),
        passes: &passes,
    });
    output.text(nothing_saved.unwrap_or_else(|| m::logout_key_deleted(language(), provider)));
    print_after(app, output).await;
    Ok(ExitStatus::Success)
}

/// Explains how to stop using a key from the environment.
pub(crate) fn from_environment(provider: &ProviderId, variable: &str) -> String {
    m::logout_key_of_environment(language(), provider, variable)
}

/// Disconnects an account. No other one is used instead, unless `next` names it.
pub(crate) async fn disconnect(
    app: &App,
    account: Option<&str>,
    next: Option<&str>,
    yes: bool,
    output: Output,
) -> Result<ExitStatus, Failure> {
    if !yes {
        require_terminal()?;
    }
    let change = app.accounts.disconnect_change(account, next).await?;
    print_before(app, &change, output).await;
    if !yes && !is_confirmed(m::logout_ask(language()))? {
        return Err(declined());
    }
    let done = app.accounts.disconnect(account, next).await?;
    output.document(&LogoutDocument {
        revoked: done.revoked,
        erased: done.erased,
        passes_refused: done.passes_refused,
        passes: &done.passes,
    });
    let whose = done.email.as_deref().unwrap_or(m::logout_the_account(language()));
    output.text(match done.revoked {
        RevocationView::Yes => m::logout_revoked(language(), whose),
        RevocationView::Pending => m::logout_pending(language(), whose),
        RevocationView::NotNeeded => m::logout_not_needed(language(), whose),
    });
    print_after(app, output).await;
    if done.route == SignInRoute::PlanUsage {
        output.hint(m::logout_hint_chatgpt_settings(language()));
    }
    let accounts = app.accounts.list().await?;
    if !accounts.is_empty() && !accounts.iter().any(|card| card.active) {
        output.hint(m::logout_hint_none_used(language()));
    }
    Ok(ExitStatus::Success)
}
