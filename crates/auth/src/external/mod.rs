//! Sign-ins that other programs of this computer hold: read, never written.
//!
//! A refresh token is spent by its first use, so two programs with copies of one sign each other out
//! (protocol §3.3, §6). Therefore no refresh token is read here, whatever lies beside it: of what a file
//! holds, only named fields are taken, and the bytes they came from are wiped. [`discover`] shows whose
//! sign-ins there are; [`CodexCli`] reads the one that may be used where it lies, because Codex stays its one
//! writer, and [`CodexTokenSource`] hands its access token out (decision 1).
//!
//! Where to look is given as [`ExternalPaths`]. Everything but the link may wait for a disk, and for a keyring when
//! Codex keeps its sign-in there, so it is not for async code.

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
