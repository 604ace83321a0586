//! The Codex CLI's own sign-in, read fresh each time (decision 1, protocol §6).
//!
//! Codex stays its one writer: nothing here renews, repairs or removes anything.

mod keep;
mod link;
mod record;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use usher_domain::{AccessToken, Account, Failure, UnixTime};

use self::keep::Keep;
pub use self::link::CodexLink;
pub use self::record::CodexOther;
use self::record::{Record, Tokens};
use super::file;
use super::found::{Program, Trouble};
use super::places::Places;
use super::shape;
use crate::identity;

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
    Other(CodexOther),
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
struct Kept {
    record: Record,
    path: PathBuf,
    modified: Option<UnixTime>,
}

impl CodexCli {
    /// Codex at its place; nothing when neither that nor the person's folder is known.
    pub fn of(places: &Places) -> Option<Self> {
        places.codex_home().map(|home| Self { home })
    }

    /// Where all of Codex is.
    pub(super) fn place(&self) -> &Path {
        &self.home
    }

    /// How Codex stands now. Fails with `MalformedAnswer` when its file is not what Codex writes, also when read
    /// twice; with `StoreUnavailable` or `StoreLocked` when file or keyring cannot be read. May wait for a
    /// keyring, so not for async code.
    pub fn read(&self, now: UnixTime) -> Result<CodexState, Failure> {
        self.look(now).map_err(Failure::from)
    }

    /// The same, with the place of a trouble apart.
    pub(super) fn look(&self, now: UnixTime) -> Result<CodexState, Trouble> {
        if !self.home.is_dir() {
            return Ok(CodexState::Absent);
        }
        let kept = match keep::read(&self.home)? {
            Keep::File => self.in_file()?,
            Keep::Keyring => self.in_keyring()?,
            Keep::Auto => self.in_keyring_else_file()?,
            Keep::Ephemeral => return Ok(CodexState::Other(CodexOther::Ephemeral)),
        };
        kept.map_or(Ok(CodexState::SignedOut), |kept| kept.state(now))
    }

    fn in_file(&self) -> Result<Option<Kept>, Trouble> {
        let path = self.home.join(AUTH_FILE);
        let written = file::read(Program::Codex, &path, Record::parse)?;
        Ok(written.map(|written| Kept { record: written.content, path, modified: written.modified }))
    }

    fn in_keyring(&self) -> Result<Option<Kept>, Trouble> {
        let Some(text) = keep::in_keyring(&self.home)? else { return Ok(None) };
        let record =
            Record::parse(text.as_bytes()).ok_or_else(|| file::foreign(Program::Codex, &self.home))?;
        Ok(Some(Kept { record, path: self.home.clone(), modified: None }))
    }

    /// As Codex does it: what cannot be had from the keyring may be in the file. When it is not there either,
    /// the keyring is what is in the way.
    fn in_keyring_else_file(&self) -> Result<Option<Kept>, Trouble> {
        match self.in_keyring() {
            Ok(None) => self.in_file(),
            Err(trouble) => self.in_file()?.map(Some).ok_or(trouble),
            kept => kept,
        }
    }
}

impl Kept {
    fn state(self, now: UnixTime) -> Result<CodexState, Trouble> {
        if let Some(other) = self.record.other() {
            return Ok(CodexState::Other(other));
        }
        let Self { record, path, modified } = self;
        let Some(Tokens { id_token, access_token: Some(access), account_id, oauth_provenance }) =
            record.tokens
        else {
            return Ok(CodexState::SignedOut);
        };
        let mut claimed = identity::claimed(id_token.as_ref(), Some(&access));
        claimed.account_id = claimed.account_id.or(shape::account_id(account_id));
        let account = claimed.account().map_err(|failure| unnamed(&path, failure))?;
        let expires_at = identity::expires_at(&access);
        let sign_in = CodexSignIn {
            account,
            access: Arc::new(access),
            expires_at,
            last_refresh: shape::rfc3339(record.last_refresh.as_deref()).or(modified),
            issuer: oauth_provenance.and_then(|provenance| provenance.issuer),
            path,
        };
        let has_ended = expires_at.is_some_and(|end| end <= now);
        Ok(if has_ended { CodexState::Expired(sign_in) } else { CodexState::SignedIn(sign_in) })
    }
}

fn unnamed(path: &Path, failure: Failure) -> Trouble {
    Trouble::new(Program::Codex, path, failure.code, failure.cause)
}
