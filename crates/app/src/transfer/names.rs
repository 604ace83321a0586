//! The names of accounts in a transfer file, or in their place what the person has in place of names.

use usher_auth::{StaysBecause, VaultSummary};
use usher_domain::{Account, AccountId};

use crate::view::{NotMovedReason, StayingAccountView, TransferAccountView};

/// What accounts are called on the screens of this home.
pub(super) struct Names {
    known: Vec<(AccountId, TransferAccountView)>,
    hidden: bool,
}

impl Names {
    pub(super) fn of(vault: &VaultSummary, hidden: bool) -> Self {
        let known = vault.sign_ins.iter().map(|one| (one.account.id(), view(&one.account)));
        Self { known: known.collect(), hidden }
    }

    pub(super) fn accounts(&self, accounts: &[Account]) -> Vec<TransferAccountView> {
        accounts.iter().enumerate().map(|(index, account)| self.account(account, index)).collect()
    }

    pub(super) fn staying(&self, stays: &[(Account, StaysBecause)]) -> Vec<StayingAccountView> {
        let staying = stays.iter().enumerate();
        staying
            .map(|(index, (account, reason))| StayingAccountView {
                name: self.account(account, index).name,
                reason: match reason {
                    StaysBecause::OfThisComputer => NotMovedReason::OfThisComputer,
                    StaysBecause::Ended => NotMovedReason::Ended,
                    StaysBecause::RefreshInterrupted => NotMovedReason::RefreshInterrupted,
                    StaysBecause::OtherAddress => NotMovedReason::OtherAddress,
                },
            })
            .collect()
    }

    fn account(&self, account: &Account, index: usize) -> TransferAccountView {
        let id = account.id();
        match self.known.iter().find(|(known, _)| *known == id) {
            Some((_, view)) => view.clone(),
            None if self.hidden => {
                TransferAccountView { name: format!("Account {}", index + 1), email: None }
            }
            None => view(account),
        }
    }
}

fn view(account: &Account) -> TransferAccountView {
    TransferAccountView { name: account.name(), email: account.email.clone() }
}
