//! The second step for a plan: keep a sign-in, or sign in.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use usher_app::view::{
    AccountCard, AccountView, OtherAccountChoice, SignInEvent, SignInMethod, SignInPurpose,
};
use usher_app::{SignInOptions, Target};
use usher_domain::{ErrorCode, Failure, ProviderId, SignInRoute};
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::accounts::login::{attempt, report_rejected_access_token, show_account_in_use};
use crate::commands::status::to_failure;
use crate::language::language;
use crate::output::account_summary;
use crate::questions::{Choice, Stop};

/// Keeps a sign-in, or signs in.
pub(super) async fn obtain(
    wizard: &mut Wizard<'_>,
    provider: &ProviderId,
    account: Option<&str>,
) -> Result<Option<Target>, Stop> {
    let purpose = match choose_account(wizard, account).await? {
        Account::Keep(account) => {
            wizard.progress.found(Step::Access, account_summary(&account));
            return Ok(Some(target(provider, &account)));
        }
        Account::SignIn(purpose) => purpose,
    };
    loop {
        let signed_in = match choose_method(wizard, &purpose).await? {
            Some(method) => sign_in(wizard, method, purpose.clone()).await?,
            None => save_access_token(wizard, &purpose).await?,
        };
        if let Some(account) = signed_in {
            wizard.progress.changed(Step::Access, account_summary(&account));
            show_account_in_use(wizard.app, wizard.output).await?;
            return Ok(Some(target(provider, &account)));
        }
    }
}

enum Account {
    Keep(AccountView),
    SignIn(SignInPurpose),
}

/// Asks which account, where there is one already.
async fn choose_account(wizard: &Wizard<'_>, wanted: Option<&str>) -> Result<Account, Stop> {
    // The wizard connects tools, and an account of the other route serves none.
    let mut cards = wizard.app.accounts.list().await?;
    cards.retain(|card| card.account.route == SignInRoute::CodexClient);
    if cards.is_empty() {
        return Ok(Account::SignIn(SignInPurpose::Any));
    }
    let wanted = match wanted {
        Some(wanted) => Some(wizard.app.accounts.find_id(wanted).await?),
        None => None,
    };
    let is_first = |card: &AccountCard| wanted.as_ref().map_or(card.active, |id| card.account.id == *id);
    let start = cards.iter().position(is_first).unwrap_or_default();
    let mut choices: Vec<Choice> = cards.iter().map(choice).collect();
    choices.push(Choice::new(m::setup_other_account(language())));
    let index = wizard.questions.select(m::setup_ask_account(language()), choices, start).await?;
    let Some(card) = cards.into_iter().nth(index) else {
        return Ok(Account::SignIn(SignInPurpose::AddAccount));
    };
    if let Some(failure) = card.attention.as_ref().filter(|failure| failure.code.requires_sign_in()) {
        wizard.output.print_failure_with_hint(&to_failure(failure), m::setup_sign_in_again(language()));
        return Ok(Account::SignIn(SignInPurpose::Again { account: card.account.id }));
    }
    Ok(Account::Keep(card.account))
}

fn choice(card: &AccountCard) -> Choice {
    let ended = card.attention.as_ref().is_some_and(|failure| failure.code.requires_sign_in());
    let answer = account_summary(&card.account);
    if ended {
        Choice::with_answer(&m::setup_account_ended(language(), &answer), &answer)
    } else {
        Choice::new(&answer)
    }
}

fn target(provider: &ProviderId, account: &AccountView) -> Target {
    Target { provider: Some(provider.clone()), account: Some(account.id.0.clone()) }
}

/// Asks how to sign in. `None` is an access token.
async fn choose_method(wizard: &Wizard<'_>, purpose: &SignInPurpose) -> Result<Option<SignInMethod>, Stop> {
    let mut methods = vec![
        (Some(SignInMethod::Browser), m::setup_method_browser(language())),
        (Some(SignInMethod::Device), m::setup_method_device(language())),
        (Some(SignInMethod::Paste), m::setup_method_paste(language())),
    ];
    // One that is saved for another account would not be the account that is to sign in again.
    if !matches!(purpose, SignInPurpose::Again { .. }) {
        methods.push((None, m::setup_method_access_token(language())));
    }
    let choices = methods.iter().map(|(_, label)| Choice::new(label)).collect();
    // Over SSH a browser would open on another screen.
    let start = usize::from(wizard.app.session().ssh);
    let index = wizard.questions.select(m::login_ask_method(language()), choices, start).await?;
    Ok(methods[index].0)
}

