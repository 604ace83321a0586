//! goose: one file in its configuration folder (protocol §6; source: P5 there).

use std::path::{Path, PathBuf};

use serde::Deserialize;
use usher_domain::{AccessToken, IdToken};

use super::fields;
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};

#[derive(Deserialize)]
pub(super) struct TokenFile {
    #[serde(default, deserialize_with = "fields::secret")]
    access_token: Option<AccessToken>,
    #[serde(default, deserialize_with = "fields::secret")]
    id_token: Option<IdToken>,
    /// In RFC 3339 format.
    expires_at: Option<String>,
    account_id: Option<String>,
}

impl CredentialFile for TokenFile {
    const PROGRAM: ExternalProgram = ExternalProgram::Goose;

    fn path(paths: &ExternalPaths) -> Option<CredentialPath> {
        paths
            .config()
            .map(|config| CredentialPath::File(folder(&config).join("chatgpt_codex").join("tokens.json")))
    }

    fn credential(self) -> Result<Option<ExternalCredential>, NotACredential> {
        Ok(Some(ExternalCredential {
            access: Some(self.access_token.ok_or(NotACredential)?),
            id: self.id_token,
            account_id: self.account_id,
            expires_at: fields::rfc3339(self.expires_at.as_deref()),
            ..ExternalCredential::default()
        }))
    }
}

/// Returns goose's folder, whose name depends on the system: `crates/goose/src/config/paths.rs` of block/goose.
fn folder(config: &Path) -> PathBuf {
    if cfg!(windows) { config.join("Block").join("goose").join("config") } else { config.join("goose") }
}
