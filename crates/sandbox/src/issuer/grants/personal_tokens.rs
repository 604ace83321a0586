//! Personal access tokens (protocol §5.1): made by a member of a workspace, never refreshed, invalid once revoked.
//!
//! Each account that may have them has `at-sandbox-<account>`, and more with a number behind that.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::types::AccessRefusal;
use crate::accounts::{self, ACCOUNTS, Membership};

/// Prefix of every token of this kind, real ones too; a JWT never begins like this.
const KIND: &str = "at-";

const PREFIX: &str = "at-sandbox-";

/// The plans whose members can make them.
const PLANS: [&str; 2] = ["business", "enterprise"];

/// The accounts whose tokens were revoked.
#[derive(Default)]
pub(super) struct PersonalTokens(Mutex<HashSet<&'static str>>);

impl PersonalTokens {
    pub(super) fn is_personal(token: &str) -> bool {
        token.starts_with(KIND)
    }

    /// Returns whose token this is. It is for the first workspace of its account.
    pub(super) fn authenticate(&self, token: &str) -> Result<Membership, AccessRefusal> {
        let membership = owner(token).and_then(membership).ok_or(AccessRefusal::Unknown)?;
        if self.revoked().contains(membership.account.key) {
            return Err(AccessRefusal::Invalidated);
        }
        Ok(membership)
    }

    /// Revokes all tokens of `account`, or of all accounts. Returns of how many.
    pub(super) fn revoke(&self, account: Option<&str>) -> usize {
        let mut revoked = self.revoked();
        ACCOUNTS
            .iter()
            .filter(|known| account.is_none_or(|key| known.key == key))
            .filter(|known| membership(known.key).is_some() && revoked.insert(known.key))
            .count()
    }

    fn revoked(&self) -> MutexGuard<'_, HashSet<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the account key in a token.
fn owner(token: &str) -> Option<&str> {
    let name = token.strip_prefix(PREFIX)?;
    match name.rsplit_once('-') {
        Some((key, number)) if number.parse::<u32>().is_ok() => Some(key),
        _ => Some(name),
    }
}

/// Returns the membership of an account that can have such tokens.
fn membership(key: &str) -> Option<Membership> {
    let account = accounts::account(key)?;
    let workspace = account.workspaces.first()?;
    (workspace.codex && PLANS.contains(&workspace.plan)).then_some(Membership { account, workspace })
}
