//! The caller's reasoning effort in the words of the model.

use crate::crossing::{BadRequest, Target};
use crate::object::Path;

/// Efforts by how much they think, as the reference of the Responses API and the catalogue (protocol §7.1) name them.
const LADDER: [&str; 8] = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];

/// The model's effort that is nearest to `asked`; of two as near the lower one, which never costs more than asked.
/// Nothing is chosen where nothing is known of the model.
pub(super) fn nearest<'a>(
    asked: &'a str,
    target: &Target<'a>,
    path: &Path<'_>,
) -> Result<&'a str, BadRequest> {
    if target.efforts.is_empty() || target.efforts.contains(&asked) {
        return Ok(on_the_wire(asked));
    }
    let unknown = || path.bad(format!("The model knows these efforts: {}.", target.efforts.join(", ")));
    let step = |effort: &str| LADDER.iter().position(|known| *known == effort);
    let wanted = step(asked).ok_or_else(unknown)?;
    let distance = |effort: &&&str| step(effort).map_or(usize::MAX, |step| step.abs_diff(wanted));
    target.efforts.iter().min_by_key(distance).map(|effort| on_the_wire(effort)).ok_or_else(unknown)
}

/// `ultra` is a name of the catalogue only (protocol §7.1).
pub(super) fn on_the_wire(effort: &str) -> &str {
    if effort == "ultra" { "max" } else { effort }
}
