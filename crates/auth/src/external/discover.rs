//! Finds the sign-ins of other programs on this computer, without their secrets.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use usher_domain::{AccessToken, ErrorCode, Plan, UnixTime};

use super::codex::{CodexCli, CodexSignIn, CodexState};
use super::paths::ExternalPaths;
use super::read_file::{self, FileContent};
use super::types::{
    Advice, CredentialFile, CredentialPath, Discovery, ExternalCredential, ExternalProgram,
    ExternalReadError, ExternalSignIn, Fingerprint, NotACredential,
};
use super::{cliproxyapi, fields, goose, missy, opencode, pi};
use crate::tokens::claims;

/// The most files of one program that are read: people have a handful.
const MAX_FILES: usize = 1000;
/// The most files of one program that are named because they could not be read.
const MAX_ERRORS: usize = 20;

/// Reads the sign-ins at every known path.
///
/// May wait for a keyring when Codex uses one, so it must not be called from async code.
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
    /// Converts it into a type without secrets. The claims of its tokens win over the fields of the file.
    fn without_secrets(
        self,
        program: ExternalProgram,
        path: PathBuf,
        modified: Option<UnixTime>,
        now: UnixTime,
    ) -> (ExternalSignIn, Option<Fingerprint>) {
        let fingerprint = self.access.as_ref().map(fingerprint);
        let token_claims = claims::read_claims(self.id.as_ref(), self.access.as_ref());
        let expires_at = self.access.as_ref().and_then(claims::expires_at).or(self.expires_at);
        let sign_in = ExternalSignIn {
            program,
            path,
            email: fields::printable(token_claims.email).or(fields::printable(self.email)),
            account_id: fields::printable(token_claims.account_id).or(fields::account_id(self.account_id)),
            plan: fields::printable(token_claims.plan.map(|plan| plan.0)).map(Plan),
            last_refresh: self.last_refresh.or(modified),
            expires_at,
            expired: expires_at.is_some_and(|end| end <= now),
            advice: Advice::SignIn,
            same_as: None,
        };
        (sign_in, fingerprint)
    }
}

impl Discovery {
    /// Adds a sign-in, and notes which other program holds the same one.
    fn push(&mut self, mut sign_in: ExternalSignIn, fingerprint: Option<Fingerprint>) {
        let same = self.fingerprints.iter().position(|other| other.is_some() && *other == fingerprint);
        sign_in.same_as = same.map(|index| self.sign_ins[index].path.clone());
        self.sign_ins.push(sign_in);
        self.fingerprints.push(fingerprint);
    }

    fn read_program<T: CredentialFile>(&mut self, paths: &ExternalPaths, now: UnixTime) {
        let paths = match T::path(paths) {
            None => return,
            Some(CredentialPath::File(path)) => Ok(vec![path]),
            Some(CredentialPath::Folder(folder, matches)) => read_file::list(T::PROGRAM, &folder, matches),
        };
        match paths {
            Ok(paths) => self.read_paths::<T>(paths, now),
            Err(error) => self.errors.push(error),
        }
    }

    fn read_paths<T: CredentialFile>(&mut self, mut paths: Vec<PathBuf>, now: UnixTime) {
        let folder = paths.first().and_then(|path| path.parent()).map(Path::to_owned).unwrap_or_default();
        let skipped = paths.len().saturating_sub(MAX_FILES);
        paths.truncate(MAX_FILES);
        let mut errors = Vec::new();
        let parse = |bytes: &[u8]| serde_json::from_slice::<T>(bytes).ok();
        for (path, read) in read_file::read_all(T::PROGRAM, paths, parse) {
            match read {
                Ok(FileContent { content, modified }) => match content.credential() {
                    Ok(None) => {}
                    Ok(Some(credential)) => {
                        let (sign_in, fingerprint) =
                            credential.without_secrets(T::PROGRAM, path, modified, now);
                        self.push(sign_in, fingerprint);
                    }
                    Err(NotACredential) => errors.push(read_file::foreign(T::PROGRAM, &path)),
                },
                Err(error) => errors.push(error),
            }
        }
        let unnamed = errors.len().saturating_sub(MAX_ERRORS);
        self.errors.extend(errors.into_iter().take(MAX_ERRORS));
        let rest = [(unnamed, "more files could not be read"), (skipped, "more files were not looked at")];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            let cause = format!("{count} {what}");
            self.errors.push(ExternalReadError::new(T::PROGRAM, &folder, ErrorCode::MalformedAnswer, cause));
        }
    }

    /// Reads Codex's sign-in. One with a key or another method is reported as an error with what to do instead.
    fn read_codex(&mut self, paths: &ExternalPaths, now: UnixTime) {
        let Some(codex) = CodexCli::from_paths(paths) else { return };
        match codex.read_state(now) {
            Ok(CodexState::SignedIn(sign_in)) => self.push_codex(sign_in, false),
            Ok(CodexState::Expired(sign_in)) => self.push_codex(sign_in, true),
            Ok(CodexState::Absent | CodexState::SignedOut) => {}
            Ok(CodexState::Other(other)) => {
                let why = format!("{}; {}", other.description(), other.suggestion());
                let code = ErrorCode::SignInRequired;
                self.errors.push(ExternalReadError::new(ExternalProgram::Codex, codex.home(), code, why));
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn push_codex(&mut self, sign_in: CodexSignIn, expired: bool) {
        let fingerprint = fingerprint(&sign_in.access);
        self.push(linkable(sign_in, expired), Some(fingerprint));
    }
}

fn fingerprint(access: &AccessToken) -> Fingerprint {
    Sha256::digest(access.expose().as_bytes()).into()
}

fn linkable(sign_in: CodexSignIn, expired: bool) -> ExternalSignIn {
    ExternalSignIn {
        program: ExternalProgram::Codex,
        path: sign_in.path,
        email: fields::printable(sign_in.account.email),
        account_id: fields::printable(Some(sign_in.account.account_id)),
        plan: fields::printable(Some(sign_in.account.plan.0)).map(Plan),
        last_refresh: sign_in.last_refresh,
        expires_at: sign_in.expires_at,
        expired,
        advice: Advice::Link,
        same_as: None,
    }
}
