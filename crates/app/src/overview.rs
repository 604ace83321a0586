//! What stands, without asking the network.

use std::sync::Arc;

use usher_auth::{KeyLocation, SignInSummary, Store, VaultSummary};
use usher_domain::{Account, ErrorCode, Failure, Selection, UnixTime};

use crate::accounts::lookup::{current_plan, find_account};
use crate::accounts::plan_use_welcome::is_welcome_due;
use crate::accounts::scope::ModelScope;
use crate::accounts::sign_in::SignIns;
use crate::context::{Context, blocking, run_blocking};
use crate::diagnostics::store_findings::store_findings;
use crate::models::catalog::{list_version, with_manual_models};
use crate::models::chosen::chosen;
use crate::providers::kinds::CHATGPT;
use crate::settings::Settings;
use crate::state::CachedModels;
use crate::view::{
    AccountView, FailureView, Overview, PendingRevocationView, StoreKind, StoreView, UsageView,
};

/// Reads what stands.
pub struct OverviewReader {
    context: Arc<Context>,
    sign_ins: Arc<SignIns>,
}

impl OverviewReader {
    pub(crate) fn new(context: Arc<Context>, sign_ins: Arc<SignIns>) -> Self {
        Self { context, sign_ins }
    }

    /// Who is signed in, with which model, how much was left when last seen, and what needs the person.
    pub async fn read(&self) -> Result<Overview, Failure> {
        self.read_for(None).await
    }

    /// The same of another account than the one in use. Refused with [`ErrorCode::BadUsage`] when `account` names none,
    /// or several.
    pub async fn read_for(&self, account: Option<&str>) -> Result<Overview, Failure> {
        let settings = self.context.read_settings()?;
        let context = Arc::clone(&self.context);
        let (vault, store) =
            run_blocking(move || Ok((context.read_vault(), store_view(&context.store)))).await?;
        let (vault, store_error) = match vault {
            Ok(vault) => (vault, None),
            Err(failure) => (VaultSummary::default(), Some(failure)),
        };
        let named = account.filter(|_| store_error.is_none());
        let summary = match named {
            Some(wanted) => Some(find_account(&vault, wanted)?),
            None => vault.active(),
        };
        let summary = summary.filter(|one| one.endpoints == self.context.endpoints(one.account.route));
        let scope = summary.map(|one| ModelScope::Account(one.account.id()));
        let list = scope.as_ref().and_then(|scope| self.context.state.models(&scope.key()));
        let by_hand = scope.as_ref().map(|scope| settings.manual_models(scope)).unwrap_or_default();
        let seen = summary.and_then(|one| self.context.state.usage(&one.account.id()));
        let usage = seen.map(|(usage, at)| UsageView::new(usage, at));
        let plan_use_welcome = match summary {
            Some(one) => is_welcome_due(&self.context, one).await,
            None => false,
        };
        Ok(Overview {
            provider: CHATGPT,
            enabled: settings.enabled(&CHATGPT),
            account: summary.map(|one| self.account_now(one)),
            accounts: u32::try_from(vault.sign_ins.len()).unwrap_or(u32::MAX),
            expires_at: summary.and_then(|one| one.expires_at),
            models_version: list_version(list.as_ref(), &by_hand),
            selection: in_use(scope.as_ref(), list, by_hand, &settings),
            store,
            attention: attention(store_error, summary, usage.as_ref(), self.context.clock.now()),
            usage,
            pending_revocations: vault.pending_revocations.iter().map(PendingRevocationView::from).collect(),
            issuer: self.context.provider.endpoints.issuer.as_str().trim_end_matches('/').to_owned(),
            signing_in: self.sign_ins.is_signing_in(),
            plan_use_welcome,
            passes_locked_at: blocking(|| self.context.pass_lock.since()),
        })
    }

    /// Who it is, with the plan that was named last.
    fn account_now(&self, summary: &SignInSummary) -> AccountView {
        let plan = current_plan(&self.context, summary);
        let account = Account { plan, ..summary.account.clone() };
        AccountView::from(&SignInSummary { account, ..summary.clone() })
    }
}

/// The chosen model and effort; where nothing was chosen, those that requests use by default, as far as
/// a list was seen.
fn in_use(
    scope: Option<&ModelScope>,
    list: Option<CachedModels>,
    by_hand: Vec<String>,
    settings: &Settings,
) -> Selection {
    let mut selection = scope.map(|scope| settings.selection(scope)).unwrap_or_default();
    let listed = list.map(|list| list.models).unwrap_or_default();
    if let Some(model) = chosen(&with_manual_models(listed, by_hand), &selection) {
        selection.model.get_or_insert_with(|| model.id.clone());
        if selection.effort.is_none() {
            selection.effort.clone_from(&model.default_effort);
        }
    }
    selection
}

fn store_kind(place: KeyLocation) -> StoreKind {
    match place {
        KeyLocation::Keyring => StoreKind::Keyring,
        KeyLocation::Passphrase | KeyLocation::KeyFile => StoreKind::File,
    }
}

/// Says where the key is. Before the first sign-in that is not known for a keyring without asking it.
///
/// May wait for a keyring.
fn store_view(store: &Store) -> StoreView {
    let place = store.known_key_location();
    StoreView {
        kind: place.map(store_kind),
        key_beside_records: place == Some(KeyLocation::KeyFile),
        set_aside: store.newest_damaged_file(),
        findings: store_findings(store),
    }
}

/// The first thing that needs the person: a store that cannot be read, an ended sign-in, a used-up limit.
fn attention(
    store_error: Option<Failure>,
    summary: Option<&SignInSummary>,
    usage: Option<&UsageView>,
    now: UnixTime,
) -> Option<FailureView> {
    if let Some(failure) = store_error.or_else(|| summary?.ended.clone()) {
        return Some(failure.into());
    }
    let limit = usage?.limit_reached.as_ref()?;
    let lifted = limit.resets_at.is_some_and(|at| at <= now);
    let failure =
        || Failure::new(ErrorCode::UsageLimitReached, limit.reason.clone()).with_retry_at(limit.resets_at);
    (!lifted).then(|| failure().into())
}
