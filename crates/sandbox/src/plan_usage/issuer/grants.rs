//! Grants: codes, refresh tokens and access tokens, and the gate for refreshes (siwc §5, siwc §7).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::accounts::Membership;
use crate::issuer::pkce;
use crate::plan_usage::settings::EarlyRefresh;
use crate::random;

/// RFC 6749 §4.1.2 recommends at most ten minutes.
const CODE_LIFETIME_S: i64 = 600;

/// What a person allowed an app.
#[derive(Clone)]
pub(crate) struct Authorization {
    pub(crate) client_id: String,
    pub(crate) membership: Membership,
    pub(crate) scope: String,
}

/// What an authorization code is bound to.
pub(super) struct CodeBinding {
    pub(super) authorization: Authorization,
    pub(super) nonce: String,
    pub(super) redirect_uri: String,
    pub(super) code_challenge: String,
}

/// A code exchange.
pub(super) struct Exchange<'a> {
    pub(super) client_id: &'a str,
    pub(super) code: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) code_verifier: &'a str,
}

/// When a new refresh token may be used.
#[derive(Clone, Copy)]
pub(crate) struct RefreshWindow {
    /// `None` = at any time.
    pub(crate) earliest: Option<i64>,
    pub(crate) expires_at: i64,
}

/// A grant that gets new tokens.
pub(crate) struct Issue {
    pub(crate) grant: usize,
    pub(crate) authorization: Authorization,
    /// The nonce of the authorization request; none after a refresh.
    pub(crate) nonce: Option<String>,
    pub(crate) refresh_token: String,
}

/// Why a grant is refused: the code and its description.
#[derive(PartialEq, Eq)]
pub(super) struct GrantError {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
}

const fn invalid_grant(description: &'static str) -> GrantError {
    GrantError { code: "invalid_grant", description }
}

/// The refresh was before its gate.
pub(super) const TOO_EARLY: GrantError = invalid_grant("The refresh token cannot be used yet.");

/// A change of grants, for tests.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanGrantOperation {
    /// Access tokens count as expired.
    ExpireAccess,
    /// The sign-ins are revoked, with their access tokens.
    Invalidate,
    /// A refresh gets `refresh_token_expired`.
    ExpireRefresh,
    /// The current refresh token counts as used.
    Reuse,
    /// The person removes the app in the settings of `ChatGPT`: registrations and sign-ins end (siwc §8).
    Disconnect,
}

#[derive(Default)]
pub(crate) struct Grants(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    grants: Vec<Grant>,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    access_tokens: HashMap<String, AccessToken>,
    /// The grant of every ID token.
    id_tokens: HashMap<String, usize>,
}

struct Grant {
    authorization: Authorization,
    /// Whether it can be refreshed.
    renewable: bool,
    access_ended: bool,
}

struct Code {
    binding: CodeBinding,
    expires_at: i64,
}

struct RefreshToken {
    grant: usize,
    window: RefreshWindow,
    state: RefreshState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    Current,
    Rotated,
    Expired,
    /// Used too early (siwc §7.3).
    Spent,
}

struct AccessToken {
    grant: usize,
    expires_at: i64,
}

impl Grants {
    pub(super) fn new_code(&self, binding: CodeBinding, now: i64) -> String {
        let code = random::string("ac_sandbox_");
        let expires_at = now + CODE_LIFETIME_S;
        self.tables().codes.insert(code.clone(), Code { binding, expires_at });
        code
    }

    /// Exchanges a code (siwc §5). The first use removes it, also when it fails.
    pub(super) fn redeem(
        &self,
        exchange: &Exchange<'_>,
        now: i64,
        window: RefreshWindow,
    ) -> Result<Issue, GrantError> {
        let mut tables = self.tables();
        let Some(Code { binding, expires_at }) = tables.codes.remove(exchange.code) else {
            return Err(invalid_grant("The code is unknown or was used."));
        };
        if now >= expires_at {
            return Err(invalid_grant("The code has expired."));
        }
        if binding.authorization.client_id != exchange.client_id {
            return Err(invalid_grant("The code was issued to another client."));
        }
        if binding.redirect_uri != exchange.redirect_uri {
            return Err(invalid_grant("redirect_uri is not the one of the authorization request."));
        }
        if !pkce::matches(exchange.code_verifier, &binding.code_challenge) {
            return Err(invalid_grant("code_verifier does not match code_challenge."));
        }
        Ok(tables.add(binding.authorization, Some(binding.nonce), window))
    }

    /// Makes a grant without a sign-in.
    pub(super) fn add(&self, authorization: Authorization, window: RefreshWindow) -> Issue {
        self.tables().add(authorization, None, window)
    }

