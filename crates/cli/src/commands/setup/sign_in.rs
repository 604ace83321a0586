//! The second step for a plan: keep a sign-in, or sign in.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use usher_app::view::{
    AccountCard, AccountView, OtherAccountChoice, SignInEvent, SignInMethod, SignInPurpose,
};
use usher_app::{SignInOptions, Target};
use usher_domain::{ErrorCode, Failure, ProviderId, SignInRoute};

use super::Wizard;
use super::progress::Step;
use crate::commands::accounts::login::{ACCESS_TOKEN_REJECTED, PASTE_AGAIN, attempt, show_account_in_use};
use crate::commands::status::to_failure;
use crate::questions::{Choice, Stop};

/// Keeps a sign-in, or signs in.
pub(super) async fn obtain(
    wizard: &mut Wizard<'_>,
    provider: &ProviderId,
    account: Option<&str>,
) -> Result<Option<Target>, Stop> {
    let purpose = match choose_account(wizard, account).await? {
        Account::Keep(account) => {
            wizard.progress.found(Step::Access, named(&account));
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
            wizard.progress.changed(Step::Access, named(&account));
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
    choices.push(Choice::new("Sign in with another account"));
    let index = wizard.questions.select("Which account do you want to use?", choices, start).await?;
    let Some(card) = cards.into_iter().nth(index) else {
        return Ok(Account::SignIn(SignInPurpose::AddAccount));
    };
    if let Some(failure) = card.attention.as_ref().filter(|failure| failure.code.requires_sign_in()) {
        wizard.output.print_failure_with_hint(&to_failure(failure), "Sign in again.");
        return Ok(Account::SignIn(SignInPurpose::Again { account: card.account.id }));
    }
    Ok(Account::Keep(card.account))
}

fn choice(card: &AccountCard) -> Choice {
    let ended = card.attention.as_ref().is_some_and(|failure| failure.code.requires_sign_in());
    let end = if ended { "; its sign-in has ended, sign in again" } else { "" };
    let answer = named(&card.account);
    Choice::with_answer(&format!("{answer}{end}"), &answer)
}

/// Returns an account for people: `Personal: ada@example.com, ChatGPT Plus`.
fn named(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or("no e-mail");
    format!("{}: {email}, {}", account.name, account.plan_name)
}

fn target(provider: &ProviderId, account: &AccountView) -> Target {
    Target { provider: Some(provider.clone()), account: Some(account.id.0.clone()) }
}

/// Asks how to sign in. `None` is an access token.
async fn choose_method(wizard: &Wizard<'_>, purpose: &SignInPurpose) -> Result<Option<SignInMethod>, Stop> {
    let mut methods = vec![
        (Some(SignInMethod::Browser), "In a browser on this computer"),
        (Some(SignInMethod::Device), "With a code, on any phone or computer"),
        (
            Some(SignInMethod::Paste),
            "In a browser on another computer; you paste the address that it ends at",
        ),
    ];
    // One that is saved for another account would not be the account that is to sign in again.
    if !matches!(purpose, SignInPurpose::Again { .. }) {
        methods.push((None, "With an access token of a Business or Enterprise workspace"));
    }
    let choices = methods.iter().map(|(_, label)| Choice::new(label)).collect();
    // Over SSH a browser would open on another screen.
    let start = usize::from(wizard.app.session().ssh);
    let index = wizard.questions.select("How do you want to sign in?", choices, start).await?;
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
    let Some(token) = wizard.questions.secret("the access token").await? else {
        wizard.output.text("No access token was entered.");
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
            let (message, hint) = ACCESS_TOKEN_REJECTED;
            wizard.output.failure_with_message(&failure, message, hint);
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
            SignInEvent::Open { opened: false, .. } => wizard.output.text(NO_BROWSER),
            SignInEvent::Code { .. } => wizard.output.text("Waiting for it. Ctrl-C cancels."),
            SignInEvent::OtherAccount { account, .. } => answer_other(wizard, &account).await?,
            SignInEvent::SignedIn { .. } | SignInEvent::Failed(_) => has_ended = true,
            _ => {}
        }
    }
    Ok(())
}

const NO_BROWSER: &str =
    "No browser on this computer? Press Ctrl-C, run `usher setup` again, and sign in with a code.";

const HOW_TO_PASTE: &str = "Open it on the other computer, sign in and choose Allow. The browser then shows an error page: copy the whole \
    address from its address bar, and paste it here. After the time above a new page is needed.";

/// Asks for the redirect address until it is the right one. Returns whether the sign-in has ended meanwhile, which its own
/// failure gives the reason of.
async fn paste(wizard: &Wizard<'_>, events: &mut UnboundedReceiver<SignInEvent>) -> Result<bool, Stop> {
    wizard.output.text(HOW_TO_PASTE);
    loop {
        let address = wizard.questions.text("Address that the browser ends at:").await?;
        let Err(failure) = wizard.app.sign_ins.paste_redirect(address).await else {
            return Ok(false);
        };
        let mut heard = std::iter::from_fn(|| events.try_recv().ok());
        if heard.any(|event| matches!(event, SignInEvent::Failed(_))) {
            return Ok(true);
        }
        if failure.code == ErrorCode::BadUrl {
            wizard.output.print_cause_with_hint(&failure, PASTE_AGAIN);
        } else {
            wizard.output.print_failure(&failure);
        }
    }
}

/// Asks about another account than the one that was to sign in again.
async fn answer_other(wizard: &Wizard<'_>, account: &AccountView) -> Result<(), Stop> {
    let question = format!("Use {} instead?", named(account));
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
        ErrorCode::Timeout => output.print_failure_with_hint(
            &failure,
            "This sign-in has ended, and nothing was saved. Sign in again below; it needs a new address or code.",
        ),
        ErrorCode::AccessDenied => {
            output.print_failure_with_hint(&failure, "Nothing was saved. Sign in again below, and choose Allow.");
        }
        _ => output.print_failure(&failure),
    }
    Ok(None)
}
