//! The tier of a request: the one that the client asks for, else the one that the user chose for the role.
//!
//! The fast tier costs more. It is sent for no other reason, and never for a model that is known to lack it.

use std::borrow::Cow;

use usher_dialect::json::{Raw, RawObject};
use usher_domain::{Tier, sanitize_line};

use crate::host::Route;

const FIELD: &str = "service_tier";
/// The name of the fast tier in both of OpenAI's APIs (protocol §8.2).
const PRIORITY: &str = "priority";
/// Maximum length of a tier that is kept for people; all known ones are shorter.
const MAX_TIER_LENGTH: usize = 20;

/// Sets the tier of a body for OpenAI's APIs. `wanted` is what the client asked for in a dialect with another field.
///
/// Returns the name of the field where a tier is wanted that the model lacks.
pub(super) fn set_tier(
    body: &mut RawObject<'_>,
    wanted: Option<Tier>,
    route: &Route,
) -> Vec<Cow<'static, str>> {
    let of_client = body.raw(FIELD).map(Raw::get).filter(|value| *value != "null");
    let is_fast = match of_client {
        Some(value) => value == "\"priority\"",
        None => wanted.or(route.tier) == Some(Tier::Fast),
    };
    if !is_fast {
        return Vec::new();
    }
    if route.model.supports_tier(Tier::Fast) {
        if of_client.is_none() {
            body.set(FIELD, Raw::from_value(&PRIORITY));
        }
        return Vec::new();
    }
    body.remove(FIELD);
    vec![FIELD.into()]
}

/// Returns the tier that a body names: `fast`, or the word of the client.
pub(super) fn tier_of(body: &RawObject<'_>) -> Option<String> {
    let named = body.get::<String>(FIELD)?;
    Some(if named == PRIORITY {
        Tier::Fast.as_ref().to_owned()
    } else {
        sanitize_line(&named, MAX_TIER_LENGTH)
    })
}
