//! A message of a Chat Completions request.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::content::Content;
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

/// The reasoning of an assistant message, for the service that sent it under these names.
#[derive(Default, Serialize)]
pub(crate) struct ReasoningFields {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasoning_content: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasoning: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reasoning_details: Vec<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extra_content: Option<Value>,
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
