//! The pages for the person: plain HTML, no scripts, for light and dark.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::sign_ins::Request;
use crate::accounts::{ACCOUNTS, Account, Workspace};
use crate::random;

const STYLE: &str = include_str!("pages.css");

pub(crate) fn login(request: &str, originator: &str) -> Response {
    let accounts = html! {
        h1 { "Choose an account" }
        p { "to sign in to " strong { (originator) } }
        form method="post" action="/sandbox/login" {
            input type="hidden" name="request" value=(request);
            @for account in ACCOUNTS {
                button class="account" name="account" value=(account.key) {
                    strong { (account.name) }
                    span { (account.email) " · " (account.workspaces[0].plan) }
                }
            }
        }
    };
    page(StatusCode::OK, "Choose an account", &accounts)
}

pub(crate) fn consent(
    request_id: &str,
    account: &Account,
    workspaces: &[&'static Workspace],
    request: &Request,
) -> Response {
    let body = html! {
        h1 { "Allow " (request.originator) "?" }
        p { "You are " strong { (account.name) } ", " (account.email) ". "
            a href={ "/sandbox/login?request=" (request_id) } { "Use another account" } }
        p { "It asks for:" }
        ul { @for scope in request.scope.split(' ') { li { (permission(scope)) } } }
        form method="post" action="/sandbox/consent" {
            input type="hidden" name="request" value=(request_id);
            @if workspaces.len() > 1 {
                fieldset {
                    legend { "Workspace" }
                    @for (position, workspace) in workspaces.iter().enumerate() {
                        label {
                            input type="radio" name="workspace" value=(workspace.account_id) checked[position == 0];
                            " " (workspace.title) " · " (workspace.plan)
                        }
                    }
                }
            }
            div class="decision" {
                button name="decision" value="allow" class="primary" { "Allow" }
                button name="decision" value="deny" { "Deny" }
            }
        }
    };
    page(StatusCode::OK, "Allow access", &body)
}

pub(crate) fn device(status: StatusCode, problem: Option<&str>) -> Response {
    let body = html! {
        h1 { "Enter your code" }
        p { "Only go on if you started this sign-in yourself." }
        @if let Some(problem) = problem { p class="problem" role="alert" { (problem) } }
        form method="post" action="/codex/device" {
            label { "Code " input name="user_code" autocomplete="off" autofocus required; }
            div class="decision" { button class="primary" { "Continue" } }
        }
    };
    page(status, "Enter your code", &body)
}

pub(crate) fn notice(title: &str, text: &str) -> Response {
    page(StatusCode::OK, title, &html! { h1 { (title) } p { (text) } })
}

pub(crate) fn error(status: StatusCode, text: &str) -> Response {
    page(
        status,
        "Sign-in refused",
        &html! { h1 { "Sign-in refused" } p class="problem" role="alert" { (text) } },
    )
}

fn permission(scope: &str) -> &str {
    match scope {
        "openid" => "Know who you are",
        "profile" => "See your name",
        "email" => "See your e-mail address",
        "offline_access" => "Stay signed in",
        "api.connectors.read" => "See your connectors",
        "api.connectors.invoke" => "Use your connectors",
        other => other,
    }
}

fn page(status: StatusCode, title: &str, body: &Markup) -> Response {
    let nonce = random::string("");
    // `form-action` also limits where the response of a form redirects to: the client's loopback address must be in it,
    // or Chromium stops after "Allow".
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' http://127.0.0.1:* http://localhost:*"
    );
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                title { (title) " – Sandbox" }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                p class="banner" { strong { "Sandbox" } ": stands in for OpenAI. No real account." }
                main { (body) }
            }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
    ];
    (status, headers, markup).into_response()
}
