//! What leaves the core: plain values for the window and for `--json`.
//!
//! No type here can hold a secret, because secrets have no `Serialize`; but for [`ShownSecret`], in the one answer that
//! shows a new pass. The TypeScript side is made
//! from these types by `cargo test -p usher-app` (see `tests/bindings.rs`).

mod deep_link;
mod doctor_report;
mod gateway;
mod preferences;
mod providers;
mod sign_in;
mod tools;

use std::path::Path;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use usher_auth::SignInSummary;
use usher_domain::{
    Account, AccountId, Credits, ErrorCode, Failure, LimitReached, Model, Plan, PlanUse, ProviderId,
    ResetCredits, Selection, SignInRoute, SpendLimit, UnixTime, Usage, UsageWindow, sanitize_line,
};

use crate::privacy::is_hidden;

pub use deep_link::DeepLinkView;
pub use doctor_report::{Check, DoctorReport, Verdict};
pub use gateway::activity::{
    ActivityCounts, ActivityErrors, ActivityFormat, ActivityGroup, ActivityView, ReceiptView, WindowShare,
};
pub use gateway::{
    CreatedPass, GatewayRunner, GatewayStatus, GatewayView, NewPass, PassChange, PassOutcome, PassUse,
    PassView, PayerView, RequestReceipt, RequestStatus, RequestTerms, RequestUpdate, RequestView, SetupTool,
    ShownSecret, ToolSetup,
};
pub use preferences::language::LanguageView;
pub use preferences::{
    CloseAnswer, HomeFileKind, HomeFileView, NetworkView, NewNetwork, PreferencesView, ResetView,
    SettingChangeView, SettingsImportView,
};
pub use providers::connection_test::{CredentialPlace, Stage, StageFinding, StageView, TestEvent, TestView};
pub use providers::{
    AccountCard, Billing, CodexLoginEvent, CredentialView, EndpointView, ExternalSignInAdvice,
    ExternalSignInView, HostView, MoveDirection, NewEndpoint, ProviderChange, ProviderView, ProvidersView,
    ToolsView,
};
pub use usher_text::Language;

pub use gateway::service::{ServiceFile, ServiceManager, ServiceView};
pub use preferences::licences::{LicenceView, PackageKind};
pub use preferences::store::{
    LeftOverKeyView, SecretsMoveView, SecretsPlace, SecretsView, StoreFinding, StoreKind, StoreRepair,
    StoreView,
};
pub use preferences::transfer::{
    InterruptedTransferView, NotMovedReason, StayingAccountView, TransferAccountView, TransferContentsView,
    TransferPreviewView, TransferReceivedView, TransferSentView,
};
pub use preferences::updates::{FoundUpdateView, UpdateProgress, UpdateWay, UpdatesView};
pub use sign_in::{
    DisconnectView, OtherAccountChoice, PendingRevocationView, RevocationView, SignInEvent, SignInMethod,
    SignInPurpose,
};
pub use tools::{
    RestoreScriptView, SignInCopiesView, SignInCopyView, ToolCheckOutcome, ToolCheckView, ToolConflictKind,
    ToolConflictView, ToolConnectionView, ToolFileOutcome, ToolFileView, ToolKeyView, ToolPassMethod,
    ToolPreview, ToolTrialOutcome, ToolTrialView, ToolUndone, ToolView,
};

/// Linux takes no longer ones.
const MAX_PATH_CHARS: usize = 4096;

/// Returns a path for people. Anybody who may write into a folder of another program gives its files their names.
pub(crate) fn shown_path(path: &Path) -> String {
    sanitize_line(&path.display().to_string(), MAX_PATH_CHARS)
}

/// Everything that the OpenAI panel shows without asking the network.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Overview {
    /// Which provider this is.
    pub provider: ProviderId,
    /// Whether tools may use it.
    pub enabled: bool,
    /// Who is signed in; absent when nobody is.
    pub account: Option<AccountView>,
    /// How many accounts are signed in, of which none may be in use.
    pub accounts: u32,
    /// When the access token ends; it renews by itself.
    pub expires_at: Option<UnixTime>,
    /// What the person chose for this account.
    pub selection: Selection,
    /// Where the secrets are.
    pub store: StoreView,
    /// Limits as last seen; never fetched for this.
    pub usage: Option<UsageView>,
    /// The version of the account's model list as last kept; absent without one.
    pub models_version: Option<String>,
    /// What needs the person, if anything does.
    pub attention: Option<FailureView>,
    /// Sign-ins that are erased here and whose revocation OpenAI has not confirmed yet.
    pub pending_revocations: Vec<PendingRevocationView>,
    /// Host of the authorization server: what the address in the browser must begin with.
    pub issuer: String,
    /// A sign-in is under way in this process.
    pub signing_in: bool,
    /// Whether the page is still to show, once, that requests of the account in use count on the ChatGPT plan
    /// (siwc §13).
    pub plan_use_welcome: bool,
    /// Since when all passes are locked, if they are.
    pub passes_locked_at: Option<UnixTime>,
}

