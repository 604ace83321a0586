//! What passes use after a change, and what tools use now, for people.

use std::sync::Arc;

use usher_auth::{Passes, VaultSummary};
use usher_domain::{Account, AccountId, ErrorCode, Failure, Pass, PassScope, ProviderId};

use crate::context::Context;
use crate::gateway::passes::assignment::{Assignment, Choices};
use crate::providers::kinds;
use crate::settings::Settings;
use crate::view::{PassChange, PassOutcome, PassUse, ToolsView};

/// Returns what each valid pass will use after `change`; without one, what it uses now.
pub(crate) async fn pass_outcomes(
    context: &Context,
    change: Option<&PassChange>,
) -> Result<Vec<PassOutcome>, Failure> {
    let passes = Passes::new(Arc::clone(&context.store), Arc::clone(&context.clock)).list().await?;
    let (settings, vault) = (context.read_settings()?, context.vault().await?);
    let now = Choices::new(context, &settings, &vault);
    let after = change.map_or_else(|| now.clone(), |change| now.after(change));
    let names = Names { settings: &settings, vault: &vault };
    let time = context.clock.now();
    let valid = passes.iter().filter(|pass| !pass.is_expired(time));
    let outcome = |pass: &Arc<Pass>| {
        let next = match change {
            Some(PassChange::Revoke { pass: id }) if *id == pass.id => Err(pass_revoked()),
            _ => after.outcome(&pass.scope),
        };
        PassOutcome {
            pass: pass.name.clone(),
            changed: match (&next, now.outcome(&pass.scope)) {
                (Ok(next), Ok(now)) => *next != now,
                (next, now) => next.is_ok() != now.is_ok(),
            },
            next: names.pass_use(next),
        }
    };
    Ok(valid.map(outcome).collect())
}

/// Returns what tools use: what a new pass without options belongs to.
pub(crate) fn tools_view(
    context: &Context,
    settings: &Settings,
    vault: &Result<VaultSummary, Failure>,
) -> ToolsView {
    let unread = VaultSummary::default();
    let known = vault.as_ref().unwrap_or(&unread);
    let choices = Choices::new(context, settings, known);
    let provider = choices.tools_provider();
    let scope = PassScope { provider: Some(provider.clone()), ..PassScope::default() };
    let next = match vault {
        Ok(_) => choices.outcome(&scope),
        Err(failure) => Err(failure.clone()),
    };
    let uses = Names { settings, vault: known }.pass_use(next);
    ToolsView { chosen: settings.tools_provider().is_some(), provider, uses }
}

struct Names<'a> {
    settings: &'a Settings,
    vault: &'a VaultSummary,
}

impl Names<'_> {
    fn pass_use(&self, next: Result<Assignment, Failure>) -> PassUse {
        let Assignment { provider, account } = match next {
            Ok(assigned) => assigned,
            Err(failure) => return PassUse::Refused { failure: failure.into() },
        };
        PassUse::Uses {
            provider: name_of_provider(&provider, self.settings),
            paid_by: kinds::find(&provider).map_or("", |kind| kind.billing().paid_by()).to_owned(),
            provider_id: provider,
            account: account.as_ref().and_then(|id| full_name_of_account(id, self.vault)),
            account_id: account,
        }
    }
}

/// Returns the name of a provider that people see, or its id where it has none.
pub(crate) fn name_of_provider(id: &ProviderId, settings: &Settings) -> String {
    let name = kinds::find(id).zip(settings.endpoint(id).ok());
    name.map_or_else(|| id.to_string(), |(kind, endpoint)| kind.display_name(id, &endpoint))
}

/// Returns the failure of requests with a pass that was revoked.
pub(crate) fn pass_revoked() -> Failure {
    Failure::new(ErrorCode::Cancelled, "the pass was revoked")
}

/// Returns the name of an account that people see.
pub(crate) fn name_of_account(id: &AccountId, vault: &VaultSummary) -> Option<String> {
    account(id, vault).map(Account::name)
}

/// Returns the name of an account and its e-mail address.
fn full_name_of_account(id: &AccountId, vault: &VaultSummary) -> Option<String> {
    let account = account(id, vault)?;
    let email = account.email.iter().map(|email| format!(", {email}"));
    Some(email.fold(account.name(), |name, email| name + &email))
}

fn account<'a>(id: &AccountId, vault: &'a VaultSummary) -> Option<&'a Account> {
    vault.sign_ins.iter().map(|one| &one.account).find(|account| account.id() == *id)
}

#[cfg(test)]
mod tests {
    use usher_auth::SignInSummary;
    use usher_domain::{Endpoints, Plan, SignInRoute, UnixTime};

    use super::*;

    fn vault(accounts: &[(&str, Option<&str>)]) -> VaultSummary {
        let summary = |(name, label): &(&str, Option<&str>)| SignInSummary {
            account: Account {
                user_id: "user-ada".into(),
                account_id: format!("{name}-workspace"),
                route: SignInRoute::CodexClient,
                email: Some("ada@example.com".into()),
                plan: Plan("plus".into()),
                fedramp: false,
                label: label.map(str::to_owned),
                default_name: Some((*name).into()),
            },
            plan_use: None,
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(0),
            renews: true,
            ended: None,
            hidden_names: Vec::new(),
        };
        VaultSummary { sign_ins: accounts.iter().map(summary).collect(), ..VaultSummary::default() }
    }

    #[test]
    fn account_is_named_as_everywhere_else_and_with_its_address() {
        let vault = vault(&[("Personal", None), ("Business", Some("Work"))]);
        let id = |one: &SignInSummary| full_name_of_account(&one.account.id(), &vault).unwrap();
        let names: Vec<String> = vault.sign_ins.iter().map(id).collect();
        assert_eq!(names, ["Personal, ada@example.com", "Work, ada@example.com"]);
        let short = name_of_account(&vault.sign_ins[1].account.id(), &vault);
        assert_eq!(short.as_deref(), Some("Work"));
        assert_eq!(name_of_account(&AccountId("user-eve:gone".into()), &vault), None);
    }
}
