//! How hard the model should think: two ways to say it in a request, one in the Responses API.

use serde::Deserialize;

use super::path::At;
use super::shape::{Fields, Listed, Message, Scalar, read};
use crate::crossing::{BadRequest, Target};
use crate::json::Raw;

/// Efforts from the lowest to the highest, with their rank: the words of `output_config.effort`, those of
/// `reasoning.effort` (types of the npm package `openai` 6.49.0), and `ultra`, a name of the Codex catalogue that goes
/// over the wire as `max` (protocol §7.1).
const RANKS: &[(&str, u8)] = &[
    ("none", 0),
    ("minimal", 1),
    ("low", 2),
    ("medium", 3),
    ("high", 4),
    ("xhigh", 5),
    ("max", 6),
    ("ultra", 6),
];

/// Highest effort for a model of which nothing is known: what every reasoning model has.
const SAFE: &str = "high";

/// `budget_tokens` below which an effort is meant. Our own reading: the API's least budget is 1,024, callers offer
/// steps of about 4,000, 10,000 and 32,000 ("think", "think hard", "ultrathink" of earlier Claude Code), and an
/// OpenAI model has no budget at all.
const BUDGETS: &[(f64, &str)] = &[(8_192.0, "low"), (24_576.0, "medium")];

/// Effort of every larger budget.
const LARGE_BUDGET: &str = "high";

/// What a request says about thinking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Nothing, or that it is not wanted: the answer has no thinking blocks, so that code which takes the first block
    /// for the answer goes on working.
    #[default]
    Unasked,
    /// `display: "omitted"`: the blocks come without their text, for the sake of the next turn.
    Sealed,
    /// The blocks come with a summary.
    Shown,
}

/// What is asked of the model's reasoning.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// What the answer shows of it.
    pub(super) thinking: Thinking,
    /// How hard, in a word that the model knows.
    pub(super) effort: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish<'a> {
    #[serde(rename = "type", borrow)]
    kind: Scalar<'a>,
    #[serde(borrow)]
    display: Scalar<'a>,
    #[serde(borrow)]
    budget_tokens: Option<Raw<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OutputConfig<'a> {
    #[serde(borrow)]
    effort: Scalar<'a>,
    /// The form that the answer has to have.
    #[serde(borrow)]
    pub(super) format: Option<Raw<'a>>,
}

/// Reads what `fields` and the system messages ask for. `output_config.effort` wins over a budget; without either it is
/// the target's own default.
pub(super) fn asked(
    fields: &Fields<'_>,
    messages: &[Message<'_>],
    target: &Target<'_>,
) -> Result<Asked, BadRequest> {
    let (thinking, budget) = thinking(fields)?;
    let effort = match (of_the_turn(messages), of_the_request(fields)?, budget) {
        (Some(effort), ..) | (None, Some(effort), _) | (None, None, Some(effort)) => Some(effort),
        (None, None, None) => target.default_effort.map(str::to_owned),
    };
    Ok(Asked { thinking, effort: effort.and_then(|effort| known(&effort, target.efforts)) })
}

/// What `thinking` says: `between_tools` and kinds of tomorrow are read as `adaptive`.
fn thinking(fields: &Fields<'_>) -> Result<(Thinking, Option<String>), BadRequest> {
    let at = At::root("thinking");
    let Some(raw) = fields.get("thinking") else {
        return Ok((Thinking::Unasked, None));
    };
    let wish: Wish<'_> = read(raw, &at)?;
    let shown = match wish.display.text() {
        Some("omitted") => Thinking::Sealed,
        _ => Thinking::Shown,
    };
    match wish.kind.required(&at.field("type"))? {
        "disabled" => Ok((Thinking::Unasked, Some("none".to_owned()))),
        "enabled" => {
            let at = at.field("budget_tokens");
            let budget = wish.budget_tokens.as_ref().ok_or_else(|| at.wrong("field required"))?;
            let budget = budget.read().ok_or_else(|| at.wrong("should be a number"))?;
            Ok((shown, Some(of_budget(budget).to_owned())))
        }
        _ => Ok((shown, None)),
    }
}

fn of_budget(budget: f64) -> &'static str {
    BUDGETS.iter().find(|(below, _)| budget < *below).map_or(LARGE_BUDGET, |(_, effort)| effort)
}

fn of_the_request(fields: &Fields<'_>) -> Result<Option<String>, BadRequest> {
    let at = At::root("output_config");
    let Some(raw) = fields.get("output_config") else { return Ok(None) };
    let config: OutputConfig<'_> = read(raw, &at)?;
    match config.effort {
        Scalar::Absent => Ok(None),
        effort => effort.required(&at.field("effort")).map(|effort| Some(effort.to_owned())),
    }
}

/// The effort that a system message asks for, which is for its own turn only (`BetaSystemMessageOutputConfig`: "Fields
/// here apply per-turn"). A turn begins with the last message of the user that is more than results of tools.
fn of_the_turn(messages: &[Message<'_>]) -> Option<String> {
    let begin = messages.iter().rposition(begins_a_turn).unwrap_or_default();
    messages[begin..].iter().rev().filter(|message| message.role.text() == Some("system")).find_map(
        |message| {
            let config: OutputConfig<'_> = message.output_config.as_ref()?.read()?;
            config.effort.text().map(str::to_owned)
        },
    )
}

/// Whether a user says something here, rather than a tool.
pub(super) fn begins_a_turn(message: &Message<'_>) -> bool {
    message.role.text() == Some("user")
        && match &message.content {
            Listed::List(blocks) => blocks.iter().any(|block| block.kind.text() != Some("tool_result")),
            _ => true,
        }
}

/// The word that the model has for `wanted`: the nearest that is not above it, else its lowest. Words that are in no
/// table stand at the top of `efforts` or nowhere, and are sent only when they are asked for.
fn known(wanted: &str, efforts: &[&str]) -> Option<String> {
    let wire = |effort: &str| if effort == "ultra" { "max".to_owned() } else { effort.to_owned() };
    let Some(limit) = rank(wanted) else {
        return efforts.contains(&wanted).then(|| wanted.to_owned());
    };
    if efforts.is_empty() {
        return match wanted {
            // Whether it can be switched off is not known, and whether it is there at all neither.
            "none" => None,
            _ if Some(limit) > rank(SAFE) => Some(SAFE.to_owned()),
            _ => Some(wire(wanted)),
        };
    }
    let ranked = || efforts.iter().filter_map(|effort| Some((rank(effort)?, *effort)));
    let below = ranked().filter(|(rank, _)| *rank <= limit).max_by_key(|(rank, _)| *rank);
    below.or_else(|| ranked().min_by_key(|(rank, _)| *rank)).map(|(_, effort)| wire(effort))
}

fn rank(effort: &str) -> Option<u8> {
    RANKS.iter().find(|(known, _)| *known == effort).map(|(_, rank)| *rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_effort_that_the_model_knows() {
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
        for (wanted, efforts, sent) in rows {
            assert_eq!(known(wanted, efforts).as_deref(), sent, "{wanted} of {efforts:?}");
        }
    }

    #[test]
    fn budgets() {
        let rows = [(1_024.0, "low"), (4_000.0, "low"), (10_000.0, "medium"), (31_999.0, "high")];
        for (budget, effort) in rows {
            assert_eq!(of_budget(budget), effort);
        }
    }
}
