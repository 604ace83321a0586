//! Reasoning efforts: their order, their names on the wire, and the nearest one that a model supports.

use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::translate::Recipient;

/// The efforts from the lowest to the highest: those of the Responses API's reference (npm `openai` 6.49.0) and of
/// the catalog (protocol §7.1).
const EFFORTS: [&str; 8] = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];

/// The highest effort for a model of which nothing is known: every reasoning model has it.
const SAFE_EFFORT: &str = "high";

/// Returns the name of `effort` on the wire: `ultra` is a name of the catalog only and is sent as `max`
/// (protocol §7.1).
pub(crate) fn wire_name(effort: &str) -> &str {
    if effort == "ultra" { "max" } else { effort }
}

/// Returns the model's effort that is nearest to `requested`, as Chat Completions requests use it.
///
/// Of two equally near efforts it is the lower one, which never costs more than requested. If the model's efforts are
/// unknown, `requested` is passed on. An unknown effort is an error, as it is at `OpenAI`.
pub(crate) fn nearest_effort<'a>(
    requested: &'a str,
    recipient: &Recipient<'a>,
    path: &JsonPath<'_>,
) -> Result<&'a str, BadRequest> {
    if recipient.efforts.is_empty() || recipient.efforts.contains(&requested) {
        return Ok(wire_name(requested));
    }
    let unknown =
        || path.error(format!("The model supports these efforts: {}.", recipient.efforts.join(", ")));
    let wanted = position(requested).ok_or_else(unknown)?;
    let distance = |effort: &&&str| position(effort).map_or(usize::MAX, |position| position.abs_diff(wanted));
    recipient.efforts.iter().min_by_key(distance).map(|effort| wire_name(effort)).ok_or_else(unknown)
}

/// Returns the one of `efforts` that is nearest to `requested`, for a request that is otherwise forwarded as it is.
///
/// `None` leaves the request as it is: the model has that effort, or nothing is known of either.
pub fn substitute_effort<'a>(requested: &str, efforts: &[&'a str]) -> Option<&'a str> {
    if efforts.iter().any(|effort| wire_name(effort) == wire_name(requested)) {
        return (requested == "ultra").then_some("max");
    }
    let wanted = rank(requested)?;
    let known = efforts.iter().filter_map(|effort| Some((rank(effort)?.abs_diff(wanted), *effort)));
    known.min_by_key(|(distance, _)| *distance).map(|(_, effort)| wire_name(effort))
}

/// Returns the highest effort of `efforts` that is not above `requested`, else the lowest, as Messages requests use it.
///
/// Never an error: the Messages API's efforts are not the model's own words. Efforts that are not in [`EFFORTS`] are
/// sent only if the model lists them. `None` leaves the effort to the model.
pub(crate) fn effort_at_most(requested: &str, efforts: &[&str]) -> Option<String> {
    let Some(limit) = rank(requested) else {
        return efforts.contains(&requested).then(|| requested.to_owned());
    };
    if efforts.is_empty() {
        return match requested {
            // It is unknown whether reasoning can be switched off, or whether the model has any.
            "none" => None,
            _ if Some(limit) > rank(SAFE_EFFORT) => Some(SAFE_EFFORT.to_owned()),
            _ => Some(wire_name(requested).to_owned()),
        };
    }
    let ranked = || efforts.iter().filter_map(|effort| Some((rank(effort)?, *effort)));
    let below = ranked().filter(|(rank, _)| *rank <= limit).max_by_key(|(rank, _)| *rank);
    let nearest = below.or_else(|| ranked().min_by_key(|(rank, _)| *rank));
    nearest.map(|(_, effort)| wire_name(effort).to_owned())
}

fn position(effort: &str) -> Option<usize> {
    EFFORTS.iter().position(|known| *known == effort)
}

/// Like [`position`], but `ultra` and `max`, which are one effort on the wire, have the same rank.
fn rank(effort: &str) -> Option<usize> {
    position(wire_name(effort))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitute_effort_is_the_nearest_one_of_the_model() {
        let rows = [
            ("none", Some("low")),
            ("minimal", Some("low")),
            ("medium", None),
            ("max", Some("high")),
            ("ultra", Some("high")),
            ("of_tomorrow", None),
        ];
        for (requested, expected) in rows {
            assert_eq!(substitute_effort(requested, &["low", "medium", "high"]), expected, "{requested}");
        }
        assert_eq!(substitute_effort("none", &[]), None);
        assert_eq!(substitute_effort("max", &["high", "ultra"]), None);
        assert_eq!(substitute_effort("ultra", &["high", "ultra"]), Some("max"));
    }

    #[test]
    fn effort_at_most_returns_nearest_supported_effort() {
        let rows: [(&str, &[&str], Option<&str>); 14] = [
            ("medium", &["low", "medium", "high"], Some("medium")),
            ("max", &["low", "medium", "high"], Some("high")),
            ("xhigh", &["low", "medium", "high"], Some("high")),
            ("xhigh", &["low", "high", "xhigh", "max"], Some("xhigh")),
            ("max", &["low", "high", "xhigh", "ultra"], Some("max")),
            ("high", &["low", "medium"], Some("medium")),
            ("medium", &["low", "high"], Some("low")),
            ("low", &["medium", "high"], Some("medium")),
            ("none", &["none", "low"], Some("none")),
            ("none", &["low", "medium"], Some("low")),
            ("none", &[], None),
            ("max", &[], Some("high")),
            ("low", &[], Some("low")),
            ("of_tomorrow", &["low"], None),
        ];
        for (requested, efforts, sent) in rows {
            assert_eq!(effort_at_most(requested, efforts).as_deref(), sent, "{requested} of {efforts:?}");
        }
    }
}
