//! How hard the model should think: two ways to say it in a request, one in the Responses API.

use serde::Deserialize;

use super::types::{Fields, Message, Scalar, TextOrList, read};
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::path::JsonPath;
use crate::messages::options::ThinkingDisplay;
use crate::reasoning_effort::effort_at_most;
use crate::translate::Target;

/// `budget_tokens` below which an effort is meant. Our own reading: the API's least budget is 1,024, callers offer
/// steps of about 4,000, 10,000 and 32,000 ("think", "think hard", "ultrathink" of earlier Claude Code), and an
/// OpenAI model has no budget at all.
const BUDGETS: &[(f64, &str)] = &[(8_192.0, "low"), (24_576.0, "medium")];

/// Effort of every larger budget.
const LARGE_BUDGET: &str = "high";

/// What is asked of the model's reasoning.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What the answer shows of it.
    pub(crate) thinking: ThinkingDisplay,
    /// How hard, in a word that the model knows.
    pub(crate) effort: Option<String>,
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
pub(crate) struct OutputConfig<'a> {
    #[serde(borrow)]
    effort: Scalar<'a>,
    /// The form that the answer has to have.
    #[serde(borrow)]
    pub(crate) format: Option<Raw<'a>>,
}

/// Reads what `fields` and the system messages ask for. `output_config.effort` wins over a budget; without either it is
/// the target's own default.
pub(crate) fn asked(
    fields: &Fields<'_>,
    messages: &[Message<'_>],
    target: &Target<'_>,
) -> Result<Asked, BadRequest> {
    let (thinking, budget) = thinking(fields)?;
    let effort = match (of_the_turn(messages), of_the_request(fields)?, budget) {
        (Some(effort), ..) | (None, Some(effort), _) | (None, None, Some(effort)) => Some(effort),
        (None, None, None) => target.default_effort.map(str::to_owned),
    };
    Ok(Asked { thinking, effort: effort.and_then(|effort| effort_at_most(&effort, target.efforts)) })
}

/// What `thinking` says: `between_tools` and kinds of tomorrow are read as `adaptive`.
fn thinking(fields: &Fields<'_>) -> Result<(ThinkingDisplay, Option<String>), BadRequest> {
    let at = JsonPath::root("thinking");
    let Some(raw) = fields.get("thinking") else {
        return Ok((ThinkingDisplay::Disabled, None));
    };
    let wish: Wish<'_> = read(raw, &at)?;
    let shown = match wish.display.text() {
        Some("omitted") => ThinkingDisplay::Omitted,
        _ => ThinkingDisplay::Summarized,
    };
    match wish.kind.required(&at.field("type"))? {
        "disabled" => Ok((ThinkingDisplay::Disabled, Some("none".to_owned()))),
        "enabled" => {
            let at = at.field("budget_tokens");
            let budget = wish.budget_tokens.as_ref().ok_or_else(|| at.error_with_path("field required"))?;
            let budget = budget.read().ok_or_else(|| at.error_with_path("should be a number"))?;
            Ok((shown, Some(of_budget(budget).to_owned())))
        }
        _ => Ok((shown, None)),
    }
}

fn of_budget(budget: f64) -> &'static str {
    BUDGETS.iter().find(|(below, _)| budget < *below).map_or(LARGE_BUDGET, |(_, effort)| effort)
}

fn of_the_request(fields: &Fields<'_>) -> Result<Option<String>, BadRequest> {
    let at = JsonPath::root("output_config");
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
    fn budgets() {
        let rows = [(1_024.0, "low"), (4_000.0, "low"), (10_000.0, "medium"), (31_999.0, "high")];
        for (budget, effort) in rows {
            assert_eq!(of_budget(budget), effort);
        }
    }
}
