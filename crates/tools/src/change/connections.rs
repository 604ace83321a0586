//! Connects tools and undoes it, so that a program that ends at any moment leaves each file old or new, and a ledger that
//! restores it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure, PassSecret, UnixTime};

use crate::catalog::Tool;
use crate::change::conflicts::{self, Conflict, ConflictKind};
use crate::change::plan::{self, Preview};
use crate::change::undo::{self, Restored};
use crate::ledger::file::LedgerStore;
use crate::ledger::{Connection, ConnectionState, FileChange, Ledger, hash};
use crate::setup::Setup;
use crate::system::disk::{self, Disk};
use crate::system::surroundings::{Detected, Surroundings};

/// The connections of one home. Its holder has the lock of the ledger.
pub struct Connections<'a> {
    /// Where the tools are.
    pub surroundings: &'a Surroundings,
    /// The files.
    pub disk: &'a dyn Disk,
    /// The ledger.
    pub ledger: &'a dyn LedgerStore,
}

/// What came back of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The tool.
    pub tool: String,
    /// The name of the pass that was made for it.
    pub pass: String,
    /// Its files.
    pub files: Vec<FileOutcome>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOutcome {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was changed now.
    pub changed: bool,
    /// Whether it is what it was before, byte for byte.
    pub is_exact: bool,
    /// Whether it was removed, because it was made for the tool.
    pub removed: bool,
    /// Keys that somebody changed since, and that stay.
    pub kept: Vec<String>,
}

