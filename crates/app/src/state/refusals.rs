//! Which providers refused their credential, as any process of the home has seen last.

use std::collections::HashMap;

use parking_lot::Mutex;
use rusqlite::params;
use usher_domain::{AccountId, Failure};

use super::{State, StateVersion, parse, text};
use crate::view::FailureView;

/// A provider's refusal of a credential.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// Which credential was refused, without its secret: another one is not.
    credential: String,
    failure: FailureView,
}

/// The refusals at one version of the database.
pub(super) type Cached = Mutex<Option<(StateVersion, HashMap<String, Refusal>)>>;

impl State {
    /// Returns why the provider of `scope` refused `credential` the last time it was sent. Cheap enough to call for each
    /// request: the database is read only after a change.
    pub(crate) fn refusal(&self, scope: &AccountId, credential: &str) -> Option<Failure> {
        let found = self.refusal_of(scope).filter(|one| one.credential == credential)?;
        let FailureView { code, cause, retry_at } = found.failure;
        Some(Failure::new(code, cause).with_retry_at(retry_at))
    }

    fn refusal_of(&self, scope: &AccountId) -> Option<Refusal> {
        // Taken first, so that a change during the reading is seen by the next call.
        let version = self.version();
        let mut cached = self.refusals.lock();
        if let Some((seen, refusals)) = &*cached
            && *seen == version
        {
            return refusals.get(&scope.0).cloned();
        }
        let refusals = self.or_none(self.read_refusals().map(Some)).unwrap_or_default();
        let found = refusals.get(&scope.0).cloned();
        *cached = Some((version, refusals));
        found
    }

    fn read_refusals(&self) -> Result<HashMap<String, Refusal>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(HashMap::new()) };
        let read = || {
            let mut query = db.prepare("SELECT account, credential, failure FROM refusals")?;
            let rows = query.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows = read().map_err(|error| self.failed(&error))?;
        // One with a code of another version counts as none.
        let refusals = rows.into_iter().filter_map(|(scope, credential, failure)| {
            Some((scope, Refusal { credential, failure: parse(&failure)? }))
        });
        Ok(refusals.collect())
    }

    /// Keeps why the provider of `scope` refused `credential`.
    pub(crate) fn keep_refusal(
        &self,
        scope: &AccountId,
        credential: &str,
        failure: &Failure,
    ) -> Result<(), Failure> {
        let failure = FailureView::from(failure.clone());
        let refusal = Refusal { credential: credential.to_owned(), failure };
        if self.refusal_of(scope).as_ref() == Some(&refusal) {
            return Ok(());
        }
        self.execute(
            "INSERT OR REPLACE INTO refusals (account, credential, failure) VALUES (?1, ?2, ?3)",
            params![scope.0, credential, text(&refusal.failure)],
        )
    }

    /// Forgets a refusal: the credential was taken, or is another now. Writes nothing where there was none.
    pub(crate) fn forget_refusal(&self, scope: &AccountId) -> Result<(), Failure> {
        if self.refusal_of(scope).is_none() {
            return Ok(());
        }
        self.execute("DELETE FROM refusals WHERE account = ?1", [&scope.0])
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::ErrorCode;

    use super::*;

    #[test]
    fn refusal_of_one_process_is_seen_and_lifted_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (State::new(folder.path()), State::new(folder.path()));
        let scope = AccountId("provider:openai".into());
        assert_eq!(other.refusal(&scope, "first"), None);
        let refused = Failure::new(ErrorCode::InvalidKey, "Incorrect API key provided");
        one.keep_refusal(&scope, "first", &refused).unwrap();
        assert_eq!(other.refusal(&scope, "first"), Some(refused));
        assert_eq!(other.refusal(&scope, "second"), None, "another key was not refused");
        let before = other.version();
        other.forget_refusal(&scope).unwrap();
        assert_ne!(other.version(), before);
        assert_eq!(one.refusal(&scope, "first"), None);
    }

    #[test]
    fn what_is_known_already_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::new(folder.path());
        let scope = AccountId("provider:openai".into());
        let refused = Failure::new(ErrorCode::InvalidKey, "no");
        state.forget_refusal(&scope).unwrap();
        assert!(!folder.path().join("state.db").exists());
        state.keep_refusal(&scope, "key", &refused).unwrap();
        let version = state.version();
        state.keep_refusal(&scope, "key", &refused).unwrap();
        assert_eq!(state.version(), version);
    }
}
