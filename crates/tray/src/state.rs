//! What the tray shows, as the home has it: read without the network.

use usher_app::view::{AccountCard, GatewayStatus, PassUse};
use usher_app::{App, CHATGPT, Target};
use usher_domain::{AccountId, ErrorCode, Failure, SignInRoute, UnixTime, UsageWindow};
use usher_text::Language;

use crate::colours::colours_of;

/// What the tray shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrayState {
    /// The language of its texts.
    pub(crate) language: Language,
    /// The accounts of the plan, in the person's order.
    pub(crate) accounts: Vec<TrayAccount>,
    /// Who pays for tools, where that is not an account of the plan.
    pub(crate) other_payer: Option<OtherPayer>,
    /// The models that may be chosen, as last seen.
    pub(crate) models: Vec<TrayModel>,
    /// How it stands with the gateway.
    pub(crate) gateway: TrayGateway,
    /// All passes are locked.
    pub(crate) is_locked: bool,
    /// What needs the person.
    pub(crate) attention: Option<ErrorCode>,
    /// The sign-ins could not be read.
    pub(crate) is_unreadable: bool,
    /// What the person last asked for here and did not get.
    pub(crate) failed: Option<String>,
    /// When it was read.
    pub(crate) now: UnixTime,
}

/// An account of the plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrayAccount {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) is_active: bool,
    /// Its sign-in serves Usher only, and its usage is not known.
    pub(crate) is_only_for_usher: bool,
    /// The number of its colour.
    pub(crate) colour: usize,
    /// How much of its plan is used, as last seen.
    pub(crate) windows: Vec<UsageWindow>,
    /// When that was.
    pub(crate) seen_at: Option<UnixTime>,
}

/// Who pays for tools beside the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtherPayer {
    pub(crate) provider: String,
    /// `key` or `service`, as in `x-usher-paid-by`.
    pub(crate) paid_by: String,
}

/// A model that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrayModel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_chosen: bool,
}

/// How it stands with the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrayGateway {
    Off,
    On,
    /// Another process runs it, so it cannot be switched off here.
    External,
    Failed(ErrorCode),
}

impl TrayState {
    /// Reads what stands. What cannot be read is shown as what needs the person; nothing fails.
    pub(crate) async fn read(app: &App) -> Self {
        let cards = app.accounts.list().await;
        let is_unreadable = cards.is_err();
        let tools = app.providers.tools().await.map(|tools| (tools.provider, tools.uses));
        let other_payer = match &tools {
            Ok((provider, PassUse::Uses { provider: name, paid_by, .. })) if *provider != CHATGPT => {
                Some(OtherPayer { provider: name.clone(), paid_by: paid_by.clone() })
            }
            _ => None,
        };
        let (gateway, attention) = (app.gateway.status().await, attention(app, &cards).await);
        Self {
            language: app.language.view().shown,
            accounts: accounts(cards.unwrap_or_default()),
            other_payer,
            models: models(app).await,
            gateway: TrayGateway::from(&gateway),
            is_locked: app.pass_lock.locked_since().is_some(),
            attention,
            is_unreadable,
            failed: None,
            now: app.now(),
        }
    }

    /// Returns the account in use.
    pub(crate) fn active(&self) -> Option<&TrayAccount> {
        self.accounts.iter().find(|account| account.is_active)
    }
}

impl From<&GatewayStatus> for TrayGateway {
    fn from(status: &GatewayStatus) -> Self {
        match status {
            GatewayStatus::Off { .. } => Self::Off,
            GatewayStatus::On { .. } => Self::On,
            GatewayStatus::Elsewhere { .. } => Self::External,
            GatewayStatus::Failed { failure, .. } => Self::Failed(failure.code),
        }
    }
}

async fn attention(app: &App, cards: &Result<Vec<AccountCard>, Failure>) -> Option<ErrorCode> {
    match app.overview.read().await {
        Err(failure) => Some(failure.code),
        Ok(overview) => {
            let of_cards = cards.as_ref().err().map(|failure| failure.code);
            overview.attention.map(|failure| failure.code).or(of_cards)
        }
    }
}

fn accounts(cards: Vec<AccountCard>) -> Vec<TrayAccount> {
    let colours = colours_of(cards.iter().map(|card| card.account.id.0.as_str()));
    let account = |card: AccountCard| TrayAccount {
        colour: colours.get(&card.account.id.0).copied().unwrap_or_default(),
        is_only_for_usher: card.account.route == SignInRoute::PlanUsage,
        is_active: card.active,
        name: card.account.name,
        email: card.account.email,
        id: card.account.id,
        seen_at: card.usage.as_ref().map(|usage| usage.seen_at),
        windows: card.usage.map(|usage| usage.windows).unwrap_or_default(),
    };
    cards.into_iter().map(account).collect()
}

/// Returns the models of the provider in use. Where nobody is signed in there are none.
async fn models(app: &App) -> Vec<TrayModel> {
    let Ok(list) = app.catalog.kept_models(&Target::default()).await else { return Vec::new() };
    let model = |view: usher_app::view::ModelView| TrayModel {
        id: view.model.id,
        name: view.model.name,
        is_chosen: view.chosen,
    };
    list.models.into_iter().filter(|view| view.model.text).map(model).collect()
}
