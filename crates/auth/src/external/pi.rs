//! pi: `auth.json` in its agent folder, one entry per provider.
//!
//! The folder is the one of clients §5, with `models.json` in it. That the credentials are in
//! `auth.json` beside it, with a `type` in each entry, is from `packages/coding-agent/src/core/auth-storage.ts`
//! of badlogic/pi-mono; the fields are those of protocol §6.

use serde::Deserialize;
use serde_json::Value;

use super::fields::{self, AccessField};
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};
use crate::tokens::claims::lenient;

#[derive(Deserialize)]
pub(super) struct AuthFile {
    /// The ChatGPT sign-in; `openai` would be a key.
    #[serde(rename = "openai-codex")]
    openai_codex: Option<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, deserialize_with = "lenient")]
    r#type: Option<String>,
    access: Option<AccessField>,
    expires: Option<Value>,
    #[serde(default, rename = "accountId", deserialize_with = "lenient")]
    account_id: Option<String>,
}

impl CredentialFile for AuthFile {
    const PROGRAM: ExternalProgram = ExternalProgram::Pi;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths.pi_agent().map(|folder| CredentialPath::File(folder.join("auth.json")))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        // A user may have put a key under this name.
        let Some(entry) = self.openai_codex.filter(|entry| entry.r#type.as_deref() != Some("api_key")) else {
            return Ok(None);
        };
        Ok(Some(ExternalCredential {
            access: entry.access.ok_or(NotACredential)?.0,
            account_id: entry.account_id,
            expires_at: fields::time(entry.expires.as_ref()),
            ..ExternalCredential::default()
        }))
    }
}
