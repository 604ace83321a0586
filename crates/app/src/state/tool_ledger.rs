//! The copy of the ledger of connected tools, for when its file is gone.

use rusqlite::OptionalExtension as _;
use usher_domain::Failure;
use usher_tools::LedgerCopy;

use super::State;

impl State {
    fn read_tool_ledger(&self) -> Result<Option<String>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(None) };
        db.query_row("SELECT ledger FROM tool_ledger WHERE id = 1", [], |row| row.get(0))
            .optional()
            .map_err(|error| self.failed(&error))
    }
}

impl LedgerCopy for State {
    fn load(&self) -> Option<String> {
        self.or_none(self.read_tool_ledger())
    }

    fn save(&self, text: &str) {
        let saved = self.execute("INSERT OR REPLACE INTO tool_ledger (id, ledger) VALUES (1, ?1)", [text]);
        if let Err(failure) = saved {
            tracing::warn!(cause = %failure, "the ledger of connected tools is in its file only");
        }
    }
}
