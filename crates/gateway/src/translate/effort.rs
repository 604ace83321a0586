//! The reasoning effort of a request: read, set, and replaced where the model lacks it.

use std::borrow::Cow;

use serde::Deserialize;
use usher_dialect::json::{Raw, RawObject, Text, map_elements};
use usher_domain::sanitize_line;

use crate::host::Route;

/// Maximum length of an effort that is kept for people; all known ones are shorter.
pub(crate) const MAX_EFFORT_LENGTH: usize = 20;

#[derive(Deserialize)]
struct Reasoning<'a> {
    #[serde(borrow, default)]
    effort: Option<Raw<'a>>,
}

/// Returns the effort that a body names, in either API.
pub(crate) fn effort_of(body: &RawObject<'_>) -> Option<String> {
    let reasoning = || body.get::<Reasoning<'_>>("reasoning")?.effort?.read::<String>();
    let effort = body.get::<String>("reasoning_effort").or_else(reasoning)?;
    Some(sanitize_line(&effort, MAX_EFFORT_LENGTH))
}

pub(super) fn has_effort(body: &RawObject<'_>) -> bool {
    body.get::<Reasoning<'_>>("reasoning").is_some_and(|reasoning| reasoning.effort.is_some())
}

/// Replaces an effort that the model lacks by the nearest one that it has.
pub(super) fn substitute_effort(body: &mut RawObject<'_>, route: &Route) {
    let effort =
        body.get::<Reasoning<'_>>("reasoning").and_then(|reasoning| reasoning.effort?.read::<String>());
    if let Some(effort) = effort.and_then(|requested| supported_effort(&requested, route)) {
        body.set("reasoning", with_effort(body, &effort));
    }
    substitute_updates(body, route);
}

/// Replaces the efforts in the `configuration_update` items of the input likewise.
fn substitute_updates(body: &mut RawObject<'_>, route: &Route) {
    if route.model.efforts.is_empty() {
        return;
    }
    let input = body.raw("input").map(Raw::get).unwrap_or_default();
    // Searched for before parsing: most inputs are long and have none.
    if memchr::memmem::find(input.as_bytes(), b"\"configuration_update\"").is_none() {
        return;
    }
    let mut is_changed = false;
    let changed = map_elements(input, |element| {
        let supported = || {
            let mut item = RawObject::parse(element.as_bytes()).ok()?;
            let is_update = item.get::<Text<'_>>("type").is_some_and(|kind| *kind == *"configuration_update");
            let reasoning = item.get::<Reasoning<'_>>("reasoning").filter(|_| is_update)?;
            let effort = supported_effort(&reasoning.effort?.read::<String>()?, route)?;
            item.set("reasoning", with_effort(&item, &effort));
            String::from_utf8(item.to_bytes()).ok()
        };
        let supported = supported();
        is_changed |= supported.is_some();
        Some(supported.map_or(Cow::Borrowed(element), Cow::Owned))
    });
    if let Some(input) = changed.filter(|_| is_changed) {
        body.set("input", input);
    }
}

pub(super) fn supported_effort(requested: &str, route: &Route) -> Option<String> {
    let efforts: Vec<&str> = route.model.efforts.iter().map(|effort| effort.id.as_str()).collect();
    usher_dialect::substitute_effort(requested, &efforts).map(str::to_owned)
}

/// Returns the client's `reasoning` with this effort.
pub(super) fn with_effort(body: &RawObject<'_>, effort: &str) -> Raw<'static> {
    // `ultra` is a name of the catalog only (protocol §7.1).
    let effort = if effort == "ultra" { "max" } else { effort };
    let original = body.raw("reasoning").map_or("{}", Raw::get);
    let mut reasoning = RawObject::parse(original.as_bytes()).unwrap_or_default();
    reasoning.set("effort", Raw::from_value(&effort));
    Raw::from_value(&reasoning)
}
