//! `config.toml`: the person's settings, edited by hand or by us, never a secret.
//!
//! Only the keys that change are touched, so comments, order, line ends and unknown keys stay; what this version does
//! not understand is said as a [`SettingsWarning`]. A file that cannot be read as TOML is never overwritten: the line
//! and column are said, nothing is changed, and what it said when it could last be read stays in force. A copy of
//! that is kept beside the state, so that a program which is started on a broken file goes by it too.

use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};
use usher_domain::{ErrorCode, Failure, ProviderId, Selection};

use crate::accounts::scope::ModelScope;

pub(crate) use self::file::SettingsFile;
pub(crate) use self::lint::SettingsWarning;
pub(crate) use self::providers::{EndpointSettings, Setting, word_of};

use self::text_format::TextFormat;

mod comment_edit;
mod file;
mod gateway;
mod lint;
mod providers;
mod text_format;

/// Property tests of every edit; in `tests/`, and a module of this one because an edit is not public.
#[cfg(test)]
#[path = "../../tests/settings/properties.rs"]
mod properties;

/// The format that this version writes.
pub(crate) const VERSION: i64 = 1;

/// What the file says, as far as this version knows it.
#[derive(Debug)]
pub(crate) struct Settings {
    document: DocumentMut,
    /// What the document was when it was read, without the comments at its end.
    body: String,
    format: TextFormat,
    notes: Vec<SettingsWarning>,
    /// Why the file itself cannot be read, when these are the settings of before.
    broken: Option<Failure>,
}

impl Settings {
    /// What `text` says, or where and why it is no TOML.
    fn parse(text: &str) -> Result<Self, String> {
        let (format, text) = TextFormat::split(text);
        let document = Document::parse(&*text).map_err(|error| {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            format!("line {line}, column {column}: {}", error.message())
        })?;
        // Before the document is opened for changes: that forgets where its keys stand.
        let notes = lint::of(document.as_table(), |offset| place(&text, offset));
        let document = document.into_mut();
        let end = document.trailing().as_str().unwrap_or_default();
        let body = text.strip_suffix(end).unwrap_or(&text).to_owned();
        Ok(Self { document, body, format, notes, broken: None })
    }

    /// These, while the file itself is `broken`. What they were noted for is not what is wrong now.
    fn standing_in_for(self, broken: Failure) -> Self {
        Self { notes: Vec::new(), broken: Some(broken), ..self }
    }

    /// The file as it is to be written. The format is named in a file that said nothing before; one that the person
    /// wrote without it stays without it, and is of the first.
    fn text(&mut self) -> String {
        if self.body.is_empty() && !self.document.contains_key("version") {
            self.document.insert("version", value(VERSION));
        }
        let end = self.document.trailing().as_str().unwrap_or_default().to_owned();
        self.document.set_trailing("");
        let body = self.document.to_string();
        self.document.set_trailing(&end);
        // Tables are added behind the comments that stand at the end: those may be all that the file had.
        let added = body.strip_prefix(&self.body);
        let added = added.filter(|added| self.body.is_empty() || added.trim_start().starts_with('['));
        let whole = match added {
            Some(added) => {
                let gap = if end.is_empty() || end.ends_with('\n') { "" } else { "\n" };
                [&self.body, &end, gap, added].concat()
            }
            None => body + &end,
        };
        self.format.apply(&whole)
    }

    /// What the file says that this version does not use.
    pub(crate) fn notes(&self) -> &[SettingsWarning] {
        &self.notes
    }

    /// Why the file cannot be read, when these are the settings of before.
    pub(crate) fn broken(&self) -> Option<&Failure> {
        self.broken.as_ref()
    }

    /// Whether tools may use the provider; they may unless the file says no.
    pub(crate) fn enabled(&self, provider: &ProviderId) -> bool {
        let found = self.get(&["providers", &provider.to_string(), "enabled"]);
        found.and_then(Item::as_bool).unwrap_or(true)
    }

