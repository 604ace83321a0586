//! `CLIProxyAPI`: one file per account (protocol §6; source: P1 there).
//!
//! The folder is the `auth-dir` of its own example configuration. A user's other setting is not read.

use serde::Deserialize;
use usher_domain::{AccessToken, IdToken};

use super::fields;
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};

#[derive(Deserialize)]
pub(super) struct AuthFile {
    r#type: Option<String>,
    #[serde(default, deserialize_with = "fields::secret")]
    id_token: Option<IdToken>,
    #[serde(default, deserialize_with = "fields::secret")]
    access_token: Option<AccessToken>,
    account_id: Option<String>,
    email: Option<String>,
    /// When the access token expires, in RFC 3339 format.
    expired: Option<String>,
    last_refresh: Option<String>,
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
            access: Some(self.access_token.ok_or(NotACredential)?),
            id: self.id_token,
            email: self.email,
            account_id: self.account_id,
            expires_at: fields::rfc3339(self.expired.as_deref()),
            last_refresh: fields::rfc3339(self.last_refresh.as_deref()),
        }))
    }
}

/// Returns whether `name` is a file of an account at OpenAI; those of other providers have other prefixes.
fn is_account(name: &str) -> bool {
    name.strip_prefix("codex-").is_some_and(|rest| rest.strip_suffix(".json").is_some())
}
