//! Which provider and account a pass uses, and what it will use after a change. One function answers both, so that what
//! people read is what happens.

use usher_auth::VaultSummary;
use usher_domain::{AccountId, ErrorCode, Failure, PassScope, ProviderId};

use crate::accounts::lookup::no_account_in_use;
use crate::context::Context;
use crate::providers::kinds::{self, CHATGPT, has_accounts};
use crate::providers::known::known_providers;
use crate::settings::Settings;
use crate::view::{Billing, PassChange};

/// What passes are assigned from.
#[derive(Debug, Clone)]
pub(crate) struct Choices {
    accounts: Vec<AccountId>,
    active: Option<AccountId>,
    providers: Vec<Choice>,
}

#[derive(Debug, Clone)]
struct Choice {
    id: ProviderId,
    enabled: bool,
    /// Whether it has what it needs.
    ready: bool,
}

/// The provider and the account of a pass's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) provider: ProviderId,
    pub(crate) account: Option<AccountId>,
}

impl Choices {
    pub(crate) fn new(context: &Context, settings: &Settings, vault: &VaultSummary) -> Self {
        let choice = |id: ProviderId| Choice {
            enabled: settings.enabled(&id),
            ready: kinds::find(&id).is_some_and(|kind| kind.is_ready(context, &id, vault)),
            id,
        };
        Self {
            accounts: vault.sign_ins.iter().map(|one| one.account.id()).collect(),
            active: vault.active.clone(),
            providers: known_providers(context, settings).into_iter().map(choice).collect(),
        }
    }

    /// Returns these after `change`.
    pub(crate) fn after(&self, change: &PassChange) -> Self {
        let mut next = self.clone();
        match change {
            PassChange::Disconnect { account, next: chosen } => {
                next.accounts.retain(|one| one != account);
                next.active.take_if(|active| active == account);
                if chosen.is_some() {
                    next.active.clone_from(chosen);
                }
                if next.accounts.is_empty() {
                    next.providers
                        .iter_mut()
                        .filter(|one| one.id == CHATGPT)
                        .for_each(|one| one.ready = false);
                }
            }
            PassChange::UseAccount { account } => next.active = Some(account.clone()),
            PassChange::SwitchOff { provider } => {
                next.providers
                    .iter_mut()
                    .filter(|one| one.id == *provider)
                    .for_each(|one| one.enabled = false);
            }
            PassChange::Remove { provider } => next.providers.retain(|one| one.id != *provider),
        }
        next
    }

