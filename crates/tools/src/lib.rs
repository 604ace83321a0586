//! Connects other programs of this computer to the gateway, by named keys in their own files, and undoes it.
//!
//! A [`Tool`] says where its files are and which keys it needs ([`catalog`]); [`document`] changes those keys and nothing
//! else; [`Connections`] writes the files and the ledger, from which [`Connections::restore`] restores them.
//!
//! Without network and without an own view of the environment: [`Surroundings`] is given. A secret comes in only for a
//! tool that cannot run a command for its pass, and none is in the ledger.

pub mod catalog;
mod change;
pub mod document;
mod ledger;
mod run;
mod setup;
mod system;

pub use catalog::{Check, Minimum, PassMethod, Tool};
pub use change::conflicts::{Conflict, ConflictKind};
pub use change::connections::{Connections, FileOutcome, Undone};
pub use change::plan::{FilePreview, KeyPreview, Preview};
pub use document::key_path::{KeyPath, Step};
pub use document::value::Value;
pub use ledger::file::{LEDGER_FILE, LedgerCopy, LedgerFile, LedgerStore};
pub use ledger::restore_script::RESTORE_SCRIPT;
pub use ledger::{Connection, ConnectionState, FileChange, KeyChange, Ledger};
pub use run::{RunSetup, program_name};
pub use setup::{Helper, Model, Setup};
pub use system::disk::{Content, Disk, LocalDisk};
pub use system::place::{Base, Place};
pub use system::shell::Shell;
pub use system::surroundings::{Detected, Surroundings};