    /// Rotates a refresh token (siwc §7). A reuse ends the grant, which is not known of the real server.
    pub(super) fn refresh(
        &self,
        client_id: &str,
        token: &str,
        now: i64,
        early: EarlyRefresh,
        window: RefreshWindow,
    ) -> Result<Issue, GrantError> {
        let mut tables = self.tables();
        let Tables { grants, refresh_tokens, .. } = &mut *tables;
        let entry = refresh_tokens.get_mut(token).ok_or(invalid_grant("The refresh token is unknown."))?;
        let grant = &mut grants[entry.grant];
        if grant.authorization.client_id != client_id {
            return Err(invalid_grant("The refresh token was issued to another client."));
        }
        if entry.state == RefreshState::Rotated {
            grant.renewable = false;
            return Err(GrantError { code: "refresh_token_reused", description: "It was used before." });
        }
        if entry.state == RefreshState::Spent {
            return Err(invalid_grant("The refresh token is no longer valid."));
        }
        if !grant.renewable {
            return Err(GrantError { code: "refresh_token_invalidated", description: "It was revoked." });
        }
        if entry.state == RefreshState::Expired || now >= entry.window.expires_at {
            return Err(GrantError { code: "refresh_token_expired", description: "It has expired." });
        }
        if early != EarlyRefresh::Off && entry.window.earliest.is_some_and(|earliest| now < earliest) {
            if early == EarlyRefresh::Spend {
                entry.state = RefreshState::Spent;
            }
            return Err(TOO_EARLY);
        }
        entry.state = RefreshState::Rotated;
        let number = entry.grant;
        let authorization = grant.authorization.clone();
        let refresh_token = tables.add_refresh_token(number, window);
        Ok(Issue { grant: number, authorization, nonce: None, refresh_token })
    }

    /// Notes the tokens that were signed for a grant.
    pub(super) fn note_tokens(&self, grant: usize, access_token: &str, expires_at: i64, id_token: &str) {
        let mut tables = self.tables();
        tables.access_tokens.insert(access_token.to_owned(), AccessToken { grant, expires_at });
        tables.id_tokens.insert(id_token.to_owned(), grant);
    }

    /// Ends the session of a refresh token; an unknown token is a success too (siwc §8).
    pub(super) fn revoke(&self, client_id: &str, token: &str, ends_access: bool) {
        let mut tables = self.tables();
        let Some(grant) = tables.refresh_tokens.get(token).map(|entry| entry.grant) else { return };
        let grant = &mut tables.grants[grant];
        if grant.authorization.client_id == client_id {
            grant.renewable = false;
            grant.access_ended |= ends_access;
        }
    }

    /// Returns whose access token this is; `None` when it is unknown, expired or revoked.
    pub(crate) fn authenticate(&self, access_token: &str, now: i64) -> Option<Authorization> {
        let tables = self.tables();
        let entry = tables.access_tokens.get(access_token)?;
        let grant = &tables.grants[entry.grant];
        (!grant.access_ended && now < entry.expires_at).then(|| grant.authorization.clone())
    }

    /// Returns whose ID token this is, be it expired or not.
    pub(super) fn owner_of_id_token(&self, id_token: &str) -> Option<Authorization> {
        let tables = self.tables();
        let grant = tables.id_tokens.get(id_token)?;
        Some(tables.grants[*grant].authorization.clone())
    }

    /// Applies `operation` to the grants of `account`, or to all. Returns how many.
    pub(crate) fn apply(&self, operation: PlanGrantOperation, account: Option<&str>) -> usize {
        let mut tables = self.tables();
        let chosen: Vec<usize> = (0..tables.grants.len())
            .filter(|grant| {
                let grant = &tables.grants[*grant];
                let key = grant.authorization.membership.account.key;
                grant.renewable && account.is_none_or(|chosen| chosen == key)
            })
            .collect();
        for &grant in &chosen {
            match operation {
                PlanGrantOperation::ExpireAccess => tables.expire_access_tokens(grant),
                PlanGrantOperation::ExpireRefresh => tables.set_current(grant, RefreshState::Expired),
                PlanGrantOperation::Reuse => tables.set_current(grant, RefreshState::Rotated),
                PlanGrantOperation::Invalidate | PlanGrantOperation::Disconnect => {
                    tables.grants[grant].renewable = false;
                    tables.grants[grant].access_ended = true;
                }
            }
        }
        chosen.len()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn add(&mut self, authorization: Authorization, nonce: Option<String>, window: RefreshWindow) -> Issue {
        let grant = self.grants.len();
        self.grants.push(Grant {
            authorization: authorization.clone(),
            renewable: true,
            access_ended: false,
        });
        let refresh_token = self.add_refresh_token(grant, window);
        Issue { grant, authorization, nonce, refresh_token }
    }

    fn add_refresh_token(&mut self, grant: usize, window: RefreshWindow) -> String {
        let token = random::string("rt_sandbox_");
        let entry = RefreshToken { grant, window, state: RefreshState::Current };
        self.refresh_tokens.insert(token.clone(), entry);
        token
    }

    fn set_current(&mut self, grant: usize, state: RefreshState) {
        for token in self.refresh_tokens.values_mut() {
            if token.grant == grant && token.state == RefreshState::Current {
                token.state = state;
            }
        }
    }

    fn expire_access_tokens(&mut self, grant: usize) {
        for token in self.access_tokens.values_mut().filter(|token| token.grant == grant) {
            token.expires_at = i64::MIN;
        }
    }
}
