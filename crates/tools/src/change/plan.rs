//! What connecting a tool would change, before anything is changed.

use std::path::{Path, PathBuf};

use similar::TextDiff;
use usher_domain::{Failure, redact};

use crate::catalog::{Edit, EditValue, File, Method, PassMethod, Tool, When};
use crate::change::conflicts::{Conflict, ConflictKind, comment_line};
use crate::document::key_path::KeyPath;
use crate::document::value::Value;
use crate::document::{EditError, Format, Splice, merge};
use crate::ledger::{KeyChange, SpliceRecord, WrittenText, hash};
use crate::setup::Setup;
use crate::system::disk::{self, Disk};
use crate::system::surroundings::Surroundings;

/// Stands in a preview for the secret of a pass that does not exist yet.
const PASS_PLACEHOLDER: &str = "(the pass)";
/// The lines around a change that a preview shows.
const CONTEXT_LINES: usize = 3;

/// What connecting a tool would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The files, in the order in which they are written.
    pub files: Vec<FilePreview>,
    /// What the person should know before.
    pub conflicts: Vec<Conflict>,
}

impl Preview {
    /// Returns what differs when the files are others, or would become others.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let seen = file.seen.as_deref().unwrap_or("none");
            text += &[&file.path.to_string_lossy(), "\n", seen, "\n", &file.diff, "\n"].concat();
        }
        hash(&text)
    }
}

/// What would change in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePreview {
    /// Where it is.
    pub path: PathBuf,
    /// Whether there is one.
    pub exists: bool,
    /// Whether others may read it now, and could not any more.
    pub becomes_private: bool,
    /// The keys.
    pub keys: Vec<KeyPreview>,
    /// The lines, in the unified format.
    pub diff: String,
    /// The hash of what it has now.
    pub(crate) seen: Option<String>,
}

/// What would change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPreview {
    /// Which.
    pub path: String,
    /// Its value now, if it can be shown.
    pub old: Option<String>,
    /// Its value then.
    pub new: String,
    /// Whether it ends what the person used before.
    pub takes_over: bool,
}

/// What one file would become.
pub(crate) struct PlannedFile {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) old: Option<String>,
    pub(crate) mode: Option<u32>,
    pub(crate) new: String,
    pub(crate) has_secret: bool,
    splices: Vec<Splice>,
    pub(crate) keys: Vec<KeyChange>,
    previews: Vec<KeyPreview>,
    conflicts: Vec<Conflict>,
}

/// Plans the files of a tool. `text_of` returns what a file has, as if the tool were not connected.
pub(crate) fn plan(
    tool: &Tool,
    setup: &Setup,
    surroundings: &Surroundings,
    secret: Option<&str>,
    text_of: impl Fn(&Path) -> Result<Option<(String, Option<u32>)>, Failure>,
) -> Result<Vec<PlannedFile>, Failure> {
    let Method::Files(files) = &tool.method else { return Ok(Vec::new()) };
    let mut planned = Vec::new();
    for file in *files {
        let folder = surroundings.folder(&file.folder);
        let existing =
            file.names.iter().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok());
        let path = existing.unwrap_or_else(|| folder.join(file.create));
        let (old, mode) = text_of(&path)?.map_or((None, None), |(text, mode)| (Some(text), mode));
        let shown = surroundings.shown(&path);
        let mut plan = PlannedFile {
            new: old.clone().unwrap_or_default(),
            format: file.format,
            path,
            old,
            mode,
            has_secret: false,
            splices: Vec::new(),
            keys: Vec::new(),
            previews: Vec::new(),
            conflicts: Vec::new(),
        };
        plan.check(file, &folder, &shown)?;
        for edit in (file.edits)(setup) {
            plan.edit(&edit, setup, secret, &shown)?;
        }
        plan.conflicts.extend(plan.refused_comment(file, &shown));
        planned.push(plan);
    }
    Ok(planned)
}

