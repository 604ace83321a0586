//! The constants of this sign-in (siwc §0).

/// The client id of a first sign-in. It registers, and is accepted for nothing else (siwc §2).
pub(super) const DYNAMIC_CLIENT: &str = "dynamic_agent_client";

/// Prefix of the client ids that a registration issues.
pub(super) const ISSUED_CLIENT_PREFIX: &str = "oaiapp_sandbox_";

/// The only `resource`, whatever the address of the API is.
pub(super) const RESOURCE: &str = "https://api.openai.com/v1";

/// The scope that lets a request be paid for by the plan.
pub(super) const PLAN_SCOPE: &str = "chatgpt.tokens.use.direct";

/// The scopes of every authorization request (siwc §3).
pub(super) const SCOPES: [&str; 6] =
    ["openid", "profile", "email", "offline_access", "resource.invoke", PLAN_SCOPE];

/// Returns the scopes that a person granted, who allowed the plan or only the sign-in (siwc §4).
pub(super) fn granted_scope(plan_allowed: bool) -> String {
    let granted: Vec<&str> =
        SCOPES.into_iter().filter(|scope| plan_allowed || *scope != PLAN_SCOPE).collect();
    granted.join(" ")
}
