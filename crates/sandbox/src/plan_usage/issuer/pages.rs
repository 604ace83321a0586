//! The pages for the person: the account, and the permission in its two parts.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::requests::{AuthorizationRequest, Client};
use crate::accounts::{ACCOUNTS, Account};
use crate::issuer::consent::pages;

/// Returns the choice of an account; the one of `login_hint` comes first (siwc §3).
pub(super) fn login(id: &str, request: &AuthorizationRequest) -> Response {
    let hint = request.login_hint.as_deref();
    let (first, others): (Vec<_>, Vec<_>) = ACCOUNTS.iter().partition(|account| Some(account.email) == hint);
    pages::login("/sandbox/plan/login", id, request.agent_name(), first.into_iter().chain(others))
}

pub(super) fn consent(id: &str, account: &Account, request: &AuthorizationRequest) -> Response {
    // A registered app stays in its workspace (siwc §2).
    let workspaces: Vec<_> = match request.client {
        Client::New { .. } => account.workspaces.iter().collect(),
        Client::Known(_) => Vec::new(),
    };
    let name = request.agent_name();
    let body = html! {
        h1 { "Continue to " (name) "?" }
        p { "You are " strong { (account.name) } ", " (account.email) ". "
            a href={ "/sandbox/plan/login?request=" (id) } { "Use another account" } }
        p { strong { "Sign in." } " " (name) " sees who you are: your name and your e-mail address." }
        p { strong { "Use your plan." } " Requests of " (name) " count against your ChatGPT plan. \
            You can allow this later." }
        form method="post" action="/sandbox/plan/consent" {
            input type="hidden" name="request" value=(id);
            (pages::workspace_choice(&workspaces))
            div class="decision" {
                button name="decision" value="allow" class="primary" { "Sign in and use my plan" }
                button name="decision" value="sign_in_only" { "Sign in only" }
                button name="decision" value="deny" { "Cancel" }
            }
        }
    };
    pages::page(StatusCode::OK, "Continue with ChatGPT", &body)
}
