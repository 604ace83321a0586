//! `usher login`: signs in and prints each step.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use usher_app::view::{
    AccountView, CodexLoginEvent, OtherAccountChoice, PassChange, SignInEvent, SignInMethod, SignInPurpose,
};
use usher_app::{
    App, CHATGPT, CODEX_CLI, OPENAI, ProviderAccess, Repair, SignInOptions, Target, provider_access,
};
use usher_domain::{ErrorCode, ExitStatus, Failure, ProviderId};

use crate::args::LoginArguments;
use crate::commands::doctor::question;
use crate::commands::outcomes::{print_after, print_before};
use crate::commands::providers;
use crate::confirm::{confirmed, is_interactive};
use crate::output::{Output, json::AccountFields, messages::Subject, shell_quoted, time_format};
use crate::signals;
use crate::stdin::secret;

/// The longest pasted line; an address is far shorter.
const MAX_PASTED_BYTES: u64 = 64 * 1024;

/// Message and hint of a rejected access token, which is no API key.
const ACCESS_TOKEN_REJECTED: (&str, &str) = (
    "OpenAI rejected this access token.",
    "It may be mistyped, expired or revoked. Create a new one in your workspace.",
);

/// Saves a key or an access token from standard input, or signs in.
pub(crate) async fn run(
    app: &Arc<App>,
    arguments: &LoginArguments,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    make_room(app, arguments.yes).await?;
    if arguments.api_key_stdin {
        let provider = target.provider.clone().unwrap_or(OPENAI);
        let view = app.providers.save_key(&provider, secret("the API key")?).await?;
        output.document(&Event::KeySaved { provider: &provider });
        output.lines(providers::lines(&view));
        output.text(format!("Saved. Check it with `usher test --provider {provider}`."));
        return Ok(ExitStatus::Success);
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
    let again = match &target.account {
        Some(_) if arguments.add => {
            let cause = "--account signs an account in again, and --add adds another one; use one of them";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        Some(wanted) => Some(app.accounts.find_id(wanted).await?),
        None => None,
    };
    if let Some(name) = &arguments.name {
        app.accounts.check_name(name, again.as_ref()).await?;
    }
    if arguments.access_token_stdin {
        let token = secret("the access token")?;
        let saved = app.accounts.save_access_token(token, again.as_ref()).await;
        let account = match saved {
            Err(failure) if failure.code == ErrorCode::InvalidKey => {
                let (message, hint) = ACCESS_TOKEN_REJECTED;
                return Ok(output.failure_with_message(&failure, message, hint));
            }
            saved => saved?,
        };
        let account = named(app, account, arguments.name.as_deref()).await?;
        output.document(&Event::SignedIn { account: (&account).into() });
        output.text(signed_in(&account));
        output.text("Usher cannot renew an access token. When it expires, save a new one.");
        return Ok(ExitStatus::Success);
    }
    let purpose = match again {
        Some(account) => SignInPurpose::Again { account },
        None if arguments.add => SignInPurpose::AddAccount,
        None => SignInPurpose::Any,
    };
    let status = sign_in(app, arguments, purpose, output).await?;
    show_account_in_use(app, output).await?;
    Ok(status)
}

/// Says which account is in use where the new one is not. A sign-in never changes who pays.
async fn show_account_in_use(app: &App, output: Output) -> Result<(), Failure> {
    let accounts = app.accounts.list().await?;
    let Some(in_use) = accounts.iter().find(|card| card.active).filter(|_| accounts.len() > 1) else {
        return Ok(());
    };
    let name = &in_use.account.name;
    output.hint(format!("In use: {name}. Change it with `usher accounts use`."));
    if in_use.attention.is_some() {
        let name = shell_quoted(name);
        output.hint(format!("{name} needs a new sign-in: `usher login --account {name}`"));
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
    // What passes by itself, such as a locked keyring, is reported by the sign-in.
    for repair in app.doctor.repairs().await.unwrap_or_default() {
        let Repair::SetStoreAside { failure, .. } = &repair else { continue };
        if !yes {
            if !is_interactive() {
                return Err(failure.clone());
            }
            if !confirmed(&question(&repair))? {
                return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
            }
        }
        app.doctor.repair(&repair).await?;
    }
    Ok(())
}

/// Runs the Codex CLI's own sign-in. Usher reads its tokens and never changes them.
async fn codex(app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
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

pub(crate) async fn sign_in(
    app: &Arc<App>,
    arguments: &LoginArguments,
    purpose: SignInPurpose,
    output: Output,
) -> Result<ExitStatus, Failure> {
    let defaults = SignInOptions::new(method(arguments));
    let options = SignInOptions {
        timeout: arguments.timeout.map_or(defaults.timeout, Duration::from_secs),
        open_browser: defaults.open_browser && !arguments.no_browser,
        purpose,
        name: arguments.name.clone(),
        ..defaults
    };
    let printer = output;
    let browser_wanted = options.open_browser;
    let (signed_in, use_it) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (reported, answering, wanted) = (Arc::clone(&signed_in), Arc::clone(app), Arc::clone(&use_it));
    let on_event = Arc::new(move |event: &SignInEvent| {
        reported.fetch_or(matches!(event, SignInEvent::SignedIn { .. }), Ordering::SeqCst);
        print(event, browser_wanted, printer);
        if let SignInEvent::OtherAccount { account, known, .. } = event {
            ask_about_other(&answering, account, *known, &wanted, printer);
        }
    });
    if arguments.paste {
        read_pasted_lines(Arc::clone(app), output);
    }
    let sign_in = app.sign_ins.sign_in(options, on_event);
    tokio::pin!(sign_in);
    let result = tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => {
            app.sign_ins.cancel();
            // Already signed in: only the model list is still being fetched.
            if signed_in.load(Ordering::SeqCst) {
                return Ok(ExitStatus::Success);
            }
            sign_in.await
        }
        result = &mut sign_in => result,
    };
    match result {
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

fn method(arguments: &LoginArguments) -> SignInMethod {
    if arguments.device {
        SignInMethod::Device
    } else if arguments.paste {
        SignInMethod::Paste
    } else {
        SignInMethod::Browser
    }
}

/// Asks whether another account than the requested one is wanted. Without a person to ask it is declined.
///
/// On its own thread, for the reason of [`read_pasted_lines`].
fn ask_about_other(
    app: &Arc<App>,
    account: &AccountView,
    known: bool,
    use_it: &Arc<AtomicBool>,
    output: Output,
) {
    let (app, account, use_it) = (Arc::clone(app), account.clone(), Arc::clone(use_it));
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        let asking = Arc::clone(&app);
        let question = is_interactive().then(|| {
            let question =
                runtime.spawn(async move { question_about_other(&asking, &account, known, output).await });
            runtime.block_on(question).ok().flatten()
        });
        let wanted = question.flatten().is_some_and(|question| confirmed(&question).unwrap_or(false));
        use_it.store(wanted && known, Ordering::SeqCst);
        let choice = if wanted { OtherAccountChoice::Add } else { OtherAccountChoice::Decline };
        if let Err(failure) = app.sign_ins.answer_other_account(choice) {
            output.print_failure(&failure);
        }
    });
}

/// Returns the question about another account than the requested one. One that is known may be used from now on, which
/// says first what each pass will use; about one that is in use there is nothing to ask.
async fn question_about_other(
    app: &App,
    account: &AccountView,
    known: bool,
    output: Output,
) -> Option<String> {
    let name = &account.name;
    if !known {
        return Some(format!("Add {name} as another account? [y/N] "));
    }
    let accounts = app.accounts.list().await.ok()?;
    accounts.iter().find(|card| card.account.id == account.id && !card.active)?;
    print_before(app, &PassChange::UseAccount { account: account.id.clone() }, output).await;
    Some(format!("Use {name} from now on? [y/N] "))
}

/// Reads pasted redirect addresses from standard input, one a line.
///
/// On its own thread, because a blocking read cannot be cancelled and the process may exit during one.
fn read_pasted_lines(app: Arc<App>, output: Output) {
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        while let Some(line) = pasted_line(std::io::stdin().lock()) {
            let submitting = Arc::clone(&app);
            let submitted = runtime.spawn(async move { submitting.sign_ins.paste_redirect(line).await });
            match runtime.block_on(submitted) {
                Ok(Err(failure)) if failure.code == ErrorCode::BadUrl => {
                    output.print_cause_with_hint(
                        &failure,
                        "Copy the complete address that your browser shows after you chose Allow, and paste it again.",
                    );
                }
                Ok(Err(failure)) => output.print_failure(&failure),
                _ => return,
            }
        }
        // What interrupts a sign-in often closes its input, too, and is the better reason.
        runtime.block_on(signals::received());
        let cause = "no address was pasted; run it in a terminal, or write the address to its standard input";
        app.sign_ins.end(Failure::new(ErrorCode::BadUsage, cause));
    });
}

/// Reads one line; `None` at the end. Text that is not UTF-8 is read as far as it can be: an address is ASCII, and some
/// shells pass it on with a zero byte after each character.
fn pasted_line(from: impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = from.take(MAX_PASTED_BYTES).read_until(b'\n', &mut line).ok()?;
    line.retain(|&one| one != 0);
    (read > 0).then(|| String::from_utf8_lossy(&line).replace(char::REPLACEMENT_CHARACTER, ""))
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Open {
        url: &'a str,
    },
    PortTaken {
        port: u16,
        holder: Option<&'a str>,
        using: u16,
    },
    Code {
        user_code: &'a str,
        url: &'a str,
    },
    AnswerIgnored,
    Exchanging,
    OtherAccount {
        account: AccountFields,
        expected: Option<AccountFields>,
    },
    SignedIn {
        account: AccountFields,
    },
    /// A key was saved, or another program signed in; there is no account to report.
    #[serde(rename = "saved")]
    KeySaved {
        provider: &'a ProviderId,
    },
    Failed {
        code: ErrorCode,
        message: &'a str,
        hint: &'a str,
    },
}

fn print(event: &SignInEvent, browser_wanted: bool, output: Output) {
    match event {
        SignInEvent::Open { url, opened, expires_at } => {
            output.document(&Event::Open { url });
            let first =
                if *opened { "Your browser is opening this page:" } else { "Open this page to sign in:" };
            if browser_wanted && !opened {
                output.warning(no_browser());
            }
            output.text(format!(
                "{first}\n  {url}\nWaiting until {}. Ctrl-C cancels.",
                time_format::moment(*expires_at)
            ));
        }
        SignInEvent::PortTaken { port, holder, using } => {
            output.document(&Event::PortTaken { port: *port, holder: holder.as_deref(), using: *using });
            let why =
                holder.as_ref().map_or("cannot be used".into(), |holder| format!("is used by {holder}"));
            output.text(format!("Port {port} {why}; using {using}."));
        }
        SignInEvent::Code { user_code, url, expires_at } => {
            output.document(&Event::Code { user_code, url });
            output.text(format!(
                "Open {url} on any device and enter this code:\n  {user_code}\n\
                 Don't share this code. It works until {}.",
                time_format::moment(*expires_at)
            ));
        }
        SignInEvent::AnswerIgnored => {
            output.document(&Event::AnswerIgnored);
            output.text("Ignored a response from another sign-in.");
        }
        SignInEvent::Exchanging => {
            output.document(&Event::Exchanging);
            output.text("Almost done: finishing the sign-in.");
        }
        SignInEvent::OtherAccount { account, expected, .. } => {
            let document = Event::OtherAccount {
                account: account.into(),
                expected: expected.as_ref().map(AccountFields::from),
            };
            output.document(&document);
            let email = account.email.as_ref().map(|email| format!(", {email}")).unwrap_or_default();
            output.text(format!("You signed in as {}{email}.", account.name));
            if let Some(expected) = expected {
                output.text(format!("{} is not signed in again.", expected.name));
            }
        }
        SignInEvent::SignedIn { account, arrived } => {
            output.document(&Event::SignedIn { account: account.into() });
            output.text(signed_in(account));
            if *arrived {
                let name = shell_quoted(&account.name);
                output.hint(format!("Another name: `usher accounts rename {name} NAME`"));
            }
            output.hint("`usher test` checks that it works; `usher serve` lets your tools use it.");
        }
        SignInEvent::Failed(failure) => {
            let hint = output.subject.hint(failure.code);
            output.document(&Event::Failed { code: failure.code, message: &failure.cause, hint });
        }
    }
}

/// Returns the warning for a computer without a browser. The sign-in goes on.
fn no_browser() -> String {
    let code = ErrorCode::BrowserUnavailable;
    format!("{} {}", Subject::Plan.message(code), Subject::Plan.hint(code))
}

fn signed_in(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or("an account without e-mail");
    format!("Signed in as {email}, {}. This account is called {}.", account.plan_name, account.name)
}

#[cfg(test)]
mod tests {
    use super::pasted_line;

    #[test]
    fn pasted_line_of_any_encoding_is_read() {
        let mut input: &[u8] = b"\xff\xfe\nh\0t\0t\0p\0\n\0last";
        let mut next = || pasted_line(&mut input);
        assert_eq!(next().as_deref(), Some("\n"));
        assert_eq!(next().as_deref(), Some("http\n"));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}
