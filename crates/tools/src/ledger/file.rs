//! The file of the ledger, with its copy and its script.

use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use crate::ledger::restore_script;
use crate::ledger::{Ledger, VERSION};
use crate::system::disk::{self, Disk};

/// The name of the ledger's file, beside the data.
pub const LEDGER_FILE: &str = "tools-ledger.json";

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
        // Before the ledger, so that what it has can always be restored without Usher.
        restore_script::save(self.disk, self.path.parent().unwrap_or(Path::new(".")), ledger)?;
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
