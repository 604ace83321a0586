//! The documents of `--json` (contract §6).
//!
//! They have types of their own, so that changes of the core's types do not change the output.

use serde::Serialize;
use usher_app::TestOutcome;
use usher_app::view::{
    AccountView, CredentialView, GatewayView, ModelsView, Overview, PassUse, ProviderView, StageView,
    StoreFinding, StoreKind, ToolsView, UsageView,
};
use usher_domain::{
    AccountId, Capabilities, Credits, Effort, ErrorCode, Failure, LimitReached, ModelSource, Plan, PlanUse,
    ProviderId, ResetCredits, Roles, Selection, SignInRoute, SpendLimit, SpendLimitScope, Tier, UnixTime,
    UsageWindow,
};
use usher_text::Language;

use super::messages::Subject;

#[derive(Serialize)]
pub(crate) struct ErrorDocument {
    error: ErrorFields,
}

#[derive(Serialize)]
struct ErrorFields {
    code: ErrorCode,
    message: String,
    hint: &'static str,
    retry_at: Option<UnixTime>,
}

impl ErrorDocument {
    pub(crate) fn new(failure: &Failure, subject: Subject) -> Self {
        let message = match failure.cause.as_str() {
            "" => subject.message(Language::English, failure.code).to_owned(),
            cause if failure.code == ErrorCode::BadUsage => cause.to_owned(),
            cause => subject.message_with_cause(Language::English, failure.code, cause),
        };
        Self::with_message(failure, message, subject.hint(Language::English, failure.code))
    }

    /// Returns the document of a failure with a message and a hint of its own.
    pub(crate) fn with_message(failure: &Failure, message: String, hint: &'static str) -> Self {
        Self { error: ErrorFields { code: failure.code, message, hint, retry_at: failure.retry_at } }
    }
}

#[derive(Serialize)]
pub(crate) struct StatusDocument {
    signed_in: bool,
    provider: ProviderId,
    account: Option<AccountFields>,
    model: Option<ModelChoice>,
    expires_at: Option<UnixTime>,
    store: Option<StoreKind>,
    gateway: Gateway,
    limits: Vec<WindowFields>,
    spend_limits: Vec<SpendLimitFields>,
    attention: Option<ErrorCode>,
    /// What is wrong with the store, and `usher doctor --repair` repairs.
    store_findings: Vec<StoreFinding>,
    /// Other providers that refused their key or sign-in.
    provider_problems: Vec<ProviderProblem>,
    tools: Option<ToolsFields>,
}

#[derive(Serialize)]
pub(crate) struct ProviderProblem {
    pub(crate) provider: ProviderId,
    pub(crate) code: ErrorCode,
}

/// What tools use, and who pays for it.
#[derive(Serialize)]
pub(crate) struct ToolsFields {
    provider: ProviderId,
    provider_name: Option<String>,
    account: Option<AccountId>,
    account_name: Option<String>,
    /// `plan`, `key` or `service`.
    paid_by: Option<String>,
    /// Why requests are refused.
    code: Option<ErrorCode>,
}

impl From<&ToolsView> for ToolsFields {
    fn from(tools: &ToolsView) -> Self {
        let provider = tools.provider.clone();
        match tools.uses.clone() {
            PassUse::Uses { provider: name, account_id, account, paid_by, .. } => Self {
                provider,
                provider_name: Some(name),
                account: account_id,
                account_name: account,
                paid_by: Some(paid_by),
                code: None,
            },
            PassUse::Refused { failure } => Self {
                provider,
                provider_name: None,
                account: None,
                account_name: None,
                paid_by: None,
                code: Some(failure.code),
            },
        }
    }
}

