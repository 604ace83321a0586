//! `usher accounts`: the accounts of the ChatGPT plan.

pub(crate) mod import;
pub(crate) mod login;
pub(crate) mod logout;

use serde::Serialize;
use usher_app::view::{AccountCard, MoveDirection, PassChange};
use usher_app::{App, Target};
use usher_domain::{ErrorCode, ExitStatus, Failure, PlanUse, SignInRoute, UnixTime};
use usher_text::{list, messages as m};

use super::outcomes::{print_after, print_before, print_users, uses_account};
use crate::args::AccountsCommand;
use crate::language::language;
use crate::output::{Output, account_summary, json::AccountFields, messages::Subject, shell_quoted};

#[derive(Serialize)]
struct AccountsDocument {
    accounts: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    account: AccountFields,
    active: bool,
    renews: bool,
    expires_at: Option<UnixTime>,
    attention: Option<ErrorCode>,
}

pub(crate) async fn run(app: &App, command: &AccountsCommand, output: Output) -> Result<ExitStatus, Failure> {
    match command {
        AccountsCommand::List => {}
        AccountsCommand::Use { account } => {
            let account = app.accounts.find_id(account).await?;
            let change = PassChange::UseAccount { account: account.clone() };
            let before = print_before(app, &change, output).await;
            app.accounts.make_active(account).await?;
            if !before.is_empty() {
                print_after(app, output).await;
            }
        }
        AccountsCommand::Rename { account, name } => {
            let account = app.accounts.find_id(account).await?;
            app.accounts.rename(account.clone(), name).await?;
            print_users(app, |next| uses_account(next, &account), output).await;
        }
        AccountsCommand::Up { account } => {
            app.accounts.reorder(app.accounts.find_id(account).await?, MoveDirection::Up).await?;
        }
        AccountsCommand::Down { account } => {
            app.accounts.reorder(app.accounts.find_id(account).await?, MoveDirection::Down).await?;
        }
        AccountsCommand::Remove { account, use_instead, yes } => {
            let next = use_instead.as_deref();
            return logout::disconnect(app, Some(account.as_str()), next, *yes, output).await;
        }
    }
    let accounts = app.accounts.list().await?;
    for card in &accounts {
        output.text(line(card));
    }
    if accounts.is_empty() {
        output.text(m::accounts_none(language()));
    }
    output.document(&AccountsDocument { accounts: accounts.iter().map(Entry::from).collect() });
    Ok(ExitStatus::Success)
}

impl From<&AccountCard> for Entry {
    fn from(card: &AccountCard) -> Self {
        Self {
            account: (&card.account).into(),
            active: card.active,
            renews: card.renews,
            expires_at: card.expires_at,
            attention: card.attention.as_ref().map(|failure| failure.code),
        }
    }
}

/// Returns the next step for an account whose sign-in has ended: the command that signs the same account in again.
pub(crate) async fn sign_in_again_hint(
    app: &App,
    target: &Target,
    subject: Subject,
    code: ErrorCode,
) -> Option<String> {
    let ended = matches!(
        code,
        ErrorCode::SignInExpired
            | ErrorCode::SignInRevoked
            | ErrorCode::SignInReused
            | ErrorCode::SignInMoved
    );
    if !ended || !matches!(subject, Subject::Plan | Subject::PlanUsage) {
        return None;
    }
    let accounts = app.accounts.list().await.ok()?;
    let wanted = match &target.account {
        Some(wanted) => Some(app.accounts.find_id(wanted).await.ok()?),
        None => None,
    };
    let card = accounts.iter().find(|card| match &wanted {
        Some(id) => card.account.id == *id,
        None => card.active,
    })?;
    Some(m::hint_sign_in_account(language(), shell_quoted(&card.account.name)))
}

fn line(card: &AccountCard) -> String {
    let account = &card.account;
    let mark = if card.active { "*" } else { " " };
    let kind = match (account.route, account.plan_use) {
        (SignInRoute::PlanUsage, Some(PlanUse::NotAllowed)) => Some(m::account_note_no_plan_use(language())),
        (SignInRoute::PlanUsage, _) => Some(m::account_note_usher_only(language())),
        (SignInRoute::CodexClient, _) if card.renews => None,
        (SignInRoute::CodexClient, _) => Some(m::account_note_access_token(language())),
    };
    let over = card.attention.as_ref().map(|_| m::account_note_sign_in_again(language()));
    let notes = [kind, over].into_iter().flatten().map(str::to_owned);
    let parts: Vec<String> = std::iter::once(account_summary(account)).chain(notes).collect();
    format!("{mark} {}\n    {}", list(language(), &parts), account.id)
}
