//! Access tokens that a user created for a workspace and pasted: checked once, saved, never refreshed (protocol §5.1).

use std::sync::Arc;

use serde::Deserialize;
use usher_domain::ports::Clock;
use usher_domain::{AccessToken, Account, AccountId, Endpoints, ErrorCode, Failure, Plan, SignInRoute};
use usher_net::{HttpClient, HttpRequest, StatusCode};

use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::sign_in::{is_other_account, other_account};
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{SignIn, Store};
use crate::tokens::claims;
use crate::tokens::oauth_error::OAuthError;

/// The prefix of such tokens.
const PREFIX: &str = "at-";
/// Limits a token: no server takes a header with a larger one.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
const WHOAMI: &str = "/api/accounts/v1/user-auth-credential/whoami";
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Checks and saves pasted access tokens.
pub struct AccessTokens {
    endpoints: Endpoints,
    http: Arc<HttpClient>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// The response of the check; the token itself is opaque.
#[derive(Deserialize)]
struct WhoAmI {
    #[serde(default)]
    email: Option<String>,
    chatgpt_user_id: String,
    chatgpt_account_id: String,
    chatgpt_plan_type: String,
    #[serde(default)]
    chatgpt_account_is_fedramp: bool,
}

impl WhoAmI {
    /// Returns the account. Ids that are not printable count as missing.
    fn account(self) -> Result<Account, Failure> {
        let missing =
            |what| Failure::new(ErrorCode::MalformedAnswer, format!("the response does not name the {what}"));
        Ok(Account {
            user_id: claims::printable(Some(self.chatgpt_user_id)).ok_or_else(|| missing("user"))?,
            account_id: claims::printable(Some(self.chatgpt_account_id))
                .ok_or_else(|| missing("ChatGPT account"))?,
            route: SignInRoute::CodexClient,
            email: claims::printable(self.email),
            plan: Plan(claims::printable(Some(self.chatgpt_plan_type)).unwrap_or_else(|| "unknown".into())),
            fedramp: self.chatgpt_account_is_fedramp,
            label: None,
            default_name: None,
        })
    }
}

impl AccessTokens {
    /// Creates the access tokens of the provider at `endpoints`, saved in `store`.
    pub fn new(
        endpoints: Endpoints,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoints, http, store, clock }
    }

    /// Looks up the account of `token` and saves it. Fails with [`ErrorCode::OtherAccount`] when `expected` is another one.
    ///
    /// Fails with [`ErrorCode::BadUsage`] when `token` is another kind of credential, which the cause names, and with
    /// [`ErrorCode::InvalidKey`] when OpenAI rejects it.
    pub async fn save(&self, token: AccessToken, expected: Option<&AccountId>) -> Result<Account, Failure> {
        check_kind(token.expose())?;
        let account = self.fetch_account(&token).await?;
        if is_other_account(expected, &account) {
            return Err(other_account());
        }
        let sign_in = SignIn {
            account,
            endpoints: self.endpoints.clone(),
            access: Arc::new(token),
            refresh: None,
            expires_at: None,
            refreshed_at: self.clock.now(),
            attempt: None,
            ended: None,
            plan_grant: None,
        };
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        run_blocking(move || {
            let id = new_id()?;
            store.update(&guard, |vault| vault.put_and_revoke_replaced(sign_in, id, now))
        })
        .await
    }

    async fn fetch_account(&self, token: &AccessToken) -> Result<Account, Failure> {
        let request = HttpRequest::get(self.endpoints.at_issuer(WHOAMI))
            .bearer(token)
            .header("accept", "application/json");
        let response = self.http.send(request).await?;
        if !response.status().is_success() {
            let error = OAuthError::read(response).await;
            return Err(match error.status {
                StatusCode::UNAUTHORIZED if error.challenge.is_none() => error.failure(ErrorCode::InvalidKey),
                _ => error.into_failure(),
            });
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        let who_am_i: WhoAmI = response.json(MAX_RESPONSE_BYTES).await?;
        who_am_i.account()
    }
}

/// Rejects other credentials that users paste, and names what to do with them.
fn check_kind(text: &str) -> Result<(), Failure> {
    let advice = if text.len() > MAX_TOKEN_BYTES {
        "this is far too long for an access token"
    } else if text.starts_with(PREFIX) && text.len() > PREFIX.len() {
        return Ok(());
    } else if text.starts_with("sk-") {
        "this is an API key; save it for the provider openai"
    } else if text.split('.').count() == 3 {
        "this is an agent identity or another token that Usher cannot refresh; \
         sign in with the browser or a device code, or create an access token that begins with at-"
    } else if text.is_empty() {
        "nothing was entered"
    } else {
        "this is not a workspace access token; those begin with at-"
    };
    Err(Failure::new(ErrorCode::BadUsage, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_token_of_other_kind_is_named_and_not_echoed() {
        check_kind("at-something").unwrap();
        for (text, word) in [
            ("sk-marked", "API key"),
            ("marked.marked.marked", "agent identity"),
            ("", "nothing"),
            ("at-", "at-"),
            (&format!("at-marked{}", "x".repeat(MAX_TOKEN_BYTES)), "too long"),
        ] {
            let refused = check_kind(text).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUsage);
            assert!(refused.cause.contains(word) && !refused.cause.contains("marked"), "{refused}");
        }
    }
}