/// Returns the lines that a person would write into an empty file.
pub(crate) fn text_of_new_file(tool: &Tool, setup: &Setup) -> Option<String> {
    let Method::Files(files) = &tool.method else { return None };
    let text = files.iter().try_fold(String::new(), |text, file| {
        let edits = (file.edits)(setup).into_iter().filter(|edit| is_wanted(edit, setup));
        edits.into_iter().try_fold(text, |text, edit| {
            let splices = file.format.set(&text, &edit.path, &value_of(&edit, None)).ok()?;
            Some(splices.iter().fold(text, |text, splice| splice.apply(&text)))
        })
    })?;
    Some(text.trim_end().to_owned())
}

fn is_wanted(edit: &Edit, setup: &Setup) -> bool {
    edit.when != When::MadeDefault || setup.make_default
}

fn value_of(edit: &Edit, secret: Option<&str>) -> Value {
    let secret = || Value::text(secret.unwrap_or(PASS_PLACEHOLDER));
    match &edit.value {
        EditValue::Plain(value) => value.clone(),
        EditValue::Pass => secret(),
        EditValue::PlainWithPass(value, key) => match value {
            Value::Table(entries) => {
                let own = ((*key).to_owned(), secret());
                Value::Table(entries.iter().cloned().chain([own]).collect())
            }
            other => other.clone(),
        },
    }
}

impl PlannedFile {
    /// Finds what conflicts in the file itself.
    fn check(&mut self, file: &File, folder: &Path, shown: &str) -> Result<(), Failure> {
        if let Some(older) = file.instead_of.filter(|name| self.old.is_none() && folder.join(name).exists()) {
            let conflict = Conflict {
                kind: ConflictKind::OlderFile,
                subject: older.to_owned(),
                detail: shown.to_owned(),
            };
            self.conflicts.push(conflict);
        }
        let Some(text) = &self.old else { return Ok(()) };
        let values = self.format.parse(text).map_err(|error| self.failure(&error))?;
        for path in (file.winning)() {
            if path.find(&values).is_some() {
                self.conflicts.push(key_conflict(&path, shown));
            }
        }
        Ok(())
    }

    /// Finds a comment that its tool refuses, with the whole file.
    fn refused_comment(&self, file: &File, shown: &str) -> Option<Conflict> {
        let line = comment_line(&self.new).filter(|_| file.refuses_comments)?;
        let (subject, detail) = (format!("line {line}"), shown.to_owned());
        Some(Conflict { kind: ConflictKind::Comments, subject, detail })
    }

    /// Plans one key.
    fn edit(&mut self, edit: &Edit, setup: &Setup, secret: Option<&str>, shown: &str) -> Result<(), Failure> {
        if !is_wanted(edit, setup) {
            return Ok(());
        }
        let path = &edit.path;
        let value = value_of(edit, secret);
        let failed = |file: &Self, error: EditError| file.failure(&error);
        let values = self.format.parse(&self.new).map_err(|error| failed(self, error))?;
        let old = path.find(&values);
        if edit.when == When::Missing && old.is_some() || old.is_some_and(|old| old.means(&value)) {
            return Ok(());
        }
        let is_secret = !matches!(edit.value, EditValue::Plain(_));
        if is_secret && old.is_some() {
            // Its text would be in the ledger.
            self.conflicts.push(key_conflict(path, shown));
            return Ok(());
        }
        let made = path.parents().take_while(|parent| parent.find(&values).is_none()).count();
        let previous = self.format.raw(&self.new, path).map_err(|error| failed(self, error))?;
        let splices = self.format.set(&self.new, path, &value).map_err(|error| failed(self, error))?;
        self.previews.push(KeyPreview {
            path: path.to_string(),
            old: previous.as_deref().map(redact),
            new: if is_secret { PASS_PLACEHOLDER.to_owned() } else { shown_value(&value) },
            takes_over: matches!(edit.when, When::TakesOver | When::MadeDefault),
        });
        self.new = splices.iter().fold(std::mem::take(&mut self.new), |text, splice| splice.apply(&text));
        self.splices.extend(splices);
        let written = self.format.raw(&self.new, path).map_err(|error| failed(self, error))?;
        let written = hash(&written.unwrap_or_default());
        self.keys.push(KeyChange { path: path.clone(), previous, written, made });
        self.has_secret |= is_secret;
        Ok(())
    }

    fn failure(&self, error: &EditError) -> Failure {
        disk::failure(&self.path, error)
    }

