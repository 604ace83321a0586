//! The state that all endpoints of the sandbox share.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::accounts::Membership;
use crate::backend::meters::Meters;
use crate::issuer::consent::sign_ins::SignIns;
use crate::issuer::grants::{Consent, Grants, TokenSet};
use crate::model_output::encrypted_reasoning::EncryptedReasoning;
use crate::options::Options;
use crate::plan_usage::state::PlanUsageState;
use crate::server::fault::FaultPlan;
use crate::server::request_log::RequestLog;
use crate::settings::{Settings, SettingsCell};

/// The base URLs for clients.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Addresses {
    pub(crate) issuer: String,
    pub(crate) chatgpt: String,
    pub(crate) platform: String,
    pub(crate) compatible: String,
}

impl Addresses {
    pub(crate) fn at_port(port: u16) -> Self {
        let origin = format!("http://127.0.0.1:{port}");
        Self {
            chatgpt: format!("{origin}/backend-api"),
            platform: format!("{origin}/v1"),
            compatible: format!("{origin}/compatible"),
            issuer: origin,
        }
    }
}

pub(crate) struct SandboxState {
    pub(crate) addresses: Addresses,
    pub(crate) options: Options,
    pub(crate) settings: SettingsCell,
    pub(crate) request_log: RequestLog,
    pub(crate) faults: FaultPlan,
    pub(crate) grants: Grants,
    pub(crate) sign_ins: SignIns,
    pub(crate) meters: Meters,
    pub(crate) encrypted_reasoning: EncryptedReasoning,
    pub(crate) plan_usage: PlanUsageState,
    /// Unix seconds.
    pub(crate) started_at: i64,
}

impl SandboxState {
    pub(crate) fn new(addresses: Addresses, options: Options) -> Self {
        Self {
            grants: Grants::new(addresses.issuer.clone()),
            addresses,
            settings: SettingsCell::new(options.settings.clone()),
            options,
            request_log: RequestLog::new(),
            faults: FaultPlan::default(),
            sign_ins: SignIns::default(),
            meters: Meters::default(),
            encrypted_reasoning: EncryptedReasoning::new(),
            plan_usage: PlanUsageState::default(),
            started_at: unix_now(),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.get()
    }

    /// Returns Unix seconds by the sandbox's own clock, which a test may have moved.
    pub(crate) fn now(&self) -> i64 {
        unix_now() + self.settings().clock_offset_s
    }

    /// Moves the clock forward, or back.
    pub(crate) fn advance_clock(&self, seconds: i64) {
        self.settings.change(|settings| settings.clock_offset_s += seconds);
    }

    /// Issues tokens without a sign-in.
    pub(crate) fn issue(&self, membership: Membership) -> TokenSet {
        let scope = "openid profile email offline_access".to_owned();
        let consent = Consent { membership, scope, organizations: true };
        self.grants.issue(consent, self.now(), self.settings().access_token_lifetime_s)
    }

    /// Rotates the newest grant of `account`, as another program with the same sign-in would.
    pub(crate) fn rotate_behind(&self, account: &str) -> Result<TokenSet, String> {
        let token = self
            .grants
            .current_refresh_token(account)
            .ok_or_else(|| format!("{account:?} has no live refresh token"))?;
        self.grants
            .refresh(&token, self.now(), self.settings().access_token_lifetime_s)
            .map_err(str::to_owned)
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock of the stand-in, which tests move")]
fn unix_now() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX)
}
