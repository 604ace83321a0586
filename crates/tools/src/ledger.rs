//! The ledger: what was changed in which file, so that it can be undone.
//!
//! It is written before a file is, so a file that has new keys is always in it. It has no secret: of what was written it
//! keeps lengths and hashes, and of what was there before only the text of the changed keys. Where that could be a secret,
//! nothing is changed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use usher_domain::{ErrorCode, Failure, UnixTime};

use crate::disk::{self, Disk};
use crate::document::Format;
use crate::key_path::KeyPath;

/// The name of the ledger's file, beside the data.
pub const LEDGER_FILE: &str = "tools-ledger.json";

/// All connections of this home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The version of this format.
    pub version: u32,
    /// Counts the changes of the ledger; of two copies the one with more is the newer one.
    pub serial: u64,
    /// The connections, the oldest first.
    pub connections: Vec<Connection>,
}

/// The version that is written.
const VERSION: u32 = 1;

impl Default for Ledger {
    fn default() -> Self {
        Self { version: VERSION, serial: 0, connections: Vec::new() }
    }
}

/// One tool that was connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The tool.
    pub tool: String,
    /// How far it is.
    pub state: ConnectionState,
    /// The name of the pass that was made for it.
    pub pass: String,
    /// The file that holds the pass, if the tool reads one.
    pub pass_file: Option<String>,
    /// When it was connected.
    pub at: UnixTime,
    /// What was changed.
    pub files: Vec<FileChange>,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Its files are the old ones, or some are the new ones already.
    Planned,
    /// Its files are the new ones.
    Applied,
    /// Its files are restored.
    Undone,
}

/// What was changed in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where the file is; a link is not followed.
    pub path: String,
    /// Its format.
    pub format: Format,
    /// Whether there was one.
    pub existed: bool,
    /// Its permissions before.
    pub mode: Option<u32>,
    /// Folders that were made for it, the outermost first.
    pub folders: Vec<String>,
    /// The hash of what it was.
    pub before: String,
    /// The hash of what it became.
    pub after: String,
    /// The changes, one after the other.
    pub splices: Vec<SpliceRecord>,
    /// The keys that were changed, one after the other.
    pub keys: Vec<KeyChange>,
}

/// A change of a text, of which what was inserted is known by its length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpliceRecord {
    /// Where, in bytes.
    pub at: usize,
    /// What was there.
    pub removed: String,
    /// How many bytes took its place.
    pub inserted: usize,
}

/// A key that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// Which.
    pub path: KeyPath,
    /// The text of its value before; `None` where it was missing.
    pub previous: Option<String>,
    /// The hash of the text that was written.
    pub written: String,
    /// How many of the tables that it is in were made for it.
    pub made: usize,
}

/// Where the ledger is kept.
pub trait LedgerStore: Send + Sync {
    /// Returns the ledger; an empty one where there is none.
    fn load(&self) -> Result<Ledger, Failure>;
    /// Replaces the ledger.
    fn save(&self, ledger: &mut Ledger) -> Result<(), Failure>;
}

/// A second place for the ledger.
pub trait LedgerCopy: Send + Sync {
    /// Returns the text that was kept.
    fn load(&self) -> Option<String>;
    /// Keeps a text. The file is there already, so a failure is the copy's own matter.
    fn save(&self, text: &str);
}

/// The ledger in its file, with a copy.
pub struct LedgerFile<'a> {
    path: PathBuf,
    disk: &'a dyn Disk,
    copy: Option<&'a dyn LedgerCopy>,
}

impl<'a> LedgerFile<'a> {
    /// Creates the ledger of the data in `folder`.
    pub fn new(folder: &Path, disk: &'a dyn Disk, copy: Option<&'a dyn LedgerCopy>) -> Self {
        Self { path: folder.join(LEDGER_FILE), disk, copy }
    }

    fn file(&self) -> Result<Option<Ledger>, Failure> {
        let Some((text, _)) = disk::read_text(self.disk, &self.path)? else { return Ok(None) };
        self.parse(&text).map(Some)
    }

    fn parse(&self, text: &str) -> Result<Ledger, Failure> {
        let ledger: Ledger = serde_json::from_str(text).map_err(|error| {
            disk::failure(&self.path, format!("the ledger of connected tools is damaged: {error}"))
        })?;
        if ledger.version > VERSION {
            let cause = format!("{}: a newer version of Usher wrote it; update Usher", self.path.display());
            return Err(Failure::new(ErrorCode::ToolFileUnusable, cause));
        }
        Ok(ledger)
    }
}

impl LedgerStore for LedgerFile<'_> {
    /// Either of file and copy suffices; the newer one counts.
    fn load(&self) -> Result<Ledger, Failure> {
        let copy = self.copy.and_then(LedgerCopy::load).and_then(|text| self.parse(&text).ok());
        match (self.file(), copy) {
            (Ok(Some(file)), Some(copy)) if copy.serial > file.serial => Ok(copy),
            (Ok(Some(file)), _) => Ok(file),
            (Ok(None) | Err(_), Some(copy)) => Ok(copy),
            (Ok(None), None) => Ok(Ledger::default()),
            (Err(failure), None) => Err(failure),
        }
    }

    fn save(&self, ledger: &mut Ledger) -> Result<(), Failure> {
        ledger.serial += 1;
        ledger.version = VERSION;
        let mut text = serde_json::to_string_pretty(ledger).map_err(|error| {
            Failure::new(ErrorCode::Internal, format!("the ledger cannot be written: {error}"))
        })?;
        text.push('\n');
        disk::make_folders(self.disk, &self.path)?;
        // Compared with what it is at this moment: it is this process that holds the lock.
        let old = self.disk.read(&self.path).ok().flatten();
        let old = old.as_ref().map(|old| String::from_utf8_lossy(&old.bytes));
        disk::replace(self.disk, &self.path, old.as_deref(), Some((&text, Some(disk::PRIVATE))))?;
        if let Some(copy) = self.copy {
            copy.save(&text);
        }
        Ok(())
    }
}

impl Ledger {
    /// Returns the connection of a tool that is not undone.
    pub fn connection(&self, tool: &str) -> Option<&Connection> {
        let mut all = self.connections.iter().rev();
        all.find(|one| one.tool == tool && one.state != ConnectionState::Undone)
    }

    pub(crate) fn connection_mut(&mut self, tool: &str) -> Option<&mut Connection> {
        let mut all = self.connections.iter_mut().rev();
        all.find(|one| one.tool == tool && one.state != ConnectionState::Undone)
    }
}

/// Returns the hash of a text.
pub(crate) fn hash(text: &str) -> String {
    use std::fmt::Write as _;
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String never fails");
        hex
    })
}
