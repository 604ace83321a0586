//! The models, efforts and tiers that a person chose for an account, or for a provider without accounts.
//!
//! The main model has its keys in the account's own table, and so has the id of the small one. What else is chosen for a
//! role is in a table of its own: `[accounts."ID".roles.opus]`.

use toml_edit::{InlineTable, Item};
use usher_domain::{Failure, Role, RoleChoice, Selection, Tier};

use super::{Settings, comment_edit, set_value};
use crate::accounts::scope::ModelScope;

/// The table with the tables of the roles.
const ROLES: &str = "roles";
/// The key of the small model's id.
const SMALL: &str = "small";

impl Settings {
    /// Returns what was chosen for an account, or for a provider without accounts.
    pub(crate) fn selection(&self, scope: &ModelScope) -> Selection {
        let (group, name) = scope.table();
        let mut selection = Selection::default();
        for role in Role::ALL {
            let table = table_of(group, &name, role);
            let key = |key| self.get(&table)?.get(key)?.as_str().map(str::to_owned);
            let model = match role {
                Role::Small => self.get(&[group, &name, SMALL]).and_then(Item::as_str).map(str::to_owned),
                _ => key("model"),
            };
            let tier = self.get(&table).and_then(|table| table.get("tier")).and_then(parse_tier);
            selection.set_choice(*role, RoleChoice { model, effort: key("effort"), tier });
        }
        selection
    }

    /// Sets what was chosen. Choices that are absent are removed from the file.
    pub(crate) fn set_selection(&mut self, scope: &ModelScope, selection: &Selection) -> Result<(), Failure> {
        let (group, name) = scope.table();
        for role in Role::ALL {
            let table = table_of(group, &name, role);
            let RoleChoice { model, effort, tier } = selection.choice(*role);
            match role {
                Role::Small => self.set_text(&[group, &name], SMALL, model.as_deref())?,
                _ => self.set_text(&table, "model", model.as_deref())?,
            }
            self.set_text(&table, "effort", effort.as_deref())?;
            self.set_text(&table, "tier", tier.as_ref().map(AsRef::as_ref))?;
            if *role != Role::Main {
                self.remove_empty(&[group, &name, ROLES], role.as_ref());
            }
        }
        Ok(())
    }

    fn set_text(&mut self, table: &[&str], key: &str, text: Option<&str>) -> Result<(), Failure> {
        match text {
            Some(text) => set_value(self.table(table)?, key, text.into()),
            None => comment_edit::remove_key(&mut self.document, table, key),
        }
        Ok(())
    }

    /// Removes the table `name` from the one at `group` if nothing is left in it, not even a comment.
    fn remove_empty(&mut self, group: &[&str], name: &str) {
        let group = comment_edit::item_at(&mut self.document, group).and_then(Item::as_table_like_mut);
        let Some(group) = group else { return };
        let is_empty = group.get(name).is_some_and(|item| match item {
            Item::Table(table) => {
                let above = table.decor().prefix().and_then(|text| text.as_str()).unwrap_or_default();
                table.is_empty() && above.trim().is_empty()
            }
            item => item.as_inline_table().is_some_and(InlineTable::is_empty),
        });
        if is_empty {
            group.remove(name);
        }
    }
}

/// Returns the path of the table with the choices of a role.
fn table_of<'a>(group: &'a str, name: &'a str, role: &'a Role) -> Vec<&'a str> {
    let mut table = vec![group, name];
    if *role != Role::Main {
        table.extend([ROLES, role.as_ref()]);
    }
    table
}

/// Returns the tier that `item` names.
pub(super) fn parse_tier(item: &Item) -> Option<Tier> {
    item.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use usher_domain::AccountId;

    use super::*;
    use crate::providers::kinds::settings_keys;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, settings_keys).unwrap()
    }

    fn scope() -> ModelScope {
        ModelScope::Account(AccountId("u:a".into()))
    }

    #[test]
    fn roles_are_read_written_and_removed_with_their_tables() {
        let text = "version = 1\n\n[accounts.\"u:a\"]\nmodel = \"m\" # mine\ntier = \"fast\"\nsmall = \"s\"\n\n\
            [accounts.\"u:a\".roles.opus]\nmodel = \"big\"\neffort = \"high\"\n";
        let mut settings = settings(text);
        let mut selection = settings.selection(&scope());
        assert_eq!((selection.model.as_deref(), selection.tier), (Some("m"), Some(Tier::Fast)));
        assert_eq!(selection.choice(Role::Small).model.as_deref(), Some("s"));
        assert_eq!(selection.choice(Role::Opus).effort.as_deref(), Some("high"));
        settings.set_selection(&scope(), &selection).unwrap();
        assert_eq!(settings.render(), text, "what did not change stays as it was written");
        selection.set_choice(Role::Opus, RoleChoice::default());
        let small = RoleChoice { model: Some("s".into()), effort: Some("low".into()), tier: None };
        selection.set_choice(Role::Small, small);
        settings.set_selection(&scope(), &selection).unwrap();
        let written = settings.render();
        assert!(!written.contains("opus"), "{written}");
        assert!(written.contains("[accounts.\"u:a\".roles.small]\neffort = \"low\"\n"), "{written}");
        assert!(settings.warnings().is_empty());
    }

    #[test]
    fn role_and_tier_that_are_not_known_are_reported_with_their_line() {
        let settings = settings(
            "[accounts.\"u:a\"]\ntier = \"warp\"\n[accounts.\"u:a\".roles.opuss]\nmodel = \"m\"\n\
             [accounts.\"u:a\".roles.small]\nmodel = \"m\"\n",
        );
        let warnings = settings.warnings();
        let starts = [
            "line 2, column 1: `tier` must be \"standard\"",
            "line 3, column 23: `opuss`",
            "line 6, column 1: `model`",
        ];
        assert_eq!(warnings.len(), starts.len(), "{warnings:?}");
        for (warning, start) in warnings.iter().zip(starts) {
            assert!(warning.starts_with(start), "{warnings:?}");
        }
        assert_eq!(settings.selection(&scope()), Selection::default());
    }
}
