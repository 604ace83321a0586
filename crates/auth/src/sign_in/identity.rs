//! The identity that a sign-in returns with, compared with the one that was to sign in again.

use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use usher_domain::{Account, AccountId, ErrorCode, Failure};

/// How long the user may decide about another account. The server's grant is held in memory meanwhile.
const DECISION_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// What to do with another account than the one that was to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherAccountDecision {
    /// Add it beside the others; the account in use stays.
    Add,
    /// Revoke it; nothing is saved.
    Decline,
}

/// The caller of a sign-in, as its task sees it: closed when the caller is gone.
pub(super) type Caller = oneshot::Sender<Infallible>;

/// Checks the identity of a sign-in before it is saved.
pub(crate) struct IdentityCheck {
    pub(super) expected: Option<AccountId>,
    pub(super) decisions: mpsc::Receiver<OtherAccountDecision>,
    /// Reports the other account, and the expected one.
    pub(super) ask: Box<dyn FnOnce(Account, AccountId) + Send>,
}

impl IdentityCheck {
    /// Accepts the expected account. Another one is reported, and waits for the user's decision; declined, it fails with
    /// [`ErrorCode::OtherAccount`].
    pub(super) async fn accept(mut self, account: &Account, caller: &mut Caller) -> Result<(), Failure> {
        let Some(expected) =
            self.expected.take().filter(|expected| is_other_account(Some(expected), account))
        else {
            return Ok(());
        };
        (self.ask)(account.clone(), expected);
        let decision = tokio::select! {
            decision = self.decisions.recv() => decision,
            () = caller.closed() => None,
            () = tokio::time::sleep(DECISION_TIMEOUT) => None,
        };
        match decision {
            Some(OtherAccountDecision::Add) => Ok(()),
            Some(OtherAccountDecision::Decline) | None => Err(other_account()),
        }
    }
}

/// Returns whether `account` is another one than `expected`: another user or another workspace (protocol §2.3).
pub(crate) fn is_other_account(expected: Option<&AccountId>, account: &Account) -> bool {
    expected.is_some_and(|expected| *expected != account.id())
}

/// Returns the failure after another account signed in.
pub(crate) fn other_account() -> Failure {
    Failure::new(
        ErrorCode::OtherAccount,
        "another account signed in than the one that was to sign in again; its new sign-in was not saved",
    )
}
