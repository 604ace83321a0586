//! Missy: one file per account in its folder of secrets (protocol §6; source: P6 there).

use serde::Deserialize;
use serde_json::Number;
use usher_domain::AccessToken;

use super::fields;
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};

#[derive(Deserialize)]
pub(super) struct TokenFile {
    #[serde(default, deserialize_with = "fields::secret")]
    access_token: Option<AccessToken>,
    /// Seconds; 0 if unknown.
    expires_at: Option<Number>,
    account_id: Option<String>,
    email: Option<String>,
}

impl CredentialFile for TokenFile {
    const PROGRAM: ExternalProgram = ExternalProgram::Missy;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths.below_home(".missy/secrets").map(|folder| CredentialPath::Folder(folder, is_account))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        Ok(Some(ExternalCredential {
            access: Some(self.access_token.ok_or(NotACredential)?),
            email: self.email,
            account_id: self.account_id,
            expires_at: fields::seconds(self.expires_at.as_ref()),
            ..ExternalCredential::default()
        }))
    }
}

/// Returns whether `name` is `openai-oauth.json`, or `openai-oauth-<slug>.json` of a further account.
fn is_account(name: &str) -> bool {
    let middle = name.strip_prefix("openai-oauth").and_then(|rest| rest.strip_suffix(".json"));
    middle.is_some_and(|slug| slug.is_empty() || slug.starts_with('-'))
}