#[derive(Serialize)]
pub(crate) struct AccountFields {
    id: AccountId,
    name: String,
    email: Option<String>,
    /// Which of OpenAI's sign-ins it came by.
    route: SignInRoute,
    /// Absent where one consent gives both.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_use: Option<PlanUse>,
    workspace: String,
    plan: Plan,
    label: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct ModelChoice {
    id: Option<String>,
    effort: Option<String>,
    small: Option<String>,
    tier: Option<Tier>,
    /// What was chosen for the other roles. The small model is `small`.
    roles: Roles,
}

impl From<&Selection> for ModelChoice {
    fn from(selection: &Selection) -> Self {
        let Selection { model, effort, small, tier, roles } = selection.clone();
        Self { id: model, effort, small, tier, roles }
    }
}

#[derive(Serialize)]
struct Gateway {
    running: bool,
    address: Option<String>,
    /// All passes are locked.
    locked: bool,
}

#[derive(Serialize)]
pub(crate) struct WindowFields {
    label: String,
    window_seconds: u64,
    used_percent: f64,
    resets_at: Option<UnixTime>,
}

#[derive(Serialize)]
pub(crate) struct SpendLimitFields {
    label: &'static str,
    scope: SpendLimitScope,
    used_percent: f64,
    resets_at: Option<UnixTime>,
}

#[derive(Serialize)]
pub(crate) struct ModelsDocument {
    provider: ProviderId,
    account: AccountId,
    fetched_at: UnixTime,
    stale: bool,
    /// Why the list is stale.
    attention: Option<ErrorCode>,
    models: Vec<ModelFields>,
}

#[derive(Serialize)]
struct ModelFields {
    id: String,
    name: String,
    description: String,
    context_window: Option<u64>,
    efforts: Vec<Effort>,
    default_effort: Option<String>,
    default: bool,
    chosen: bool,
    text: bool,
    capabilities: Capabilities,
    source: ModelSource,
}

#[derive(Serialize)]
pub(crate) struct UsageDocument {
    plan: Option<Plan>,
    windows: Vec<WindowFields>,
    spend_limits: Vec<SpendLimitFields>,
    credits: Option<Credits>,
    reset_credits: Option<ResetCredits>,
    limit_reached: Option<LimitReached>,
    seen_at: UnixTime,
}

#[derive(Serialize)]
pub(crate) struct TestDocument {
    provider: Option<ProviderId>,
    account: Option<AccountFields>,
    ok: bool,
    stages: Vec<StageFields>,
}

#[derive(Serialize)]
struct StageFields {
    stage: usher_app::view::Stage,
    ok: Option<bool>,
    ms: Option<u64>,
    code: Option<ErrorCode>,
    hint: Option<&'static str>,
}

impl From<GatewayView> for Gateway {
    fn from(view: GatewayView) -> Self {
        Self { running: view.running, address: view.address, locked: false }
    }
}

impl StatusDocument {
    pub(crate) fn new(overview: &Overview, signed_in: bool, gateway: GatewayView) -> Self {
        let selection = &overview.selection;
        let model = overview.account.as_ref().map(|_| ModelChoice::from(selection));
        Self {
            signed_in,
            provider: overview.provider.clone(),
            account: overview.account.as_ref().map(AccountFields::from),
            model,
            expires_at: overview.expires_at,
            store: overview.store.kind,
            gateway: gateway.into(),
            limits: overview.usage.as_ref().map(|usage| windows(&usage.windows)).unwrap_or_default(),
            spend_limits: overview
                .usage
                .as_ref()
                .map(|usage| spend_limits(&usage.spend_limits))
                .unwrap_or_default(),
            attention: overview.attention.as_ref().map(|failure| failure.code),
            store_findings: overview.store.findings.clone(),
            provider_problems: Vec::new(),
            tools: None,
        }
    }

    /// Adds whether all passes are locked, which needs the person where nothing else does.
    pub(crate) fn with_lock(mut self, locked: bool) -> Self {
        self.gateway.locked = locked;
        self.attention = self.attention.or(locked.then_some(ErrorCode::Locked));
        self
    }

