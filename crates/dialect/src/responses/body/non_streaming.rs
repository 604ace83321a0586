//! A response as one body of the Responses API.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::json::{Raw, RawObject};
use crate::responses::events::event::{IncompleteDetails, Response};
use crate::responses::events::item::{Item, item_id};
use crate::responses::events::token_usage::TokenUsage;

/// The fields that identify a response.
#[derive(Debug, Clone)]
pub(crate) struct ResponseHead {
    pub(crate) id: String,
    created_at: u64,
    model: String,
}

/// The response object.
///
/// Fields that repeat the request have the values of an empty request: clients do not read them back.
#[derive(Serialize)]
pub(crate) struct ResponseObject<'a> {
    id: &'a str,
    object: &'static str,
    created_at: u64,
    status: &'static str,
    error: Option<Raw<'a>>,
    incomplete_details: Option<&'a IncompleteDetails<'a>>,
    instructions: Option<()>,
    metadata: Map<String, Value>,
    model: &'a str,
    output: &'a [Raw<'static>],
    parallel_tool_calls: bool,
    previous_response_id: Option<()>,
    store: bool,
    temperature: Option<f64>,
    text: Value,
    tool_choice: &'static str,
    tools: [(); 0],
    top_p: Option<f64>,
    truncation: &'static str,
    usage: Option<TokenUsage>,
}

impl ResponseHead {
    /// Returns the head of `response`; fields that it lacks come from the request and the clock.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "out-of-range values are clamped"
    )]
    pub(crate) fn of(response: &Response<'_>, model: &str, now: u64) -> Self {
        let non_empty = |text: &Option<crate::json::Text<'_>>| {
            text.as_deref().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
        };
        Self {
            id: non_empty(&response.id).unwrap_or_else(|| format!("resp_{now}")),
            created_at: response.created_at.filter(|time| *time > 0.0).map_or(now, |time| time as u64),
            model: non_empty(&response.model).unwrap_or_else(|| model.to_owned()),
        }
    }

    /// Returns the object with the given output.
    pub(crate) fn object<'a>(
        &'a self,
        status: &'static str,
        output: &'a [Raw<'static>],
    ) -> ResponseObject<'a> {
        ResponseObject {
            id: &self.id,
            object: "response",
            created_at: self.created_at,
            status,
            error: None,
            incomplete_details: None,
            instructions: None,
            metadata: Map::new(),
            model: &self.model,
            output,
            parallel_tool_calls: true,
            previous_response_id: None,
            store: false,
            temperature: None,
            text: json!({ "format": { "type": "text" } }),
            tool_choice: "auto",
            tools: [],
            top_p: None,
            truncation: "disabled",
            usage: None,
        }
    }
}

impl<'a> ResponseObject<'a> {
    /// Sets the usage and why the response is incomplete.
    pub(crate) fn finished(self, response: &'a Response<'_>) -> Self {
        Self { usage: response.usage, incomplete_details: response.incomplete_details.as_ref(), ..self }
    }

    /// Sets the error.
    pub(crate) fn failed(self, error: Raw<'a>) -> Self {
        Self { error: Some(error), ..self }
    }
}

/// Encodes a complete response, for callers who do not stream.
///
/// `model` and `now`, in Unix seconds, are used where the response has neither. The output is that of
/// [`ResponseCollector`](super::ResponseCollector), which has it even if the final event does not.
pub fn translate_response(response: &Response<'_>, model: &str, now: u64) -> Vec<u8> {
    let head = ResponseHead::of(response, model, now);
    let items = response.output.iter().flatten().enumerate();
    let output: Vec<Raw<'static>> = items.map(|(index, item)| with_id(item, &head.id, index)).collect();
    let status = match (&response.error, &response.incomplete_details) {
        (Some(error), _) if error.get() != "null" => "failed",
        (_, Some(_)) => "incomplete",
        _ => "completed",
    };
    let object = head.object(status, &output).finished(response);
    let object = match &response.error {
        Some(error) => object.failed(error.clone()),
        None => object,
    };
    serde_json::to_vec(&object).expect("strings, numbers and raw JSON can be written")
}

/// Encodes the item, with every field that the provider sent, and with an id: SDKs and Codex expect one.
fn with_id(item: &Item<'_>, response_id: &str, index: usize) -> Raw<'static> {
    let id = item_id(item, response_id, index);
    let original =
        item.original.as_ref().and_then(|original| RawObject::parse(original.get().as_bytes()).ok());
    let Some(mut original) = original else {
        return Raw::from_value(&Item { id: Some(id.into()), ..item.clone() });
    };
    if item.id.as_deref() != Some(&id) {
        original.set("id", Raw::from_value(&id));
    }
    Raw::from_value(&original)
}
