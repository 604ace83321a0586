//! A running sandbox, for tests in the same process.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;

use crate::accounts::Membership;
use crate::issuer::grants::{GrantOperation, TokenSet};
use crate::options::Options;
use crate::plan_usage::issuer::grants::PlanGrantOperation;
use crate::plan_usage::issuer::tokens::response::{PlanUsageTokens, sign_in};
use crate::plan_usage::registrations::Registration;
use crate::server::connections::Connections;
use crate::server::fault::{Fault, Rule};
use crate::server::request_log::{Mark, RecordedRequest};
use crate::settings::Settings;
use crate::state::{Addresses, SandboxState};
use crate::{backend, compatible, control, issuer, plan_usage, platform};

/// A running sandbox. Dropping it closes the listener and every connection.
pub struct Sandbox {
    state: Arc<SandboxState>,
    connections: Connections,
}

impl Sandbox {
    /// Starts a sandbox on 127.0.0.1.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let addresses = Addresses::at_port(listener.local_addr()?.port());
        let state = Arc::new(SandboxState::new(addresses, options));
        let plan_api = plan_usage::api::routes().with_state(Arc::clone(&state));
        let router = Router::new()
            .merge(issuer::routes())
            .merge(plan_usage::issuer::routes())
            .nest("/backend-api", backend::routes())
            .nest("/v1", platform::routes())
            .nest("/compatible", compatible::routes())
            .nest("/control/plan", plan_usage::control::routes())
            .nest("/control", control::routes())
            .with_state(Arc::clone(&state))
            .layer(from_fn_with_state(plan_api, plan_usage::api::serve_plan_tokens));
        let connections = Connections::accept(listener, Arc::clone(&state), router)?;
        Ok(Self { state, connections })
    }

    /// Returns the base URL of the authorization server: `USHER_ISSUER_URL`.
    pub fn issuer(&self) -> &str {
        &self.state.addresses.issuer
    }

    /// Returns the base URL of the `ChatGPT` backend: `USHER_CHATGPT_URL`.
    pub fn chatgpt(&self) -> &str {
        &self.state.addresses.chatgpt
    }

    /// Returns the base URL of the Platform: `USHER_PLATFORM_URL`.
    pub fn platform(&self) -> &str {
        &self.state.addresses.platform
    }

    /// Returns the beginning of every compatible service's base URL; README.md lists the kinds.
    pub fn compatible(&self) -> &str {
        &self.state.addresses.compatible
    }

    /// Returns how often each endpoint was called and each disconnect happened.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.state.request_log.counts()
    }

    /// Returns how often `name` happened.
    pub fn count(&self, name: &str) -> u64 {
        self.state.request_log.count(name)
    }

    /// Returns when `name` happened.
    pub fn marks(&self, name: &str) -> Vec<Mark> {
        self.state.request_log.marks(Some(name))
    }

    /// Returns the requests to the endpoint `name`.
    pub fn requests(&self, name: &str) -> Vec<RecordedRequest> {
        self.state.request_log.requests(Some(name))
    }

    /// Returns every received request, in order.
    pub fn all_requests(&self) -> Vec<RecordedRequest> {
        self.state.request_log.requests(None)
    }

    /// Waits until `name` happened `at_least` times. Returns the count, or `None` after `timeout`.
    pub async fn wait_for(&self, name: &str, at_least: u64, timeout: Duration) -> Option<u64> {
        self.state.request_log.wait_for(name, at_least, timeout).await
    }

    /// Waits until every connection that was opened before this call is closed.
    ///
    /// What a killed process had sent has then been received and handled, or dropped.
    ///
    /// # Panics
    /// When the sandbox's own port can't be reached.
    pub async fn connections_over(&self) {
        self.connections.wait_closed().await.expect("the sandbox listens");
    }

    /// Applies `fault` to the next request to `at`.
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
        self.state.faults.push(rules).expect("the rules name endpoints of the sandbox");
    }

    /// Returns the rules that still apply.
    pub fn pending_faults(&self) -> Vec<Rule> {
        self.state.faults.pending()
    }

    /// Removes faults, counts and requests; grants, sessions and settings stay.
    pub fn reset(&self) {
        self.state.faults.clear();
        self.state.request_log.clear();
    }

    /// Returns the current settings.
    pub fn settings(&self) -> Settings {
        self.state.settings()
    }

    /// Changes the settings.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.state.settings.change(change);
    }

    /// Issues tokens for `account` in its first workspace, without a sign-in.
    ///
    /// # Panics
    /// When there is no such account.
    pub fn issue(&self, account: &str) -> TokenSet {
        self.issue_in(account, None)
    }

    /// Issues tokens for `account` in the workspace with this account id, without a sign-in.
    ///
    /// # Panics
    /// When there is no such account or workspace.
    pub fn issue_in(&self, account: &str, account_id: Option<&str>) -> TokenSet {
        self.state.issue(Membership::find(account, account_id).expect("an account of the sandbox"))
    }

    /// Rotates the newest grant of `account`, as another program with the same sign-in would.
    ///
    /// # Panics
    /// When the account has no live refresh token.
    pub fn rotate_behind(&self, account: &str) -> TokenSet {
        self.state.rotate_behind(account).expect("a live refresh token")
    }

    /// Changes the grants of `account`, or all of them. Returns how many.
    pub fn change_grants(&self, operation: GrantOperation, account: Option<&str>) -> usize {
        self.state.grants.apply(operation, account)
    }

    /// Moves the sandbox's clock forward, or back, so that an hour passes at once.
    pub fn advance_clock(&self, seconds: i64) {
        self.state.advance_clock(seconds);
    }

    /// Registers a client and signs `account` in with its plan (Sign in with `ChatGPT`), without a person.
    ///
    /// # Panics
    /// When there is no such account.
    pub fn issue_plan_usage(&self, account: &str) -> PlanUsageTokens {
        sign_in(&self.state, Membership::find(account, None).expect("an account of the sandbox"), true)
    }

    /// Changes the sign-ins with `ChatGPT` of `account`, or all of them. Returns how many.
    pub fn change_plan_grants(&self, operation: PlanGrantOperation, account: Option<&str>) -> usize {
        plan_usage::control::change_grants(&self.state, operation, account)
    }

    /// Returns the clients that were registered by Sign in with `ChatGPT`, in order.
    pub fn registrations(&self) -> Vec<Registration> {
        self.state.plan_usage.registrations.all()
    }

    /// Makes another key sign ID tokens; the old one stays published, or is dropped.
    pub fn rotate_signing_keys(&self, keep_old: bool) {
        self.state.plan_usage.keys.rotate(keep_old);
    }
}
