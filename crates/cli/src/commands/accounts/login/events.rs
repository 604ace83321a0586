//! What happens during a sign-in, printed for people and for programs.

use serde::Serialize;
use usher_app::view::{AccountView, SignInEvent};
use usher_domain::{ErrorCode, ProviderId};
use usher_text::{Language, list, messages as m};

use crate::language::language;
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
            if browser_wanted && !opened {
                output.warning(no_browser(output.subject));
            }
            let until = time_format::moment(*expires_at);
            output.text(if *opened {
                m::login_browser_opens(language(), url, until)
            } else {
                m::login_open_page(language(), url, until)
            });
        }
        SignInEvent::PortTaken { port, holder, using } => {
            output.document(&Event::PortTaken { port: *port, holder: holder.as_deref(), using: *using });
            output.text(match holder {
                Some(holder) => m::login_port_used_by(language(), port, holder, using),
                None => m::login_port_unusable(language(), port, using),
            });
        }
        SignInEvent::Code { user_code, url, expires_at } => {
            output.document(&Event::Code { user_code, url });
            output.text(m::login_code(language(), url, user_code, time_format::moment(*expires_at)));
        }
        SignInEvent::AnswerIgnored => {
            output.document(&Event::AnswerIgnored);
            output.text(m::login_answer_ignored(language()));
        }
        SignInEvent::Exchanging => {
            output.document(&Event::Exchanging);
            output.text(m::login_exchanging(language()));
        }
        SignInEvent::OtherAccount { account, expected, .. } => {
            let document = Event::OtherAccount {
                account: account.into(),
                expected: expected.as_ref().map(AccountFields::from),
            };
            output.document(&document);
            let parts: Vec<String> =
                [Some(account.name.clone()), account.email.clone()].into_iter().flatten().collect();
            output.text(m::login_signed_in_as_other(language(), list(language(), &parts)));
            if let Some(expected) = expected {
                output.text(m::login_expected_not_signed_in(language(), &expected.name));
            }
        }
        SignInEvent::SignedIn { account, .. } => {
            output.document(&Event::SignedIn { account: account.into() });
            output.text(signed_in(account));
        }
        SignInEvent::Failed(failure) => {
            let hint = output.subject.hint(Language::English, failure.code);
            output.document(&Event::Failed { code: failure.code, message: &failure.cause, hint });
        }
    }
}

/// Returns the warning for a computer without a browser. The sign-in goes on.
fn no_browser(subject: Subject) -> String {
    let code = ErrorCode::BrowserUnavailable;
    m::login_warning(language(), subject.message(language(), code), subject.hint(language(), code))
}

/// Returns the sentence about an account that has signed in.
pub(super) fn signed_in(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or(m::account_without_email(language()));
    m::login_signed_in(language(), email, &account.plan_name, &account.name)
}
