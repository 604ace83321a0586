//! The pages for the person: plain HTML, no scripts, for light and dark.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::sign_ins::Request;
use crate::accounts::{Account, Workspace};
use crate::random;

const STYLE: &str = include_str!("pages.css");

/// Returns the page that sends the chosen account to `action`.
pub(crate) fn login<'a>(
    action: &str,
    request: &str,
    originator: &str,
    accounts: impl Iterator<Item = &'a Account>,
) -> Response {
    let body = html! {
        h1 { "Choose an account" }
        p { "to sign in to " strong { (originator) } }
        form method="post" action=(action) {
            input type="hidden" name="request" value=(request);
            @for account in accounts {
                button class="account" name="account" value=(account.key) {
                    strong { (account.name) }
                    span { (account.email) " · " (account.workspaces[0].plan) }
                }
            }
        }
    };
    page(StatusCode::OK, "Choose an account", &body)
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
            (workspace_choice(workspaces))
            div class="decision" {
                button name="decision" value="allow" class="primary" { "Allow" }
                button name="decision" value="deny" { "Deny" }
            }
        }
    };
    page(StatusCode::OK, "Allow access", &body)
}

/// Returns the choice of a workspace; nothing when there is only one.
pub(crate) fn workspace_choice(workspaces: &[&'static Workspace]) -> Markup {
    html! {
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
    }
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

pub(crate) fn unknown_request() -> Response {
    error(StatusCode::BAD_REQUEST, "This sign-in is not under way any more. Start again in your program.")
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

/// Returns a page with `body`, which may not load anything.
pub(crate) fn page(status: StatusCode, title: &str, body: &Markup) -> Response {
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
