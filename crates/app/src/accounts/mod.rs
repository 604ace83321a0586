//! Several accounts of the ChatGPT plan: listed, chosen, named, put in order; and access tokens that a person pasted.

pub(crate) mod codex_login;
mod disconnect;
mod external_sign_ins;
pub(crate) mod lookup;
pub(crate) mod plan_use_welcome;
mod renewal;
pub(crate) mod requester;
pub(crate) mod scope;
pub(crate) mod sign_in;
pub(crate) mod sign_in_options;

use usher_auth::{AccessTokens, Accounts, SignInSummary};
use usher_domain::{
    AccessToken, Account, AccountId, ErrorCode, Failure, MAX_NAME_CHARS, SignInRoute, is_printable_within,
};

use std::sync::Arc;

use crate::accounts::lookup::{find_account, unused_days};
use crate::connection::Target;
use crate::context::Context;
use crate::privacy::is_hidden;
use crate::view::{AccountCard, AccountView, FailureView, MoveDirection, UsageView};

/// Why what was given cannot be a `what`: names of accounts, and of services and what belongs to them.
pub(crate) fn not_a_name(what: &str) -> String {
    format!("a {what} has up to {MAX_NAME_CHARS} characters in one line")
}

/// Returns whether `label` already names this account.
fn is_named(summary: &SignInSummary, label: &str) -> bool {
    let account = &summary.account;
    account.id().0 == label
        || account.email.as_deref() == Some(label)
        || account.is_called(label)
        || summary.hidden_names.iter().any(|name| name.to_lowercase() == label.to_lowercase())
}

/// The accounts of the ChatGPT plan, and what is done with them.
pub struct PlanAccounts {
    context: Arc<Context>,
}

impl PlanAccounts {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// All accounts, in the person's order.
    pub async fn list(&self) -> Result<Vec<AccountCard>, Failure> {
        let vault = self.context.vault().await?;
        let now = self.context.clock.now();
        let card = |one: &SignInSummary| AccountCard {
            account: AccountView::from(one),
            active: vault.active.as_ref() == Some(&one.account.id()),
            renews: one.renews,
            expires_at: one.expires_at,
            unused_days: unused_days(one, now),
            attention: one.ended.clone().map(FailureView::from),
            usage: self
                .context
                .state
                .usage(&one.account.id())
                .map(|(usage, seen_at)| UsageView::new(usage, seen_at)),
        };
        Ok(vault.sign_ins.iter().map(card).collect())
    }

    /// The account that `wanted` names: an id, an e-mail, a name or a workspace, as long as it names one only.
    pub async fn find_id(&self, wanted: &str) -> Result<AccountId, Failure> {
        find_account(&self.context.vault().await?, wanted).map(|summary| summary.account.id())
    }

    /// Returns which sign-in the account came by that `target` means; that of the Codex client where there is none.
    pub async fn route_of(&self, target: &Target) -> Result<SignInRoute, Failure> {
        let vault = self.context.vault().await?;
        let summary = match &target.account {
            Some(wanted) => Some(find_account(&vault, wanted)?),
            None => vault.active(),
        };
        Ok(summary.map(|one| one.account.route).unwrap_or_default())
    }

    /// Makes `account` the one in use: tools use it from their next request on.
    pub async fn make_active(&self, account: AccountId) -> Result<(), Failure> {
        self.kept_accounts().make_active(account).await?;
        self.context.changed();
        Ok(())
    }

    /// Gives `account` the person's own name for it; an empty one takes it away.
    pub async fn rename(&self, account: AccountId, label: &str) -> Result<(), Failure> {
        self.check_name(label, Some(&account)).await?;
        let label = label.trim();
        // A form that shows the name in place of the hidden one gives it back.
        if self.is_hidden_as(&account, label).await {
            return Ok(());
        }
        let label = (!label.is_empty()).then(|| label.to_owned());
        self.kept_accounts().rename(account, label).await?;
        self.context.changed();
        Ok(())
    }

    async fn is_hidden_as(&self, account: &AccountId, label: &str) -> bool {
        let vault = self.context.vault().await.unwrap_or_default();
        let mut hidden = vault.sign_ins.iter().filter(|one| is_hidden(one));
        hidden.any(|one| one.account.id() == *account && one.account.name() == label)
    }

    /// Fails if `account`, or one that is still to come, cannot be called `label`.
    pub async fn check_name(&self, label: &str, account: Option<&AccountId>) -> Result<(), Failure> {
        let label = label.trim();
        if !label.is_empty() && !is_printable_within(label, MAX_NAME_CHARS) {
            return Err(Failure::new(ErrorCode::BadUsage, not_a_name("name")));
        }
        let vault = self.context.vault().await?;
        let is_other = |one: &&SignInSummary| Some(&one.account.id()) != account;
        if let Some(other) = vault.sign_ins.iter().filter(is_other).find(|one| is_named(one, label)) {
            let cause = format!("another account goes by that: {}; choose another name", other.account.id());
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        Ok(())
    }

    /// Moves `account` by one place. The order is for reading only.
    pub async fn reorder(&self, account: AccountId, direction: MoveDirection) -> Result<(), Failure> {
        self.kept_accounts().shift(account, direction == MoveDirection::Up).await?;
        self.context.changed();
        Ok(())
    }

    /// Keeps an access token that a person made for a workspace, after asking OpenAI whose it is. One of another account
    /// than `expected` is not kept.
    pub async fn save_access_token(
        &self,
        token: AccessToken,
        expected: Option<&AccountId>,
    ) -> Result<AccountView, Failure> {
        let http = Arc::clone(&self.context.network()?.http);
        let endpoints = self.context.provider.endpoints.clone();
        let tokens = AccessTokens::new(
            endpoints,
            http,
            Arc::clone(&self.context.store),
            Arc::clone(&self.context.clock),
        );
        let account = tokens.save(token, expected).await?;
        self.context.changed();
        Ok(self.shown(&account).await)
    }

    /// Returns a saved account as screens show it.
    async fn shown(&self, account: &Account) -> AccountView {
        let vault = self.context.vault().await.unwrap_or_default();
        let saved = vault.sign_ins.iter().find(|one| one.account.id() == account.id());
        saved.map_or_else(|| AccountView::from(account), AccountView::from)
    }

    fn kept_accounts(&self) -> Accounts {
        Accounts::new(Arc::clone(&self.context.store))
    }
}
