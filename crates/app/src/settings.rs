//! `config.toml`: the person's settings, edited by hand or by us, never a secret.
//!
//! Only the keys that change are touched, so comments, order and unknown keys stay. A file that cannot be
//! read as TOML is never overwritten: the line and column are said, and nothing is changed.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, Value, value};
use usher_domain::{AccountId, ErrorCode, Failure, ProviderId, Selection};

const FILE: &str = "config.toml";
const VERSION: i64 = 1;

/// The settings file of one home.
pub(crate) struct SettingsFile {
    path: PathBuf,
}

/// What the file says, as far as this version knows it.
#[derive(Debug)]
pub(crate) struct Settings {
    document: DocumentMut,
}

impl SettingsFile {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// Reads the file; a missing one says nothing, so everything has its default.
    pub(crate) fn read(&self) -> Result<Settings, Failure> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.failed("read", &error)),
        };
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            let cause = format!("{}, line {line}, column {column}: {}", self.path.display(), error.message());
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        Ok(Settings { document })
    }

    /// When the file was last written; nothing when there is none.
    pub(crate) fn modified(&self) -> Option<std::time::SystemTime> {
        std::fs::metadata(&self.path).ok()?.modified().ok()
    }

    /// Changes some keys of the file as it is now. The caller holds the home's lock.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Settings)) -> Result<(), Failure> {
        let mut settings = self.read()?;
        change(&mut settings);
        if !settings.document.contains_key("version") {
            settings.document.insert("version", value(VERSION));
        }
        self.write(settings.document.to_string().as_bytes()).map_err(|error| self.failed("write", &error))
    }

    /// Whole or not at all, as with every file of ours.
    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".config.toml.tmp-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        #[cfg(unix)]
        std::fs::File::open(folder)?.sync_all()?;
        Ok(())
    }

    fn failed(&self, doing: &str, error: &std::io::Error) -> Failure {
        let cause = format!("could not {doing} {}: {error}", self.path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    }
}

impl Settings {
    /// Whether tools may use the provider; they may unless the file says no.
    pub(crate) fn enabled(&self, provider: ProviderId) -> bool {
        let found = self.get(&["providers", &provider.to_string(), "enabled"]);
        found.and_then(Item::as_bool).unwrap_or(true)
    }

    pub(crate) fn set_enabled(&mut self, provider: ProviderId, enabled: bool) {
        set(self.table(&["providers", &provider.to_string()]), "enabled", enabled.into());
    }

    /// The catalogue level to ask for, where the person raised it.
    pub(crate) fn catalogue_level(&self, provider: ProviderId) -> Option<String> {
        let found = self.get(&["providers", &provider.to_string(), "client_version"]);
        found.and_then(Item::as_str).map(str::to_owned)
    }

    /// What was chosen for one account.
    pub(crate) fn selection(&self, account: &AccountId) -> Selection {
        let text = |key| self.get(&["accounts", &account.0, key]).and_then(Item::as_str).map(str::to_owned);
        Selection { model: text("model"), effort: text("effort"), small: text("small") }
    }

    pub(crate) fn set_selection(&mut self, account: &AccountId, selection: &Selection) {
        let table = self.table(&["accounts", &account.0]);
        let fields =
            [("model", &selection.model), ("effort", &selection.effort), ("small", &selection.small)];
        for (key, chosen) in fields {
            match chosen {
                Some(chosen) => set(table, key, chosen.into()),
                None => drop(table.remove(key)),
            }
        }
    }

    fn get(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.document.as_item(), |item, key| item.get(key))
    }

    /// The table at `path`, made where it is missing. A value that stands in its way is replaced: the key
    /// is ours, and it held nothing that we could read.
    fn table(&mut self, path: &[&str]) -> &mut Table {
        path.iter().fold(self.document.as_table_mut(), |table, key| {
            let item = table.entry(key).or_insert_with(|| {
                let mut made = Table::new();
                made.set_implicit(true);
                Item::Table(made)
            });
            if !item.is_table() {
                *item = Item::Table(Table::new());
            }
            item.as_table_mut().expect("made a table just above")
        })
    }
}

/// Puts `new` under `key`; what stands around an old value, such as a comment behind it, stays.
fn set(table: &mut Table, key: &str, mut new: Value) {
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
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let file = SettingsFile::new(folder.path());
        (folder, file)
    }

    #[test]
    fn comments_order_and_unknown_keys_survive() {
        let text = "# mine\nversion = 1\nfuture = \"kept\" # why\n\n[providers.chatgpt]\n# slow today\nenabled = true\n";
        let (folder, file) = file(text);
        file.update(|settings| settings.set_enabled(ProviderId::Chatgpt, false)).unwrap();
        let now = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(now, text.replace("enabled = true", "enabled = false"));
    }

    #[test]
    fn a_choice_is_kept_per_account() {
        let (_folder, file) = file("");
        let (one, two) = (AccountId("user:a".into()), AccountId("user:b".into()));
        let chosen = Selection { model: Some("m".into()), effort: Some("high".into()), small: None };
        file.update(|settings| settings.set_selection(&one, &chosen)).unwrap();
        let settings = file.read().unwrap();
        assert_eq!(settings.selection(&one), chosen);
        assert_eq!(settings.selection(&two), Selection::default());
        assert!(settings.enabled(ProviderId::Chatgpt));
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_column_and_left_alone() {
        let text = "version = 1\n[providers\n";
        let (folder, file) = file(text);
        let refused = file.update(|settings| settings.set_enabled(ProviderId::Chatgpt, false)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadUsage);
        assert!(refused.cause.contains("line 2, column 11"), "{refused}");
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
    }
}
