//! The entries of the menu, the icon and its texts, made from a [`TrayState`]. Pure.

use usher_domain::{AccountId, ErrorCode, sanitize_line};
use usher_text::{Language, messages as m};

use crate::icons::IconForm;
use crate::panel::TrayPanel;
use crate::state::{TrayAccount, TrayGateway, TrayState};
use crate::texts;

/// The longest entry in characters. Names of accounts and models are by strangers.
const MAX_LABEL_CHARS: usize = 100;

/// How many models the menu has at most: a service may list hundreds, which the window can search.
const MAX_MODELS: usize = 30;

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Open(Option<TrayPanel>),
    SwitchGateway(bool),
    Lock,
    Unlock,
    UseModel(String),
    UseAccount(AccountId),
    Quit,
}

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Separator,
    /// A line that only says something, with the number of a colour where it is about an account.
    Line {
        label: String,
        colour: Option<usize>,
    },
    Button {
        label: String,
        action: Action,
    },
    /// An entry with a tick; without an action it cannot be chosen.
    Check {
        label: String,
        is_checked: bool,
        action: Option<Action>,
    },
    /// Entries below another one.
    Menu {
        label: String,
        entries: Vec<Entry>,
    },
    /// Entries of which one is chosen.
    Choices {
        label: String,
        choices: Vec<Choice>,
    },
}

/// One of several entries of which one is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) colour: Option<usize>,
    pub(crate) is_chosen: bool,
    pub(crate) action: Action,
}

/// What the tray shows beside the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Face {
    pub(crate) icon: IconForm,
    /// The lines of the tooltip below the title.
    pub(crate) details: String,
}

/// Returns the icon and the tooltip.
pub(crate) fn face(state: &TrayState) -> Face {
    let needs = attention(state).map(|need| need.label);
    let icon = match (&needs, state.gateway) {
        (Some(_), _) => IconForm::Attention,
        (None, TrayGateway::On | TrayGateway::External) => IconForm::Normal,
        (None, TrayGateway::Off | TrayGateway::Failed(_)) => IconForm::Off,
    };
    let gateway = match state.gateway {
        TrayGateway::On | TrayGateway::External => m::tray_gateway_on(state.language),
        TrayGateway::Off | TrayGateway::Failed(_) => m::tray_gateway_off(state.language),
    };
    let lines = needs.into_iter().chain(head(state).into_iter().map(|(label, _)| label));
    let lines: Vec<String> = lines.chain([gateway.to_owned()]).collect();
    Face { icon, details: lines.join("\n") }
}

/// Returns the entries of the menu.
pub(crate) fn menu(state: &TrayState) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        head(state).into_iter().map(|(label, colour)| Entry::Line { label, colour }).collect();
    entries.extend(
        attention(state).map(|need| Entry::Button { label: need.label, action: Action::Open(need.panel) }),
    );
    entries.extend([
        Entry::Separator,
        button(m::tray_open(state.language), Action::Open(None)),
        Entry::Separator,
        gateway(state),
    ]);
    entries.extend(models(state));
    entries.extend(accounts(state));
    entries.push(Entry::Separator);
    entries.push(if state.is_locked {
        button(m::gateway_locked_allow(state.language), Action::Unlock)
    } else {
        button(m::tray_stop(state.language), Action::Lock)
    });
    entries.extend([Entry::Separator, panels(state.language)]);
    entries.push(button(m::preferences_title(state.language), Action::Open(Some(TrayPanel::Preferences))));
    entries.push(button(m::tray_quit(state.language), Action::Quit));
    entries
}

/// Returns the panels of the window beside those that have an entry of their own.
fn panels(language: Language) -> Entry {
    let panel = |(label, panel)| button(label, Action::Open(Some(panel)));
    Entry::Menu {
        label: m::tray_show(language).to_owned(),
        entries: texts::panels(language).map(panel).to_vec(),
    }
}

