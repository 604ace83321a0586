//! Accounts and plans.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Limits the name that an unknown plan gives, so that a number fits behind it.
const MAX_DEFAULT_NAME_CHARS: usize = 40;
/// OpenAI's name for any plan that an app may use (siwc §13).
const CHATGPT_PLAN: &str = "ChatGPT plan";

/// Which of OpenAI's sign-ins an account came by (siwc §17).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInRoute {
    /// By the client id of the Codex CLI: for Usher and for the tools of this computer (protocol §0).
    #[default]
    CodexClient,
    /// By OpenAI's sign-in for local apps, which lets the plan pay for Usher's own requests only (siwc §1.3).
    PlanUsage,
}

/// Whether the person lets Usher use their plan: a second consent beside the one to sign in (siwc §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlanUse {
    /// The plan pays for requests.
    Allowed,
    /// The person is signed in, and the plan pays for nothing.
    NotAllowed,
}

/// One identity: a person in a workspace.
///
/// Both ids together are the key. One e-mail can own several workspaces and one workspace holds many
/// people (protocol §2.3), so neither the e-mail nor either id alone identifies an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `chatgpt_user_id`, else `user_id`, of the auth claim; with plan usage, `sub` of the ID token.
    pub user_id: String,
    /// `chatgpt_account_id`: sent as `ChatGPT-Account-ID` with every backend call. With plan usage, the client id that was
    /// issued for the person and the workspace (siwc §2).
    pub account_id: String,
    /// Which sign-in it came by.
    #[serde(default)]
    pub route: SignInRoute,
    /// For display only; an account may come without one.
    pub email: Option<String>,
    /// The plan as the access token names it; unknown with plan usage.
    pub plan: Plan,
    /// `chatgpt_account_is_fedramp`: adds `X-OpenAI-Fedramp: true` (protocol §8.1).
    #[serde(default)]
    pub fedramp: bool,
    /// The person's own name for this account.
    #[serde(default)]
    pub label: Option<String>,
    /// The name that it got when it arrived. It stays when others come and go.
    #[serde(default)]
    pub default_name: Option<String>,
}

impl Account {
    /// Returns the key under which everything about this account is stored.
    pub fn id(&self) -> AccountId {
        AccountId(format!("{}:{}", self.user_id, self.account_id))
    }

    /// Returns the name that people see: their own for it, else the one that it arrived with.
    pub fn name(&self) -> String {
        let name = self.label.as_ref().or(self.default_name.as_ref());
        name.cloned().unwrap_or_else(|| self.arrival_name())
    }

    /// Returns what people see of the plan. The names of plans are known by one route only.
    pub fn plan_name(&self) -> Cow<'_, str> {
        match self.route {
            SignInRoute::CodexClient => self.plan.display_name(),
            SignInRoute::PlanUsage => CHATGPT_PLAN.into(),
        }
    }

    /// Returns whether people see it under this name, whatever the case of the letters.
    pub fn is_called(&self, name: &str) -> bool {
        self.name().to_lowercase() == name.to_lowercase()
    }

    /// Returns a name for an account that arrives: by its plan, and with a number where that is taken.
    pub fn free_name(&self, is_taken: impl Fn(&str) -> bool) -> String {
        let name = self.arrival_name();
        let mut free = name.clone();
        let mut number: u32 = 1;
        while is_taken(&free) {
            number += 1;
            free = format!("{name} {number}");
        }
        free
    }

    /// Returns a label of the workspace: plan and short account id.
    ///
    /// The sign-in responses have no workspace name, and those of plan usage no id of it either.
    pub fn workspace_label(&self) -> String {
        match self.route {
            SignInRoute::CodexClient => format!("{} {}", self.plan.display_name(), self.short_account_id()),
            SignInRoute::PlanUsage => CHATGPT_PLAN.to_owned(),
        }
    }

    fn arrival_name(&self) -> String {
        match self.route {
            SignInRoute::CodexClient => self.plan.account_name(),
            SignInRoute::PlanUsage => CHATGPT_PLAN.to_owned(),
        }
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

    /// Returns what an account of this plan is called until the user names it: "Personal" for the plan of one person, else
    /// the plan's name, which is that of a workspace.
    fn account_name(&self) -> String {
        if matches!(self.0.as_str(), "free" | "go" | "plus" | "pro" | "prolite" | "guest" | "unknown" | "") {
            return "Personal".to_owned();
        }
        self.display_name().chars().take(MAX_DEFAULT_NAME_CHARS).collect()
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
            route: SignInRoute::CodexClient,
            email: Some("ada@example.com".into()),
            plan: Plan(plan.into()),
            fedramp: false,
            label: None,
            default_name: None,
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
    fn account_is_called_by_its_label_or_its_plan() {
        let names = [("plus", "Personal"), ("galaxy", "Galaxy"), ("team", "Team"), ("hc", "Enterprise")];
        for (plan, name) in names {
            assert_eq!(account(plan, "0a1b2c3d-4e5f").name(), name, "{plan}");
        }
        let mut business = account("self_serve_business_usage_based", "0a1b2c3d-4e5f");
        let taken = ["Business", "Business 2"];
        assert_eq!(business.free_name(|name| taken.contains(&name)), "Business 3");
        business.default_name = Some("Business 3".into());
        assert_eq!(business.name(), "Business 3");
        business.label = Some("Work".into());
        assert_eq!(business.name(), "Work");
    }

    #[test]
    fn account_of_plan_usage_shows_neither_plan_nor_client_id() {
        let account = Account { route: SignInRoute::PlanUsage, ..account("unknown", "oaiapp_0a1b2c3d") };
        let taken = ["ChatGPT plan"];
        assert_eq!(account.free_name(|name| taken.contains(&name)), "ChatGPT plan 2");
        assert_eq!(
            (account.workspace_label().as_str(), &*account.plan_name()),
            ("ChatGPT plan", "ChatGPT plan")
        );
    }

    #[test]
    fn plan_unknown_is_named_by_openai_s_own_words() {
        assert_eq!(Plan("galaxy".into()).display_name(), "Galaxy");
        assert_eq!(Plan("galaxy_2030".into()).display_name(), "Galaxy 2030");
        assert_eq!(Plan(String::new()).display_name(), "");
    }
}
