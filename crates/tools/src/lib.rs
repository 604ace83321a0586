//! Connects other programs of this computer to the gateway, by named keys in their own files, and undoes it.
//!
//! A [`Tool`] says where its files are and which keys it needs ([`catalog`]); [`document`] changes those keys and nothing
//! else; [`Connections`] writes the files and the ledger, from which [`Connections::restore`] restores them.
//!
//! Without network and without an own view of the environment: [`Surroundings`] is given. A secret comes in only for a
//! tool that cannot run a command for its pass, and none is in the ledger.

pub mod catalog;
mod connections;
mod disk;
pub mod document;
mod key_path;
mod ledger;
mod ledger_file;
mod place;
mod plan;
mod proxy;
mod restore_script;
mod run;
mod setup;
mod shell;
mod surroundings;
mod suspend;
mod undo;
mod value;

pub use catalog::{Check, Minimum, PassMethod, Tool};
pub use connections::{Connections, FileOutcome, Undone};
pub use disk::{Content, Disk, LocalDisk};
pub use key_path::{KeyPath, Step};
pub use ledger::{Connection, ConnectionState, FileChange, KeyChange, Ledger};
pub use ledger_file::{LEDGER_FILE, LedgerCopy, LedgerFile, LedgerStore};
pub use place::{Base, Place};
pub use plan::{Conflict, ConflictKind, FilePreview, KeyPreview, Preview};
pub use restore_script::RESTORE_SCRIPT;
pub use run::{RunSetup, program_name};
pub use setup::{Helper, Model, Setup};
pub use shell::Shell;
pub use surroundings::{Detected, Surroundings};
pub use value::Value;
