//! Missy: one file per account in its folder of secrets (protocol §6; source: P6 there).

use serde::Deserialize;
use serde_json::Number;
use usher_domain::AccessToken;

use super::found::{Held, NotOurs, Place, Program, Shape};
use super::places::Places;
use super::shape;

#[derive(Deserialize)]
pub(super) struct TokenFile {
    #[serde(default, deserialize_with = "shape::secret")]
    access_token: Option<AccessToken>,
    /// Seconds; 0 when it is not known.
    expires_at: Option<Number>,
    account_id: Option<String>,
    email: Option<String>,
}

impl Shape for TokenFile {
    const PROGRAM: Program = Program::Missy;

    fn place(places: &Places) -> Option<Place> {
        places.below_home(".missy/secrets").map(|folder| Place::Folder(folder, is_account))
    }

    fn held(self) -> Result<Option<Held>, NotOurs> {
        Ok(Some(Held {
            access: Some(self.access_token.ok_or(NotOurs)?),
            email: self.email,
            account_id: self.account_id,
            expires_at: shape::seconds(self.expires_at.as_ref()),
            ..Held::default()
        }))
    }
}

/// `openai-oauth.json`, and `openai-oauth-<slug>.json` for each further account.
fn is_account(name: &str) -> bool {
    let middle = name.strip_prefix("openai-oauth").and_then(|rest| rest.strip_suffix(".json"));
    middle.is_some_and(|slug| slug.is_empty() || slug.starts_with('-'))
}
