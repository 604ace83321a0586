//! A message of a Chat Completions request.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::content::Content;
use crate::chat_completions::open_reasoning::ReasoningFields;
use crate::json::Raw;
use crate::json::object;
use crate::json::path::JsonPath;

/// A message.
#[derive(Default, Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: Option<Content<'a>>,
    #[serde(flatten)]
    pub(crate) reasoning: ReasoningFields,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_call_id: Option<&'a RawValue>,
}

#[derive(Serialize)]
pub(crate) struct Call<'a> {
    pub(crate) id: &'a RawValue,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) function: Function<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extra_content: Option<Value>,
}

#[derive(Serialize)]
pub(crate) struct Function<'a> {
    pub(crate) name: String,
    pub(crate) arguments: Raw<'a>,
}

impl Call<'_> {
    /// Returns the id, decoded.
    pub(crate) fn id(&self) -> String {
        object::text(self.id, &JsonPath::Root).map(|id| id.to_string()).unwrap_or_default()
    }
}
