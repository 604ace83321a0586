//! The chunks of a chat completion as services send them, which is not always as in the reference.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::half_character::HalfCharacter;
use crate::json::Text;
use crate::responses::events::event::Event;
use crate::responses::events::token_usage::{TokenUsage, read_usage};

/// The callback that receives the events.
pub(crate) type EventSink<'t> = &'t mut dyn FnMut(Event<'_>);

#[derive(Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(borrow, default)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) model: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) created: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow, default)]
    pub(crate) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(crate) struct Choice<'a> {
    #[serde(default)]
    pub(crate) index: Option<u32>,
    #[serde(borrow, default)]
    pub(crate) delta: Option<Delta<'a>>,
    /// Instead of `delta`, from services that do not stream or do it in one chunk.
    #[serde(borrow, default)]
    pub(crate) message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(crate) finish_reason: Option<Text<'a>>,
    /// Instead of `delta`, from services that continue a prompt.
    #[serde(borrow, default)]
    pub(crate) text: Option<&'a RawValue>,
    /// Some services report an error here, and usage.
    #[serde(borrow, default)]
    pub(crate) error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(crate) struct Delta<'a> {
    /// Text; some services with open reasoning send parts.
    #[serde(borrow, default)]
    pub(crate) content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) refusal: Option<Text<'a>>,
    /// Open reasoning, by the older and more common name.
    #[serde(borrow, default)]
    pub(crate) reasoning_content: Option<&'a RawValue>,
    /// Open reasoning by the newer name. Some services send both.
    #[serde(borrow, default)]
    pub(crate) reasoning: Option<&'a RawValue>,
    /// Reasoning in parts, some of them encrypted; beside the above, or in place of it.
    #[serde(borrow, default)]
    pub(crate) reasoning_details: Option<&'a RawValue>,
    /// Gemini's signature of the text.
    #[serde(borrow, default)]
    pub(crate) extra_content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) tool_calls: Option<Vec<CallDelta<'a>>>,
    /// The only call, from services with the older form.
    #[serde(borrow, default)]
    pub(crate) function_call: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct CallDelta<'a> {
    #[serde(default)]
    pub(crate) index: Option<i64>,
    #[serde(borrow, default)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) function: Option<FunctionDelta<'a>>,
    /// Gemini's signature of the call.
    #[serde(borrow, default)]
    pub(crate) extra_content: Option<&'a RawValue>,
}

impl<'a> CallDelta<'a> {
    /// Returns the delta of a call in the older form, which has neither a number nor an id.
    pub(crate) fn of_function(function: FunctionDelta<'a>) -> Self {
        // The number keeps its pieces together.
        Self { index: Some(-1), id: None, function: Some(function), extra_content: None }
    }
}

#[derive(Default, Deserialize)]
pub(crate) struct FunctionDelta<'a> {
    #[serde(borrow, default)]
    pub(crate) name: Option<Text<'a>>,
    /// JSON as a string; some services send the object itself.
    #[serde(borrow, default)]
    pub(crate) arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    /// Mistral's reasoning, in parts of its own.
    #[serde(default)]
    thinking: Option<Vec<Part>>,
}

/// Returns the string `raw`, or its joined text parts; `None` if empty.
pub(crate) fn text<'a>(raw: Option<&'a RawValue>, half: &mut HalfCharacter) -> Option<Text<'a>> {
    let raw = raw?;
    let text = half.join(raw).or_else(|| {
        let parts: Vec<Part> = serde_json::from_str(raw.get()).ok()?;
        let texts = parts.into_iter().filter(|part| part.kind == "text").filter_map(|part| part.text);
        Some(texts.collect::<String>().into())
    })?;
    (!text.is_empty()).then_some(text)
}

/// Returns the joined reasoning in the parts of a content; `None` if empty.
pub(crate) fn thinking(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw.filter(|raw| raw.get().starts_with('['))?;
    let parts: Vec<Part> = serde_json::from_str(raw.get()).ok()?;
    let thinking = parts.into_iter().filter_map(|part| part.thinking).flatten();
    let text: String = thinking.filter_map(|part| part.text).collect();
    (!text.is_empty()).then_some(text)
}

/// Returns the value, unless it is `null` or an empty string.
pub(crate) fn non_empty(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| !matches!(raw.get(), "null" | "\"\""))
}

/// Returns the parts of reasoning.
pub(crate) fn details(raw: Option<&RawValue>) -> Vec<Map<String, Value>> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// Returns the arguments as text, whether they are a string or an object.
pub(crate) fn arguments<'a>(raw: Option<&'a RawValue>, half: &mut HalfCharacter) -> Option<Text<'a>> {
    let raw = non_empty(raw)?;
    let text = half.join(raw).unwrap_or_else(|| raw.get().into());
    (!text.is_empty()).then_some(text)
}

/// Returns the usage in `raw`, if there is one.
pub(crate) fn token_usage(raw: Option<&RawValue>) -> Option<TokenUsage> {
    read_usage(&mut serde_json::Deserializer::from_str(raw?.get())).ok()?
}
