//! opencode: `auth.json` in its data folder, one entry per provider (protocol §6; source: P4 there).

use serde::Deserialize;
use serde_json::Number;
use usher_domain::AccessToken;

use super::found::{Held, NotOurs, Place, Program, Shape};
use super::places::Places;
use super::shape;

#[derive(Deserialize)]
pub(super) struct AuthFile {
    /// OpenAI's entry, the only one that is looked at.
    openai: Option<Entry>,
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
    const PROGRAM: Program = Program::Opencode;

    fn place(places: &Places) -> Option<Place> {
        places.data().map(|data| Place::File(data.join("opencode").join("auth.json")))
    }

    fn held(self) -> Result<Option<Held>, NotOurs> {
        // The other types are keys, which are no sign-in.
        let Some(entry) = self.openai.filter(|entry| entry.r#type.as_deref() == Some("oauth")) else {
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