    /// Returns what the ledger keeps of the changes. Of a secret it keeps the length.
    pub(crate) fn records(&self, secret: Option<&str>) -> Vec<SpliceRecord> {
        let secret = secret.filter(|_| self.has_secret);
        let merged = merge(self.old.as_deref().unwrap_or_default(), &self.splices);
        let is_known = secret.is_none_or(|secret| merged.iter().any(|one| one.inserted.contains(secret)));
        let record = |Splice { at, removed, inserted }| {
            let written = is_known.then(|| written_text(&inserted, secret)).flatten();
            SpliceRecord { at, removed, inserted: inserted.len(), written }
        };
        merged.into_iter().map(record).collect()
    }

    /// Returns the permissions that it gets: with a secret in it, and where it is new, for this person alone.
    pub(crate) fn new_mode(&self) -> Option<u32> {
        if self.old.is_none() {
            Some(disk::PRIVATE)
        } else {
            self.mode.map(|mode| if self.has_secret { mode & 0o700 } else { mode })
        }
    }

    /// Shows it, against what the file has now.
    pub(crate) fn preview(
        self,
        disk: &dyn Disk,
        surroundings: &Surroundings,
    ) -> Result<(FilePreview, Vec<Conflict>), Failure> {
        let now = disk::read_text(disk, &self.path)?.map(|(text, _)| text);
        let shown = surroundings.shown(&self.path);
        let before = if now.is_some() { shown.clone() } else { "(no file)".to_owned() };
        let text = now.clone().unwrap_or_default();
        let diff = TextDiff::from_lines(text.as_str(), self.new.as_str());
        let diff = diff.unified_diff().context_radius(CONTEXT_LINES).header(&before, &shown).to_string();
        let preview = FilePreview {
            exists: now.is_some(),
            becomes_private: now.is_some() && self.new_mode() != self.mode,
            keys: self.previews,
            diff: redact_lines(&diff),
            seen: now.as_deref().map(hash),
            path: self.path,
        };
        Ok((preview, self.conflicts))
    }

    pub(crate) fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }
}

/// Redacts each line of a diff, whose first character says what kind of line it is.
fn redact_lines(diff: &str) -> String {
    let line = |line: &str| match line.chars().next() {
        Some(kind) => format!("{kind}{}\n", redact(line[kind.len_utf8()..].trim_end_matches('\r'))),
        None => "\n".to_owned(),
    };
    diff.lines().map(line).collect::<Vec<_>>().concat()
}

/// Returns what is around the secret of a text; `None` where it is in there several times.
fn written_text(text: &str, secret: Option<&str>) -> Option<WrittenText> {
    let Some((secret, (before, after))) = secret.and_then(|secret| Some((secret, text.split_once(secret)?)))
    else {
        return Some(WrittenText { before: text.to_owned(), hidden: 0, after: String::new() });
    };
    let (before, after) = (before.to_owned(), after.to_owned());
    (!after.contains(secret)).then_some(WrittenText { before, hidden: secret.len(), after })
}

fn key_conflict(path: &KeyPath, shown: &str) -> Conflict {
    Conflict { kind: ConflictKind::Key, subject: path.to_string(), detail: shown.to_owned() }
}

/// Returns a value as people read it.
fn shown_value(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Other(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => items.iter().map(shown_value).collect::<Vec<_>>().join(" "),
        Value::Table(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key} {}", shown_value(value)));
            entries.collect::<Vec<_>>().join(", ")
        }
    }
}

impl Tool {
    /// Returns the lines that a person writes to connect it, or how it is done by hand.
    pub fn lines(&self, setup: &Setup) -> String {
        match &self.method {
            Method::ByHand(lines) => lines(setup),
            Method::Files(_) => text_of_new_file(self, setup).unwrap_or_default(),
        }
    }

    /// Returns whether it reads its pass from a file beside the data.
    pub fn reads_pass_file(&self) -> bool {
        self.pass == PassMethod::PassFile
    }

    /// Returns whether the secret of its pass is needed to connect it.
    pub fn needs_secret(&self) -> bool {
        matches!(self.pass, PassMethod::PassFile | PassMethod::Literal)
    }
}
