//! Restores the files of a tool while the gateway does not answer, and connects it again.
//!
//! Nobody is asked at that moment, so nothing is changed where a person or a program has changed a key since.

use std::path::Path;

use usher_domain::{Failure, UnixTime};

use crate::catalog::Tool;
use crate::change::connections::Connections;
use crate::change::plan::Preview;
use crate::ledger::{Connection, ConnectionState, hash};
use crate::setup::Setup;
use crate::system::disk;

impl Connections<'_> {
    /// Restores the files of a connected tool until [`Connections::begin_again`]. Its pass stays.
    ///
    /// Returns the keys that somebody changed since; then nothing is changed.
    pub fn suspend(&self, tool: &str) -> Result<Vec<String>, Failure> {
        let mut ledger = self.ledger.load()?;
        let Some(connection) = ledger.connection_mut(tool) else { return Ok(Vec::new()) };
        let changed = self.changed_keys(connection)?;
        if !changed.is_empty() {
            return Ok(changed);
        }
        if connection.state != ConnectionState::Suspended {
            // Before the files are: a program that ends between goes on the next time.
            connection.state = ConnectionState::Suspended;
            self.ledger.save(&mut ledger)?;
        }
        self.restore(tool)?;
        Ok(Vec::new())
    }

    /// Sets after how many minutes without an answer of the gateway the files of a connected tool are restored.
    pub fn set_restore_after(&self, tool: &str, minutes: Option<u32>) -> Result<(), Failure> {
        let mut ledger = self.ledger.load()?;
        if let Some(connection) = ledger.connection_mut(tool) {
            connection.restore_after = minutes;
            self.ledger.save(&mut ledger)?;
        }
        Ok(())
    }

    /// Notes that a suspended tool is about to be connected again, as [`Connections::begin`] does for a new one.
    ///
    /// Returns the keys that somebody changed since, or the files that would be others by now; then nothing is changed.
    pub fn begin_again(
        &self,
        tool: &Tool,
        setup: &Setup,
        seen: &Preview,
        now: UnixTime,
    ) -> Result<Vec<String>, Failure> {
        let ledger = self.ledger.load()?;
        let Some(connection) = ledger.connection(tool.id) else { return Ok(Vec::new()) };
        let mut changed = self.changed_keys(connection)?;
        let is_planned = |path: &str| seen.files.iter().any(|file| file.path == Path::new(path));
        changed
            .extend(connection.files.iter().map(|file| file.path.clone()).filter(|path| !is_planned(path)));
        if changed.is_empty() {
            self.begin_as(ConnectionState::Suspended, tool, setup, seen, now)?;
        }
        Ok(changed)
    }

    /// Returns the keys that have neither what Usher wrote nor, in a suspended connection, what was there before.
    fn changed_keys(&self, connection: &Connection) -> Result<Vec<String>, Failure> {
        let is_suspended = connection.state == ConnectionState::Suspended;
        let mut changed = Vec::new();
        for change in &connection.files {
            let path = Path::new(&change.path);
            let Some((text, _)) = disk::read_text(self.disk, path)? else {
                if change.existed || !is_suspended {
                    changed.push(change.path.clone());
                }
                continue;
            };
            for key in &change.keys {
                let raw = change.format.raw(&text, &key.path).map_err(|error| disk::failure(path, error))?;
                let is_ours = raw.as_deref().is_some_and(|raw| hash(raw) == key.written);
                if !(is_ours || is_suspended && raw == key.previous) {
                    changed.push(key.path.to_string());
                }
            }
        }
        Ok(changed)
    }
}
