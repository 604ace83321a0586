//! From what an interface asks for to a connection.

use std::sync::Arc;

use usher_auth::{SignInSummary, VaultSummary};
use usher_domain::{ErrorCode, Failure, ProviderId, Wire};
use usher_upstream::{Backend, BackendConfig, Observer};

use crate::accounts::scope::ModelScope;
use crate::connection::{Connection, Target};
use crate::context::Context;
use crate::providers::kinds::{self, CHATGPT, ConnectRequest};
use crate::settings::Settings;
use crate::usage::Recorder;

impl Context {
    /// The provider that `target` means.
    pub(crate) fn provider_of(
        &self,
        target: &Target,
        vault: &VaultSummary,
        settings: &Settings,
    ) -> ProviderId {
        if let Some(named) = &target.provider {
            return named.clone();
        }
        if !vault.sign_ins.is_empty() || target.account.is_some() {
            return CHATGPT;
        }
        let is_ready = |id: &ProviderId| kinds::find(id).is_some_and(|kind| kind.is_ready(self, id, vault));
        let found =
            self.known_providers(settings).into_iter().find(|id| settings.enabled(id) && is_ready(id));
        found.unwrap_or(CHATGPT)
    }

    /// The same from what is kept now.
    pub(crate) async fn resolve_provider(&self, target: &Target) -> Result<ProviderId, Failure> {
        let settings = self.read_settings()?;
        // An unreadable store has nothing about other providers either; the plan's status has the reason.
        let vault = self.vault().await.unwrap_or_default();
        let provider = self.provider_of(target, &vault, &settings);
        self.require_known(&provider, &settings)?;
        check_account(target, &provider)?;
        Ok(provider)
    }

    /// Whose lists and choices `target` means, without a look at whether it may be spoken to.
    pub(crate) async fn scope_of(&self, target: &Target) -> Result<(ProviderId, ModelScope), Failure> {
        let settings = self.read_settings()?;
        let vault = self.vault().await?;
        let provider = self.provider_of(target, &vault, &settings);
        check_account(target, &provider)?;
        let scope = if kinds::has_accounts(&provider) {
            ModelScope::Account(self.sign_in_of(target, &vault)?.account.id())
        } else {
            ModelScope::Provider(provider.clone())
        };
        Ok((provider, scope))
    }

    /// The way to the provider that `target` means. Nothing is asked yet. Refused with
    /// [`ErrorCode::HostNotAllowed`] when that is switched off.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let settings = self.read_settings()?;
        let vault = self.vault().await?;
        let id = &self.provider_of(target, &vault, &settings);
        check_account(target, id)?;
        self.require(id, &settings)?;
        let (settings, vault) = (&settings, &vault);
        let request = ConnectRequest { context: self, id, target, settings, vault, unversioned: false };
        kinds::of(id)?.connect(request).await
    }

    /// The same connection with the API at the address itself.
    pub(crate) async fn unversioned(&self, connection: &Connection) -> Result<Connection, Failure> {
        let (settings, vault) = (&self.read_settings()?, &self.vault().await?);
        let (id, target) = (&connection.provider, &Target::default());
        let request = ConnectRequest { context: self, id, target, settings, vault, unversioned: true };
        kinds::of(id)?.connect(request).await
    }

    /// Refuses a provider that there is not, or that is switched off.
    fn require(&self, provider: &ProviderId, settings: &Settings) -> Result<(), Failure> {
        self.require_known(provider, settings)?;
        if !settings.enabled(provider) {
            let cause = format!("{provider} is switched off, so Usher does not speak to it");
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        Ok(())
    }

    /// The sign-in that `target` means, which must have been made with the addresses in force: a credential is never
    /// sent to others.
    pub(crate) fn sign_in_of<'a>(
        &self,
        target: &Target,
        vault: &'a VaultSummary,
    ) -> Result<&'a SignInSummary, Failure> {
        let summary = match &target.account {
            Some(wanted) => find_account(vault, wanted)?,
            None => vault
                .active()
                .ok_or_else(|| Failure::new(ErrorCode::SignInRequired, "nobody is signed in"))?,
        };
        if summary.endpoints != self.provider.endpoints {
            let cause = format!(
                "the sign-in was made at {}, and Usher is now pointed at {}",
                summary.endpoints.issuer, self.provider.endpoints.issuer
            );
            return Err(Failure::new(ErrorCode::SignInRequired, cause));
        }
        Ok(summary)
    }

    /// The server of `connection`.
    pub(crate) fn backend(&self, connection: &Connection) -> Result<Backend, Failure> {
        self.backend_for_api(connection, connection.wire.unwrap_or(Wire::Responses))
    }

    /// The same, asked by `wire`.
    pub(crate) fn backend_for_api(&self, connection: &Connection, wire: Wire) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, wire, |recorder| Arc::new(recorder))
    }

    /// The same for many requests: `observer` stands between what answers say in passing and where it is kept.
    pub(crate) fn backend_observed(
        &self,
        connection: &Connection,
        observer: impl FnOnce(Recorder) -> Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, connection.wire.unwrap_or(Wire::Responses), observer)
    }

    fn backend_with_observer(
        &self,
        connection: &Connection,
        wire: Wire,
        observer: impl FnOnce(Recorder) -> Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        let http = Arc::clone(&self.network()?.http);
        let recorder =
            Recorder::new(Arc::clone(&self.state), connection.scope.key(), Arc::clone(&self.clock));
        let config = BackendConfig { wire, ..connection.config.clone() };
        let backend = Backend::new(http, config, Arc::clone(&connection.tokens), observer(recorder));
        Ok(backend.with_timeouts(connection.timeouts))
    }
}

/// Refuses an account of a provider that has none, instead of asking with whatever lets it in.
fn check_account(target: &Target, provider: &ProviderId) -> Result<(), Failure> {
    if target.account.is_none() || kinds::has_accounts(provider) {
        return Ok(());
    }
    let cause = format!("{provider} has no accounts to choose from; they belong to {CHATGPT}");
    Err(Failure::new(ErrorCode::BadUsage, cause))
}

/// The one account that `wanted` names. An id is final, whatever others are called; an e-mail that several have names
/// none of them.
pub(crate) fn find_account<'a>(vault: &'a VaultSummary, wanted: &str) -> Result<&'a SignInSummary, Failure> {
    let names = |one: &&SignInSummary| {
        let account = &one.account;
        let workspace = account.workspace_label();
        [account.email.as_deref(), account.label.as_deref(), Some(workspace.as_str())].contains(&Some(wanted))
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
            let ids: Vec<String> = several.iter().map(|one| one.account.id().0).collect();
            let cause = format!("several accounts go by that; say which by its id: {}", ids.join(", "));
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::{Account, Endpoints, Plan, UnixTime};

    use super::*;

    fn summary(user: &str, label: Option<&str>) -> SignInSummary {
        SignInSummary {
            account: Account {
                user_id: user.into(),
                account_id: "acct".into(),
                email: Some("ada@example.com".into()),
                plan: Plan("plus".into()),
                fedramp: false,
                label: label.map(str::to_owned),
            },
            endpoints: Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap(),
            expires_at: None,
            refreshed_at: UnixTime(0),
            renews: true,
            ended: None,
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
}
