//! `config.toml`: the settings, edited by the person or by us; never a secret.
//!
//! Only the keys that change are edited, so comments, order and unknown keys stay. What this version does not use is
//! reported as [`SettingsWarnings`]. A file that is not valid TOML is never overwritten: the error has line and
//! column, and the last valid settings stay in force. A copy of these is stored beside the state, so that a program
//! which starts while the file is invalid uses them too.

use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};
use usher_domain::{ErrorCode, Failure, ProviderId};

pub(crate) use self::file::{SettingsFile, check_size, read_text};
pub(crate) use self::lint::{Keys, ProviderKeys, SettingsWarnings, ValueType};
pub(crate) use self::network::ProxySetting;
pub(crate) use self::providers::{EndpointSettings, Finding, Setting, wire_value};

pub(crate) use self::transfer::{SettingsEntry, import_of};

use self::text_format::TextFormat;

mod comment_edit;
mod file;
mod gateway;
mod language;
mod lint;
mod network;
mod notifications;
mod providers;
mod renewal;
mod reset;
mod selection;
mod text_format;
mod transfer;
mod updates;

/// Property tests of every edit. A module of this one, because an edit is not public.
#[cfg(test)]
#[path = "../../tests/settings/properties.rs"]
mod properties;

/// The version of the file's format that this program writes.
pub(crate) const VERSION: i64 = 1;

/// Returns the text of a file in which everything has its default.
fn default_text() -> String {
    format!("version = {VERSION}\n")
}

/// The contents of the settings file.
#[derive(Debug)]
pub(crate) struct Settings {
    document: DocumentMut,
    /// The document as it was read, without the comments at its end.
    body: String,
    format: TextFormat,
    warnings: SettingsWarnings,
    provider_keys: ProviderKeys,
    /// Why the file cannot be read, when these are the last valid settings.
    file_error: Option<Failure>,
}

impl Settings {
    /// Parses `text`.
    ///
    /// The error has the line and the column of what is not valid TOML.
    fn parse(text: &str, provider_keys: ProviderKeys) -> Result<Self, String> {
        let (format, text) = TextFormat::split(text);
        let document = Document::parse(&*text).map_err(|error| {
            let (line, column) = line_and_column(&text, error.span().map_or(0, |span| span.start));
            format!("line {line}, column {column}: {}", error.message())
        })?;
        // Before `into_mut`, which discards the positions of the keys.
        let warnings =
            lint::warnings(document.as_table(), provider_keys, |offset| line_and_column(&text, offset));
        let document = document.into_mut();
        let end = document.trailing().as_str().unwrap_or_default();
        let body = text.strip_suffix(end).unwrap_or(&text).to_owned();
        Ok(Self { document, body, format, warnings, provider_keys, file_error: None })
    }

    /// Returns settings in which everything has its default.
    fn defaults(provider_keys: ProviderKeys) -> Self {
        Self::parse(&default_text(), provider_keys).expect("one number is TOML")
    }

    /// Marks these as the last valid settings, in force because of `file_error`.
    ///
    /// Their own warnings are about a text that the file no longer has, so they are dropped.
    fn in_place_of(self, file_error: Failure) -> Self {
        Self { warnings: SettingsWarnings::default(), file_error: Some(file_error), ..self }
    }

    /// Returns the text of the file.
    ///
    /// A file that was empty gets the version of the format. One that the person wrote without it stays without it,
    /// and has the first version.
    pub(crate) fn render(&mut self) -> String {
        if self.body.is_empty() && !self.document.contains_key("version") {
            self.document.insert("version", value(VERSION));
        }
        let end = self.document.trailing().as_str().unwrap_or_default().to_owned();
        self.document.set_trailing("");
        let body = self.document.to_string();
        self.document.set_trailing(&end);
        // New tables go after the comments at the end: these may be all that the file had.
        let added = body.strip_prefix(&self.body);
        let added = added.filter(|added| self.body.is_empty() || added.trim_start().starts_with('['));
        let text = match added {
            Some(added) => {
                let gap = if end.is_empty() || end.ends_with('\n') { "" } else { "\n" };
                [&self.body, &end, gap, added].concat()
            }
            None => body + &end,
        };
        self.format.apply(&text)
    }

