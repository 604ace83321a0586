//! An item of a Responses input.

use serde::Serialize;
use serde_json::value::RawValue;

use super::content::InputPart;
use crate::json::Raw;

/// An item of the input.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum InputItem<'a> {
    Message { role: &'static str, content: Vec<InputPart<'a>> },
    FunctionCall { call_id: Raw<'a>, name: &'a RawValue, arguments: Raw<'a> },
    CustomToolCall { call_id: Raw<'a>, name: &'a RawValue, input: &'a RawValue },
    FunctionCallOutput { call_id: Raw<'a>, output: Output<'a> },
    CustomToolCallOutput { call_id: Raw<'a>, output: Output<'a> },
}

/// The output of a tool: text, or parts that may be images.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Output<'a> {
    Text(Raw<'a>),
    Parts(Vec<InputPart<'a>>),
}

impl<'a> InputItem<'a> {
    pub(crate) fn is_call(&self) -> bool {
        matches!(self, Self::FunctionCall { .. } | Self::CustomToolCall { .. })
    }

    /// Returns the result of this call.
    pub(crate) fn result(&self, call_id: Raw<'a>, output: Output<'a>) -> Self {
        match self {
            Self::CustomToolCall { .. } => Self::CustomToolCallOutput { call_id, output },
            _ => Self::FunctionCallOutput { call_id, output },
        }
    }
}
