//! Which provider and account a pass uses, and what it will use after a change. One function answers both, so that what
//! people read is what happens.

use usher_auth::{SignInSummary, VaultSummary};
use usher_domain::{AccountId, ErrorCode, Failure, PassScope, ProviderId, SignInRoute};

use crate::accounts::lookup::no_account_in_use;
use crate::accounts::requester::{Requester, check_requester};
use crate::context::Context;
use crate::providers::kinds::{self, CHATGPT, ProviderAccess, has_accounts};
use crate::providers::known::known_providers;
use crate::settings::Settings;
use crate::view::{Billing, PassChange};

/// What passes are assigned from.
#[derive(Debug, Clone)]
pub(crate) struct Choices {
    accounts: Vec<(AccountId, SignInRoute)>,
    /// Those of the accounts whose sign-in has ended, and why.
    ended: Vec<(AccountId, Failure)>,
    active: Option<AccountId>,
    providers: Vec<Choice>,
    /// The provider that the user chose for tools.
    chosen: Option<ProviderId>,
}

#[derive(Debug, Clone)]
struct Choice {
    id: ProviderId,
    enabled: bool,
    /// Whether it has what it needs.
    ready: bool,
    /// Whether it has a key of the environment, which Usher cannot take away.
    has_environment_key: bool,
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
            has_environment_key: kinds::find(&id).is_some_and(|kind| kind.environment_key(context).is_some()),
            id,
        };
        let ended = |one: &SignInSummary| Some((one.account.id(), one.ended.clone()?));
        Self {
            accounts: vault.sign_ins.iter().map(|one| (one.account.id(), one.account.route)).collect(),
            ended: vault.sign_ins.iter().filter_map(ended).collect(),
            active: vault.active.clone(),
            providers: known_providers(context, settings).into_iter().map(choice).collect(),
            chosen: settings.tools_provider(),
        }
    }

    /// Returns the provider that tools use: for new passes, and for passes that belong to no provider.
    pub(crate) fn tools_provider(&self) -> ProviderId {
        self.default_provider(Requester::Pass)
    }

    /// Returns the provider where none is named.
    ///
    /// It is the one that the user chose. Where none was chosen it is the plan while an account is signed in that the
    /// requester may use, and else the first provider that has what it needs.
    pub(crate) fn default_provider(&self, requester: Requester) -> ProviderId {
        if let Some(chosen) = &self.chosen {
            return chosen.clone();
        }
        let has_account = self.accounts.iter().any(|(_, route)| check_requester(*route, requester).is_ok());
        let is_usable = |one: &&Choice| one.enabled && one.ready && !has_accounts(&one.id);
        match self.providers.iter().find(is_usable) {
            Some(first) if !has_account => first.id.clone(),
            _ => CHATGPT,
        }
    }

    /// Returns these after `change`.
    pub(crate) fn after(&self, change: &PassChange) -> Self {
        let mut next = self.clone();
        match change {
            PassChange::Disconnect { account, next: chosen } => {
                next.accounts.retain(|(one, _)| one != account);
                next.active.take_if(|active| active == account);
                if chosen.is_some() {
                    next.active.clone_from(chosen);
                }
                if next.accounts.is_empty()
                    && let Some(plan) = next.find_mut(&CHATGPT)
                {
                    plan.ready = false;
                }
            }
            PassChange::UseAccount { account } => next.active = Some(account.clone()),
            PassChange::UseProvider { provider, account } => {
                next.chosen = Some(provider.clone());
                if account.is_some() {
                    next.active.clone_from(account);
                }
            }
            PassChange::SwitchOff { provider } => {
                if let Some(one) = next.find_mut(provider) {
                    one.enabled = false;
                }
            }
            PassChange::ForgetKey { provider } => {
                let required = kinds::provider_access(provider) == Some(ProviderAccess::RequiredKey);
                if let Some(one) = next.find_mut(provider) {
                    one.ready = one.has_environment_key || (one.ready && !required);
                }
            }
            PassChange::Remove { provider } => {
                // With a key of the environment it is listed again at once, with the defaults.
                next.providers.retain(|one| one.id != *provider || one.has_environment_key);
                if let Some(one) = next.find_mut(provider) {
                    (one.enabled, one.ready) = (true, true);
                }
                next.chosen.take_if(|chosen| chosen == provider);
            }
            PassChange::Revoke { .. } => {}
        }
        next
    }

    fn find_mut(&mut self, provider: &ProviderId) -> Option<&mut Choice> {
        self.providers.iter_mut().find(|one| one.id == *provider)
    }

    /// Returns what a pass of `scope` uses, as far as is known without the network, or why its requests are refused.
    ///
    /// Unlike [`assign`](Self::assign) this looks at the credential too. The router does not need that, because a request
    /// finds out, and a sign-in that was mended a moment ago must not be refused.
    pub(crate) fn outcome(&self, scope: &PassScope) -> Result<Assignment, Failure> {
        let assigned = self.assign(scope)?;
        if let Some((_, ended)) = self.ended.iter().find(|(id, _)| Some(id) == assigned.account.as_ref()) {
            return Err(ended.clone());
        }
        let is_ready = self.providers.iter().any(|one| one.id == assigned.provider && one.ready);
        if !is_ready {
            let cause = format!("no key is saved for {}", assigned.provider);
            return Err(Failure::new(ErrorCode::SignInRequired, cause));
        }
        Ok(assigned)
    }

    /// Returns what a pass of `scope` uses, or why its requests are refused.
    ///
    /// A pass that belongs to a provider or an account never uses another. One that belongs to none uses what
    /// [tools use](Self::tools_provider); but a provider that no plan pays for only where the user agreed.
    pub(crate) fn assign(&self, scope: &PassScope) -> Result<Assignment, Failure> {
        let provider = match &scope.provider {
            Some(provider) => provider.clone(),
            None if scope.account.is_some() => CHATGPT,
            None => self.tools_provider(),
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
        let route =
            |wanted: &AccountId| self.accounts.iter().find(|(id, _)| id == wanted).map(|(_, route)| *route);
        let (account, route) = match (&scope.account, &self.active) {
            (Some(account), _) => (account, route(account).ok_or_else(gone)?),
            (None, Some(active)) => (active, route(active).unwrap_or_default()),
            (None, None) => return Err(no_account_in_use(self.accounts.is_empty())),
        };
        check_requester(route, Requester::Pass)?;
        Ok(account.clone())
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
        let choice = |id: ProviderId| Choice { id, enabled: true, ready: true, has_environment_key: false };
        Choices {
            accounts: vec![
                (account("user:home"), SignInRoute::CodexClient),
                (account("user:work"), SignInRoute::CodexClient),
            ],
            ended: Vec::new(),
            active: Some(account("user:home")),
            providers: vec![choice(CHATGPT), choice(OPENAI)],
            chosen: None,
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
    fn no_pass_uses_an_account_of_plan_usage() {
        let mut choices = choices();
        choices.accounts[1].1 = SignInRoute::PlanUsage;
        assert_eq!(used(&choices, &bound("user:work")), Err(ErrorCode::ConnectedAppOnly));
        assert_eq!(used(&choices, &bound("user:home")), Ok("user:home".into()));
        let any = PassScope { pay_per_token: true, ..PassScope::default() };
        let after = choices.after(&PassChange::UseAccount { account: account("user:work") });
        assert_eq!(
            used(&after, &any),
            Err(ErrorCode::ConnectedAppOnly),
            "and no other account is taken instead"
        );
        // Alone, it is in use for Usher, and tools have what else there is.
        let alone = after.after(&PassChange::Disconnect { account: account("user:home"), next: None });
        assert_eq!(alone.default_provider(Requester::Usher), CHATGPT);
        assert_eq!(used(&alone, &any), Ok("openai".into()));
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
    fn pass_for_any_provider_uses_what_was_chosen_for_tools() {
        let any = PassScope { pay_per_token: true, ..PassScope::default() };
        let use_key = PassChange::UseProvider { provider: OPENAI, account: None };
        let chosen = choices().after(&use_key);
        assert_eq!(used(&chosen, &any), Ok("openai".into()));
        assert_eq!(used(&chosen, &PassScope::default()), Err(ErrorCode::HostNotAllowed), "it costs extra");
        assert_eq!(used(&chosen, &bound("user:home")), Ok("user:home".into()));
        let back = PassChange::UseProvider { provider: CHATGPT, account: Some(account("user:work")) };
        assert_eq!(used(&chosen.after(&back), &any), Ok("user:work".into()));

        // A choice that cannot be used is no reason to use another; one that is removed is no choice any more.
        let off = chosen.after(&PassChange::SwitchOff { provider: OPENAI });
        assert_eq!(used(&off, &any), Err(ErrorCode::HostNotAllowed));
        let removed = chosen.after(&PassChange::Remove { provider: OPENAI });
        assert_eq!(used(&removed, &any), Ok("user:home".into()));
        let mut unknown = chosen;
        unknown.providers.retain(|one| one.id != OPENAI);
        assert_eq!(used(&unknown, &any), Err(ErrorCode::HostNotAllowed));
    }

    #[test]
    fn chosen_plan_stays_chosen_without_accounts() {
        let plan = PassChange::UseProvider { provider: CHATGPT, account: None };
        let mut signed_out = choices().after(&plan);
        for id in ["user:home", "user:work"] {
            signed_out = signed_out.after(&PassChange::Disconnect { account: account(id), next: None });
        }
        let yes = PassScope { pay_per_token: true, ..PassScope::default() };
        assert_eq!(used(&signed_out, &yes), Err(ErrorCode::SignInRequired));
    }

    #[test]
    fn outcome_knows_missing_keys_and_ended_sign_ins() {
        let of_key = PassScope { provider: Some(OPENAI), ..PassScope::default() };
        let forget = PassChange::ForgetKey { provider: OPENAI };
        let outcome = |choices: &Choices, scope: &PassScope| choices.outcome(scope).map_err(|one| one.code);
        assert!(outcome(&choices(), &of_key).is_ok());
        assert_eq!(outcome(&choices().after(&forget), &of_key), Err(ErrorCode::SignInRequired));

        let mut with_environment = choices();
        with_environment.find_mut(&OPENAI).unwrap().has_environment_key = true;
        for change in [forget, PassChange::Remove { provider: OPENAI }] {
            assert!(outcome(&with_environment.after(&change), &of_key).is_ok(), "{change:?}");
        }

        let mut ended = choices();
        let failure = Failure::new(ErrorCode::SignInRevoked, "ended");
        ended.ended.push((account("user:work"), failure));
        assert_eq!(outcome(&ended, &bound("user:work")), Err(ErrorCode::SignInRevoked));
        assert!(outcome(&ended, &bound("user:home")).is_ok());
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
