//! Finds the sign-ins of other programs on this computer, without any of their secrets.

use std::path::PathBuf;

use usher_domain::{ErrorCode, Plan, UnixTime};

use super::codex::{CodexCli, CodexSignIn, CodexState};
use super::paths::ExternalPaths;
use super::read_file::{self, FileContent};
use super::types::{
    Advice, CredentialFile, CredentialPath, Discovery, ExternalCredential, ExternalProgram,
    ExternalReadError, ExternalSignIn, NotACredential,
};
use super::{cliproxyapi, fields, goose, missy, opencode, pi};
use crate::tokens::claims;

/// Looks at every known place. Reads only; may wait for a keyring when Codex uses one, so not for async code.
pub fn discover(paths: &ExternalPaths, now: UnixTime) -> Discovery {
    let mut found = Discovery::default();
    found.read_codex(paths, now);
    found.read_program::<opencode::AuthFile>(paths, now);
    found.read_program::<pi::AuthFile>(paths, now);
    found.read_program::<missy::TokenFile>(paths, now);
    found.read_program::<cliproxyapi::AuthFile>(paths, now);
    found.read_program::<goose::TokenFile>(paths, now);
    found
}

impl ExternalCredential {
    /// What may be shown. Tokens win over what a file says of them.
    fn shown(
        self,
        program: ExternalProgram,
        path: PathBuf,
        modified: Option<UnixTime>,
        now: UnixTime,
    ) -> ExternalSignIn {
        let claimed = claims::claimed(self.id.as_ref(), self.access.as_ref());
        let expires_at = self.access.as_ref().and_then(claims::expires_at).or(self.expires_at);
        ExternalSignIn {
            program,
            path,
            email: fields::shown(claimed.email).or(fields::shown(self.email)),
            account_id: fields::shown(claimed.account_id).or(fields::account_id(self.account_id)),
            plan: fields::shown(claimed.plan.map(|plan| plan.0)).map(Plan),
            last_refresh: self.last_refresh.or(modified),
            expires_at,
            expired: expires_at.is_some_and(|end| end <= now),
            advice: Advice::SignIn,
        }
    }
}

impl Discovery {
    fn read_program<T: CredentialFile>(&mut self, paths: &ExternalPaths, now: UnixTime) {
        let paths = match T::path(paths) {
            None => return,
            Some(CredentialPath::File(path)) => Ok(vec![path]),
            Some(CredentialPath::Folder(folder, wanted)) => read_file::list(T::PROGRAM, &folder, wanted),
        };
        match paths {
            Ok(paths) => paths.into_iter().for_each(|path| self.read_path::<T>(path, now)),
            Err(trouble) => self.errors.push(trouble),
        }
    }

    fn read_path<T: CredentialFile>(&mut self, path: PathBuf, now: UnixTime) {
        let parse = |bytes: &[u8]| serde_json::from_slice::<T>(bytes).ok();
        match read_file::read(T::PROGRAM, &path, parse) {
            Ok(None) => {}
            Ok(Some(FileContent { content, modified })) => match content.credential() {
                Ok(None) => {}
                Ok(Some(held)) => self.sign_ins.push(held.shown(T::PROGRAM, path, modified, now)),
                Err(NotACredential) => self.errors.push(read_file::foreign(T::PROGRAM, &path)),
            },
            Err(trouble) => self.errors.push(trouble),
        }
    }

    /// Codex signed in with a key or the like is no ChatGPT sign-in; that, and what to do instead, is all to be said.
    fn read_codex(&mut self, paths: &ExternalPaths, now: UnixTime) {
        let Some(codex) = CodexCli::from_paths(paths) else { return };
        match codex.read_state(now) {
            Ok(CodexState::SignedIn(sign_in)) => self.sign_ins.push(linkable(sign_in, false)),
            Ok(CodexState::Expired(sign_in)) => self.sign_ins.push(linkable(sign_in, true)),
            Ok(CodexState::Absent | CodexState::SignedOut) => {}
            Ok(CodexState::Other(other)) => {
                let why = format!("{}; {}", other.description(), other.suggestion());
                let code = ErrorCode::SignInRequired;
                self.errors.push(ExternalReadError::new(ExternalProgram::Codex, codex.home(), code, why));
            }
            Err(trouble) => self.errors.push(trouble),
        }
    }
}

fn linkable(sign_in: CodexSignIn, expired: bool) -> ExternalSignIn {
    ExternalSignIn {
        program: ExternalProgram::Codex,
        path: sign_in.path,
        email: fields::shown(sign_in.account.email),
        account_id: fields::shown(Some(sign_in.account.account_id)),
        plan: fields::shown(Some(sign_in.account.plan.0)).map(Plan),
        last_refresh: sign_in.last_refresh,
        expires_at: sign_in.expires_at,
        expired,
        advice: Advice::Link,
    }
}
