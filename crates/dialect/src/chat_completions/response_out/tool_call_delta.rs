//! Calls as the chunks of a chat completion tell them.

use serde::Serialize;

use crate::responses::item::Item;

/// Which of the two ways to tell a call the caller understands.
#[derive(Clone, Copy)]
pub(crate) enum CallFormat {
    /// `tool_calls`: several, each with an id.
    ToolCalls,
    /// `function_call`, which was there before: one, without an id.
    FunctionCall,
}

#[derive(Serialize)]
pub(crate) struct Call<'a> {
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

/// A function is called; its arguments follow.
pub(crate) fn begins<'a>(index: u32, item: &'a Item<'_>) -> [Call<'a>; 1] {
    let function = Some(function(item));
    [Call { index, id: item.call_id.as_deref(), kind: Some("function"), function, custom: None }]
}

/// More of a function's arguments.
pub(crate) fn goes_on(index: u32, arguments: &str) -> [Call<'_>; 1] {
    [Call { index, id: None, kind: None, function: Some(more(arguments)), custom: None }]
}

/// A custom tool is called, with all of its input.
pub(crate) fn custom<'a>(index: u32, item: &'a Item<'_>) -> [Call<'a>; 1] {
    let custom = Some(Custom {
        name: item.name.as_deref().unwrap_or_default(),
        input: item.input.as_deref().unwrap_or_default(),
    });
    [Call { index, id: item.call_id.as_deref(), kind: Some("custom"), function: None, custom }]
}

/// The function by itself, without arguments yet.
pub(crate) fn function<'a>(item: &'a Item<'_>) -> Function<'a> {
    Function { name: item.name.as_deref(), arguments: "" }
}

/// More arguments by themselves.
pub(crate) fn more(arguments: &str) -> Function<'_> {
    Function { name: None, arguments }
}