    pub(crate) fn set_enabled(&mut self, provider: &ProviderId, enabled: bool) -> Result<(), Failure> {
        set(self.table(&["providers", &provider.to_string()])?, "enabled", enabled.into());
        Ok(())
    }

    /// The catalogue level to ask for, where the person raised it.
    pub(crate) fn catalogue_level(&self, provider: &ProviderId) -> Option<String> {
        let found = self.get(&["providers", &provider.to_string(), "client_version"]);
        found.and_then(Item::as_str).map(str::to_owned)
    }

    /// What was chosen for one account, or for a provider without accounts.
    pub(crate) fn selection(&self, scope: &ModelScope) -> Selection {
        let (group, name) = scope.table();
        let text = |key| self.get(&[group, &name, key]).and_then(Item::as_str).map(str::to_owned);
        Selection { model: text("model"), effort: text("effort"), small: text("small") }
    }

    pub(crate) fn set_selection(&mut self, scope: &ModelScope, selection: &Selection) -> Result<(), Failure> {
        let (group, name) = scope.table();
        let path = [group, name.as_str()];
        let fields =
            [("model", &selection.model), ("effort", &selection.effort), ("small", &selection.small)];
        for (key, chosen) in fields {
            let table = self.table(&path)?;
            match chosen {
                Some(chosen) => set(table, key, chosen.into()),
                None => comment_edit::take_out(&mut self.document, &path, key),
            }
        }
        Ok(())
    }

    fn get(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.document.as_item(), |item, key| item.get(key))
    }

    /// The table at `path`, in either of its two spellings, made where it is missing. Something else that
    /// stands in its way is the person's, and stays.
    fn table(&mut self, path: &[&str]) -> Result<&mut dyn TableLike, Failure> {
        let mut item = self.document.as_item_mut();
        for key in path {
            let in_a_line = item.is_inline_table();
            let in_the_way = || {
                let cause = format!("config.toml has no table where `{key}` belongs; nothing was changed");
                Failure::new(ErrorCode::SettingsUnusable, cause)
            };
            let table = item.as_table_like_mut().ok_or_else(in_the_way)?;
            item = table.entry(key).or_insert_with(|| new_table(in_a_line));
        }
        item.as_table_like_mut().ok_or_else(|| {
            let cause = format!("`{}` in config.toml is no table; nothing was changed", path.join("."));
            Failure::new(ErrorCode::SettingsUnusable, cause)
        })
    }
}

/// A table inside one that is written in a line must be in that line too.
fn new_table(in_a_line: bool) -> Item {
    if in_a_line {
        return Item::Value(Value::InlineTable(InlineTable::new()));
    }
    let mut made = Table::new();
    made.set_implicit(true);
    Item::Table(made)
}

/// Puts `new` under `key`; what stands around an old value, such as a comment behind it, stays.
fn set(table: &mut dyn TableLike, key: &str, mut new: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => drop(table.insert(key, Item::Value(new))),
    }
}

