//! `usher login`: signs in and prints each step.

mod attempt;
mod events;
mod other_account;
mod pasted;
mod route;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use usher_app::view::{AccountView, CodexLoginEvent, SignInEvent, SignInMethod, SignInPurpose};
use usher_app::{
    App, CHATGPT, CODEX_CLI, MANAGE_USAGE, OPENAI, ProviderAccess, Repair, SignInOptions, Target,
    provider_access,
};
use usher_domain::{AccountId, ErrorCode, ExitStatus, Failure, PlanUse, SignInRoute};
use usher_text::messages as m;

pub(crate) use self::attempt::attempt;
use self::events::{Event, signed_in};
use self::other_account::ask_about_other;
use self::pasted::read_pasted_lines;
use self::route::choose_route;
use crate::args::LoginArguments;
use crate::commands::doctor::question;
use crate::commands::outcomes::print_after;
use crate::commands::providers;
use crate::confirm::{declined, is_confirmed, is_interactive};
use crate::language::language;
use crate::output::{Output, shell_quoted};
use crate::signals;
use crate::stdin::secret;

/// Reports that an access token was rejected, which is no API key. Returns the exit status.
pub(crate) fn report_rejected_access_token(failure: &Failure, output: Output) -> ExitStatus {
    let message = |language| m::login_access_token_rejected(language).to_owned();
    output.failure_with_message(failure, message, m::login_access_token_rejected_hint)
}

/// Saves a key or an access token from standard input, or signs in.
pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &LoginArguments,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    make_room(app, arguments.yes).await?;
    if arguments.api_key_stdin {
        return save_key(app, target, output).await;
    }
    let provider = &target.provider.clone().unwrap_or(CHATGPT);
    match provider_access(provider) {
        Some(ProviderAccess::SignIn) => {}
        Some(ProviderAccess::LinkedSignIn) => return codex(app, output).await,
        _ => {
            let cause = format!("{provider} uses an API key; pass it with --api-key-stdin");
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
    }
    let again = account_to_sign_in_again(app, arguments, target).await?;
    if let Some(name) = &arguments.name {
        app.accounts.check_name(name, again.as_ref()).await?;
    }
    if arguments.access_token_stdin {
        return save_access_token(app, arguments, again.as_ref(), output).await;
    }
    let route = choose_route(app, arguments, again.as_ref(), output).await?;
    let output = output.for_route(route);
    let purpose = purpose(arguments, route, again)?;
    let status = sign_in(app, arguments, route, purpose, output).await?;
    show_account_in_use(app, output).await?;
    Ok(status)
}

async fn save_key(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let provider = target.provider.clone().unwrap_or(OPENAI);
    let view = app.providers.save_key(&provider, secret(m::secret_api_key)?).await?;
    output.document(&Event::KeySaved { provider: &provider });
    output.lines(providers::lines(&view));
    output.text(m::login_key_saved(language(), provider));
    Ok(ExitStatus::Success)
}