    /// Returns warnings about what this version does not use.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.warnings.lines()
    }

    /// Returns why the file cannot be read, when these are the last valid settings.
    pub(crate) fn file_error(&self) -> Option<&Failure> {
        self.file_error.as_ref()
    }

    /// Returns whether tools may use the provider; by default they may.
    pub(crate) fn enabled(&self, provider: &ProviderId) -> bool {
        let found = self.get(&["providers", &provider.to_string(), "enabled"]);
        found.and_then(Item::as_bool).unwrap_or(true)
    }

    pub(crate) fn set_enabled(&mut self, provider: &ProviderId, enabled: bool) -> Result<(), Failure> {
        set_value(self.table(&["providers", &provider.to_string()])?, "enabled", enabled.into());
        Ok(())
    }

    /// Returns whether names and e-mail addresses are left out of what is shown; by default they are shown.
    pub(crate) fn hides_personal_data(&self) -> bool {
        self.get(&["hide_personal_data"]).and_then(Item::as_bool).unwrap_or_default()
    }

    pub(crate) fn set_hides_personal_data(&mut self, hides: bool) -> Result<(), Failure> {
        set_value(self.table(&[])?, "hide_personal_data", hides.into());
        Ok(())
    }

    /// Returns the level of the model catalog to request, where the file has one.
    pub(crate) fn client_version(&self, provider: &ProviderId) -> Option<String> {
        let found = self.get(&["providers", &provider.to_string(), "client_version"]);
        found.and_then(Item::as_str).map(str::to_owned)
    }

    fn get(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.document.as_item(), |item, key| item.get(key))
    }

    /// Returns the table at `path`, inline or with a header, and adds it where it is missing.
    ///
    /// A value that is there instead is the person's: it stays, and this fails.
    fn table(&mut self, path: &[&str]) -> Result<&mut dyn TableLike, Failure> {
        let mut item = self.document.as_item_mut();
        for key in path {
            let inline = item.is_inline_table();
            let not_a_table = || {
                let cause = format!("in config.toml, `{key}` belongs into a table; nothing was changed");
                Failure::new(ErrorCode::SettingsUnusable, cause)
            };
            let table = item.as_table_like_mut().ok_or_else(not_a_table)?;
            item = table.entry(key).or_insert_with(|| new_table(inline));
        }
        item.as_table_like_mut().ok_or_else(|| {
            let cause = format!("`{}` in config.toml is not a table; nothing was changed", path.join("."));
            Failure::new(ErrorCode::SettingsUnusable, cause)
        })
    }
}

/// Returns an empty table; inside an inline table it must be inline too.
fn new_table(inline: bool) -> Item {
    if inline {
        return Item::Value(Value::InlineTable(InlineTable::new()));
    }
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Sets `key` to `new`, and keeps the comment after an old value.
fn set_value(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => drop(table.insert(key, Item::Value(new))),
    }
}

