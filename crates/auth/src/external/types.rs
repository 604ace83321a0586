//! External sign-ins as types: programs, what was found, and how a program's file is described.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use usher_domain::{AccessToken, ErrorCode, Failure, IdToken, Plan, UnixTime};

use super::paths::ExternalPaths;

/// A program whose sign-ins can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExternalProgram {
    /// OpenAI's own command line.
    Codex,
    /// opencode.
    Opencode,
    /// pi.
    Pi,
    /// Missy.
    Missy,
    /// `CLIProxyAPI`.
    CliProxyApi,
    /// goose.
    Goose,
}

impl fmt::Display for ExternalProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Codex => "Codex CLI",
            Self::Opencode => "opencode",
            Self::Pi => "pi",
            Self::Missy => "Missy",
            Self::CliProxyApi => "CLIProxyAPI",
            Self::Goose => "goose",
        })
    }
}

/// What to do with a sign-in that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// It can be used where it lies ([`CodexCli`]): its owner goes on renewing it.
    Link,
    /// A sign-in of Usher's own is needed: copying a refresh token that rotates signs one of the two out.
    SignIn,
}

/// A sign-in to ChatGPT that another program holds.
///
/// It can hold no secret: a token's type can be neither cloned nor written out, and this can be both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalSignIn {
    /// Whose file it is.
    pub program: ExternalProgram,
    /// The file; Codex's folder when it keeps its sign-in in the keyring.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// Who, where it is said.
    pub email: Option<String>,
    /// `chatgpt_account_id`, from the token where it has one, else as the file says.
    pub account_id: Option<String>,
    /// The plan as the token names it.
    pub plan: Option<Plan>,
    /// When it was last renewed; where that is not said, when the file was last written.
    pub last_refresh: Option<UnixTime>,
    /// When its access token ends.
    pub expires_at: Option<UnixTime>,
    /// Whether that time has come. The program can still renew it.
    pub expired: bool,
    /// What to do with it.
    pub advice: Advice,
}

/// Something of a program that is there and could not be read. Carries nothing of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalReadError {
    /// Whose it is.
    pub program: ExternalProgram,
    /// Where it is.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// `malformed_answer` for what is not as the program writes it, `store_unavailable` for what could not be
    /// reached, `store_locked` for a keyring that is locked or does not answer, `sign_in_required` for Codex where it
    /// is signed in, but not to ChatGPT.
    pub code: ErrorCode,
    /// Why, for people.
    #[serde(rename = "why")]
    pub cause: String,
}

impl ExternalReadError {
    pub(super) fn new(
        program: ExternalProgram,
        path: &Path,
        code: ErrorCode,
        cause: impl Into<String>,
    ) -> Self {
        Self { program, path: path.to_owned(), code, cause: cause.into() }
    }
}

impl fmt::Display for ExternalReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the sign-in of {} in {} could not be read: {}",
            self.program,
            self.path.display(),
            self.cause
        )
    }
}

impl From<ExternalReadError> for Failure {
    fn from(trouble: ExternalReadError) -> Self {
        Self::new(trouble.code, trouble.to_string())
    }
}

/// A path for people: one that is no Unicode is shown as well as it can be, and fails nothing.
fn as_text<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// Everything that was found, Codex first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// One per account of each program.
    pub sign_ins: Vec<ExternalSignIn>,
    /// One per file that is broken; the others are shown all the same.
    #[serde(rename = "troubles")]
    pub errors: Vec<ExternalReadError>,
}

/// How a program writes sign-ins down that can be shown, and no more.
pub(super) trait CredentialFile: DeserializeOwned {
    const PROGRAM: ExternalProgram;

    /// Where its files are; nothing when the folder they are counted from is not known.
    fn path(paths: &ExternalPaths) -> Option<CredentialPath>;

    /// The sign-in to ChatGPT that a file holds, if it holds one.
    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential>;
}

/// Where a program's files are.
pub(super) enum CredentialPath {
    /// One file.
    File(PathBuf),
    /// Every file of a folder with such a name.
    Folder(PathBuf, fn(&str) -> bool),
}

/// A file that is JSON, but lacks what makes it a sign-in.
pub(super) struct NotACredential;

/// What a file says of a sign-in, besides its tokens.
#[derive(Default)]
pub(super) struct ExternalCredential {
    pub(super) access: Option<AccessToken>,
    pub(super) id: Option<IdToken>,
    pub(super) email: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) last_refresh: Option<UnixTime>,
}
