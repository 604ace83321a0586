//! What the records have of a sign-in of plan usage besides the tokens of any sign-in (siwc §2, §14).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use usher_domain::{AccessToken, IdToken, PlanUse, RefreshToken, UnixTime};

use super::secret_fields::{enclose, enclose_shared, enclose_some, expose, expose_some};
use crate::plan_usage::RefreshWindow;

/// The scope by which the person lets the plan pay (siwc §0).
const PLAN_SCOPE: &str = "chatgpt.tokens.use.direct";

/// The part of a sign-in that only plan usage has.
#[derive(Serialize, Deserialize)]
pub(crate) struct PlanGrant {
    /// The last verified ID token, for `id_token_hint` and nothing else (siwc §3).
    #[serde(default, serialize_with = "expose_some", deserialize_with = "enclose_some")]
    pub(crate) id: Option<IdToken>,
    /// The scopes that the server granted.
    pub(crate) scopes: Scopes,
    /// When the tokens may be refreshed.
    pub(crate) window: RefreshWindow,
    /// Refreshed tokens whose ID token could not be verified yet. Nobody gets them before (siwc §6).
    #[serde(default)]
    pub(crate) unverified: Option<UnverifiedTokens>,
}

/// The tokens of a refresh, kept aside because the keys of the issuer could not be had. The refresh token before them is
/// spent.
#[derive(Serialize, Deserialize)]
pub(crate) struct UnverifiedTokens {
    #[serde(serialize_with = "expose", deserialize_with = "enclose_shared")]
    pub(crate) access: Arc<AccessToken>,
    #[serde(serialize_with = "expose", deserialize_with = "enclose")]
    pub(crate) refresh: RefreshToken,
    #[serde(serialize_with = "expose", deserialize_with = "enclose")]
    pub(crate) id: IdToken,
    pub(crate) scopes: Scopes,
    pub(crate) window: RefreshWindow,
    /// The server's time when they came, by which the ID token is verified.
    pub(crate) issued_at: UnixTime,
}

/// Granted scopes (RFC 6749 §3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Parses the `scope` of a token response: names with spaces between them.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.split_ascii_whitespace().map(str::to_owned).collect())
    }

    /// Returns whether the plan may be used: the token response alone says so, not the callback (siwc §4).
    pub fn plan_use(&self) -> PlanUse {
        if self.0.iter().any(|scope| scope == PLAN_SCOPE) { PlanUse::Allowed } else { PlanUse::NotAllowed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_use_is_one_scope_among_others() {
        let granted = |text: &str| Scopes::parse(text).plan_use();
        assert_eq!(granted("openid chatgpt.tokens.use.direct email"), PlanUse::Allowed);
        for other in ["", "openid email", "chatgpt.tokens.use", "xchatgpt.tokens.use.direct"] {
            assert_eq!(granted(other), PlanUse::NotAllowed, "{other}");
        }
    }
}