/// Returns the line and the column, from one, of a byte.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use usher_domain::{AccountId, Role, RoleChoice, Selection, Tier, Wire};

    use super::file::FILE;
    use super::*;
    use crate::accounts::scope::ModelScope;
    use crate::providers::kinds::{CHATGPT, CODEX_CLI, OPENAI, settings_keys};
    use crate::view::Language;

    fn file(text: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let file = SettingsFile::new(folder.path(), &folder.path().join("data"), settings_keys);
        (folder, file)
    }

    #[test]
    fn edit_preserves_comments_order_and_unknown_keys() {
        let text = "# mine\nversion = 1\nfuture = \"kept\" # why\n\n[providers.chatgpt]\n# slow today\nenabled = true\n";
        let (folder, file) = file(text);
        file.update(|settings| settings.set_enabled(&CHATGPT, false)).unwrap();
        let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(now, text.replace("enabled = true", "enabled = false"));
    }

    #[test]
    fn selection_is_stored_per_account() {
        let (_folder, file) = file("");
        let account = |id: &str| ModelScope::Account(AccountId(id.into()));
        let (one, two) = (account("user:a"), account("user:b"));
        let chosen =
            Selection { model: Some("m".into()), effort: Some("high".into()), ..Selection::default() };
        file.update(|settings| settings.set_selection(&one, &chosen)).unwrap();
        let settings = file.read().unwrap();
        assert_eq!(settings.selection(&one), chosen);
        assert_eq!(settings.selection(&two), Selection::default());
        assert!(settings.enabled(&CHATGPT));
    }

    /// Each way to write the same table, with a key of the person's beside ours.
    #[test]
    fn edit_of_inline_table_preserves_its_other_keys() {
        let rows = [
            ("providers = { chatgpt = { enabled = true, mine = 1 } }\n", "mine = 1"),
            ("providers.chatgpt = { mine = 1 }\n", "mine = 1"),
            ("providers = { other = { mine = 1 } }\n", "mine = 1"),
            ("providers.chatgpt.mine = 1\n", "providers.chatgpt.mine = 1"),
        ];
        for (text, kept) in rows {
            let (folder, file) = file(text);
            file.update(|settings| settings.set_enabled(&CHATGPT, false)).unwrap();
            let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
            assert!(now.contains(kept), "{now}");
            assert!(!file.read().unwrap().enabled(&CHATGPT), "{now}");
        }
    }

    #[test]
    fn edit_where_a_value_replaces_the_table_is_refused() {
        for text in ["providers = 3\n", "providers.chatgpt = \"mine\"\n", "[[providers]]\nx = 1\n"] {
            let (folder, file) = file(text);
            let refused = file.update(|settings| settings.set_enabled(&CHATGPT, false)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::SettingsUnusable, "{text}");
            assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
        }
    }

    #[test]
    fn every_key_that_usher_writes_is_known() {
        let (_folder, file) = file("");
        let groq_id = || "openai-compatible:groq".parse::<ProviderId>().unwrap();
        let mut every = Selection::default();
        for role in Role::ALL {
            let some = || Some("m".to_owned());
            every.set_choice(*role, RoleChoice { model: some(), effort: some(), tier: Some(Tier::Fast) });
        }
        file.update(|settings| {
            for id in [CHATGPT, OPENAI, CODEX_CLI, groq_id()] {
                settings.set_enabled(&id, true)?;
                settings.set_selection(&ModelScope::Provider(id.clone()), &every)?;
                settings.set_manual_model(&ModelScope::Provider(id), "by-hand", true)?;
            }
            for key in ["name", "base_url", "wire"] {
                settings.set_provider_key(
                    &groq_id(),
                    key,
                    Setting::Text(if key == "wire" { "responses" } else { "x" }),
                )?;
            }
            settings.set_provider_key(&groq_id(), "timeout", Setting::Seconds(5))?;
            settings.set_provider_key(&groq_id(), "local_network", Setting::Flag(true))?;
            settings.set_found(&groq_id(), Finding::Unversioned)?;
            settings.set_found(&groq_id(), Finding::Wire(Wire::Responses))?;
            for key in ["organization", "project"] {
                settings.set_provider_key(&OPENAI, key, Setting::Text("x"))?;
            }
            settings.set_language(Some(Language::German))?;
            settings.set_selection(&ModelScope::Account(AccountId("user:a".into())), &every)
        })
        .unwrap();
        let settings = file.read().unwrap();
        assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
        assert_eq!(settings.selection(&ModelScope::Provider(OPENAI)), every);
    }

    /// Byte order mark, line ends, and files that consist of comments.
    #[test]
    fn edit_preserves_text_format_and_comments_at_the_end() {
        let rows = [
            ("# Header\n# second\n", "# Header\n# second\nversion = 1\n"),
            ("# Header", "# Header\nversion = 1\n"),
            ("\u{feff}# Header\r\n\r\n", "\u{feff}# Header\r\n\r\nversion = 1\r\n"),
            ("# Header\n[future]\nx = 1\n\n# end\n", "# Header\n[future]\nx = 1\n\n# end\n"),
            ("\u{feff}future = 1\r\n", "\u{feff}future = 1\r\n"),
        ];
        for (text, expected) in rows {
            let (folder, file) = file(text);
            file.update(|settings| settings.set_enabled(&CHATGPT, false)).unwrap();
            let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
            let added = now.strip_prefix(expected).unwrap_or_else(|| panic!("{now:?} of {text:?}"));
            assert_eq!(added.contains('\r'), text.contains('\r'), "{now:?}");
            assert_eq!(added.replace('\r', "").trim(), "[providers.chatgpt]\nenabled = false", "{now:?}");
            assert!(!file.read().unwrap().enabled(&CHATGPT));
        }
    }
}
