//! A running sandbox and what a test in the same process may do with it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::accounts::Membership;
use crate::issuer::grants::{GrantOperation, TokenSet};
use crate::options::Options;
use crate::server::connections::Connections;
use crate::server::fault::{Fault, Rule};
use crate::server::request_log::{Mark, RecordedRequest};
use crate::settings::Settings;
use crate::state::{Addresses, SandboxState};
use crate::{backend, compatible, control, issuer, platform};

/// A running stand-in. Dropping it closes the listener and every connection.
pub struct Sandbox {
    world: Arc<SandboxState>,
    connections: Connections,
}

impl Sandbox {
    /// Starts one on 127.0.0.1.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let addresses = Addresses::at_port(listener.local_addr()?.port());
        let world = Arc::new(SandboxState::new(addresses, options));
        let router = Router::new()
            .merge(issuer::routes())
            .nest("/backend-api", backend::routes())
            .nest("/v1", platform::routes())
            .nest("/compatible", compatible::routes())
            .nest("/control", control::routes())
            .with_state(Arc::clone(&world));
        let connections = Connections::accept(listener, Arc::clone(&world), router)?;
        Ok(Self { world, connections })
    }

    /// Base of the authorization server: `USHER_ISSUER_URL`.
    pub fn issuer(&self) -> &str {
        &self.world.addresses.issuer
    }

    /// Base of the `ChatGPT` backend: `USHER_CHATGPT_URL`.
    pub fn chatgpt(&self) -> &str {
        &self.world.addresses.chatgpt
    }

    /// Base of the Platform: `USHER_PLATFORM_URL`.
    pub fn platform(&self) -> &str {
        &self.world.addresses.platform
    }

    /// What the base of each compatible service begins with; README.md lists their kinds.
    pub fn compatible(&self) -> &str {
        &self.world.addresses.compatible
    }

    /// How often each thing happened.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.world.request_log.counts()
    }

    /// How often `name` happened.
    pub fn count(&self, name: &str) -> u64 {
        self.world.request_log.count(name)
    }

    /// When `name` happened.
    pub fn marks(&self, name: &str) -> Vec<Mark> {
        self.world.request_log.marks(Some(name))
    }

    /// The requests that the endpoint `name` received.
    pub fn requests(&self, name: &str) -> Vec<RecordedRequest> {
        self.world.request_log.requests(Some(name))
    }

    /// Every request received, in order.
    pub fn all_requests(&self) -> Vec<RecordedRequest> {
        self.world.request_log.requests(None)
    }

    /// Waits until `name` happened `at_least` times; the count, or `None` when `timeout` passed first.
    pub async fn wait_for(&self, name: &str, at_least: u64, timeout: Duration) -> Option<u64> {
        self.world.request_log.wait_for(name, at_least, timeout).await
    }

    /// Waits until every connection that was opened before this call is over. What a process that was killed had
    /// still sent has then been received and answered, or given up.
    ///
    /// # Panics
    /// When the sandbox's own port can't be reached.
    pub async fn connections_over(&self) {
        self.connections.wait_closed().await.expect("the sandbox listens");
    }

    /// Lets `fault` strike the next request to `at`.
    ///
    /// # Panics
    /// When no endpoint is called `at`, or when a stream fault is meant for one that does not stream.
    pub fn push_fault(&self, at: &str, fault: Fault) {
        self.script(vec![Rule::once(at, fault)]);
    }

    /// Queues `rules`.
    ///
    /// # Panics
    /// As [`Sandbox::push_fault`].
    pub fn script(&self, rules: Vec<Rule>) {
        self.world.faults.push(rules).expect("the rules name endpoints of the sandbox");
    }

    /// The rules that have not struck yet.
    pub fn pending_faults(&self) -> Vec<Rule> {
        self.world.faults.pending()
    }

    /// Forgets faults, counts and requests; grants, sessions and settings stay.
    pub fn reset(&self) {
        self.world.faults.clear();
        self.world.request_log.clear();
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.world.settings()
    }

    /// Changes settings while running.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.world.settings.change(change);
    }

    /// Tokens for `account` in its first workspace, without a sign-in.
    ///
    /// # Panics
    /// When there is no such account.
    pub fn issue(&self, account: &str) -> TokenSet {
        self.issue_in(account, None)
    }

    /// Tokens for `account` in the workspace with this account id, without a sign-in.
    ///
    /// # Panics
    /// When there is no such account or workspace.
    pub fn issue_in(&self, account: &str, account_id: Option<&str>) -> TokenSet {
        self.world.issue(Membership::find(account, account_id).expect("an account of the sandbox"))
    }

    /// Rotates the newest grant of `account` behind its owner's back, as another program with the same sign-in would.
    ///
    /// # Panics
    /// When the account has no live refresh token.
    pub fn rotate_behind(&self, account: &str) -> TokenSet {
        self.world.rotate_behind(account).expect("a live refresh token")
    }

    /// Changes the grants of `account`, or all; how many there were.
    pub fn change_grants(&self, operation: GrantOperation, account: Option<&str>) -> usize {
        self.world.grants.apply(operation, account)
    }
}
