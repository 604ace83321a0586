//! Types of external sign-ins: programs, results, and the trait of a program's credential file.

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

impl ExternalProgram {
    /// Returns its name for the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Opencode => "opencode",
            Self::Pi => "pi",
            Self::Missy => "missy",
            Self::CliProxyApi => "cli-proxy-api",
            Self::Goose => "goose",
        }
    }
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

/// What a user can do with an external sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Use it in place ([`CodexCli`](super::CodexCli)): its program goes on refreshing it.
    Link,
    /// Sign in with Usher: a copy of a rotating refresh token would sign one of the two programs out.
    SignIn,
}

/// A ChatGPT sign-in of another program.
///
/// It cannot contain a secret: the types of tokens are neither `Clone` nor `Serialize`, and this one is both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalSignIn {
    /// The program whose sign-in it is.
    pub program: ExternalProgram,
    /// The file, or Codex's folder when the sign-in is in the keyring.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// The e-mail address, if known.
    pub email: Option<String>,
    /// `chatgpt_account_id` from the token, else from the file.
    pub account_id: Option<String>,
    /// The plan as the token names it.
    pub plan: Option<Plan>,
    /// When it was last refreshed; if the file does not contain that, when the file was last written.
    pub last_refresh: Option<UnixTime>,
    /// When its access token expires.
    pub expires_at: Option<UnixTime>,
    /// Whether the access token has expired. The program can still refresh it.
    pub expired: bool,
    /// What the user can do with it.
    pub advice: Advice,
    /// The file of another program that holds the same access token: one of the two is a copy, and the first program that
    /// refreshes signs the other one out.
    #[serde(skip)]
    pub same_as: Option<PathBuf>,
}

/// A file or keyring entry that exists and could not be read. Contains nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalReadError {
    /// The program of the file.
    pub program: ExternalProgram,
    /// The file or folder.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// `malformed_answer` for a format that is not the program's, `store_unavailable` for a failed read, `store_locked`
    /// for a keyring that is locked or does not respond, `sign_in_required` for a Codex that is signed in, but not with
    /// ChatGPT.
    pub code: ErrorCode,
    /// The cause, for people.
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
    fn from(error: ExternalReadError) -> Self {
        Self::new(error.code, error.to_string())
    }
}

/// Serializes a path for people. One that is not Unicode is converted lossily instead of failing.
fn as_text<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// All external sign-ins and errors, Codex first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// One for each account of each program.
    pub sign_ins: Vec<ExternalSignIn>,
    /// One for each file that could not be read.
    #[serde(rename = "troubles")]
    pub errors: Vec<ExternalReadError>,
    /// The hashes of the access tokens of `sign_ins`.
    #[serde(skip)]
    pub(super) fingerprints: Vec<Option<Fingerprint>>,
}

/// The hash of an access token, by which copies of it are found.
pub(super) type Fingerprint = [u8; 32];

/// A program's credential file, whose sign-in can be shown but not used.
pub(super) trait CredentialFile: DeserializeOwned {
    const PROGRAM: ExternalProgram;

    /// Returns where its files are, or `None` if their base folder is unknown.
    fn path(paths: &ExternalPaths) -> Option<CredentialPath>;

    /// Returns the ChatGPT sign-in of the file, if there is one.
    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential>;
}

/// Where a program's files are.
pub(super) enum CredentialPath {
    /// One file.
    File(PathBuf),
    /// Every file of a folder whose name matches.
    Folder(PathBuf, fn(&str) -> bool),
}

/// The error for a JSON file without the fields of a sign-in.
pub(super) struct NotACredential;

/// The fields of a sign-in in a program's file.
#[derive(Default)]
pub(super) struct ExternalCredential {
    pub(super) access: Option<AccessToken>,
    pub(super) id: Option<IdToken>,
    pub(super) email: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) last_refresh: Option<UnixTime>,
}
