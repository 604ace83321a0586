//! The reasoning options of a request: two ways to set them in the Messages API, one in the Responses API.

use serde::Deserialize;

use super::types::{Fields, Message, Scalar, TextOrList, read};
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::path::JsonPath;
use crate::messages::options::ThinkingDisplay;
use crate::reasoning_effort::effort_at_most;
use crate::translate::Recipient;

/// The effort below each `budget_tokens`.
///
/// Our own mapping: the API's least budget is 1,024, callers offer steps of about 4,000, 10,000 and 32,000
/// ("think", "think hard", "ultrathink" of earlier Claude Code), and an `OpenAI` model has no budget at all.
const BUDGETS: &[(f64, &str)] = &[(8_192.0, "low"), (24_576.0, "medium")];

/// The effort of every larger budget.
const LARGE_BUDGET: &str = "high";

/// The reasoning that a request specifies.
#[derive(Debug, Default)]
pub(crate) struct ReasoningOptions {
    /// How the response shows it.
    pub(crate) thinking: ThinkingDisplay,
    /// The effort, in a word that the model knows.
    pub(crate) effort: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ThinkingConfig<'a> {
    #[serde(rename = "type", borrow)]
    kind: Scalar<'a>,
    #[serde(borrow)]
    display: Scalar<'a>,
    #[serde(borrow)]
    budget_tokens: Option<Raw<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OutputConfig<'a> {
    #[serde(borrow)]
    effort: Scalar<'a>,
    /// The format that the response must have.
    #[serde(borrow)]
    pub(crate) format: Option<Raw<'a>>,
}

/// Reads the reasoning options of `fields` and of the system messages. `output_config.effort` wins over a budget;
/// without either the recipient's default applies.
pub(crate) fn reasoning_options(
    fields: &Fields<'_>,
    messages: &[Message<'_>],
    recipient: &Recipient<'_>,
) -> Result<ReasoningOptions, BadRequest> {
    let (thinking, budget) = thinking(fields)?;
    let effort = match (turn_effort(messages), request_effort(fields)?, budget) {
        (Some(effort), ..) | (None, Some(effort), _) | (None, None, Some(effort)) => Some(effort),
        (None, None, None) => recipient.default_effort.map(str::to_owned),
    };
    Ok(ReasoningOptions {
        thinking,
        effort: effort.and_then(|effort| effort_at_most(&effort, recipient.efforts)),
    })
}

/// Reads `thinking`: `between_tools` and unknown types count as `adaptive`.
fn thinking(fields: &Fields<'_>) -> Result<(ThinkingDisplay, Option<String>), BadRequest> {
    let at = JsonPath::root("thinking");
    let Some(raw) = fields.get("thinking") else {
        return Ok((ThinkingDisplay::Disabled, None));
    };
    let config: ThinkingConfig<'_> = read(raw, &at)?;
    let display = match config.display.text() {
        Some("omitted") => ThinkingDisplay::Omitted,
        _ => ThinkingDisplay::Summarized,
    };
    match config.kind.required(&at.field("type"))? {
        "disabled" => Ok((ThinkingDisplay::Disabled, Some("none".to_owned()))),
        "enabled" => {
            let at = at.field("budget_tokens");
            let budget = config.budget_tokens.as_ref().ok_or_else(|| at.error_with_path("field required"))?;
            let budget = budget.read().ok_or_else(|| at.error_with_path("should be a number"))?;
            Ok((display, Some(budget_effort(budget).to_owned())))
        }
        _ => Ok((display, None)),
    }
}

fn budget_effort(budget: f64) -> &'static str {
    BUDGETS.iter().find(|(below, _)| budget < *below).map_or(LARGE_BUDGET, |(_, effort)| effort)
}

fn request_effort(fields: &Fields<'_>) -> Result<Option<String>, BadRequest> {
    let at = JsonPath::root("output_config");
    let Some(raw) = fields.get("output_config") else { return Ok(None) };
    let config: OutputConfig<'_> = read(raw, &at)?;
    match config.effort {
        Scalar::Absent => Ok(None),
        effort => effort.required(&at.field("effort")).map(|effort| Some(effort.to_owned())),
    }
}

/// Returns the effort of a system message, which applies to its own turn only (`BetaSystemMessageOutputConfig`:
/// "Fields here apply per-turn"). A turn begins with the last user message that is more than tool results.
fn turn_effort(messages: &[Message<'_>]) -> Option<String> {
    let begin = messages.iter().rposition(begins_a_turn).unwrap_or_default();
    messages[begin..].iter().rev().filter(|message| message.role.text() == Some("system")).find_map(
        |message| {
            let config: OutputConfig<'_> = message.output_config.as_ref()?.read()?;
            config.effort.text().map(str::to_owned)
        },
    )
}

/// Returns whether the user, rather than a tool, speaks in this message.
pub(crate) fn begins_a_turn(message: &Message<'_>) -> bool {
    message.role.text() == Some("user")
        && match &message.content {
            TextOrList::List(blocks) => blocks.iter().any(|block| block.kind.text() != Some("tool_result")),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_maps_to_effort() {
        let rows = [(1_024.0, "low"), (4_000.0, "low"), (10_000.0, "medium"), (31_999.0, "high")];
        for (budget, effort) in rows {
            assert_eq!(budget_effort(budget), effort);
        }
    }
}