    /// Adds what tools use.
    pub(crate) fn with_tools(self, tools: Option<&ToolsView>) -> Self {
        Self { tools: tools.map(ToolsFields::from), ..self }
    }
}

impl StatusDocument {
    /// Returns the status of a provider other than the plan, which has a key or a link instead of an account.
    pub(crate) fn of_provider(provider: &ProviderView, signed_in: bool, gateway: GatewayView) -> Self {
        let account = match &provider.credential {
            CredentialView::Codex { account, .. } => account.as_ref().map(AccountFields::from),
            _ => None,
        };
        let expires_at = match &provider.credential {
            CredentialView::Codex { expires_at, .. } => *expires_at,
            _ => None,
        };
        Self {
            signed_in,
            provider: provider.id.clone(),
            account,
            model: Some(ModelChoice::from(&provider.selection)),
            expires_at,
            store: None,
            gateway: gateway.into(),
            limits: Vec::new(),
            spend_limits: Vec::new(),
            attention: provider.attention.as_ref().map(|failure| failure.code),
            store_findings: Vec::new(),
            provider_problems: Vec::new(),
            tools: None,
        }
    }
}

impl StatusDocument {
    /// Adds what other providers than the plan refused.
    pub(crate) fn with_problems(self, others: &[ProviderView]) -> Self {
        let problem = |one: &ProviderView| {
            Some(ProviderProblem { provider: one.id.clone(), code: one.attention.as_ref()?.code })
        };
        Self { provider_problems: others.iter().filter_map(problem).collect(), ..self }
    }
}

impl From<&AccountView> for AccountFields {
    fn from(account: &AccountView) -> Self {
        Self {
            id: account.id.clone(),
            name: account.name.clone(),
            email: account.email.clone(),
            route: account.route,
            plan_use: account.plan_use,
            workspace: account.workspace.clone(),
            plan: account.plan.clone(),
            label: account.label.clone(),
        }
    }
}

impl From<&ModelsView> for ModelsDocument {
    fn from(list: &ModelsView) -> Self {
        let models = list.models.iter().map(|one| ModelFields {
            id: one.model.id.clone(),
            name: one.model.name.clone(),
            description: one.model.description.clone(),
            context_window: one.model.context_window,
            efforts: one.model.efforts.clone(),
            default_effort: one.model.default_effort.clone(),
            default: one.model.default,
            chosen: one.chosen,
            text: one.model.text,
            capabilities: one.model.capabilities.clone(),
            source: one.model.source,
        });
        Self {
            provider: list.provider.clone(),
            account: list.account.clone(),
            fetched_at: list.fetched_at,
            attention: list.stale.as_ref().map(|failure| failure.code),
            stale: list.stale.is_some(),
            models: models.collect(),
        }
    }
}

impl From<&UsageView> for UsageDocument {
    fn from(usage: &UsageView) -> Self {
        Self {
            plan: usage.plan.clone(),
            windows: windows(&usage.windows),
            spend_limits: spend_limits(&usage.spend_limits),
            credits: usage.credits.clone(),
            reset_credits: usage.reset_credits.clone(),
            limit_reached: usage.limit_reached.clone(),
            seen_at: usage.seen_at,
        }
    }
}

impl TestDocument {
    pub(crate) fn new(test: &TestOutcome, subject: Subject) -> Self {
        let stages = test.report.stages.iter().map(|stage| StageFields::new(stage, subject));
        Self {
            provider: test.provider.clone(),
            account: test.account.as_ref().map(AccountFields::from),
            ok: test.report.ok,
            stages: stages.collect(),
        }
    }
}

impl StageFields {
    fn new(stage: &StageView, subject: Subject) -> Self {
        let code = stage.failure.as_ref().map(|failure| failure.code);
        let hint = code.map(|code| subject.hint(Language::English, code));
        Self { stage: stage.stage, ok: stage.ok, ms: stage.ms, code, hint }
    }
}

fn windows(windows: &[UsageWindow]) -> Vec<WindowFields> {
    let fields = windows.iter().map(|window| WindowFields {
        label: usher_app::window_label(window),
        window_seconds: window.window_seconds,
        used_percent: window.used_percent,
        resets_at: window.resets_at,
    });
    fields.collect()
}

fn spend_limits(limits: &[SpendLimit]) -> Vec<SpendLimitFields> {
    let fields = limits.iter().map(|limit| SpendLimitFields {
        label: limit.scope.limit_name(),
        scope: limit.scope,
        used_percent: limit.used_percent,
        resets_at: limit.resets_at,
    });
    fields.collect()
}
