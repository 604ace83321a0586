//! Calls in the chunks of a chat completion.

use serde::Serialize;

use crate::responses::events::item::Item;

/// The two formats of a call.
#[derive(Clone, Copy)]
pub(crate) enum CallFormat {
    /// `tool_calls`: several, each with an id.
    ToolCalls,
    /// The legacy `function_call`: one, without an id.
    FunctionCall,
}

#[derive(Serialize)]
pub(crate) struct CallDelta<'a> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<Function<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Custom<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}

/// Returns the delta that begins a function call; its arguments follow.
pub(crate) fn begin<'a>(index: u32, item: &'a Item<'_>) -> [CallDelta<'a>; 1] {
    let function = Some(legacy_begin(item));
    [CallDelta { index, id: item.call_id.as_deref(), kind: Some("function"), function, custom: None }]
}

/// Returns a delta with more of a function's arguments.
pub(crate) fn arguments(index: u32, arguments: &str) -> [CallDelta<'_>; 1] {
    [CallDelta { index, id: None, kind: None, function: Some(legacy_arguments(arguments)), custom: None }]
}

/// Returns the delta of a custom tool call, with all of its input.
pub(crate) fn custom<'a>(index: u32, item: &'a Item<'_>) -> [CallDelta<'a>; 1] {
    let custom = Some(Custom {
        name: item.name.as_deref().unwrap_or_default(),
        input: item.input.as_deref().unwrap_or_default(),
    });
    [CallDelta { index, id: item.call_id.as_deref(), kind: Some("custom"), function: None, custom }]
}

/// Returns a legacy call without arguments yet.
pub(crate) fn legacy_begin<'a>(item: &'a Item<'_>) -> Function<'a> {
    Function { name: item.name.as_deref(), arguments: "" }
}

/// Returns more arguments of a legacy call.
pub(crate) fn legacy_arguments(arguments: &str) -> Function<'_> {
    Function { name: None, arguments }
}