/// Returns the lines about what tools use, with the colour of its account.
fn head(state: &TrayState) -> Vec<(String, Option<usize>)> {
    if let Some(payer) = &state.other_payer {
        return vec![(cleaned(&texts::payer(state.language, &payer.provider, &payer.paid_by)), None)];
    }
    let Some(account) = state.active() else {
        let text = if state.is_unreadable {
            m::tray_unreadable(state.language)
        } else {
            m::tray_no_account(state.language)
        };
        return vec![(text.to_owned(), None)];
    };
    let name = cleaned(&texts::account(state.language, &account.name, account.email.as_deref()));
    let mut lines = vec![(name, Some(account.colour))];
    lines.extend(details(account, state).map(|line| (line, None)));
    lines
}

/// Returns how much of the plan of an account is used, or that this is not known of it.
fn details(account: &TrayAccount, state: &TrayState) -> Option<String> {
    if account.is_only_for_usher {
        return Some(m::tray_only_usher(state.language).to_owned());
    }
    texts::usage(state.language, &account.windows, state.now).map(|line| cleaned(&line))
}

/// What needs the person, and the panel where it is mended.
struct Need {
    label: String,
    panel: Option<TrayPanel>,
}

/// Returns the one thing that needs the person most.
fn attention(state: &TrayState) -> Option<Need> {
    if let Some(failed) = &state.failed {
        return Some(Need { label: cleaned(failed), panel: None });
    }
    if state.is_locked {
        let label = texts::attention(state.language, ErrorCode::Locked, None);
        return Some(Need { label, panel: Some(TrayPanel::Gateway) });
    }
    let of_gateway = match state.gateway {
        TrayGateway::Failed(code) => Some(code),
        _ => None,
    };
    let code: ErrorCode = state.attention.or(of_gateway)?;
    let name = state.active().map(|account| account.name.as_str());
    let label = cleaned(&texts::attention(state.language, code, name));
    let panel = if state.attention.is_none() { TrayPanel::Gateway } else { panel_of(code) };
    Some(Need { label, panel: Some(panel) })
}

/// Returns the panel where a failure is mended.
fn panel_of(code: ErrorCode) -> TrayPanel {
    match code {
        ErrorCode::PortBusy | ErrorCode::Locked => TrayPanel::Gateway,
        ErrorCode::SettingsUnusable => TrayPanel::Preferences,
        _ => TrayPanel::Plan,
    }
}

fn gateway(state: &TrayState) -> Entry {
    let check =
        |label: &str, is_checked, action| Entry::Check { label: label.to_owned(), is_checked, action };
    match state.gateway {
        TrayGateway::On => check(m::tray_gateway(state.language), true, Some(Action::SwitchGateway(false))),
        TrayGateway::External => check(m::tray_gateway_of_other(state.language), true, None),
        TrayGateway::Off | TrayGateway::Failed(_) => {
            check(m::tray_gateway(state.language), false, Some(Action::SwitchGateway(true)))
        }
    }
}

fn models(state: &TrayState) -> Option<Entry> {
    let chosen = state.models.iter().find(|model| model.is_chosen);
    let choices = state.models.iter().take(MAX_MODELS).map(|model| Choice {
        label: cleaned(&model.name),
        colour: None,
        is_chosen: model.is_chosen,
        action: Action::UseModel(model.id.clone()),
    });
    let label = cleaned(&texts::model(state.language, chosen.map(|model| model.name.as_str())));
    (!state.models.is_empty()).then(|| Entry::Choices { label, choices: choices.collect() })
}

fn accounts(state: &TrayState) -> Option<Entry> {
    let label =
        cleaned(&texts::account_menu(state.language, state.active().map(|account| account.name.as_str())));
    let choices = state.accounts.iter().map(|account| {
        let name = texts::account(state.language, &account.name, account.email.as_deref());
        let label = match details(account, state) {
            Some(details) => m::tray_account_with_usage(state.language, &name, &details),
            None => name,
        };
        Choice {
            label: cleaned(&label),
            colour: Some(account.colour),
            is_chosen: account.is_active,
            action: Action::UseAccount(account.id.clone()),
        }
    });
    (!state.accounts.is_empty()).then(|| Entry::Choices { label, choices: choices.collect() })
}

fn button(label: &str, action: Action) -> Entry {
    Entry::Button { label: label.to_owned(), action }
}

fn cleaned(text: &str) -> String {
    sanitize_line(text, MAX_LABEL_CHARS)
}

#[cfg(test)]
mod tests;
