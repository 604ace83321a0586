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
