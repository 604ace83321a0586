//! The Codex CLI's own sign-in, read fresh each time (decision 1, protocol §6).
//!
//! Codex stays its one writer: nothing here renews, repairs or removes anything.

mod auth_file;
mod store_mode;
mod token_source;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_domain::{AccessToken, Account, Failure, UnixTime};

pub use self::auth_file::CodexOtherMode;
use self::auth_file::{AuthFile, Tokens};
use self::store_mode::CredentialStoreMode;
pub use self::token_source::CodexTokenSource;
use super::fields;
use super::paths::ExternalPaths;
use super::read_file;
use super::types::{ExternalProgram, ExternalReadError};
use crate::tokens::claims;

const AUTH_FILE: &str = "auth.json";

/// Codex on this computer, whether it is signed in or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodexCli {
    /// `CODEX_HOME`.
    home: PathBuf,
}

/// How Codex stands.
pub enum CodexState {
    /// Codex was never used here: it has no folder.
    Absent,
    /// Codex was used here, and nobody is signed in.
    SignedOut,
    /// Codex is signed in, but not with ChatGPT.
    Other(CodexOtherMode),
    /// Signed in with ChatGPT.
    SignedIn(CodexSignIn),
    /// The same, but the access token has ended. Any run of Codex renews it.
    Expired(CodexSignIn),
}

/// Codex's sign-in with ChatGPT, without what renews it.
#[derive(Clone)]
pub struct CodexSignIn {
    /// Who. Where the file names another account than the token, the token is right.
    pub account: Account,
    /// The current access token.
    pub access: Arc<AccessToken>,
    /// `exp` of the access token, where it can be read.
    pub expires_at: Option<UnixTime>,
    /// When Codex last renewed it; where that is not said, when the file was last written.
    pub last_refresh: Option<UnixTime>,
    /// The authorization server that issued it (`oauth_provenance.issuer`); older versions of Codex do not say.
    pub issuer: Option<String>,
    /// The file; Codex's folder when it keeps its sign-in in the keyring.
    pub path: PathBuf,
}

/// What Codex has written down, and where.
struct StoredAuth {
    auth_file: AuthFile,
    path: PathBuf,
    modified: Option<UnixTime>,
}

impl CodexCli {
    /// Codex at its place; nothing when neither that nor the person's folder is known.
    pub fn from_paths(paths: &ExternalPaths) -> Option<Self> {
        paths.codex_home().map(|home| Self { home })
    }

    /// Where all of Codex is.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// How Codex stands now. Fails with `MalformedAnswer` when its file is not what Codex writes, also when read
    /// twice; with `StoreUnavailable` or `StoreLocked` when file or keyring cannot be read. May wait for a
    /// keyring, so not for async code.
    pub fn read(&self, now: UnixTime) -> Result<CodexState, Failure> {
        self.read_state(now).map_err(Failure::from)
    }

    /// The same, with the place of a trouble apart.
    pub(super) fn read_state(&self, now: UnixTime) -> Result<CodexState, ExternalReadError> {
        if !self.home.is_dir() {
            return Ok(CodexState::Absent);
        }
        let kept = match store_mode::read(&self.home)? {
            CredentialStoreMode::File => self.read_file()?,
            CredentialStoreMode::Keyring => self.read_keyring()?,
            CredentialStoreMode::Auto => self.read_keyring_or_file()?,
            CredentialStoreMode::Ephemeral => return Ok(CodexState::Other(CodexOtherMode::Ephemeral)),
        };
        kept.map_or(Ok(CodexState::SignedOut), |kept| kept.state(now))
    }

    fn read_file(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        let path = self.home.join(AUTH_FILE);
        let written = read_file::read(ExternalProgram::Codex, &path, AuthFile::parse)?;
        Ok(written.map(|written| StoredAuth { auth_file: written.content, path, modified: written.modified }))
    }

    fn read_keyring(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        let Some(text) = store_mode::read_keyring(&self.home)? else { return Ok(None) };
        let auth_file = AuthFile::parse(text.as_bytes())
            .ok_or_else(|| read_file::foreign(ExternalProgram::Codex, &self.home))?;
        Ok(Some(StoredAuth { auth_file, path: self.home.clone(), modified: None }))
    }

    /// As Codex does it: what cannot be had from the keyring may be in the file. When it is not there either,
    /// the keyring is what is in the way.
    fn read_keyring_or_file(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        match self.read_keyring() {
            Ok(None) => self.read_file(),
            Err(trouble) => self.read_file()?.map(Some).ok_or(trouble),
            kept => kept,
        }
    }
}

impl StoredAuth {
    fn state(self, now: UnixTime) -> Result<CodexState, ExternalReadError> {
        if let Some(other) = self.auth_file.other() {
            return Ok(CodexState::Other(other));
        }
        let Self { auth_file, path, modified } = self;
        let Some(Tokens { id_token, access_token: Some(access), account_id, oauth_provenance }) =
            auth_file.tokens
        else {
            return Ok(CodexState::SignedOut);
        };
        let mut claimed = claims::claimed(id_token.as_ref(), Some(&access));
        claimed.account_id = claimed.account_id.or(fields::account_id(account_id));
        let account = claimed.account().map_err(|failure| unnamed(&path, failure))?;
        let expires_at = claims::expires_at(&access);
        let sign_in = CodexSignIn {
            account,
            access: Arc::new(access),
            expires_at,
            last_refresh: fields::rfc3339(auth_file.last_refresh.as_deref()).or(modified),
            issuer: oauth_provenance.and_then(|provenance| provenance.issuer),
            path,
        };
        let has_ended = expires_at.is_some_and(|end| end <= now);
        Ok(if has_ended { CodexState::Expired(sign_in) } else { CodexState::SignedIn(sign_in) })
    }
}

fn unnamed(path: &Path, failure: Failure) -> ExternalReadError {
    ExternalReadError::new(ExternalProgram::Codex, path, failure.code, failure.cause)
}