impl Connections<'_> {
    /// Shows what connecting a tool would change. Nothing is changed.
    pub fn preview(&self, tool: &Tool, setup: &Setup, detected: &Detected) -> Result<Preview, Failure> {
        let conflicts = conflicts::outside_its_files(tool, setup, self.surroundings, detected);
        let mut preview = Preview { files: Vec::new(), conflicts };
        let ledger = self.ledger.load()?;
        preview.conflicts.extend(self.shared_keys(tool, &ledger));
        let before = self.as_if_undone(tool, &ledger)?;
        let planned = plan::plan(tool, setup, self.surroundings, None, |path| match before.get(path) {
            Some(text) => Ok(text.clone()),
            None => disk::read_text(self.disk, path),
        })?;
        for file in planned {
            let (file, conflicts) = file.preview(self.disk, self.surroundings)?;
            preview.conflicts.extend(conflicts);
            preview.files.push(file);
        }
        Ok(preview)
    }

    /// Notes that a tool is about to be connected, and under which name its pass is made. The files of an earlier connection
    /// are restored.
    ///
    /// Fails when a file has changed since `seen` was shown, or when something conflicts with it.
    pub fn begin(&self, tool: &Tool, setup: &Setup, seen: &Preview, now: UnixTime) -> Result<(), Failure> {
        self.begin_as(ConnectionState::Planned, tool, setup, seen, now)
    }

    /// Begins a connection in this state, which it has until all its files are written.
    pub(crate) fn begin_as(
        &self,
        state: ConnectionState,
        tool: &Tool,
        setup: &Setup,
        seen: &Preview,
        now: UnixTime,
    ) -> Result<(), Failure> {
        if let Some(conflict) = seen.conflicts.iter().find(|conflict| conflict.kind.blocks()) {
            return Err(blocked(tool, conflict));
        }
        for file in &seen.files {
            let current = disk::read_text(self.disk, &file.path)?.map(|(text, _)| hash(&text));
            if current != file.seen {
                return Err(disk::failure(&file.path, "it was changed meanwhile; look at the changes again"));
            }
        }
        self.restore(tool.id)?;
        if let Some(served) = tool.served_tool() {
            self.take_over(served)?;
        }
        let mut ledger = self.ledger.load()?;
        ledger.connections.retain(|one| one.tool != tool.id);
        ledger.connections.push(Connection {
            tool: tool.id.to_owned(),
            state,
            pass: setup.pass.clone(),
            pass_file: tool.reads_pass_file().then(|| setup.pass_file.clone()),
            at: now,
            make_default: setup.make_default,
            restore_after: setup.restore_after,
            files: Vec::new(),
        });
        self.ledger.save(&mut ledger)
    }

    /// Writes the files of a tool for which [`Connections::begin`] was called. On a failure they are restored.
    pub fn apply(&self, tool: &Tool, setup: &Setup, secret: Option<&PassSecret>) -> Result<(), Failure> {
        let written = self.write(tool, setup, secret);
        if written.is_err() {
            // What cannot be undone now stays in the ledger.
            let _ = self.restore(tool.id);
        }
        written
    }

    fn write(&self, tool: &Tool, setup: &Setup, secret: Option<&PassSecret>) -> Result<(), Failure> {
        let text = secret.map(PassSecret::expose);
        if tool.needs_secret() && text.is_none() {
            return Err(Failure::new(
                ErrorCode::Internal,
                "this tool is connected with the secret of its pass",
            ));
        }
        let planned =
            plan::plan(tool, setup, self.surroundings, text, |path| disk::read_text(self.disk, path))?;
        if let Some(conflict) =
            planned.iter().flat_map(plan::PlannedFile::conflicts).find(|one| one.kind.blocks())
        {
            return Err(blocked(tool, conflict));
        }
        let mut ledger = self.ledger.load()?;
        let connection = ledger.connection_mut(tool.id).ok_or_else(|| {
            Failure::new(ErrorCode::Internal, format!("{} is not about to be connected", tool.name))
        })?;
        // What has all keys already is the person's own, and stays when the tool is disconnected.
        let planned: Vec<_> = planned.into_iter().filter(|file| !file.keys.is_empty()).collect();
        for file in &planned {
            let path = file.path.to_str().ok_or_else(|| disk::failure(&file.path, "its path is not text"))?;
            let missing = file.path.ancestors().skip(1).take_while(|folder| !folder.exists());
            let mut folders: Vec<String> = missing.map(|folder| folder.display().to_string()).collect();
            folders.reverse();
            connection.files.push(FileChange {
                path: path.to_owned(),
                format: file.format,
                existed: file.old.is_some(),
                mode: file.mode,
                folders,
                before: hash(file.old.as_deref().unwrap_or_default()),
                after: hash(&file.new),
                splices: file.records(text),
                keys: file.keys.clone(),
            });
        }
        let pass_file = connection.pass_file.clone();
        // In the ledger before it is in a file.
        self.ledger.save(&mut ledger)?;
        if let (Some(path), Some(text)) = (pass_file, text) {
            let path = Path::new(&path);
            disk::make_folders(self.disk, path)?;
            let old = disk::read_text(self.disk, path)?.map(|(text, _)| text);
            disk::replace(self.disk, path, old.as_deref(), Some((text, Some(disk::PRIVATE))))?;
        }
        for file in &planned {
            disk::make_folders(self.disk, &file.path)?;
            disk::replace(self.disk, &file.path, file.old.as_deref(), Some((&file.new, file.new_mode())))?;
        }
        let connection = ledger.connection_mut(tool.id).expect("it was there when the ledger was saved");
        connection.state = ConnectionState::Applied;
        self.ledger.save(&mut ledger)
    }

    /// Restores the files of a tool. `None` where it is not connected.
    ///
    /// All files are tried. The connection stays in the ledger until [`Connections::finish`], so that its pass is known
    /// until that is revoked.
    pub fn restore(&self, tool: &str) -> Result<Option<Undone>, Failure> {
        let ledger = self.ledger.load()?;
        let Some(connection) = ledger.connection(tool) else { return Ok(None) };
        let mut undone = Undone { tool: tool.to_owned(), pass: connection.pass.clone(), files: Vec::new() };
        let mut failure = None;
        for change in connection.files.iter().rev() {
            match self.restore_file(change) {
                Ok(outcome) => undone.files.push(outcome),
                Err(error) => failure = Some(error),
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        if let Some(path) = &connection.pass_file {
            self.disk.remove(Path::new(path)).map_err(|error| disk::failure(Path::new(path), error))?;
        }
        Ok(Some(undone))
    }

    /// Notes that the files of a tool are restored and its pass is revoked.
    pub fn finish(&self, tool: &str) -> Result<(), Failure> {
        let mut ledger = self.ledger.load()?;
        if let Some(connection) = ledger.connection_mut(tool) {
            connection.state = ConnectionState::Undone;
            self.ledger.save(&mut ledger)?;
        }
        Ok(())
    }

    /// Returns the tools that are connected, or were about to be.
    pub fn connected(&self) -> Result<Vec<Connection>, Failure> {
        let ledger = self.ledger.load()?;
        Ok(ledger.connections.into_iter().filter(|one| one.state != ConnectionState::Undone).collect())
    }

    fn restore_file(&self, change: &FileChange) -> Result<FileOutcome, Failure> {
        let path = PathBuf::from(&change.path);
        disk::remove_temporary(self.disk, &path);
        let now = disk::read_text(self.disk, &path)?;
        let restored = match &now {
            Some((text, _)) => undo::restore(change, text)?,
            None => None,
        };
        let mut outcome = FileOutcome {
            path: path.clone(),
            changed: false,
            is_exact: true,
            removed: false,
            kept: Vec::new(),
        };
        if let (Some((old, mode)), Some(Restored { text, kept, is_exact })) = (now, restored) {
            outcome.changed = text.as_ref() != Some(&old);
            (outcome.is_exact, outcome.removed, outcome.kept) = (is_exact, text.is_none(), kept);
            // Others may read it again once the secret is gone, but not while a key stays.
            let mode = if outcome.kept.is_empty() { change.mode.or(mode) } else { mode };
            if outcome.changed {
                disk::replace(self.disk, &path, Some(&old), text.as_deref().map(|text| (text, mode)))?;
            }
        }
        // A folder that was made for it goes, unless something is in it.
        if outcome.removed || !path.exists() {
            change.folders.iter().rev().for_each(|folder| self.disk.remove_folder(Path::new(folder)));
        }
        Ok(outcome)
    }

    /// Returns what the files of a connected tool would be if it were not connected.
    fn as_if_undone(&self, tool: &Tool, ledger: &Ledger) -> Result<UndoneFiles, Failure> {
        let mut files = BTreeMap::new();
        let own = ledger.connection(tool.id).or_else(|| ledger.connection(tool.stands_in_for?));
        for change in own.into_iter().flat_map(|one| &one.files) {
            let path = PathBuf::from(&change.path);
            let Some((text, mode)) = disk::read_text(self.disk, &path)? else { continue };
            let restored = match undo::restore(change, &text)? {
                None => Some(text),
                Some(restored) => restored.text,
            };
            files.insert(path, restored.map(|text| (text, change.mode.or(mode))));
        }
        Ok(files)
    }
}

/// The texts and permissions of files.
type UndoneFiles = BTreeMap<PathBuf, Option<(String, Option<u32>)>>;

fn blocked(tool: &Tool, conflict: &Conflict) -> Failure {
    let Conflict { kind, subject, detail } = conflict;
    let name = tool.name;
    let cause = match kind {
        // These do not block.
        ConflictKind::Variable
        | ConflictKind::Project
        | ConflictKind::Managed
        | ConflictKind::SignIn
        | ConflictKind::Comments
        | ConflictKind::Switcher
        | ConflictKind::Shared => format!("{subject} is in the way"),
        ConflictKind::Served => {
            format!("{subject} is connected with the same keys of {detail}, and {name} uses Usher through it")
        }
        ConflictKind::Key => format!("{detail} has {subject}, which wins; remove that key first"),
        ConflictKind::Version => format!("{name} {subject} is too old; it needs {detail}"),
        ConflictKind::OlderFile => {
            format!(
                "{name} has a {subject}, and {detail} would take its place; create that file in {name} first"
            )
        }
        ConflictKind::Loop => format!("the gateway would send requests to itself ({subject})"),
    };
    Failure::new(ErrorCode::ToolFileUnusable, cause)
}
