//! The Codex CLI's own sign-in, read again each time (decision 1, protocol §6).
//!
//! Codex stays its only writer: nothing here refreshes, repairs or removes anything.

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

/// The Codex CLI of this computer, whether it is signed in or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodexCli {
    /// `CODEX_HOME`.
    home: PathBuf,
}

/// The state of Codex's sign-in.
pub enum CodexState {
    /// Codex was never used here: it has no folder.
    Absent,
    /// Codex was used here, and nobody is signed in.
    SignedOut,
    /// Codex is signed in, but not with ChatGPT.
    Other(CodexOtherMode),
    /// Codex is signed in with ChatGPT.
    SignedIn(CodexSignIn),
    /// Codex is signed in with ChatGPT, but the access token has expired. Any run of Codex refreshes it.
    Expired(CodexSignIn),
}

/// Codex's sign-in with ChatGPT, without its refresh token.
#[derive(Clone)]
pub struct CodexSignIn {
    /// The account. If the file names another one than the token, the token is right.
    pub account: Account,
    /// The current access token.
    pub access: Arc<AccessToken>,
    /// The `exp` of the access token, if it can be read.
    pub expires_at: Option<UnixTime>,
    /// When Codex last refreshed it; if the file does not contain that, when the file was last written.
    pub last_refresh: Option<UnixTime>,
    /// The issuer (`oauth_provenance.issuer`); older versions of Codex do not write it.
    pub issuer: Option<String>,
    /// The file, or Codex's folder when the sign-in is in the keyring.
    pub path: PathBuf,
}

/// A parsed `auth.json` with its source.
struct StoredAuth {
    auth_file: AuthFile,
    path: PathBuf,
    modified: Option<UnixTime>,
}

impl CodexCli {
    /// Returns the Codex CLI of `paths`, or `None` if neither its folder nor the user's is known.
    pub fn from_paths(paths: &ExternalPaths) -> Option<Self> {
        paths.codex_home().map(|home| Self { home })
    }

    /// Returns the folder of Codex.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Reads the current state.
    ///
    /// Fails with `MalformedAnswer` when the file is not in Codex's format, also when read twice; with
    /// `StoreUnavailable` or `StoreLocked` when the file or the keyring cannot be read. May wait for a keyring, so it must
    /// not be called from async code.
    pub fn read(&self, now: UnixTime) -> Result<CodexState, Failure> {
        self.read_state(now).map_err(Failure::from)
    }

    /// Reads the current state; an error has its path in a field of its own.
    pub(super) fn read_state(&self, now: UnixTime) -> Result<CodexState, ExternalReadError> {
        if !self.home.is_dir() {
            return Ok(CodexState::Absent);
        }
        let stored = match store_mode::read(&self.home)? {
            CredentialStoreMode::File => self.read_file()?,
            CredentialStoreMode::Keyring => self.read_keyring()?,
            CredentialStoreMode::Auto => self.read_keyring_or_file()?,
            CredentialStoreMode::Ephemeral => return Ok(CodexState::Other(CodexOtherMode::Ephemeral)),
        };
        stored.map_or(Ok(CodexState::SignedOut), |stored| stored.state(now))
    }

    fn read_file(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        let path = self.home.join(AUTH_FILE);
        let file = read_file::read(ExternalProgram::Codex, &path, AuthFile::parse)?;
        Ok(file.map(|file| StoredAuth { auth_file: file.content, path, modified: file.modified }))
    }

    fn read_keyring(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        let Some(text) = store_mode::read_keyring(&self.home)? else { return Ok(None) };
        let auth_file = AuthFile::parse(text.as_bytes())
            .ok_or_else(|| read_file::foreign(ExternalProgram::Codex, &self.home))?;
        Ok(Some(StoredAuth { auth_file, path: self.home.clone(), modified: None }))
    }

    /// Reads the keyring, else the file, as Codex does. Without a file either, the keyring's error is returned.
    fn read_keyring_or_file(&self) -> Result<Option<StoredAuth>, ExternalReadError> {
        match self.read_keyring() {
            Ok(None) => self.read_file(),
            Err(error) => self.read_file()?.map(Some).ok_or(error),
            stored => stored,
        }
    }
}

impl StoredAuth {
    fn state(self, now: UnixTime) -> Result<CodexState, ExternalReadError> {
        if let Some(other) = self.auth_file.other_mode() {
            return Ok(CodexState::Other(other));
        }
        let Self { auth_file, path, modified } = self;
        let Some(Tokens { id_token, access_token: Some(access), account_id, oauth_provenance }) =
            auth_file.tokens
        else {
            return Ok(CodexState::SignedOut);
        };
        let mut token_claims = claims::read_claims(id_token.as_ref(), Some(&access));
        token_claims.account_id = token_claims.account_id.or(fields::account_id(account_id));
        let account = token_claims.account().map_err(|failure| unusable(&path, failure))?;
        let expires_at = claims::expires_at(&access);
        let sign_in = CodexSignIn {
            account,
            access: Arc::new(access),
            expires_at,
            last_refresh: fields::time(auth_file.last_refresh.as_ref()).or(modified),
            issuer: oauth_provenance.and_then(|provenance| provenance.issuer),
            path,
        };
        let is_expired = expires_at.is_some_and(|end| end <= now);
        Ok(if is_expired { CodexState::Expired(sign_in) } else { CodexState::SignedIn(sign_in) })
    }
}

fn unusable(path: &Path, failure: Failure) -> ExternalReadError {
    ExternalReadError::new(ExternalProgram::Codex, path, failure.code, failure.cause)
}
