//! From what an interface asks for to a connection.

use std::sync::Arc;

use usher_auth::VaultSummary;
use usher_domain::{ErrorCode, Failure, ProviderId, Wire};
use usher_upstream::{Backend, BackendConfig, Observer};

use crate::accounts::lookup::sign_in_of;
use crate::accounts::requester::Requester;
use crate::accounts::scope::ModelScope;
use crate::connection::recorder::Recorder;
use crate::connection::{Connection, Target};
use crate::context::Context;
use crate::gateway::passes::assignment::Choices;
use crate::providers::kinds::{self, CHATGPT, ConnectRequest};
use crate::providers::known::require_known;
use crate::settings::{Finding, Settings};

/// Makes connections to providers.
pub struct Connector {
    context: Arc<Context>,
}

impl Connector {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Returns the provider that `target` means.
    fn provider_of(
        &self,
        target: &Target,
        vault: &VaultSummary,
        settings: &Settings,
        requester: Requester,
    ) -> ProviderId {
        if let Some(named) = &target.provider {
            return named.clone();
        }
        if target.account.is_some() {
            return CHATGPT;
        }
        Choices::new(&self.context, settings, vault).default_provider(requester)
    }

    /// Returns the provider that `target` means, from what is stored now.
    pub async fn resolve_provider(&self, target: &Target) -> Result<ProviderId, Failure> {
        self.resolve_provider_for(target, Requester::Usher).await
    }

    /// Returns the same where `requester` names none.
    pub(crate) async fn resolve_provider_for(
        &self,
        target: &Target,
        requester: Requester,
    ) -> Result<ProviderId, Failure> {
        let settings = self.context.read_settings()?;
        // An unreadable store has nothing about other providers either; the plan's status has the reason.
        let vault = self.context.vault().await.unwrap_or_default();
        let provider = self.provider_of(target, &vault, &settings, requester);
        require_known(&self.context, &provider, &settings)?;
        check_account(target, &provider)?;
        Ok(provider)
    }

    /// Whose lists and choices `target` means, without a look at whether it may be spoken to.
    pub(crate) async fn scope_of(&self, target: &Target) -> Result<(ProviderId, ModelScope), Failure> {
        let settings = self.context.read_settings()?;
        let vault = self.context.vault().await?;
        let provider = self.provider_of(target, &vault, &settings, Requester::Usher);
        check_account(target, &provider)?;
        let scope = if kinds::has_accounts(&provider) {
            ModelScope::Account(sign_in_of(&self.context, target, &vault)?.account.id())
        } else {
            ModelScope::Provider(provider.clone())
        };
        Ok((provider, scope))
    }

    /// The way to the provider that `target` means. Nothing is asked yet. Refused with
    /// [`ErrorCode::HostNotAllowed`] when that is switched off.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Connection, Failure> {
        let settings = self.context.read_settings()?;
        let vault = self.context.vault().await?;
        let id = &self.provider_of(target, &vault, &settings, Requester::Usher);
        check_account(target, id)?;
        self.require(id, &settings)?;
        let (settings, vault) = (&settings, &vault);
        let request =
            ConnectRequest { context: &self.context, id, target, settings, vault, unversioned: false };
        kinds::of(id)?.connect(request).await
    }

    /// The same connection with the API at the address itself.
    pub(crate) async fn unversioned(&self, connection: &Connection) -> Result<Connection, Failure> {
        let (settings, vault) = (&self.context.read_settings()?, &self.context.vault().await?);
        let (id, target) = (&connection.provider, &Target::default());
        let request =
            ConnectRequest { context: &self.context, id, target, settings, vault, unversioned: true };
        kinds::of(id)?.connect(request).await
    }

    /// Refuses a provider that there is not, or that is switched off.
    fn require(&self, provider: &ProviderId, settings: &Settings) -> Result<(), Failure> {
        require_known(&self.context, provider, settings)?;
        if !settings.enabled(provider) {
            let cause = format!("{provider} is switched off in Usher");
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        Ok(())
    }

    /// The server of `connection`.
    pub(crate) fn backend(&self, connection: &Connection) -> Result<Backend, Failure> {
        self.backend_for_api(connection, connection.wire.unwrap_or(Wire::Responses))
    }

    /// The same, asked by `wire`.
    pub(crate) fn backend_for_api(&self, connection: &Connection, wire: Wire) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, wire, Arc::new(self.recorder(connection)))
    }

    /// The same for many requests: `observer` stands between what answers say in passing and where it is kept, which is
    /// [`Self::recorder`].
    pub(crate) fn backend_observed(
        &self,
        connection: &Connection,
        observer: Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        self.backend_with_observer(connection, connection.wire.unwrap_or(Wire::Responses), observer)
    }

    /// Returns what keeps what the connection's answers say in passing.
    pub(crate) fn recorder(&self, connection: &Connection) -> Recorder {
        Recorder::new(
            Arc::clone(&self.context.state),
            connection.scope.key(),
            Arc::clone(&self.context.clock),
            connection.credential.clone(),
        )
    }

    /// Writes down which API a service was found to have.
    pub(crate) async fn save_wire(&self, provider: &ProviderId, wire: Wire) {
        let found = Finding::Wire(wire);
        if let Err(failure) =
            self.context.change_settings(|settings| settings.set_found(provider, found)).await
        {
            // It is found out again the next time.
            tracing::warn!(cause = %failure, "which API the service has was not kept");
        }
    }

    fn backend_with_observer(
        &self,
        connection: &Connection,
        wire: Wire,
        observer: Arc<dyn Observer>,
    ) -> Result<Backend, Failure> {
        let http = Arc::clone(&self.context.network()?.http);
        let config = BackendConfig { wire, ..connection.config.clone() };
        let backend = Backend::new(http, config, Arc::clone(&connection.tokens), observer);
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
