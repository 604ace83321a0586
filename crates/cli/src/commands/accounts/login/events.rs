//! What happens during a sign-in, printed for people and for programs.

use serde::Serialize;
use usher_app::view::{AccountView, SignInEvent};
use usher_domain::{ErrorCode, ProviderId};

use crate::output::{Output, json::AccountFields, messages::Subject, time_format};

/// The events for programs.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event<'a> {
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

/// Prints one event of a sign-in.
pub(super) fn print(event: &SignInEvent, browser_wanted: bool, output: Output) {
    match event {
        SignInEvent::Open { url, opened, expires_at } => {
            output.document(&Event::Open { url });
            let first =
                if *opened { "Your browser is opening this page:" } else { "Open this page to sign in:" };
            if browser_wanted && !opened {
                output.warning(no_browser(output.subject));
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
        SignInEvent::SignedIn { account, .. } => {
            output.document(&Event::SignedIn { account: account.into() });
            output.text(signed_in(account));
        }
        SignInEvent::Failed(failure) => {
            let hint = output.subject.hint(failure.code);
            output.document(&Event::Failed { code: failure.code, message: &failure.cause, hint });
        }
    }
}

/// Returns the warning for a computer without a browser. The sign-in goes on.
fn no_browser(subject: Subject) -> String {
    let code = ErrorCode::BrowserUnavailable;
    format!("{} {}", subject.message(code), subject.hint(code))
}

/// Returns the sentence about an account that has signed in.
pub(super) fn signed_in(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or("an account without e-mail");
    format!("Signed in as {email}, {}. This account is called {}.", account.plan_name, account.name)
}
