//! The store of grants, with the authorization codes, refresh tokens and access tokens of each.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::claims::Signer;
use super::personal_tokens::PersonalTokens;
use super::types::{AccessRefusal, CodeBinding, Consent, GrantOperation, TokenSet};
use crate::accounts::Membership;
use crate::issuer::pkce;
use crate::random;

/// RFC 6749 §4.1.2 recommends at most ten minutes.
const CODE_LIFETIME_S: i64 = 600;

pub(crate) struct Grants {
    signer: Signer,
    personal_tokens: PersonalTokens,
    tables: Mutex<GrantTables>,
}

#[derive(Default)]
struct GrantTables {
    grants: Vec<Grant>,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
    access_tokens: HashMap<String, AccessToken>,
}

struct Grant {
    consent: Consent,
    valid: bool,
}

struct Code {
    binding: CodeBinding,
    expires_at: i64,
    state: CodeState,
}

enum CodeState {
    Fresh,
    /// Used, and rejected.
    Used,
    /// Used, with the grant that it was exchanged for.
    Granted(usize),
}

struct RefreshToken {
    grant: usize,
    state: RefreshState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    Current,
    Rotated,
    Expired,
}

struct AccessToken {
    grant: usize,
    expired: bool,
}

impl Grants {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            signer: Signer::new(issuer),
            personal_tokens: PersonalTokens::default(),
            tables: Mutex::new(GrantTables::default()),
        }
    }

    pub(crate) fn new_code(&self, binding: CodeBinding, now: i64) -> String {
        let code = random::string("ac_sandbox_");
        self.tables().codes.insert(
            code.clone(),
            Code { binding, expires_at: now + CODE_LIFETIME_S, state: CodeState::Fresh },
        );
        code
    }

    /// Exchanges a code (protocol §2.1).
    ///
    /// The first use consumes it, also when it fails; a second use revokes the grant (RFC 6749 §4.1.2).
    pub(crate) fn redeem(
        &self,
        code: &str,
        redirect_uri: &str,
        code_verifier: &str,
        now: i64,
        lifetime_s: i64,
    ) -> Result<TokenSet, &'static str> {
        let mut tables = self.tables();
        let entry = tables.codes.get_mut(code).ok_or("unknown authorization code")?;
        match std::mem::replace(&mut entry.state, CodeState::Used) {
            CodeState::Fresh => {}
            CodeState::Used => return Err("authorization code was already used"),
            CodeState::Granted(grant) => {
                tables.grants[grant].valid = false;
                return Err("authorization code was already used");
            }
        }
        if now >= entry.expires_at {
            return Err("authorization code has expired");
        }
        if entry.binding.redirect_uri != redirect_uri {
            return Err("redirect_uri is not the one of the authorization request");
        }
        if !pkce::matches(code_verifier, &entry.binding.code_challenge) {
            return Err("code_verifier does not match code_challenge");
        }
        let consent = entry.binding.consent.clone();
        let grant = tables.grants.len();
        tables.grants.push(Grant { consent, valid: true });
        if let Some(entry) = tables.codes.get_mut(code) {
            entry.state = CodeState::Granted(grant);
        }
        Ok(self.tokens(&mut tables, grant, now, lifetime_s))
    }

    /// Makes a grant without a sign-in.
    pub(crate) fn issue(&self, consent: Consent, now: i64, lifetime_s: i64) -> TokenSet {
        let mut tables = self.tables();
        tables.grants.push(Grant { consent, valid: true });
        let grant = tables.grants.len() - 1;
        self.tokens(&mut tables, grant, now, lifetime_s)
    }

    /// Rotates a refresh token (protocol §3.3). The error is the code for the client.
    ///
    /// A replay revokes the grant, as some reports have it.
    pub(crate) fn refresh(&self, token: &str, now: i64, lifetime_s: i64) -> Result<TokenSet, &'static str> {
        let mut tables = self.tables();
        let (grant, state) = tables
            .refresh_tokens
            .get(token)
            .map(|entry| (entry.grant, entry.state))
            .ok_or("refresh_token_invalidated")?;
        if state == RefreshState::Rotated {
            tables.grants[grant].valid = false;
            return Err("refresh_token_reused");
        }
        if !tables.grants[grant].valid {
            return Err("refresh_token_invalidated");
        }
        if state == RefreshState::Expired {
            return Err("refresh_token_expired");
        }
        tables.rotate_refresh_tokens(grant);
        Ok(self.tokens(&mut tables, grant, now, lifetime_s))
    }

    /// Returns the current refresh token of the account's newest grant.
    pub(crate) fn current_refresh_token(&self, account: &str) -> Option<String> {
        let tables = self.tables();
        tables
            .refresh_tokens
            .iter()
            .filter(|(_, entry)| entry.state == RefreshState::Current)
            .filter(|(_, entry)| {
                let grant = &tables.grants[entry.grant];
                grant.valid && grant.consent.membership.account.key == account
            })
            .max_by_key(|(_, entry)| entry.grant)
            .map(|(token, _)| token.clone())
    }

    /// Revokes the grant that `token` belongs to; an unknown token is a success too (RFC 7009 §2.2).
    pub(crate) fn revoke(&self, token: &str) {
        let jti = self.signer.read(token).map(|claims| claims.jti);
        let mut tables = self.tables();
        let grant = match jti {
            Some(jti) => tables.access_tokens.get(&jti).map(|entry| entry.grant),
            None => tables.refresh_tokens.get(token).map(|entry| entry.grant),
        };
        if let Some(grant) = grant {
            tables.grants[grant].valid = false;
        }
    }

    /// Returns whose personal access token this is; other tokens are unknown.
    pub(crate) fn authenticate_personal(&self, token: &str) -> Result<Membership, AccessRefusal> {
        self.personal_tokens.authenticate(token)
    }

    /// Returns whose access token this is, be it of a sign-in or a personal one.
    pub(crate) fn authenticate(&self, access_token: &str, now: i64) -> Result<Membership, AccessRefusal> {
        if PersonalTokens::is_personal(access_token) {
            return self.personal_tokens.authenticate(access_token);
        }
        let claims = self.signer.read(access_token).ok_or(AccessRefusal::Unknown)?;
        let tables = self.tables();
        let entry = tables.access_tokens.get(&claims.jti).ok_or(AccessRefusal::Unknown)?;
        let grant = &tables.grants[entry.grant];
        if !grant.valid {
            return Err(AccessRefusal::Invalidated);
        }
        if entry.expired || claims.exp <= now {
            return Err(AccessRefusal::Expired);
        }
        Ok(grant.consent.membership)
    }

    /// Applies `operation` to the grants of `account`, or to all. Returns how many.
    pub(crate) fn apply(&self, operation: GrantOperation, account: Option<&str>) -> usize {
        if operation == GrantOperation::RevokeAccessToken {
            return self.personal_tokens.revoke(account);
        }
        let mut tables = self.tables();
        let chosen: Vec<usize> = (0..tables.grants.len())
            .filter(|grant| {
                let grant = &tables.grants[*grant];
                grant.valid && account.is_none_or(|key| grant.consent.membership.account.key == key)
            })
            .collect();
        for &grant in &chosen {
            match operation {
                GrantOperation::ExpireAccess => tables.expire_access_tokens(grant),
                GrantOperation::Invalidate => tables.grants[grant].valid = false,
                GrantOperation::ExpireRefresh => tables.set_current(grant, RefreshState::Expired),
                GrantOperation::Reuse => tables.rotate_refresh_tokens(grant),
                GrantOperation::RevokeAccessToken => {}
            }
        }
        chosen.len()
    }

    fn tokens(&self, tables: &mut GrantTables, grant: usize, now: i64, lifetime_s: i64) -> TokenSet {
        let consent = tables.grants[grant].consent.clone();
        let jti = random::string("");
        tables.access_tokens.insert(jti.clone(), AccessToken { grant, expired: false });
        // OpenID Connect Core §11: no refresh token without `offline_access`.
        let refresh_token = consent.scope.split(' ').any(|scope| scope == "offline_access").then(|| {
            let token = random::string("rt_sandbox_");
            tables.refresh_tokens.insert(token.clone(), RefreshToken { grant, state: RefreshState::Current });
            token
        });
        TokenSet {
            id_token: self.signer.id_token(consent.membership, consent.organizations, now),
            access_token: self.signer.access_token(consent.membership, &jti, now, now + lifetime_s),
            refresh_token,
            token_type: "Bearer".to_owned(),
            expires_in: lifetime_s,
        }
    }

    fn tables(&self) -> MutexGuard<'_, GrantTables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GrantTables {
    fn rotate_refresh_tokens(&mut self, grant: usize) {
        self.set_current(grant, RefreshState::Rotated);
    }

    fn set_current(&mut self, grant: usize, state: RefreshState) {
        for token in self.refresh_tokens.values_mut() {
            if token.grant == grant && token.state == RefreshState::Current {
                token.state = state;
            }
        }
    }

    fn expire_access_tokens(&mut self, grant: usize) {
        self.access_tokens
            .values_mut()
            .filter(|token| token.grant == grant)
            .for_each(|token| token.expired = true);
    }
}
