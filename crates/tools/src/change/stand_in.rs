//! Tools that read the same keys: one connection serves both.
//!
//! The other connection stays in the ledger without files, so that it can be connected again afterwards.

use usher_domain::Failure;

use crate::catalog::{self, Method, Tool};
use crate::change::conflicts::{Conflict, ConflictKind};
use crate::change::connections::Connections;
use crate::ledger::{Connection, ConnectionState, Ledger};

impl Tool {
    /// Returns the tool whose connection serves this one, among those that are connected.
    pub fn served_by(&self, connected: &[Connection]) -> Option<&'static Self> {
        let is_connected = |tool: &&Self| {
            tool.stands_in_for == Some(self.id) && connected.iter().any(|one| one.tool == tool.id)
        };
        catalog::ALL.into_iter().find(is_connected)
    }
}

impl Connections<'_> {
    /// Returns what connecting a tool means for those that read the same keys.
    pub(crate) fn shared_keys(&self, tool: &Tool, ledger: &Ledger) -> Option<Conflict> {
        let conflict = |kind, other: &Tool| Conflict {
            kind,
            subject: other.name.to_owned(),
            detail: match &other.method {
                Method::Files([file, ..]) => {
                    self.surroundings.shown(&self.surroundings.folder(&file.folder).join(file.create))
                }
                _ => String::new(),
            },
        };
        let connected: Vec<Connection> =
            ledger.connections.iter().filter(|one| one.state != ConnectionState::Undone).cloned().collect();
        let served_by = tool.served_by(&connected).map(|other| conflict(ConflictKind::Served, other));
        served_by.or_else(|| tool.served_tool().map(|other| conflict(ConflictKind::Shared, other)))
    }

    /// Restores the files of a tool that another connection is about to serve.
    pub(crate) fn take_over(&self, served: &Tool) -> Result<(), Failure> {
        let mut ledger = self.ledger.load()?;
        let Some(connection) = ledger.connection_mut(served.id) else { return Ok(()) };
        if connection.files.is_empty() {
            return Ok(());
        }
        // Before the files are: a program that ends between goes on the next time.
        connection.state = ConnectionState::Suspended;
        self.ledger.save(&mut ledger)?;
        self.restore(served.id)?;
        // Its keys have the same values as those of the other connection, and would be taken for its own.
        if let Some(connection) = ledger.connection_mut(served.id) {
            connection.files.clear();
        }
        self.ledger.save(&mut ledger)
    }
}
