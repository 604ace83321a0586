//! Names and e-mail addresses that the person hides from screens, for example from a screenshot.
//!
//! Accounts are shown by their place in the person's list. Everything that is shown of an account (the window, the tray,
//! notifications, the command line) comes from the list of sign-ins, so this is the one place that replaces names. The real
//! ones still say which account is meant.

use usher_auth::{SignInSummary, VaultSummary};

/// Replaces names and e-mail addresses of the accounts.
pub(crate) fn hide_names(vault: &mut VaultSummary) {
    for (index, sign_in) in vault.sign_ins.iter_mut().enumerate() {
        let name = neutral_name(index);
        let account = &mut sign_in.account;
        let workspace = account.workspace_label();
        sign_in.hidden_names =
            [Some(account.name()), account.email.take(), Some(workspace)].into_iter().flatten().collect();
        account.label = None;
        account.default_name = Some(name);
    }
    for pending in &mut vault.pending_revocations {
        pending.email = None;
    }
}

/// Returns the name that an account has in place of its own: its number in the person's list.
fn neutral_name(index: usize) -> String {
    format!("Account {}", index + 1)
}

/// Returns whether the names of this account are hidden.
pub(crate) fn is_hidden(sign_in: &SignInSummary) -> bool {
    !sign_in.hidden_names.is_empty()
}
