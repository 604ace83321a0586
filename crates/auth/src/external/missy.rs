//! Missy: one file per account in its folder of secrets (protocol §6; source: P6 there).

use serde::Deserialize;
use serde_json::Value;

use super::fields::{self, AccessField};
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};
use crate::tokens::claims::lenient;

#[derive(Deserialize)]
pub(super) struct TokenFile {
    access_token: Option<AccessField>,
    expires_at: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
}

impl CredentialFile for TokenFile {
    const PROGRAM: ExternalProgram = ExternalProgram::Missy;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths.below_home(".missy/secrets").map(|folder| CredentialPath::Folder(folder, is_account))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        Ok(Some(ExternalCredential {
            access: self.access_token.ok_or(NotACredential)?.0,
            email: self.email,
            account_id: self.account_id,
            expires_at: fields::time(self.expires_at.as_ref()),
            ..ExternalCredential::default()
        }))
    }
}

/// Returns whether `name` is `openai-oauth.json`, or `openai-oauth-<slug>.json` of a further account.
fn is_account(name: &str) -> bool {
    let middle = name.strip_prefix("openai-oauth").and_then(|rest| rest.strip_suffix(".json"));
    middle.is_some_and(|slug| slug.is_empty() || slug.starts_with('-'))
}
