//! Which account is meant, and what is known of it.

use usher_auth::{SignInSummary, VaultSummary};
use usher_domain::{ErrorCode, Failure, Plan, SignInRoute, UnixTime, Usage};

use crate::connection::Target;
use crate::context::Context;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A sign-in that was not refreshed for so many days is not used. Codex itself waits for eight at most (protocol §3.2).
const UNUSED_DAYS: i64 = 7;

/// The sign-in that `target` means, which must have been made with the addresses in force: a credential is never
/// sent to others.
pub(crate) fn sign_in_of<'a>(
    context: &Context,
    target: &Target,
    vault: &'a VaultSummary,
) -> Result<&'a SignInSummary, Failure> {
    let summary = match &target.account {
        Some(wanted) => find_account(vault, wanted)?,
        None => vault.active().ok_or_else(|| no_account_in_use(vault.sign_ins.is_empty()))?,
    };
    let endpoints = context.endpoints(summary.account.route);
    if summary.endpoints != endpoints {
        let cause = format!(
            "the sign-in was made at {}, and Usher is now pointed at {}",
            summary.endpoints.issuer, endpoints.issuer
        );
        return Err(Failure::new(ErrorCode::SignInRequired, cause));
    }
    Ok(summary)
}

/// Returns the plan that was reported last.
///
/// The token's plan is as old as the token, which is valid for days; a usage response has a newer one, until the
/// next refresh.
pub(crate) fn current_plan(context: &Context, summary: &SignInSummary) -> Plan {
    newest_plan(summary, context.state.usage(&summary.account.id()))
}

fn newest_plan(summary: &SignInSummary, seen: Option<(Usage, UnixTime)>) -> Plan {
    let newer = seen.filter(|(_, at)| *at >= summary.refreshed_at).and_then(|(usage, _)| usage.plan);
    newer.unwrap_or_else(|| summary.account.plan.clone())
}

/// The one account that `wanted` names. An id is final, whatever others are called; an e-mail that several have names
/// none of them.
pub(crate) fn find_account<'a>(vault: &'a VaultSummary, wanted: &str) -> Result<&'a SignInSummary, Failure> {
    let names = |one: &&SignInSummary| {
        let account = &one.account;
        account.email.as_deref() == Some(wanted)
            || account.name() == wanted
            || one.hidden_names.iter().any(|name| name == wanted)
            // The label of all accounts of plan usage is the same, and the name of one of them.
            || (account.route == SignInRoute::CodexClient && account.workspace_label() == wanted)
    };
    if let Some(one) = vault.sign_ins.iter().find(|one| one.account.id().0 == wanted) {
        return Ok(one);
    }
    let found: Vec<&SignInSummary> = vault.sign_ins.iter().filter(names).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::new(
            ErrorCode::BadUsage,
            format!("{} is no account here; `usher accounts` lists them", usher_domain::redact(wanted)),
        )),
        several => {
            let names: Vec<String> =
                several.iter().map(|one| format!("{} ({})", one.account.name(), one.account.id())).collect();
            let cause =
                format!("several accounts go by that; say which by its name or id: {}", names.join(", "));
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

/// Returns the error where no account is in use. Another one is never taken instead.
pub(crate) fn no_account_in_use(signed_out: bool) -> Failure {
    let cause = if signed_out {
        "nobody is signed in"
    } else {
        "no account is in use; choose one with `usher accounts use`"
    };
    Failure::new(ErrorCode::SignInRequired, cause)
}

/// Returns for how many days a sign-in was not refreshed, where it can be and is not used.
pub(crate) fn unused_days(summary: &SignInSummary, now: UnixTime) -> Option<u32> {
    let days = now.since(summary.refreshed_at) / DAY_SECONDS;
    let counts = summary.renews && summary.ended.is_none() && days >= UNUSED_DAYS;
    counts.then(|| u32::try_from(days).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use usher_domain::{Account, Endpoints};

    use super::*;

    fn summary(user: &str, label: Option<&str>) -> SignInSummary {
        SignInSummary {
            account: Account {
                user_id: user.into(),
                account_id: "acct".into(),
                route: SignInRoute::CodexClient,
                email: Some("ada@example.com".into()),
                plan: Plan("plus".into()),
                fedramp: false,
                label: label.map(str::to_owned),
                default_name: None,
            },
            plan_use: None,
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(0),
            renews: true,
            ended: None,
            hidden_names: Vec::new(),
        }
    }

    #[test]
    fn an_id_is_final_whatever_others_are_called() {
        let all = vec![summary("a", None), summary("b", Some("a:acct"))];
        let vault = VaultSummary { sign_ins: all, ..VaultSummary::default() };
        assert_eq!(find_account(&vault, "a:acct").unwrap().account.user_id, "a");
        assert_eq!(find_account(&vault, "b:acct").unwrap().account.user_id, "b");
        assert_eq!(find_account(&vault, "ada@example.com").unwrap_err().code, ErrorCode::BadUsage);
    }

    #[test]
    fn only_a_sign_in_that_can_be_renewed_counts() {
        let week = UnixTime(UNUSED_DAYS * DAY_SECONDS);
        let unused = summary("ada", None);
        assert_eq!(unused_days(&unused, week), Some(7));
        assert_eq!(unused_days(&unused, week.plus(-1)), None, "used lately");
        // A clock that was set back.
        assert_eq!(unused_days(&unused, UnixTime(-DAY_SECONDS)), None);
        assert_eq!(unused_days(&SignInSummary { renews: false, ..unused.clone() }, week), None);
        let ended = Some(Failure::new(ErrorCode::SignInExpired, "too old"));
        assert_eq!(unused_days(&SignInSummary { ended, ..unused }, week), None);
    }

    #[test]
    fn the_plan_is_the_one_that_was_named_last() {
        let account = Account {
            user_id: "user".into(),
            account_id: "account".into(),
            route: SignInRoute::CodexClient,
            email: None,
            plan: Plan("free".into()),
            fedramp: false,
            label: None,
            default_name: None,
        };
        let summary = SignInSummary {
            account,
            plan_use: None,
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(100),
            renews: true,
            ended: None,
            hidden_names: Vec::new(),
        };
        let seen = |plan: Option<&str>, at| {
            let plan = plan.map(|plan| Plan(plan.into()));
            Some((Usage { plan, ..Usage::default() }, UnixTime(at)))
        };
        let rows = [
            (seen(Some("plus"), 200), "plus"),
            (seen(Some("plus"), 99), "free"),
            (seen(None, 200), "free"),
            (None, "free"),
        ];
        for (seen, plan) in rows {
            assert_eq!(newest_plan(&summary, seen.clone()).0, plan, "{seen:?}");
        }
    }
}
