//! `config.toml`: the person's settings, edited by hand or by us, never a secret.
//!
//! Only the keys that change are touched, so comments, order and unknown keys stay; what this version does not
//! understand is said as a [`SettingsNote`]. A file that cannot be read as TOML is never overwritten: the line
//! and column are said, nothing is changed, and what it said when it could last be read stays in force. A copy of
//! that is kept beside the state, so that a program which is started on a broken file goes by it too.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};
use usher_domain::{ErrorCode, Failure, ProviderId, Selection};

use crate::owner::Owner;

pub(crate) use self::notes::SettingsNote;
pub(crate) use self::providers::{EndpointSettings, Setting, word_of};

mod comments;
mod notes;
#[cfg(test)]
mod properties;
mod providers;

const FILE: &str = "config.toml";
/// The format that this version writes.
pub(crate) const VERSION: i64 = 1;

/// The copy of what could last be read.
const LAST_GOOD: &str = "config.last-good.toml";

/// The settings file of one home.
pub(crate) struct SettingsFile {
    path: PathBuf,
    last_good: PathBuf,
}

/// What the file says, as far as this version knows it.
#[derive(Debug)]
pub(crate) struct Settings {
    document: DocumentMut,
    notes: Vec<SettingsNote>,
    /// Why the file itself cannot be read, when these are the settings of before.
    broken: Option<Failure>,
}

impl SettingsFile {
    /// The file in `folder`, with the copy of what could last be read in `data`.
    pub(crate) fn new(folder: &Path, data: &Path) -> Self {
        Self { path: folder.join(FILE), last_good: data.join(LAST_GOOD) }
    }

