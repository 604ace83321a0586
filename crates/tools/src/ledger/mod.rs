//! The ledger: what was changed in which file, so that it can be undone.
//!
//! It is written before a file is, so a file that has new keys is always in it. It has no secret: of what was written it
//! keeps lengths and hashes, and of what was there before only the text of the changed keys. Where that could be a secret,
//! nothing is changed.

pub(crate) mod file;
pub(crate) mod restore_script;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use usher_domain::UnixTime;

use crate::document::Format;
use crate::document::key_path::KeyPath;

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
pub(crate) const VERSION: u32 = 1;

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
    /// Whether it uses Usher by itself.
    #[serde(default)]
    pub make_default: bool,
    /// After how many minutes without an answer of the gateway its files are restored until that answers again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_after: Option<u32>,
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
    /// Its files are restored, or about to be, until the gateway answers again.
    Suspended,
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
    /// The changes, which do not touch each other, in order: each position is also the one in what it became.
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
    /// What took its place, by which it is found in a file that was changed since. Ledgers of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<WrittenText>,
}

/// A text that was inserted, without the secret that may be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenText {
    /// What is before the secret; all of it where there is none.
    pub before: String,
    /// How many bytes the secret has.
    pub hidden: usize,
    /// What is after the secret.
    pub after: String,
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