    /// Returns what a pass of `scope` uses, or why its requests are refused.
    ///
    /// A pass that belongs to a provider or an account never uses another. One that belongs to none uses the plan while an
    /// account is signed in, and else the first provider that is ready; but one that a plan does not pay for only where
    /// the user agreed.
    pub(crate) fn assign(&self, scope: &PassScope) -> Result<Assignment, Failure> {
        let provider = match &scope.provider {
            Some(provider) => provider.clone(),
            None if scope.account.is_some() || !self.accounts.is_empty() => CHATGPT,
            None => self
                .providers
                .iter()
                .find(|one| one.enabled && one.ready)
                .map_or(CHATGPT, |one| one.id.clone()),
        };
        let Some(choice) = self.providers.iter().find(|one| one.id == provider) else {
            return Err(Failure::new(ErrorCode::HostNotAllowed, format!("{provider} was removed")));
        };
        if !choice.enabled {
            let cause = format!("{provider} is switched off in Usher");
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        if scope.provider.is_none() {
            check_payer(scope, &provider, &[Billing::Plan])?;
        }
        if !has_accounts(&provider) {
            return Ok(Assignment { provider, account: None });
        }
        let account = self.account(scope)?;
        Ok(Assignment { provider, account: Some(account) })
    }

    fn account(&self, scope: &PassScope) -> Result<AccountId, Failure> {
        let gone = || {
            let cause = "the account of this pass was disconnected, and no other one is used instead";
            Failure::new(ErrorCode::SignInRequired, cause)
        };
        match (&scope.account, &self.active) {
            (Some(account), _) if self.accounts.contains(account) => Ok(account.clone()),
            (Some(_), _) => Err(gone()),
            (None, Some(active)) => Ok(active.clone()),
            (None, None) => Err(no_account_in_use(self.accounts.is_empty())),
        }
    }
}

/// Refuses a provider that is paid in a way that is not `free`, unless the user agreed to it.
pub(crate) fn check_payer(scope: &PassScope, provider: &ProviderId, free: &[Billing]) -> Result<(), Failure> {
    let billing = kinds::of(provider)?.billing();
    if scope.pay_per_token || free.contains(&billing) {
        return Ok(());
    }
    let cause = format!(
        "this pass only uses what your plan pays for, and {provider} costs extra; create a pass for {provider}, \
         or one with --any-provider --pay-per-token"
    );
    Err(Failure::new(ErrorCode::HostNotAllowed, cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::kinds::OPENAI;

    fn account(id: &str) -> AccountId {
        AccountId(id.into())
    }

    /// Two accounts, of which the first is in use, and a key.
    fn choices() -> Choices {
        let choice = |id: ProviderId| Choice { id, enabled: true, ready: true };
        Choices {
            accounts: vec![account("user:home"), account("user:work")],
            active: Some(account("user:home")),
            providers: vec![choice(CHATGPT), choice(OPENAI)],
        }
    }

    fn bound(id: &str) -> PassScope {
        PassScope { provider: Some(CHATGPT), account: Some(account(id)), ..PassScope::default() }
    }

    fn used(choices: &Choices, scope: &PassScope) -> Result<String, ErrorCode> {
        let assigned = choices.assign(scope).map_err(|failure| failure.code)?;
        Ok(assigned.account.map_or_else(|| assigned.provider.to_string(), |account| account.0))
    }

    #[test]
    fn bound_pass_keeps_its_account_or_is_refused() {
        let home = PassChange::Disconnect { account: account("user:home"), next: None };
        let next = Some(account("user:work"));
        let home_then_work = PassChange::Disconnect { account: account("user:home"), next };
        for change in [&home, &home_then_work] {
            let after = choices().after(change);
            assert_eq!(used(&after, &bound("user:home")), Err(ErrorCode::SignInRequired));
            assert_eq!(used(&after, &bound("user:work")), Ok("user:work".into()));
        }
        let after = choices().after(&PassChange::UseAccount { account: account("user:work") });
        assert_eq!(used(&after, &bound("user:home")), Ok("user:home".into()));
        let after = choices().after(&PassChange::SwitchOff { provider: CHATGPT });
        assert_eq!(used(&after, &bound("user:home")), Err(ErrorCode::HostNotAllowed));
    }

    #[test]
    fn pass_for_any_provider_follows_what_is_in_use() {
        let any = PassScope::default();
        assert_eq!(used(&choices(), &any), Ok("user:home".into()));
        let after = choices().after(&PassChange::UseAccount { account: account("user:work") });
        assert_eq!(used(&after, &any), Ok("user:work".into()));
        let left = PassChange::Disconnect { account: account("user:home"), next: None };
        assert_eq!(used(&choices().after(&left), &any), Err(ErrorCode::SignInRequired), "none is in use");
    }

    #[test]
    fn pass_for_any_provider_is_billed_by_the_token_only_after_a_yes() {
        let mut signed_out = choices();
        for id in ["user:home", "user:work"] {
            signed_out = signed_out.after(&PassChange::Disconnect { account: account(id), next: None });
        }
        assert_eq!(used(&signed_out, &PassScope::default()), Err(ErrorCode::HostNotAllowed));
        let yes = PassScope { pay_per_token: true, ..PassScope::default() };
        assert_eq!(used(&signed_out, &yes), Ok("openai".into()));
        let removed = signed_out.after(&PassChange::Remove { provider: OPENAI });
        assert_eq!(used(&removed, &yes), Err(ErrorCode::SignInRequired));
    }
}
