//! pi: `auth.json` in its agent folder, one entry per provider.
//!
//! The folder is the one of `clients.md`, where `models.json` lies too. That the credentials are in
//! `auth.json` beside it, with a `type` in each entry, is read in `packages/coding-agent/src/core/auth-storage.ts`
//! of badlogic/pi-mono; the fields are those of protocol §6.

use serde::Deserialize;
use serde_json::Number;
use usher_domain::AccessToken;

use super::found::{Held, NotOurs, Place, Program, Shape};
use super::places::Places;
use super::shape;

#[derive(Deserialize)]
pub(super) struct AuthFile {
    /// The ChatGPT sign-in; `openai` would be a key.
    #[serde(rename = "openai-codex")]
    openai_codex: Option<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    r#type: Option<String>,
    #[serde(default, deserialize_with = "shape::secret")]
    access: Option<AccessToken>,
    /// Milliseconds.
    expires: Option<Number>,
    #[serde(rename = "accountId")]
    account_id: Option<String>,
}

impl Shape for AuthFile {
    const PROGRAM: Program = Program::Pi;

    fn place(places: &Places) -> Option<Place> {
        places.pi_agent().map(|folder| Place::File(folder.join("auth.json")))
    }

    fn held(self) -> Result<Option<Held>, NotOurs> {
        // A key may be put under this name by hand.
        let Some(entry) = self.openai_codex.filter(|entry| entry.r#type.as_deref() != Some("api_key")) else {
            return Ok(None);
        };
        Ok(Some(Held {
            access: Some(entry.access.ok_or(NotOurs)?),
            account_id: entry.account_id,
            expires_at: shape::milliseconds(entry.expires.as_ref()),
            ..Held::default()
        }))
    }
}
