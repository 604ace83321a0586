//! Encodes a response as one chat completion, for callers who do not stream.

use serde::Serialize;

use super::completion::{self, BETWEEN_MESSAGES, Citation, CompletionHead, CompletionUsage, MessageContent};
use crate::json::Text;
use crate::responses::events::call_arguments::without_leading_blanks;
use crate::responses::events::event::{DeltaKind, Response};
use crate::responses::events::item::Item;
use crate::translate::ResponseOptions;

#[derive(Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: String,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<CompletionUsage>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Default, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<String>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Citation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Function<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(flatten)]
    tool: Tool<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool<'a> {
    Function { function: Function<'a> },
    Custom { custom: Custom<'a> },
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Custom<'a> {
    name: &'a str,
    input: &'a str,
}

/// Encodes `response` as a chat completion with these options. `model` and `now`, in Unix seconds, are used where
/// the response has neither.
pub fn translate_response(
    response: &Response<'_>,
    model: &str,
    now: u64,
    options: &ResponseOptions,
) -> Vec<u8> {
    let mut message = Message { role: "assistant", ..Message::default() };
    let cut = response.output.iter().flatten().any(|item| message.add(item, options));
    let has_call = !message.tool_calls.is_empty() || message.function_call.is_some();
    let finish_reason = if cut {
        "stop"
    } else {
        completion::finish_reason(response, has_call, options.legacy_function_call)
    };
    message.finish_content(has_call);
    let CompletionHead { id, created, model } = CompletionHead::of(response, model, now);
    let completion = Completion {
        id,
        object: "chat.completion",
        created,
        model,
        choices: [Choice { index: 0, message, logprobs: None, finish_reason }],
        usage: response.usage.map(CompletionUsage::from),
    };
    serde_json::to_vec(&completion).expect("strings and numbers can be written")
}

impl<'a> Message<'a> {
    /// Adds an item. Returns whether a stop sequence ended the completion in it.
    fn add(&mut self, item: &'a Item<'_>, options: &ResponseOptions) -> bool {
        match &*item.kind {
            _ if item.is_commentary() => {}
            "message" => return self.add_text(item, &options.stop_sequences),
            "reasoning" => self.add_reasoning(item),
            "function_call" if options.legacy_function_call => {
                self.function_call.get_or_insert_with(|| Function::of(item));
            }
            "function_call" => self.call(item, Tool::Function { function: Function::of(item) }),
            "custom_tool_call" => {
                let (name, input) = (text(item.name.as_ref()), text(item.input.as_ref()));
                self.call(item, Tool::Custom { custom: Custom { name, input } });
            }
            _ => {}
        }
        false
    }

    fn add_text(&mut self, item: &Item<'_>, stop: &[String]) -> bool {
        let before = self.content.take().filter(|before| !before.is_empty());
        let before = before.map_or_else(String::new, |before| before + BETWEEN_MESSAGES);
        let mut content = MessageContent::from_item(item, before.chars().count());
        if !content.refusal.is_empty() {
            self.refusal.get_or_insert_default().push_str(&content.refusal);
        }
        if content.text.is_empty() {
            self.content = before.strip_suffix(BETWEEN_MESSAGES).map(String::from);
            return false;
        }
        // A sequence may begin where two messages meet.
        content.text.insert_str(0, &before);
        let cut = content.truncate_at(stop);
        self.content = Some(content.text);
        self.annotations.append(&mut content.citations);
        cut
    }

    /// Adds the full text of the reasoning if there is any, else its summary.
    fn add_reasoning(&mut self, item: &Item<'_>) {
        let reasoning =
            [DeltaKind::ReasoningText, DeltaKind::ReasoningSummary].map(|of| completion::reasoning(item, of));
        let Some(reasoning) = reasoning.iter().find(|reasoning| !reasoning.is_empty()) else { return };
        if !self.reasoning_content.is_empty() {
            self.reasoning_content.push_str(BETWEEN_MESSAGES);
        }
        self.reasoning_content.push_str(reasoning);
    }

    fn call(&mut self, item: &'a Item<'_>, tool: Tool<'a>) {
        self.tool_calls.push(Call { id: text(item.call_id.as_ref()), tool });
    }

    /// Sets `content` if there is none: `null` beside calls or a refusal, and an empty string otherwise.
    fn finish_content(&mut self, has_call: bool) {
        let silent = self.content.as_ref().is_none_or(String::is_empty);
        if silent {
            self.content = (!has_call && self.refusal.is_none()).then(String::new);
        }
    }
}

impl<'a> Function<'a> {
    fn of(item: &'a Item<'_>) -> Self {
        let arguments = without_leading_blanks(text(item.arguments.as_ref()));
        // The reference has JSON there, and callers parse it.
        let arguments = if arguments.is_empty() { "{}" } else { arguments };
        Self { name: text(item.name.as_ref()), arguments }
    }
}

fn text<'a>(text: Option<&'a Text<'_>>) -> &'a str {
    text.map(|text| &**text).unwrap_or_default()
}