    /// What is in force: what the file says, or, while it is broken, what it said last. A missing file says nothing,
    /// so everything has its default. Fails when the file is broken and was never seen whole.
    pub(crate) fn read(&self) -> Result<Settings, Failure> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.failed("read", &error)),
        };
        match self.parse(&text) {
            Ok(settings) => {
                self.remember(&text);
                Ok(settings)
            }
            Err(broken) => {
                let before = std::fs::read_to_string(&self.last_good).ok();
                let before = before.and_then(|text| self.parse(&text).ok()).ok_or_else(|| broken.clone())?;
                Ok(Settings { notes: Vec::new(), broken: Some(broken), ..before })
            }
        }
    }

    /// Keeps what was read whole. Not being able to costs nothing now, so it is only noted.
    fn remember(&self, text: &str) {
        let known = std::fs::read_to_string(&self.last_good);
        let same = known.as_ref().map_or(text.is_empty(), |known| known == text);
        if !same && let Err(error) = replace(&self.last_good, text.as_bytes()) {
            tracing::warn!(%error, "the settings were read, and no copy of them could be kept");
        }
    }

    fn parse(&self, text: &str) -> Result<Settings, Failure> {
        let document = Document::parse(text).map_err(|error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            let cause = format!("{}, line {line}, column {column}: {}", self.path.display(), error.message());
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        // Before the document is opened for changes: that forgets where its keys stand.
        let notes = notes::of(document.as_table(), |offset| place(text, offset));
        Ok(Settings { document: document.into_mut(), notes, broken: None })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// When the file was last written; nothing when there is none.
    pub(crate) fn modified(&self) -> Option<std::time::SystemTime> {
        std::fs::metadata(&self.path).ok()?.modified().ok()
    }

    /// Changes some keys of the file as it is now. The caller holds the home's lock.
    pub(crate) fn update(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut settings = self.read()?;
        if let Some(broken) = settings.broken {
            return Err(broken);
        }
        change(&mut settings)?;
        let text = settings.text();
        replace(&self.path, text.as_bytes()).map_err(|error| self.failed("write", &error))?;
        self.remember(&text);
        Ok(())
    }

    fn failed(&self, doing: &str, error: &std::io::Error) -> Failure {
        let cause = format!("could not {doing} {}: {error}", self.path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    }
}

impl Settings {
    /// The file as it is to be written.
    fn text(&mut self) -> String {
        if !self.document.contains_key("version") {
            self.document.insert("version", value(VERSION));
        }
        self.document.to_string()
    }

    /// What the file says that this version does not use.
    pub(crate) fn notes(&self) -> &[SettingsNote] {
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
    pub(crate) fn selection(&self, owner: &Owner) -> Selection {
        let (group, name) = owner.table();
        let text = |key| self.get(&[group, &name, key]).and_then(Item::as_str).map(str::to_owned);
        Selection { model: text("model"), effort: text("effort"), small: text("small") }
    }

    pub(crate) fn set_selection(&mut self, owner: &Owner, selection: &Selection) -> Result<(), Failure> {
        let (group, name) = owner.table();
        let path = [group, name.as_str()];
        let fields =
            [("model", &selection.model), ("effort", &selection.effort), ("small", &selection.small)];
        for (key, chosen) in fields {
            let table = self.table(&path)?;
            match chosen {
                Some(chosen) => set(table, key, chosen.into()),
                None => comments::take_out(&mut self.document, &path, key),
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
                Failure::new(ErrorCode::BadUsage, cause)
            };
            let table = item.as_table_like_mut().ok_or_else(in_the_way)?;
            item = table.entry(key).or_insert_with(|| new_table(in_a_line));
        }
        item.as_table_like_mut().ok_or_else(|| {
            let cause = format!("`{}` in config.toml is no table; nothing was changed", path.join("."));
            Failure::new(ErrorCode::BadUsage, cause)
        })
    }
}

/// Whole or not at all, as with every file of ours. A link, as people have who keep their settings in one place,
/// stays a link: what it leads to is replaced, and keeps its rights.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".config.toml.tmp-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(old) = std::fs::metadata(&path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
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
        let account = |id: &str| Owner::Account(AccountId(id.into()));
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
            assert_eq!(refused.code, ErrorCode::BadUsage, "{text}");
            assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_its_file_keeps_its_rights() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, file) = file("");
        let (link, target) = (folder.path().join(FILE), folder.path().join("elsewhere.toml"));
        std::fs::rename(&link, &target).unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(std::fs::read_to_string(&target).unwrap().contains("enabled = false"));
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_usher_writes_is_known_to_it() {
        let (_folder, file) = file("");
        let groq_id = || "openai-compatible:groq".parse::<ProviderId>().unwrap();
        let every = Selection { model: Some("m".into()), effort: Some("e".into()), small: Some("s".into()) };
        file.update(|settings| {
            for id in [ProviderId::Chatgpt, ProviderId::Openai, ProviderId::CodexCli, groq_id()] {
                settings.set_enabled(&id, true)?;
                settings.set_selection(&Owner::Provider(id.clone()), &every)?;
                settings.change_models_by_hand(&Owner::Provider(id), "by-hand", true)?;
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
            settings.set_selection(&Owner::Account(AccountId("user:a".into())), &every)
        })
        .unwrap();
        assert_eq!(file.read().unwrap().notes(), []);
    }

    #[test]
    fn while_the_file_is_broken_what_it_said_last_stays_in_force() {
        let (folder, file) = file("[providers.chatgpt]\nenabled = false\n");
        assert!(file.read().unwrap().broken().is_none());
        let path = folder.path().join(FILE);
        std::fs::write(&path, "[providers.chatgpt\n").unwrap();
        // Another process, which never saw the file whole.
        let other = SettingsFile::new(folder.path(), &folder.path().join("data"));
        for file in [&file, &other] {
            let settings = file.read().unwrap();
            assert!(!settings.enabled(&ProviderId::Chatgpt));
            assert!(settings.broken().unwrap().cause.contains("line 1, column 19"));
            assert!(file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, true)).is_err());
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[providers.chatgpt\n");
        std::fs::write(&path, "").unwrap();
        assert!(other.read().unwrap().enabled(&ProviderId::Chatgpt), "an emptied file is no broken one");
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_column_and_left_alone() {
        let text = "version = 1\n[providers\n";
        let (folder, file) = file(text);
        let refused = file.update(|settings| settings.set_enabled(&ProviderId::Chatgpt, false)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadUsage);
        assert!(refused.cause.contains("line 2, column 11"), "{refused}");
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
    }
}
