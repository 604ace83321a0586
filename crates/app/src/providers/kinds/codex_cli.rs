//! The Codex CLI's own sign-in: read where it is, never written.

use std::sync::Arc;

use url::Url;
use usher_auth::{CodexCli, CodexSignIn, CodexState, CodexTokenSource};
use usher_domain::ports::BoxFuture;
use usher_domain::{ErrorCode, Failure, ProviderId, UnixTime, Wire};
use usher_upstream::{BackendRules, CODEX_BACKEND, Timeouts};

use super::chatgpt::plan_backend;
use super::{ConnectRequest, CredentialRequest, ProviderAccess, ProviderKind};
use crate::accounts::scope::ModelScope;
use crate::connection::Connection;
use crate::context::{Context, run_blocking};
use crate::settings::{EndpointSettings, Keys, ValueType};
use crate::view::{AccountView, Billing, CredentialPlace, CredentialView, shown_path};

pub(super) const KIND: &str = "codex-cli";

pub(super) struct CodexCliLink;

/// Returns the Codex CLI of this person; `None` where the system names no home folder.
pub(crate) fn codex_of(context: &Context) -> Option<CodexCli> {
    CodexCli::from_paths(&context.places)
}

impl ProviderKind for CodexCliLink {
    fn id(&self) -> &'static str {
        KIND
    }

    fn access(&self) -> ProviderAccess {
        ProviderAccess::LinkedSignIn
    }

    fn billing(&self) -> Billing {
        Billing::Plan
    }

    fn display_name(&self, _: &ProviderId, _: &EndpointSettings) -> String {
        "Codex CLI".into()
    }

    fn rules(&self) -> &'static BackendRules {
        &CODEX_BACKEND
    }

    fn root(&self, context: &Context, _: &ProviderId, _: &EndpointSettings) -> Result<Url, Failure> {
        Ok(context.provider.endpoints.backend.clone())
    }

    fn settings_keys(&self) -> Keys {
        &[("client_version", ValueType::Text)]
    }

    fn credential<'a>(
        &'a self,
        request: CredentialRequest<'a>,
    ) -> BoxFuture<'a, (CredentialView, Option<Failure>)> {
        Box::pin(credential(request.context))
    }

    fn connect<'a>(&'a self, request: ConnectRequest<'a>) -> BoxFuture<'a, Result<Connection, Failure>> {
        Box::pin(async move {
            let ConnectRequest { context, id, .. } = request;
            let nowhere = || {
                Failure::new(ErrorCode::SignInRequired, "this system names no home folder for the Codex CLI")
            };
            let codex = codex_of(context).ok_or_else(nowhere)?;
            let endpoints = context.provider.endpoints.clone();
            let (file, now) = (codex.clone(), context.clock.now());
            let state = run_blocking(move || file.read(now)).await;
            let credential = match &state {
                Ok(CodexState::SignedIn(sign_in)) => Some(credential_mark(sign_in)),
                _ => None,
            };
            Ok(Connection {
                provider: id.clone(),
                scope: ModelScope::Provider(id.clone()),
                account: None,
                name: "the Codex CLI's sign-in".into(),
                list_source: String::new(),
                credential,
                plan: None,
                tokens: Arc::new(CodexTokenSource::new(codex, endpoints, Arc::clone(&context.clock))),
                place: CredentialPlace::CodexCli,
                renews: false,
                // The sign-in is in a file of the Codex CLI, which is read for each request.
                caches_tokens: false,
                config: plan_backend(context, request.settings),
                wire: Some(Wire::Responses),
                may_be_unversioned: false,
                timeouts: Timeouts::default(),
            })
        })
    }
}

async fn credential(context: &Context) -> (CredentialView, Option<Failure>) {
    let nobody = |place: String| CredentialView::Codex { account: None, place, expires_at: None };
    let Some(codex) = codex_of(context) else {
        let failure = Failure::new(ErrorCode::SignInRequired, "this system names no home folder");
        return (nobody(String::new()), Some(failure));
    };
    let now = context.clock.now();
    let required = |cause: &str| Some(Failure::new(ErrorCode::SignInRequired, cause));
    match run_blocking(move || codex.read(now)).await {
        Ok(CodexState::SignedIn(sign_in)) => {
            let scope = ModelScope::Provider(super::CODEX_CLI).key();
            (signed_in_with(context, &sign_in), context.state.refusal(&scope, &credential_mark(&sign_in)))
        }
        Ok(CodexState::Expired(sign_in)) => {
            let cause = "the Codex CLI's sign-in has expired; run codex once to refresh it";
            (signed_in_with(context, &sign_in), Some(Failure::new(ErrorCode::SignInExpired, cause)))
        }
        Ok(CodexState::Absent) => (nobody(String::new()), required("there is no Codex CLI set up here")),
        Ok(CodexState::SignedOut) => (nobody(String::new()), required("the Codex CLI is not signed in")),
        Ok(CodexState::Other(other)) => {
            (nobody(String::new()), required(&format!("{}; {}", other.description(), other.suggestion())))
        }
        Err(failure) => (nobody(String::new()), Some(failure)),
    }
}

/// Returns which sign-in it is: the Codex CLI writes another one with each renewal.
fn credential_mark(sign_in: &CodexSignIn) -> String {
    let time = |at: Option<UnixTime>| at.map_or(0, |at| at.0);
    format!("{} {} {}", sign_in.account.id().0, time(sign_in.last_refresh), time(sign_in.expires_at))
}

fn signed_in_with(context: &Context, sign_in: &CodexSignIn) -> CredentialView {
    let account = AccountView::from(&sign_in.account);
    CredentialView::Codex {
        account: Some(if context.hides_names() { account.without_names() } else { account }),
        place: shown_path(&sign_in.path),
        expires_at: sign_in.expires_at,
    }
}
