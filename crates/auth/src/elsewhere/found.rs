//! Whose sign-ins lie on this computer, said without any of their secrets.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use usher_domain::{AccessToken, ErrorCode, Failure, IdToken, Plan, UnixTime};

use super::codex::{CodexCli, CodexSignIn, CodexState};
use super::file::{self, Written};
use super::places::Places;
use super::{cliproxyapi, goose, missy, opencode, pi, shape};
use crate::identity;

/// A program whose sign-ins can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Program {
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

impl fmt::Display for Program {
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
pub struct FoundSignIn {
    /// Whose file it is.
    pub program: Program,
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
pub struct Trouble {
    /// Whose it is.
    pub program: Program,
    /// Where it is.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// `malformed_answer` for what is not as the program writes it, `store_unavailable` for what could not be
    /// reached, `store_locked` for a keyring that is locked or does not answer, `sign_in_required` for Codex where it
    /// is signed in, but not to ChatGPT.
    pub code: ErrorCode,
    /// Why, for people.
    pub why: String,
}

impl Trouble {
    pub(super) fn new(program: Program, path: &Path, code: ErrorCode, why: impl Into<String>) -> Self {
        Self { program, path: path.to_owned(), code, why: why.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the sign-in of {} in {} could not be read: {}",
            self.program,
            self.path.display(),
            self.why
        )
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble.code, trouble.to_string())
    }
}

/// A path for people: one that is no Unicode is shown as well as it can be, and fails nothing.
fn as_text<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&path.display())
}

/// Everything that was found, Codex first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// One per account of each program.
    pub sign_ins: Vec<FoundSignIn>,
    /// One per file that is broken; the others are shown all the same.
    pub troubles: Vec<Trouble>,
}

/// Looks at every known place. Reads only; may wait for a keyring when Codex uses one, so not for async code.
pub fn find(places: &Places, now: UnixTime) -> Found {
    let mut found = Found::default();
    found.look_at_codex(places, now);
    found.look_for::<opencode::AuthFile>(places, now);
    found.look_for::<pi::AuthFile>(places, now);
    found.look_for::<missy::TokenFile>(places, now);
    found.look_for::<cliproxyapi::AuthFile>(places, now);
    found.look_for::<goose::TokenFile>(places, now);
    found
}

/// How a program writes sign-ins down that can be shown, and no more.
pub(super) trait Shape: DeserializeOwned {
    const PROGRAM: Program;

    /// Where its files are; nothing when the folder they are counted from is not known.
    fn place(places: &Places) -> Option<Place>;

    /// The sign-in to ChatGPT that a file holds, if it holds one.
    fn held(self) -> Result<Option<Held>, NotOurs>;
}

/// Where a program's files are.
pub(super) enum Place {
    /// One file.
    File(PathBuf),
    /// Every file of a folder with such a name.
    Folder(PathBuf, fn(&str) -> bool),
}

/// A file that is JSON, but lacks what makes it a sign-in.
pub(super) struct NotOurs;

/// What a file says of a sign-in, besides its tokens.
#[derive(Default)]
pub(super) struct Held {
    pub(super) access: Option<AccessToken>,
    pub(super) id: Option<IdToken>,
    pub(super) email: Option<String>,
    pub(super) account_id: Option<String>,
    pub(super) expires_at: Option<UnixTime>,
    pub(super) last_refresh: Option<UnixTime>,
}

impl Held {
    /// What may be shown. Tokens win over what a file says of them.
    fn shown(
        self,
        program: Program,
        path: PathBuf,
        modified: Option<UnixTime>,
        now: UnixTime,
    ) -> FoundSignIn {
        let claimed = identity::claimed(self.id.as_ref(), self.access.as_ref());
        let expires_at = self.access.as_ref().and_then(identity::expires_at).or(self.expires_at);
        FoundSignIn {
            program,
            path,
            email: shape::shown(claimed.email).or(shape::shown(self.email)),
            account_id: shape::shown(claimed.account_id).or(shape::account_id(self.account_id)),
            plan: shape::shown(claimed.plan.map(|plan| plan.0)).map(Plan),
            last_refresh: self.last_refresh.or(modified),
            expires_at,
            expired: expires_at.is_some_and(|end| end <= now),
            advice: Advice::SignIn,
        }
    }
}

impl Found {
    fn look_for<T: Shape>(&mut self, places: &Places, now: UnixTime) {
        let paths = match T::place(places) {
            None => return,
            Some(Place::File(path)) => Ok(vec![path]),
            Some(Place::Folder(folder, wanted)) => file::list(T::PROGRAM, &folder, wanted),
        };
        match paths {
            Ok(paths) => paths.into_iter().for_each(|path| self.look_into::<T>(path, now)),
            Err(trouble) => self.troubles.push(trouble),
        }
    }

    fn look_into<T: Shape>(&mut self, path: PathBuf, now: UnixTime) {
        let parse = |bytes: &[u8]| serde_json::from_slice::<T>(bytes).ok();
        match file::read(T::PROGRAM, &path, parse) {
            Ok(None) => {}
            Ok(Some(Written { content, modified })) => match content.held() {
                Ok(None) => {}
                Ok(Some(held)) => self.sign_ins.push(held.shown(T::PROGRAM, path, modified, now)),
                Err(NotOurs) => self.troubles.push(file::foreign(T::PROGRAM, &path)),
            },
            Err(trouble) => self.troubles.push(trouble),
        }
    }

    /// Codex signed in with a key or the like is no ChatGPT sign-in; that, and what to do instead, is all to be said.
    fn look_at_codex(&mut self, places: &Places, now: UnixTime) {
        let Some(codex) = CodexCli::of(places) else { return };
        match codex.look(now) {
            Ok(CodexState::SignedIn(sign_in)) => self.sign_ins.push(linkable(sign_in, false)),
            Ok(CodexState::Expired(sign_in)) => self.sign_ins.push(linkable(sign_in, true)),
            Ok(CodexState::Absent | CodexState::SignedOut) => {}
            Ok(CodexState::Other(other)) => {
                let why = format!("{}; {}", other.what(), other.instead());
                let code = ErrorCode::SignInRequired;
                self.troubles.push(Trouble::new(Program::Codex, codex.place(), code, why));
            }
            Err(trouble) => self.troubles.push(trouble),
        }
    }
}

fn linkable(sign_in: CodexSignIn, expired: bool) -> FoundSignIn {
    FoundSignIn {
        program: Program::Codex,
        path: sign_in.path,
        email: shape::shown(sign_in.account.email),
        account_id: shape::shown(Some(sign_in.account.account_id)),
        plan: shape::shown(Some(sign_in.account.plan.0)).map(Plan),
        last_refresh: sign_in.last_refresh,
        expires_at: sign_in.expires_at,
        expired,
        advice: Advice::Link,
    }
}
