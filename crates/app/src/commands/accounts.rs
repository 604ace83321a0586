//! Sign-in, accounts, and sign-ins of other programs.

use std::sync::Arc;

use usher_domain::{AccessToken, AccountId, ErrorCode, Failure, SignInRoute};

use super::{CommandContext, Events};
use crate::accounts::sign_in_options::SignInOptions;
use crate::view::{
    AccountCard, AccountView, CodexLoginEvent, DisconnectView, ExternalSignInView, MoveDirection,
    OtherAccountChoice, RevocationView, SignInEvent, SignInMethod, SignInPurpose,
};

pub(super) async fn sign_in(
    context: &CommandContext,
    route: SignInRoute,
    method: SignInMethod,
    purpose: SignInPurpose,
    events: Events<SignInEvent>,
) -> Result<(), Failure> {
    let window = Arc::clone(&context.window);
    let on_event = Arc::new(move |event: &SignInEvent| {
        // The browser is back, with the sign-in or without; the user goes on in the window.
        let denied = matches!(event, SignInEvent::Failed(failure) if failure.code == ErrorCode::AccessDenied);
        if denied || matches!(event, SignInEvent::Exchanging) {
            window.bring_forward();
        }
        events.emit(event);
    });
    let options = SignInOptions { route, purpose, ..SignInOptions::new(method) };
    // Its last event says how it ended.
    let _ = context.app.sign_ins.sign_in(options, on_event).await;
    Ok(())
}

pub(super) async fn cancel_sign_in(context: &CommandContext) -> Result<(), Failure> {
    context.app.sign_ins.cancel();
    Ok(())
}

pub(super) async fn answer_other_account(
    context: &CommandContext,
    choice: OtherAccountChoice,
) -> Result<(), Failure> {
    context.app.sign_ins.answer_other_account(choice)
}

pub(super) async fn paste_redirect(context: &CommandContext, url: String) -> Result<(), Failure> {
    context.app.sign_ins.paste_redirect(url).await
}

pub(super) async fn save_access_token(
    context: &CommandContext,
    token: String,
) -> Result<AccountView, Failure> {
    context.app.accounts.save_access_token(AccessToken::new(token.trim()), None).await
}

pub(super) async fn accounts(context: &CommandContext) -> Result<Vec<AccountCard>, Failure> {
    context.app.accounts.list().await
}

pub(super) async fn use_account(context: &CommandContext, account: AccountId) -> Result<(), Failure> {
    context.app.accounts.make_active(account).await
}

pub(super) async fn welcome_seen(context: &CommandContext, account: AccountId) -> Result<(), Failure> {
    context.app.accounts.set_welcome_seen(account).await
}

pub(super) async fn rename_account(
    context: &CommandContext,
    account: AccountId,
    label: String,
) -> Result<(), Failure> {
    context.app.accounts.rename(account, &label).await
}

pub(super) async fn move_account(
    context: &CommandContext,
    account: AccountId,
    direction: MoveDirection,
) -> Result<(), Failure> {
    context.app.accounts.reorder(account, direction).await
}

pub(super) async fn disconnect(
    context: &CommandContext,
    account: Option<AccountId>,
    next: Option<AccountId>,
) -> Result<DisconnectView, Failure> {
    let id = |account: &'_ Option<AccountId>| account.as_ref().map(|id| id.0.clone());
    context.app.accounts.disconnect(id(&account).as_deref(), id(&next).as_deref()).await
}

pub(super) async fn retry_revocation(
    context: &CommandContext,
    id: String,
) -> Result<RevocationView, Failure> {
    context.app.accounts.retry_revocation(&id).await
}

pub(super) async fn forget_revocation(context: &CommandContext, id: String) -> Result<(), Failure> {
    context.app.accounts.forget_revocation(&id).await
}

pub(super) async fn found_sign_ins(context: &CommandContext) -> Result<Vec<ExternalSignInView>, Failure> {
    context.app.accounts.external_sign_ins().await
}

pub(super) async fn codex_login(
    context: &CommandContext,
    events: Events<CodexLoginEvent>,
) -> Result<(), Failure> {
    context.app.codex_logins.run(Arc::new(move |event| events.emit(&event))).await
}

pub(super) async fn stop_codex_login(context: &CommandContext) -> Result<(), Failure> {
    context.app.codex_logins.stop();
    Ok(())
}