/// The settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingsFileView {
    /// Where it is.
    pub path: String,
    /// Where and why it cannot be read, for example `line 3, column 11: string values must be quoted`.
    pub error: Option<String>,
    /// The last valid settings are in force instead.
    pub last_valid: bool,
}

/// A process that holds the name by which a second start finds the open window, and brings no window forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NameHolder {
    /// The name on the session bus.
    pub name: String,
    /// Its process id, where the bus says so.
    pub process: Option<u32>,
    /// The name of its program, where the system says so.
    pub program: Option<String>,
    /// It is an Usher that does not answer.
    pub is_usher: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AccountView {
    /// User id and account id together.
    pub id: AccountId,
    /// The name that people see: their own for it, else the one that it arrived with.
    pub name: String,
    /// May be missing.
    pub email: Option<String>,
    /// Which of OpenAI's sign-ins it came by.
    pub route: SignInRoute,
    /// Whether the person lets Usher use their plan; absent where one consent gives both.
    pub plan_use: Option<PlanUse>,
    /// Plan and short account id, which differ between workspaces.
    pub workspace: String,
    /// The plan as OpenAI names it.
    pub plan: Plan,
    /// The plan's name for people.
    pub plan_name: String,
    /// The person's own name for the account.
    pub label: Option<String>,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id(),
            name: account.name(),
            email: account.email.clone(),
            route: account.route,
            plan_use: None,
            workspace: account.workspace_label(),
            plan: account.plan.clone(),
            plan_name: account.plan_name().into_owned(),
            label: account.label.clone(),
        }
    }
}

impl From<&SignInSummary> for AccountView {
    fn from(summary: &SignInSummary) -> Self {
        let view = Self { plan_use: summary.plan_use, ..Self::from(&summary.account) };
        if is_hidden(summary) { view.without_names() } else { view }
    }
}

impl AccountView {
    /// Returns the account without its names and e-mail address, but for `name`.
    pub(crate) fn without_names(self) -> Self {
        // The name of a workspace has a part of its id.
        Self { email: None, label: None, workspace: self.plan_name.clone(), ..self }
    }
}

/// A failure as it crosses to an interface, which has the sentence and the next step for its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FailureView {
    /// What the interface acts on.
    pub code: ErrorCode,
    /// What was tried and what failed.
    pub cause: String,
    /// When trying again makes sense.
    pub retry_at: Option<UnixTime>,
}

impl From<Failure> for FailureView {
    fn from(failure: Failure) -> Self {
        Self { code: failure.code, cause: failure.cause, retry_at: failure.retry_at }
    }
}

impl From<FailureView> for Failure {
    fn from(view: FailureView) -> Self {
        Self::new(view.code, view.cause).with_retry_at(view.retry_at)
    }
}

/// The models of an account.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ModelsView {
    /// Which provider.
    pub provider: ProviderId,
    /// Whose list.
    pub account: AccountId,
    /// Differs from that of an overview or a provider when any process has kept another list since.
    pub version: String,
    /// When it was fetched.
    pub fetched_at: UnixTime,
    /// The list could not be fetched again; this is the one from `fetched_at`.
    pub stale: Option<FailureView>,
    /// In the server's order.
    pub models: Vec<ModelView>,
}

/// One model, and whether it is the one in use.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ModelView {
    /// What the server says of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub model: Model,
    /// Whether it is the one that requests use.
    pub chosen: bool,
}

/// Usage with the time it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct UsageView {
    /// What was seen.
    pub plan: Option<Plan>,
    /// The windows, shortest first.
    pub windows: Vec<UsageWindow>,
    /// The limits of what may be spent, where a workspace has them.
    pub spend_limits: Vec<SpendLimit>,
    /// Credits, where the plan has them.
    pub credits: Option<Credits>,
    /// Resets that the account holds in reserve.
    pub reset_credits: Option<ResetCredits>,
    /// Set when requests are refused.
    pub limit_reached: Option<LimitReached>,
    /// When.
    pub seen_at: UnixTime,
}

impl UsageView {
    /// `usage` as seen at `seen_at`.
    pub fn new(usage: Usage, seen_at: UnixTime) -> Self {
        let Usage { plan, windows, spend_limits, credits, reset_credits, limit_reached } = usage;
        Self { plan, windows, spend_limits, credits, reset_credits, limit_reached, seen_at }
    }
}

/// Addresses that the window may have opened; the core has the list, the window only names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The sign-in page of the pending attempt.
    SignInPage,
    /// Where the pending code is entered.
    DevicePage,
    /// Plans and what they cost.
    Pricing,
    /// The person's plan and usage.
    Usage,
    /// What of the plan other apps use, and the limits of it (siwc §13).
    ManageUsage,
    /// Which models there are.
    Models,
    /// OpenAI's own status page.
    Status,
    /// ChatGPT's security settings.
    Security,
    /// Where keys of the Platform are made.
    PlatformKeys,
    /// Credit and caps of the Platform.
    PlatformBilling,
    /// What was used of the Platform.
    PlatformUsage,
    /// How to choose a model.
    ModelGuide,
}