async fn save_access_token(
    wizard: &Wizard<'_>,
    purpose: &SignInPurpose,
) -> Result<Option<AccountView>, Stop> {
    let again = match purpose {
        SignInPurpose::Again { account } => Some(account),
        _ => None,
    };
    let Some(token) = wizard.questions.secret(m::secret_access_token).await? else {
        wizard.output.text(m::setup_no_access_token(language()));
        return Ok(None);
    };
    let saved = match token {
        Ok(token) => {
            wizard.questions.unless_stopped(wizard.app.accounts.save_access_token(token, again)).await?
        }
        Err(failure) => Err(failure),
    };
    match saved {
        Ok(account) => Ok(Some(account)),
        Err(failure) if failure.code == ErrorCode::InvalidKey => {
            report_rejected_access_token(&failure, wizard.output);
            Ok(None)
        }
        Err(failure) => {
            wizard.output.print_failure(&failure);
            Ok(None)
        }
    }
}

/// Signs in. Without a result it failed, which is reported, and nothing was saved.
async fn sign_in(
    wizard: &Wizard<'_>,
    method: SignInMethod,
    purpose: SignInPurpose,
) -> Result<Option<AccountView>, Stop> {
    let defaults = SignInOptions::new(method);
    let options = SignInOptions { purpose, timeout: wizard.timeout.unwrap_or(defaults.timeout), ..defaults };
    let (events, heard) = unbounded_channel();
    // The receiver is gone once the wizard was cancelled.
    let listener = Arc::new(move |event: &SignInEvent| drop(events.send(event.clone())));
    let (app, output) = (Arc::clone(wizard.app), wizard.output);
    let running = tokio::spawn(async move { attempt(&app, options, listener, output).await });
    if let Err(stop) = answer(wizard, method, heard).await {
        wizard.app.sign_ins.cancel();
        // What is printed about it is the end of the wizard.
        let _ = running.await;
        return Err(stop);
    }
    wizard.questions.discard_typed();
    ended(wizard, running).await
}

/// Answers what a sign-in asks, until it ends.
async fn answer(
    wizard: &Wizard<'_>,
    method: SignInMethod,
    mut events: UnboundedReceiver<SignInEvent>,
) -> Result<(), Stop> {
    let mut has_ended = false;
    while !has_ended && let Some(event) = events.recv().await {
        match event {
            SignInEvent::Open { .. } if method == SignInMethod::Paste => {
                has_ended = paste(wizard, &mut events).await?;
            }
            SignInEvent::Open { opened: false, .. } => wizard.output.text(m::setup_no_browser(language())),
            SignInEvent::Code { .. } => wizard.output.text(m::setup_waiting(language())),
            SignInEvent::OtherAccount { account, .. } => answer_other(wizard, &account).await?,
            SignInEvent::SignedIn { .. } | SignInEvent::Failed(_) => has_ended = true,
            _ => {}
        }
    }
    Ok(())
}

/// Asks for the redirect address until it is the right one. Returns whether the sign-in has ended meanwhile, which its own
/// failure gives the reason of.
async fn paste(wizard: &Wizard<'_>, events: &mut UnboundedReceiver<SignInEvent>) -> Result<bool, Stop> {
    wizard.output.text(m::setup_how_to_paste(language()));
    loop {
        let address = wizard.questions.text(m::setup_ask_address(language())).await?;
        let Err(failure) = wizard.app.sign_ins.paste_redirect(address).await else {
            return Ok(false);
        };
        let mut heard = std::iter::from_fn(|| events.try_recv().ok());
        if heard.any(|event| matches!(event, SignInEvent::Failed(_))) {
            return Ok(true);
        }
        if failure.code == ErrorCode::BadUrl {
            wizard.output.print_cause_with_hint(&failure, m::login_paste_again(language()));
        } else {
            wizard.output.print_failure(&failure);
        }
    }
}

/// Asks about another account than the one that was to sign in again.
async fn answer_other(wizard: &Wizard<'_>, account: &AccountView) -> Result<(), Stop> {
    let question = m::setup_ask_use_instead(language(), account_summary(account));
    let wanted = wizard.questions.confirm(&question, false).await?;
    let choice = if wanted { OtherAccountChoice::Add } else { OtherAccountChoice::Decline };
    if let Err(failure) = wizard.app.sign_ins.answer_other_account(choice) {
        wizard.output.print_failure(&failure);
    }
    Ok(())
}

/// Returns the account, or reports the failure.
async fn ended(
    wizard: &Wizard<'_>,
    running: JoinHandle<Result<AccountView, Failure>>,
) -> Result<Option<AccountView>, Stop> {
    let ended = running.await.unwrap_or_else(|error| {
        Err(Failure::new(ErrorCode::Internal, format!("the sign-in did not end: {error}")))
    });
    let failure = match ended {
        Ok(account) => return Ok(Some(account)),
        Err(failure) if failure.code == ErrorCode::Cancelled => return Err(Stop::Cancelled),
        Err(failure) => failure,
    };
    let output = wizard.output;
    match failure.code {
        ErrorCode::Timeout => output.print_failure_with_hint(&failure, m::setup_hint_timeout(language())),
        ErrorCode::AccessDenied => {
            output.print_failure_with_hint(&failure, m::setup_hint_denied(language()));
        }
        _ => output.print_failure(&failure),
    }
    Ok(None)
}
