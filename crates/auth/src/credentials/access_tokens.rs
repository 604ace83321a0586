//! Access tokens that a person made for a workspace and pasted: checked once, kept, never renewed (protocol §5.1).

use std::sync::Arc;

use serde::Deserialize;
use usher_domain::ports::Clock;
use usher_domain::{AccessToken, Account, Endpoints, ErrorCode, Failure, Plan};
use usher_net::{HttpClient, HttpRequest, StatusCode};

use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{SignIn, Store};
use crate::tokens::claims;
use crate::tokens::oauth_error::OAuthError;

/// What such tokens begin with.
const PREFIX: &str = "at-";
const WHOAMI: &str = "/api/accounts/v1/user-auth-credential/whoami";
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Takes pasted access tokens.
pub struct AccessTokens {
    endpoints: Endpoints,
    http: Arc<HttpClient>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

/// The answer of the check; the token itself says nothing.
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
    /// The account; ids that cannot be shown are none.
    fn account(self) -> Result<Account, Failure> {
        let missing =
            |what| Failure::new(ErrorCode::MalformedAnswer, format!("the response does not name the {what}"));
        Ok(Account {
            user_id: claims::given(Some(self.chatgpt_user_id)).ok_or_else(|| missing("user"))?,
            account_id: claims::given(Some(self.chatgpt_account_id))
                .ok_or_else(|| missing("ChatGPT account"))?,
            email: claims::given(self.email),
            plan: Plan(claims::given(Some(self.chatgpt_plan_type)).unwrap_or_else(|| "unknown".into())),
            fedramp: self.chatgpt_account_is_fedramp,
            label: None,
        })
    }
}

impl AccessTokens {
    /// Those of the provider at `endpoints`, kept in `store`.
    pub fn new(
        endpoints: Endpoints,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoints, http, store, clock }
    }

    /// Asks whose `token` is, keeps it and makes that account the one in use.
    ///
    /// Refused with [`ErrorCode::BadUsage`] when it is something else, by name; with [`ErrorCode::InvalidKey`] when
    /// OpenAI does not know it.
    pub async fn save(&self, token: AccessToken) -> Result<Account, Failure> {
        recognise(token.expose())?;
        let account = self.whose(&token).await?;
        let sign_in = SignIn {
            account: account.clone(),
            endpoints: self.endpoints.clone(),
            access: Arc::new(token),
            refresh: None,
            expires_at: None,
            refreshed_at: self.clock.now(),
            attempt: None,
            ended: None,
        };
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        run_blocking(move || {
            let id = new_id()?;
            store.set_aside_if_foreign(&guard)?;
            store.update(&guard, |vault| {
                let mut sign_in = sign_in;
                sign_in.account.label =
                    vault.sign_in(&sign_in.account.id()).and_then(|old| old.account.label.clone());
                if let Some(replaced) = vault.put(sign_in) {
                    // RevocationStatus at the next start: the token that is in use now is another.
                    vault.enqueue_revocation(id, replaced, now);
                }
            })
        })
        .await?;
        Ok(account)
    }

    async fn whose(&self, token: &AccessToken) -> Result<Account, Failure> {
        let call = HttpRequest::get(self.endpoints.at_issuer(WHOAMI))
            .bearer(token)
            .header("accept", "application/json");
        let answer = self.http.send(call).await?;
        if !answer.status().is_success() {
            let refusal = OAuthError::read(answer).await;
            return Err(match refusal.status {
                StatusCode::UNAUTHORIZED if refusal.challenge.is_none() => {
                    refusal.failure(ErrorCode::InvalidKey)
                }
                _ => refusal.into_failure(),
            });
        }
        if let Some(challenge) = answer.challenge_page() {
            return Err(challenge);
        }
        let who: WhoAmI = answer.json(MAX_RESPONSE_BYTES).await?;
        who.account()
    }
}

/// Tells an access token from what else people paste, and says what to do with that.
fn recognise(text: &str) -> Result<(), Failure> {
    let instead = if text.starts_with(PREFIX) && text.len() > PREFIX.len() {
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
    Err(Failure::new(ErrorCode::BadUsage, instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_token_other_credential_is_named_and_not_repeated() {
        recognise("at-something").unwrap();
        for (text, word) in [
            ("sk-marked", "API key"),
            ("marked.marked.marked", "agent identity"),
            ("", "nothing"),
            ("at-", "at-"),
        ] {
            let refused = recognise(text).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUsage);
            assert!(refused.cause.contains(word) && !refused.cause.contains("marked"), "{refused}");
        }
    }
}
