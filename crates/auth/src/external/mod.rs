//! Sign-ins of other programs on this computer: read, never written.
//!
//! A refresh token is spent by its first use, so two programs with copies of one sign each other out
//! (protocol §3.3, §6). Therefore no refresh token is read here: only named fields of a file are parsed, and the bytes
//! they came from are wiped. [`discover()`] lists the sign-ins; [`CodexCli`] reads the one that can be used in place,
//! because Codex stays its only writer, and [`CodexTokenSource`] hands out its access token (decision 1).
//!
//! [`ExternalPaths`] says where to look. Everything but [`CodexTokenSource`] may wait for a disk, and for a keyring when
//! Codex stores its sign-in there, so it must not be called from async code.

mod cliproxyapi;
mod codex;
mod discover;
mod fields;
mod goose;
mod missy;
mod opencode;
mod paths;
mod pi;
mod read_file;
mod types;

pub use codex::{CodexCli, CodexOtherMode, CodexSignIn, CodexState, CodexTokenSource};
pub use discover::discover;
pub use paths::ExternalPaths;
pub use types::{Advice, Discovery, ExternalProgram, ExternalReadError, ExternalSignIn};