async fn account_to_sign_in_again(
    app: &App,
    arguments: &LoginArguments,
    target: &Target,
) -> Result<Option<AccountId>, Failure> {
    match &target.account {
        Some(_) if arguments.add => {
            let cause = "--account signs an account in again, and --add adds another one; use one of them";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
        Some(wanted) => app.accounts.find_id(wanted).await.map(Some),
        None => Ok(None),
    }
}

async fn save_access_token(
    app: &App,
    arguments: &LoginArguments,
    again: Option<&AccountId>,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let token = secret(m::secret_access_token)?;
    let account = match app.accounts.save_access_token(token, again).await {
        Err(failure) if failure.code == ErrorCode::InvalidKey => {
            return Ok(report_rejected_access_token(&failure, output));
        }
        saved => saved?,
    };
    let account = named(app, account, arguments.name.as_deref()).await?;
    output.document(&Event::SignedIn { account: (&account).into() });
    output.text(signed_in(&account));
    output.text(m::login_access_token_not_renewed(language()));
    Ok(ExitStatus::Success)
}

/// Returns whose sign-in it is to be.
fn purpose(
    arguments: &LoginArguments,
    route: SignInRoute,
    again: Option<AccountId>,
) -> Result<SignInPurpose, Failure> {
    match again {
        Some(account) if arguments.allow_plan && route == SignInRoute::PlanUsage => {
            Ok(SignInPurpose::AllowPlanUse { account })
        }
        _ if arguments.allow_plan => {
            let cause = "--allow-plan needs --account with an account of Continue with ChatGPT";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
        Some(account) => Ok(SignInPurpose::Again { account }),
        None if arguments.add => Ok(SignInPurpose::AddAccount),
        None => Ok(SignInPurpose::Any),
    }
}

/// Says which account is in use where the new one is not. A sign-in never changes who pays.
pub(crate) async fn show_account_in_use(app: &App, output: Output) -> Result<(), Failure> {
    let accounts = app.accounts.list().await?;
    let Some(in_use) = accounts.iter().find(|card| card.active).filter(|_| accounts.len() > 1) else {
        return Ok(());
    };
    let name = &in_use.account.name;
    output.hint(m::login_in_use(language(), name));
    if in_use.attention.is_some() {
        output.hint(m::login_needs_new_sign_in(language(), shell_quoted(name)));
    }
    Ok(())
}

/// Gives the account the name that was asked for.
async fn named(app: &App, account: AccountView, name: Option<&str>) -> Result<AccountView, Failure> {
    let Some(name) = name else { return Ok(account) };
    app.accounts.rename(account.id.clone(), name).await?;
    let name = name.trim().to_owned();
    Ok(AccountView { label: Some(name.clone()), name, ..account })
}

/// Sets a store aside that cannot be read, after a yes. Without one nothing is moved, and the sign-in does not begin.
async fn make_room(app: &App, yes: bool) -> Result<(), Failure> {
    for (repair, failure) in unreadable_stores(app).await {
        if !yes {
            if !is_interactive() {
                return Err(failure);
            }
            if !is_confirmed(&question(&repair))? {
                return Err(declined());
            }
        }
        app.doctor.repair(&repair).await?;
    }
    Ok(())
}

/// Returns the repairs of a store that cannot be read, and why it cannot.
pub(crate) async fn unreadable_stores(app: &App) -> Vec<(Repair, Failure)> {
    // What passes by itself, such as a locked keyring, is reported by the sign-in.
    let repairs = app.doctor.repairs().await.unwrap_or_default().into_iter();
    let of_store = repairs.filter_map(|repair| match &repair {
        Repair::SetStoreAside { failure, .. } => {
            let failure = failure.clone();
            Some((repair, failure))
        }
        _ => None,
    });
    of_store.collect()
}

/// Runs the Codex CLI's own sign-in. Usher reads its tokens and never changes them.
pub(crate) async fn codex(app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
    let on_event = Arc::new(move |event: CodexLoginEvent| match &event {
        CodexLoginEvent::Version { version } => output.text(version),
        CodexLoginEvent::Line { text } => output.text(text),
        CodexLoginEvent::Ended { .. } => {}
    });
    let login = app.codex_logins.run(on_event);
    tokio::pin!(login);
    tokio::select! {
        ended = &mut login => ended?,
        // It runs in its own process group, so it does not receive the signal unless Usher stops it.
        () = signals::termination() => {
            app.codex_logins.stop();
            login.await?;
        }
    }
    // Only after the sign-in, or the provider could not be used.
    app.providers.add(&CODEX_CLI).await?;
    output.document(&Event::KeySaved { provider: &CODEX_CLI });
    Ok(ExitStatus::Success)
}

/// Signs in with the method that `arguments` name.
pub(crate) async fn sign_in(
    app: &Arc<App>,
    arguments: &LoginArguments,
    route: SignInRoute,
    purpose: SignInPurpose,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let use_it = Arc::new(AtomicBool::new(false));
    let (answering, wanted) = (Arc::clone(app), Arc::clone(&use_it));
    let listener = Arc::new(move |event: &SignInEvent| match event {
        SignInEvent::OtherAccount { account, known, .. } => {
            ask_about_other(&answering, account, *known, &wanted, output);
        }
        SignInEvent::SignedIn { account, arrived } => print_next_steps(account, *arrived, output),
        _ => {}
    });
    if arguments.paste {
        read_pasted_lines(Arc::clone(app), output);
    }
    match attempt(app, options(arguments, route, purpose), listener, output).await {
        Ok(account) => {
            if use_it.load(Ordering::SeqCst) {
                app.accounts.make_active(account.id).await?;
                print_after(app, output).await;
            }
            Ok(ExitStatus::Success)
        }
        Err(failure) => {
            // The event for programs has been printed; this is for people.
            output.print_failure(&failure);
            Ok(failure.code.exit_status())
        }
    }
}

fn options(arguments: &LoginArguments, route: SignInRoute, purpose: SignInPurpose) -> SignInOptions {
    let defaults = SignInOptions::new(method(arguments));
    SignInOptions {
        route,
        timeout: arguments.timeout.map_or(defaults.timeout, Duration::from_secs),
        open_browser: defaults.open_browser && !arguments.no_browser,
        purpose,
        name: arguments.name.clone(),
        ..defaults
    }
}

fn method(arguments: &LoginArguments) -> SignInMethod {
    if arguments.device {
        SignInMethod::Device
    } else if arguments.paste {
        SignInMethod::Paste
    } else {
        SignInMethod::Browser
    }
}

fn print_next_steps(account: &AccountView, arrived: bool, output: Output) {
    if arrived {
        output.hint(m::login_other_name(language(), shell_quoted(&account.name)));
    }
    output.hint(match (account.route, account.plan_use) {
        (SignInRoute::CodexClient, _) => m::login_next(language()).to_owned(),
        (SignInRoute::PlanUsage, Some(PlanUse::NotAllowed)) => {
            m::login_next_plan_not_allowed(language(), shell_quoted(&account.name))
        }
        (SignInRoute::PlanUsage, _) => m::login_next_plan_usage(language(), MANAGE_USAGE),
    });
}
