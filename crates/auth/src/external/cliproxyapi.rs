//! `CLIProxyAPI`: one file per account (protocol §6; source: P1 there).
//!
//! The folder is the `auth-dir` of its own example configuration. A user's other setting is not read.

use serde::Deserialize;
use serde_json::Value;
use usher_domain::IdToken;

use super::fields::{self, AccessField};
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};
use crate::tokens::claims::lenient;

#[derive(Deserialize)]
pub(super) struct AuthFile {
    #[serde(default, deserialize_with = "lenient")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "fields::secret")]
    id_token: Option<IdToken>,
    access_token: Option<AccessField>,
    #[serde(default, deserialize_with = "lenient")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    email: Option<String>,
    /// When the access token expires.
    expired: Option<Value>,
    last_refresh: Option<Value>,
}

impl CredentialFile for AuthFile {
    const PROGRAM: ExternalProgram = ExternalProgram::CliProxyApi;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths.below_home(".cli-proxy-api").map(|folder| CredentialPath::Folder(folder, is_account))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        if self.r#type.as_deref() != Some("codex") {
            return Err(NotACredential);
        }
        Ok(Some(ExternalCredential {
            access: self.access_token.ok_or(NotACredential)?.0,
            id: self.id_token,
            email: self.email,
            account_id: self.account_id,
            expires_at: fields::time(self.expired.as_ref()),
            last_refresh: fields::time(self.last_refresh.as_ref()),
        }))
    }
}

/// Returns whether `name` is a file of an account at OpenAI; those of other providers have other prefixes.
fn is_account(name: &str) -> bool {
    name.strip_prefix("codex-").is_some_and(|rest| rest.strip_suffix(".json").is_some())
}
