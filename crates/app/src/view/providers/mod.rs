//! Providers, their credentials and their accounts, as they leave the core.

pub(super) mod connection_test;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use usher_domain::{Preset, ProviderId, Selection, UnixTime, Wire};

use super::{AccountView, FailureView, PassUse, UsageView};

/// All providers, and what a new one can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProvidersView {
    /// The plan first, then the key, then what the person added, in the order of the settings file.
    pub providers: Vec<ProviderView>,
    /// Services whose address need not be typed.
    pub presets: Vec<Preset>,
    /// Origins that Usher speaks to, and no others.
    pub hosts: Vec<HostView>,
    /// The provider that tools use.
    pub tools: ToolsView,
}

/// What tools use: new passes belong to it, and passes for any provider use it at each request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolsView {
    /// The provider.
    pub provider: ProviderId,
    /// Whether the user chose it. Else it is the plan while an account is signed in, or the first provider that is ready.
    pub chosen: bool,
    /// What it comes to.
    pub uses: PassUse,
}

/// One provider: its card, and the head of its panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProviderView {
    /// Which.
    pub id: ProviderId,
    /// The name that people see.
    pub name: String,
    /// Who pays for what is used.
    pub pays: Billing,
    /// Whether tools may use it, and whether Usher speaks to its host at all.
    pub enabled: bool,
    /// The credential that it is used with.
    pub credential: CredentialView,
    /// Address and what belongs to it, where the person may change them.
    pub endpoint: Option<EndpointView>,
    /// What was chosen for it.
    pub selection: Selection,
    /// The version of its model list as last kept; absent without one. The plan's is in the overview.
    pub models_version: Option<String>,
    /// What needs the person, if anything does.
    pub attention: Option<FailureView>,
}

/// Who pays for what is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// It counts against the person's ChatGPT plan.
    Plan,
    /// OpenAI bills it by the token.
    PerToken,
    /// The service has its own terms; one of this computer has none.
    Service,
}

impl Billing {
    /// Returns the value of the header `x-usher-paid-by` (contract §3).
    pub fn paid_by(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::PerToken => "key",
            Self::Service => "service",
        }
    }
}

/// The credential of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CredentialView {
    /// Nothing yet.
    Missing,
    /// Nothing, and nothing is needed.
    NotNeeded,
    /// A sign-in of Usher's own.
    SignIn {
        /// The account in use.
        account: AccountView,
        /// How many there are.
        #[ts(type = "number")]
        accounts: usize,
    },
    /// A key that Usher keeps.
    Key {
        /// Its last four characters.
        ends_in: String,
        /// Since when.
        saved_at: UnixTime,
    },
    /// A key of the environment: used, never kept.
    Environment {
        /// The variable.
        variable: String,
        /// Its last four characters.
        ends_in: String,
    },
    /// Secret headers only.
    Headers,
    /// A key that was saved for another address than the one in force, and is not sent to this one.
    KeyOfOtherAddress {
        /// The origin that it was saved for.
        origin: String,
    },
    /// The Codex CLI's own sign-in, read where it lies.
    Codex {
        /// Whose it is; absent when the Codex CLI is not signed in, or cannot be read.
        account: Option<AccountView>,
        /// The file or keyring that it is read from.
        place: String,
        /// When its access token ends; only the Codex CLI renews it.
        expires_at: Option<UnixTime>,
    },
}

/// The address of a service, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EndpointView {
    /// As the person gave it.
    pub base_url: String,
    /// Where paths are appended.
    pub root: String,
    /// Which API it has; absent until a test has found out.
    pub wire: Option<Wire>,
    /// How long it may take to the first byte.
    pub timeout_seconds: u32,
    /// Plain http is accepted, because the service is in the person's own network.
    pub local_network: bool,
    /// Names of extra headers; their values are kept as secrets.
    pub headers: Vec<String>,
    /// `OpenAI-Organization`.
    pub organization: Option<String>,
    /// `OpenAI-Project`.
    pub project: Option<String>,
}

/// One origin that Usher speaks to, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HostView {
    /// Scheme, host and port.
    pub origin: String,
    /// Names of the providers that it belongs to.
    pub providers: Vec<String>,
}

/// A new service. The key and the values of headers go their own way, straight to the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
pub struct NewEndpoint {
    /// The name that people see.
    pub name: String,
    /// Base URL, with or without `/v1`.
    pub base_url: String,
    /// How long it may take to the first byte; absent for the usual 30 seconds.
    pub timeout_seconds: Option<u32>,
    /// Accept plain http for it.
    pub local_network: bool,
    /// Which API it has, where that is known.
    pub wire: Option<Wire>,
}

/// What is to be changed about a provider; what is absent stays, and an empty text takes the value away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(default)]
pub struct ProviderChange {
    /// The name that people see.
    pub name: Option<String>,
    /// Base URL. A key that was saved for another address is not sent to the new one.
    pub base_url: Option<String>,
    /// How long it may take to the first byte.
    pub timeout_seconds: Option<u32>,
    /// Accept plain http for it.
    pub local_network: Option<bool>,
    /// Which API it has.
    pub wire: Option<Wire>,
    /// `OpenAI-Organization`.
    pub organization: Option<String>,
    /// `OpenAI-Project`.
    pub project: Option<String>,
}

/// One of several accounts under one provider.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AccountCard {
    /// Who, in which workspace.
    pub account: AccountView,
    /// In use: tools use it from their next request on.
    pub active: bool,
    /// Whether it renews by itself; an access token that was pasted does not.
    pub renews: bool,
    /// When the access token ends.
    pub expires_at: Option<UnixTime>,
    /// For how many days it was not renewed, where it can be and is not used.
    pub unused_days: Option<u32>,
    /// What needs the person, if anything does.
    pub attention: Option<FailureView>,
    /// How much of its plan is used, as last seen; never fetched for this.
    pub usage: Option<UsageView>,
}

/// Which way to move in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MoveDirection {
    /// Towards the beginning.
    Up,
    /// Towards the end.
    Down,
}

/// A sign-in that another program of this computer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ExternalSignInView {
    /// For the command line: `codex`, `opencode`, `pi`, `missy`, `cli-proxy-api`, `goose`.
    pub program: String,
    /// As the program calls itself.
    pub program_name: String,
    /// Where it lies.
    pub place: String,
    /// Whose it is, as far as it says.
    pub email: Option<String>,
    /// The plan's name for people, as far as it says.
    pub plan_name: Option<String>,
    /// When it was last refreshed, if known.
    pub last_refresh: Option<UnixTime>,
    /// When its access token ends.
    pub expires_at: Option<UnixTime>,
    /// What to do with it.
    pub advice: ExternalSignInAdvice,
    /// Why it cannot be read, if it cannot.
    pub trouble: Option<String>,
}

/// What to do with a sign-in of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExternalSignInAdvice {
    /// It can be used where it lies: that program stays the one that renews it.
    Link,
    /// Sign in afresh: a copy of a token that rotates signs one of the two programs out.
    SignIn,
}

/// What happens while `codex login` runs; ends with `ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CodexLoginEvent {
    /// The program was found.
    Version {
        /// What it says of itself.
        version: String,
    },
    /// It printed a line.
    Line {
        /// Without what looks like a secret.
        text: String,
    },
    /// It has ended.
    Ended {
        /// Whether the Codex CLI is signed in now.
        signed_in: bool,
    },
}
