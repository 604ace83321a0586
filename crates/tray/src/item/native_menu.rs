//! The menu of the system's tray, made from the entries of [`menu`](crate::menu).

use tray_icon::menu::{
    CheckMenuItem, ContextMenu, IsMenuItem, Menu, MenuId, MenuItem, PredefinedMenuItem, Submenu,
};

use crate::menu::{Action, Choice, Entry};

/// A menu, and what its entries do.
pub(super) struct NativeMenu {
    root: Menu,
    /// The id of an entry is its place in this list.
    actions: Vec<Action>,
}

impl NativeMenu {
    pub(super) fn new(entries: &[Entry]) -> Self {
        let (root, mut actions) = (Menu::new(), Vec::new());
        for item in items(entries, &mut actions) {
            // Fails for an item of another menu, and none of these is.
            let _ = root.append(&*item);
        }
        Self { root, actions }
    }

    /// Returns the menu for the icon: the same one, not a copy.
    pub(super) fn root(&self) -> Box<dyn ContextMenu> {
        Box::new(self.root.clone())
    }

    /// Returns what the entry with an id does.
    pub(super) fn action(&self, id: &MenuId) -> Option<Action> {
        let at: usize = id.as_ref().parse().ok()?;
        self.actions.get(at).cloned()
    }
}

/// Returns the items of entries, and adds what they do to `actions`.
fn items(entries: &[Entry], actions: &mut Vec<Action>) -> Vec<Box<dyn IsMenuItem>> {
    entries.iter().map(|entry| item(entry, actions)).collect()
}

fn item(entry: &Entry, actions: &mut Vec<Action>) -> Box<dyn IsMenuItem> {
    match entry {
        Entry::Separator => Box::new(PredefinedMenuItem::separator()),
        Entry::Line { label, .. } => Box::new(MenuItem::new(shown(label), false, None)),
        Entry::Button { label, action } => {
            Box::new(MenuItem::with_id(id_of(action, actions), shown(label), true, None))
        }
        Entry::Check { label, is_checked, action: Some(action) } => {
            check(label, *is_checked, id_of(action, actions))
        }
        Entry::Check { label, is_checked, action: None } => {
            Box::new(CheckMenuItem::new(shown(label), false, *is_checked, None))
        }
        Entry::Menu { label, entries } => submenu(label, &items(entries, actions)),
        Entry::Choices { label, choices } => submenu(label, &items_of_choices(choices, actions)),
    }
}

fn items_of_choices(choices: &[Choice], actions: &mut Vec<Action>) -> Vec<Box<dyn IsMenuItem>> {
    let item = |choice: &Choice| check(&choice.label, choice.is_chosen, id_of(&choice.action, actions));
    choices.iter().map(item).collect()
}

fn check(label: &str, is_checked: bool, id: MenuId) -> Box<dyn IsMenuItem> {
    Box::new(CheckMenuItem::with_id(id, shown(label), true, is_checked, None))
}

fn submenu(label: &str, items: &[Box<dyn IsMenuItem>]) -> Box<dyn IsMenuItem> {
    let submenu = Submenu::new(shown(label), true);
    for item in items {
        // Fails for an item of another menu, and none of these is.
        let _ = submenu.append(&**item);
    }
    Box::new(submenu)
}

fn id_of(action: &Action, actions: &mut Vec<Action>) -> MenuId {
    actions.push(action.clone());
    MenuId::new((actions.len() - 1).to_string())
}

/// Returns a label in which no character marks an access key.
fn shown(label: &str) -> String {
    label.replace('&', "&&")
}
