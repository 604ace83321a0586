//! goose: one file in its configuration folder (protocol §6; source: P5 there).

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use usher_domain::IdToken;

use super::fields::{self, AccessField};
use super::paths::ExternalPaths;
use super::types::{CredentialFile, CredentialPath, ExternalCredential, ExternalProgram, NotACredential};
use crate::tokens::claims::lenient;

#[derive(Deserialize)]
pub(super) struct TokenFile {
    access_token: Option<AccessField>,
    #[serde(default, deserialize_with = "fields::secret")]
    id_token: Option<IdToken>,
    expires_at: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
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
            access: self.access_token.ok_or(NotACredential)?.0,
            id: self.id_token,
            account_id: self.account_id,
            expires_at: fields::time(self.expires_at.as_ref()),
            ..ExternalCredential::default()
        }))
    }
}

/// Returns goose's folder, whose name depends on the system: `crates/goose/src/config/paths.rs` of block/goose.
fn folder(config: &Path) -> PathBuf {
    if cfg!(windows) { config.join("Block").join("goose").join("config") } else { config.join("goose") }
}
