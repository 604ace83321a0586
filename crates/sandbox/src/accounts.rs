//! The accounts that can sign in.
//!
//! Two accounts have the same e-mail, and one workspace has two people in it, so that tests catch a client that
//! identifies an account by e-mail or by one of the two ids alone (protocol §2.3).

use serde::Serialize;

/// A person who can sign in at the sandbox.
#[derive(Debug, Serialize)]
pub struct Account {
    /// Short name, for forms and for the control endpoints.
    pub key: &'static str,
    /// Display name.
    pub name: &'static str,
    /// E-mail; not unique.
    pub email: &'static str,
    /// The `chatgpt_user_id` claim.
    pub user_id: &'static str,
    /// The workspaces that this person may sign in to; never empty.
    pub workspaces: &'static [Workspace],
}

/// A ChatGPT account: a personal plan or a business workspace.
#[derive(Debug, Serialize)]
pub struct Workspace {
    /// The `chatgpt_account_id` claim.
    pub account_id: &'static str,
    /// Display name on the consent page.
    pub title: &'static str,
    /// The `chatgpt_plan_type` claim (protocol §2.4: an open set).
    pub plan: &'static str,
    /// Whether Codex is enabled (if not: protocol §1.2, `missing_codex_entitlement`).
    pub codex: bool,
}

/// All accounts.
pub static ACCOUNTS: &[Account] = &[
    Account {
        key: "fay",
        name: "Fay Free",
        email: "fay@example.com",
        user_id: "user-fay",
        workspaces: &[personal("f4100000-0000-4000-8000-000000000001", "free")],
    },
    Account {
        key: "ada",
        name: "Ada Plus",
        email: "ada@example.com",
        user_id: "user-ada",
        workspaces: &[personal("ada00000-0000-4000-8000-000000000002", "plus")],
    },
    Account {
        key: "pia",
        name: "Pia Pro",
        email: "pia@example.com",
        user_id: "user-pia",
        workspaces: &[personal("b1a00000-0000-4000-8000-000000000003", "pro")],
    },
    Account {
        key: "ada-work",
        name: "Ada at work",
        email: "ada@example.com",
        user_id: "user-ada",
        workspaces: &[
            Workspace {
                account_id: "b0510000-0000-4000-8000-000000000004",
                title: "Analytical Engines",
                plan: "business",
                codex: true,
            },
            Workspace {
                account_id: "b0520000-0000-4000-8000-000000000005",
                title: "Difference Partners",
                plan: "business",
                codex: true,
            },
        ],
    },
    Account {
        key: "ben",
        name: "Ben, Ada's colleague",
        email: "ben@example.com",
        user_id: "user-ben",
        workspaces: &[Workspace {
            account_id: "b0510000-0000-4000-8000-000000000004",
            title: "Analytical Engines",
            plan: "business",
            codex: true,
        }],
    },
    Account {
        key: "eve",
        name: "Eve Enterprise",
        email: "eve@example.com",
        user_id: "user-eve",
        workspaces: &[Workspace {
            account_id: "e0e00000-0000-4000-8000-000000000006",
            title: "Example Industries",
            plan: "enterprise",
            codex: true,
        }],
    },
    Account {
        key: "noa",
        name: "Noa, Codex not enabled",
        email: "noa@example.com",
        user_id: "user-noa",
        workspaces: &[Workspace {
            account_id: "00a00000-0000-4000-8000-000000000007",
            title: "Careful & Sons",
            plan: "business",
            codex: false,
        }],
    },
    Account {
        key: "uma",
        name: "Uma, a plan nobody knows yet",
        email: "uma@example.com",
        user_id: "user-uma",
        workspaces: &[personal("0aa00000-0000-4000-8000-000000000008", "galaxy")],
    },
];

const fn personal(account_id: &'static str, plan: &'static str) -> Workspace {
    Workspace { account_id, title: "Personal", plan, codex: true }
}

/// A person in one of their workspaces: the subject of a grant and of usage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) account: &'static Account,
    pub(crate) workspace: &'static Workspace,
}

impl Membership {
    /// Returns the membership of `key`, in the workspace with `account_id` or else in the first one.
    pub(crate) fn find(key: &str, account_id: Option<&str>) -> Option<Self> {
        let account = account(key)?;
        let workspace = match account_id {
            Some(id) => account.workspaces.iter().find(|workspace| workspace.account_id == id)?,
            None => account.workspaces.first()?,
        };
        Some(Self { account, workspace })
    }

    /// Returns user id and account id, which together are the identity (protocol §2.3).
    pub(crate) fn identity(self) -> (&'static str, &'static str) {
        (self.account.user_id, self.workspace.account_id)
    }
}

/// Returns the account with this key.
pub(crate) fn account(key: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ACCOUNTS;

    #[test]
    fn account_identities_are_unique() {
        let memberships: Vec<_> = ACCOUNTS
            .iter()
            .flat_map(|a| a.workspaces.iter().map(move |w| (a.user_id, w.account_id)))
            .collect();
        assert_eq!(memberships.iter().collect::<HashSet<_>>().len(), memberships.len());
        let emails: HashSet<_> = ACCOUNTS.iter().map(|a| a.email).collect();
        assert!(emails.len() < ACCOUNTS.len());
        let workspaces: HashSet<_> = memberships.iter().map(|membership| membership.1).collect();
        assert!(workspaces.len() < memberships.len());
    }
}
