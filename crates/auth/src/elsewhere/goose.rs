//! goose: one file in its configuration folder (protocol §6; source: P5 there).

use std::path::{Path, PathBuf};

use serde::Deserialize;
use usher_domain::{AccessToken, IdToken};

use super::found::{Held, NotOurs, Place, Program, Shape};
use super::places::Places;
use super::shape;

#[derive(Deserialize)]
pub(super) struct TokenFile {
    #[serde(default, deserialize_with = "shape::secret")]
    access_token: Option<AccessToken>,
    #[serde(default, deserialize_with = "shape::secret")]
    id_token: Option<IdToken>,
    /// As RFC 3339 writes it.
    expires_at: Option<String>,
    account_id: Option<String>,
}

impl Shape for TokenFile {
    const PROGRAM: Program = Program::Goose;

    fn place(places: &Places) -> Option<Place> {
        places.config().map(|config| Place::File(folder(&config).join("chatgpt_codex").join("tokens.json")))
    }

    fn held(self) -> Result<Option<Held>, NotOurs> {
        Ok(Some(Held {
            access: Some(self.access_token.ok_or(NotOurs)?),
            id: self.id_token,
            account_id: self.account_id,
            expires_at: shape::rfc3339(self.expires_at.as_deref()),
            ..Held::default()
        }))
    }
}

/// goose names its folder by the rules of the system: `crates/goose/src/config/paths.rs` of block/goose.
fn folder(config: &Path) -> PathBuf {
    if cfg!(windows) { config.join("Block").join("goose").join("config") } else { config.join("goose") }
}
