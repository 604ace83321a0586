//! Sign-ins that other programs of this computer hold: read, never written.
//!
//! A refresh token is spent by its first use, so two programs with copies of one sign each other out
//! (protocol §3.3, §6). Therefore no refresh token is read here, whatever lies beside it: of what a file
//! holds, only named fields are taken, and the bytes they came from are wiped. [`find`] shows whose
//! sign-ins there are; [`CodexCli`] reads the one that may be used where it lies, because Codex stays its one
//! writer, and [`CodexLink`] hands its access token out (decision 1).
//!
//! Where to look is given as [`Places`]. Everything but the link may wait for a disk, and for a keyring when
//! Codex keeps its sign-in there, so it is not for async code.

mod cliproxyapi;
mod codex;
mod file;
mod found;
mod goose;
mod missy;
mod opencode;
mod pi;
mod places;
mod shape;

pub use codex::{CodexCli, CodexLink, CodexOther, CodexSignIn, CodexState};
pub use found::{Advice, Found, FoundSignIn, Program, Trouble, find};
pub use places::Places;