/// Line and column, from one, of a byte offset.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use usher_domain::AccountId;

    use super::file::FILE;
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let file = SettingsFile::new(folder.path(), &folder.path().join("data"));
        (folder, file)
    }

    #[test]
    fn comments_order_and_unknown_keys_survive() {
        let text = "# mine\nversion = 1\nfuture = \"kept\" # why\n\n[providers.chatgpt]\n# slow today\nenabled = true\n";
        let (folder, file) = file(text);
        file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap();
        let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(now, text.replace("enabled = true", "enabled = false"));
    }

    #[test]
    fn a_choice_is_kept_per_account() {
        let (_folder, file) = file("");
        let account = |id: &str| ModelScope::Account(AccountId(id.into()));
        let (one, two) = (account("user:a"), account("user:b"));
        let chosen = Selection { model: Some("m".into()), effort: Some("high".into()), small: None };
        file.update(|settings| settings.set_selection(&one, &chosen)).unwrap();
        let settings = file.read().unwrap();
        assert_eq!(settings.selection(&one), chosen);
        assert_eq!(settings.selection(&two), Selection::default());
        assert!(settings.enabled(&ProviderId::Chatgpt));
    }

    /// Each way to write the same table, with something of the person's beside our key.
    #[test]
    fn tables_written_in_a_line_keep_what_they_hold() {
        let rows = [
            ("providers = { chatgpt = { enabled = true, mine = 1 } }\n", "mine = 1"),
            ("providers.chatgpt = { mine = 1 }\n", "mine = 1"),
            ("providers = { other = { mine = 1 } }\n", "mine = 1"),
            ("providers.chatgpt.mine = 1\n", "providers.chatgpt.mine = 1"),
        ];
        for (text, kept) in rows {
            let (folder, file) = file(text);
            file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap();
            let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
            assert!(now.contains(kept), "{now}");
            assert!(!file.read().unwrap().enabled(&ProviderId::Chatgpt), "{now}");
        }
    }

    #[test]
    fn what_stands_where_a_table_belongs_is_not_replaced() {
        for text in ["providers = 3\n", "providers.chatgpt = \"mine\"\n", "[[providers]]\nx = 1\n"] {
            let (folder, file) = file(text);
            let refused =
                file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::SettingsUnusable, "{text}");
            assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
        }
    }

    #[test]
    fn what_usher_writes_is_known_to_it() {
        let (_folder, file) = file("");
        let groq_id = || "openai-compatible:groq".parse::<ProviderId>().unwrap();
        let every = Selection { model: Some("m".into()), effort: Some("e".into()), small: Some("s".into()) };
        file.update(|settings| {
            for id in [ProviderId::Chatgpt, ProviderId::Openai, ProviderId::CodexCli, groq_id()] {
                settings.set_enabled(&id, true)?;
                settings.set_selection(&ModelScope::Provider(id.clone()), &every)?;
                settings.set_manual_model(&ModelScope::Provider(id), "by-hand", true)?;
            }
            for key in ["name", "base_url", "wire"] {
                settings.set_of(
                    &groq_id(),
                    key,
                    Setting::Text(if key == "wire" { "responses" } else { "x" }),
                )?;
            }
            settings.set_of(&groq_id(), "timeout", Setting::Seconds(5))?;
            settings.set_of(&groq_id(), "local_network", Setting::Flag(true))?;
            settings.set_of(&groq_id(), "unversioned", Setting::Flag(true))?;
            for key in ["organization", "project"] {
                settings.set_of(&ProviderId::Openai, key, Setting::Text("x"))?;
            }
            settings.set_selection(&ModelScope::Account(AccountId("user:a".into())), &every)
        })
        .unwrap();
        assert_eq!(file.read().unwrap().notes(), []);
    }

    /// Byte order mark, line ends, and a file that holds comments only.
    #[test]
    fn what_is_written_is_spelt_as_the_file_was() {
        let rows = [
            ("# Header\n# second\n", "# Header\n# second\nversion = 1\n"),
            ("# Header", "# Header\nversion = 1\n"),
            ("\u{feff}# Header\r\n\r\n", "\u{feff}# Header\r\n\r\nversion = 1\r\n"),
            ("# Header\n[future]\nx = 1\n\n# end\n", "# Header\n[future]\nx = 1\n\n# end\n"),
            ("\u{feff}future = 1\r\n", "\u{feff}future = 1\r\n"),
        ];
        for (text, expected) in rows {
            let (folder, file) = file(text);
            file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap();
            let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
            let added = now.strip_prefix(expected).unwrap_or_else(|| panic!("{now:?} of {text:?}"));
            assert_eq!(added.contains('\r'), text.contains('\r'), "{now:?}");
            assert_eq!(added.replace('\r', "").trim(), "[providers.chatgpt]\nenabled = false", "{now:?}");
            assert!(!file.read().unwrap().enabled(&ProviderId::Chatgpt));
        }
    }
}
