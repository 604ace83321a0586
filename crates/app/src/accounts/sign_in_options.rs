//! How to sign in, and the request of each route for it.

use std::time::Duration;

use usher_auth::{
    FlowKind, PlanIdentity, PlanSignInKind, PlanSignInRequest, RequestedIdentity, SignInRequest,
};
use usher_domain::{ErrorCode, Failure, RedirectHost, SignInRoute};

use crate::view::{SignInMethod, SignInPurpose};

/// How to sign in.
#[derive(Debug, Clone)]
pub struct SignInOptions {
    /// Which of OpenAI's sign-ins.
    pub route: SignInRoute,
    /// Which way.
    pub method: SignInMethod,
    /// How long to wait for the person.
    pub timeout: Duration,
    /// Whether to open the browser, or only to say the address.
    pub open_browser: bool,
    /// Whose sign-in it is to be.
    pub purpose: SignInPurpose,
    /// What the person calls the account.
    pub name: Option<String>,
}

impl SignInOptions {
    /// Returns the options of the window: five minutes for the browser, and the fifteen of a device code.
    ///
    /// No browser is opened for a pasted address: the user's browser is on another computer.
    pub fn new(method: SignInMethod) -> Self {
        let timeout = match method {
            // The user goes to another device or computer.
            SignInMethod::Device | SignInMethod::Paste => Duration::from_secs(900),
            _ => Duration::from_secs(300),
        };
        Self {
            route: SignInRoute::CodexClient,
            method,
            timeout,
            open_browser: method != SignInMethod::Paste,
            purpose: SignInPurpose::Any,
            name: None,
        }
    }
}

/// Returns the request for the sign-in of the Codex client.
pub(super) fn codex_request(options: &SignInOptions) -> SignInRequest {
    let kind = match options.method {
        SignInMethod::Browser => FlowKind::Browser(RedirectHost::Ip),
        SignInMethod::BrowserByName => FlowKind::Browser(RedirectHost::Name),
        SignInMethod::Device => FlowKind::Device,
        SignInMethod::Paste => FlowKind::Paste,
    };
    let identity = match &options.purpose {
        SignInPurpose::Any => RequestedIdentity::Any,
        SignInPurpose::AddAccount => RequestedIdentity::Chosen,
        SignInPurpose::Again { account } | SignInPurpose::AllowPlanUse { account } => {
            RequestedIdentity::Same(account.clone())
        }
    };
    SignInRequest { kind, timeout: options.timeout, identity }
}

/// Returns the request for a sign-in for plan usage.
pub(super) fn plan_request(options: &SignInOptions) -> Result<PlanSignInRequest, Failure> {
    let identity = match &options.purpose {
        SignInPurpose::Any => PlanIdentity::Any,
        SignInPurpose::AddAccount => PlanIdentity::New,
        SignInPurpose::Again { account } | SignInPurpose::AllowPlanUse { account } => {
            PlanIdentity::Same(account.clone())
        }
    };
    let consent = matches!(options.purpose, SignInPurpose::AllowPlanUse { .. });
    Ok(PlanSignInRequest { kind: plan_kind(options.method)?, timeout: options.timeout, identity, consent })
}

/// Returns the method of a sign-in for plan usage. Fails where it has none of this kind (siwc §15).
pub(super) fn plan_kind(method: SignInMethod) -> Result<PlanSignInKind, Failure> {
    let refused = |why| Err(Failure::new(ErrorCode::BadUsage, why));
    match method {
        SignInMethod::Browser => Ok(PlanSignInKind::Browser),
        SignInMethod::Paste => Ok(PlanSignInKind::Paste),
        SignInMethod::BrowserByName => refused("Continue with ChatGPT works with the address 127.0.0.1 only"),
        SignInMethod::Device => refused(
            "OpenAI has no device code for Continue with ChatGPT; paste the address instead, or use Sign in with OpenAI",
        ),
    }
}
