//! opencode: `auth.json` in its data folder, one entry per provider (protocol §6; source: P4 there).

use serde::Deserialize;
use serde_json::Value;

use super::fields::{self, AccessField};
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};
use crate::tokens::claims::lenient;

#[derive(Deserialize)]
pub(super) struct AuthFile {
    /// OpenAI's entry, the only one that is read.
    openai: Option<Entry>,
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
    const PROGRAM: ExternalProgram = ExternalProgram::Opencode;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths.data().map(|data| CredentialPath::File(data.join("opencode").join("auth.json")))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        // The other types are keys, not sign-ins.
        let Some(entry) = self.openai.filter(|entry| entry.r#type.as_deref() == Some("oauth")) else {
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
