//! Accounts and plans.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One identity: a person in a workspace.
///
/// Both ids together are the key. One e-mail can own several workspaces and one workspace holds many
/// people (protocol §2.3), so neither the e-mail nor either id alone identifies an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `chatgpt_user_id`, else `user_id`, of the auth claim.
    pub user_id: String,
    /// `chatgpt_account_id`: sent as `ChatGPT-Account-ID` with every backend call.
    pub account_id: String,
    /// For display only; an account may come without one.
    pub email: Option<String>,
    /// The plan as the access token names it.
    pub plan: Plan,
    /// `chatgpt_account_is_fedramp`: adds `X-OpenAI-Fedramp: true` (protocol §8.1).
    #[serde(default)]
    pub fedramp: bool,
    /// The person's own name for this account.
    #[serde(default)]
    pub label: Option<String>,
}

impl Account {
    /// Returns the key under which everything about this account is stored.
    pub fn id(&self) -> AccountId {
        AccountId(format!("{}:{}", self.user_id, self.account_id))
    }

    /// Returns a label of the workspace: plan and short account id.
    ///
    /// The sign-in responses have no workspace name.
    pub fn workspace_label(&self) -> String {
        format!("{} {}", self.plan.display_name(), self.short_account_id())
    }

    fn short_account_id(&self) -> &str {
        let end = self.account_id.char_indices().nth(8).map_or(self.account_id.len(), |(at, _)| at);
        &self.account_id[..end]
    }
}

/// `user id:account id`, the key of an [`Account`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct AccountId(pub String);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A plan as OpenAI names it. An open set (protocol §2.4), so unknown names are stored as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct Plan(pub String);

impl Plan {
    /// Returns the name that people see; for an unknown plan, OpenAI's own as words.
    pub fn display_name(&self) -> Cow<'_, str> {
        let known = match self.0.as_str() {
            "free" => "Free",
            "go" => "Go",
            "plus" => "Plus",
            "pro" => "Pro",
            "prolite" => "Pro Lite",
            "team" => "Team",
            "business" | "self_serve_business_usage_based" => "Business",
            "enterprise" | "hc" | "enterprise_cbp_usage_based" => "Enterprise",
            "edu" | "education" => "Edu",
            // Not a name of OpenAI's: there was none.
            "unknown" => "unknown",
            other => return as_words(other).into(),
        };
        known.into()
    }
}

/// Formats `galaxy_2030` as "Galaxy 2030".
fn as_words(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(plan: &str, account_id: &str) -> Account {
        Account {
            user_id: "user-1".into(),
            account_id: account_id.into(),
            email: Some("ada@example.com".into()),
            plan: Plan(plan.into()),
            fedramp: false,
            label: None,
        }
    }

    #[test]
    fn account_id_of_two_workspaces_differs() {
        assert_ne!(account("plus", "acct-a").id(), account("business", "acct-b").id());
    }

    #[test]
    fn workspace_label_ignores_account_label() {
        let mut account = account("business", "0a1b2c3d-4e5f");
        assert_eq!(account.workspace_label(), "Business 0a1b2c3d");
        account.label = Some("Work".into());
        assert_eq!(account.workspace_label(), "Business 0a1b2c3d");
    }

    #[test]
    fn plan_unknown_is_named_by_openai_s_own_words() {
        assert_eq!(Plan("galaxy".into()).display_name(), "Galaxy");
        assert_eq!(Plan("galaxy_2030".into()).display_name(), "Galaxy 2030");
        assert_eq!(Plan(String::new()).display_name(), "");
    }
}
