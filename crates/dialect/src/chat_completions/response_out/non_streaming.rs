//! A response as one chat completion.

use serde::Serialize;

use super::completion::{self, BETWEEN_MESSAGES, Citation, Head, Said, Usage};
use crate::json::Text;
use crate::responses::event::{DeltaKind, Response};
use crate::responses::item::Item;
use crate::translate::ResponseOptions;

#[derive(Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: String,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
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

/// `response` as the JSON of a chat completion, for a caller who wants it `options` so. `model` and `now`, in Unix
/// seconds, stand in for what the response does not say.
pub fn translate_response(
    response: &Response<'_>,
    model: &str,
    now: u64,
    options: &ResponseOptions,
) -> Vec<u8> {
    let mut message = Message { role: "assistant", ..Message::default() };
    let cut = response.output.iter().flatten().any(|item| message.add(item, options));
    let called = !message.tool_calls.is_empty() || message.function_call.is_some();
    let finish_reason =
        if cut { "stop" } else { completion::finish_reason(response, called, options.legacy_function_call) };
    message.speak(called);
    let Head { id, created, model } = Head::of(response, model, now);
    let completion = Completion {
        id,
        object: "chat.completion",
        created,
        model,
        choices: [Choice { index: 0, message, logprobs: None, finish_reason }],
        usage: response.usage.map(Usage::from),
    };
    serde_json::to_vec(&completion).expect("strings and numbers can be written")
}

impl<'a> Message<'a> {
    /// Adds an item; says whether a stop sequence ended the completion in it.
    fn add(&mut self, item: &'a Item<'_>, options: &ResponseOptions) -> bool {
        match &*item.kind {
            "message" => return self.say(item, &options.stop_sequences),
            "reasoning" => self.think(item),
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

    fn say(&mut self, item: &Item<'_>, stop: &[String]) -> bool {
        let before = self.content.take().filter(|before| !before.is_empty());
        let before = before.map_or_else(String::new, |before| before + BETWEEN_MESSAGES);
        let mut said = Said::by(item, before.chars().count());
        if !said.refusal.is_empty() {
            self.refusal.get_or_insert_default().push_str(&said.refusal);
        }
        if said.text.is_empty() {
            self.content = before.strip_suffix(BETWEEN_MESSAGES).map(String::from);
            return false;
        }
        // A sequence may begin where two messages meet.
        said.text.insert_str(0, &before);
        let cut = said.cut(stop);
        self.content = Some(said.text);
        self.annotations.append(&mut said.citations);
        cut
    }

    /// The reasoning's own words where they are told, else their summary.
    fn think(&mut self, item: &Item<'_>) {
        let thoughts =
            [DeltaKind::ReasoningText, DeltaKind::ReasoningSummary].map(|of| completion::reasoning(item, of));
        let Some(thoughts) = thoughts.iter().find(|thoughts| !thoughts.is_empty()) else { return };
        if !self.reasoning_content.is_empty() {
            self.reasoning_content.push_str(BETWEEN_MESSAGES);
        }
        self.reasoning_content.push_str(thoughts);
    }

    fn call(&mut self, item: &'a Item<'_>, tool: Tool<'a>) {
        self.tool_calls.push(Call { id: text(item.call_id.as_ref()), tool });
    }

    /// No content at all is `null` beside calls or a refusal, and a text of no length otherwise.
    fn speak(&mut self, called: bool) {
        let silent = self.content.as_ref().is_none_or(String::is_empty);
        if silent {
            self.content = (!called && self.refusal.is_none()).then(String::new);
        }
    }
}

impl<'a> Function<'a> {
    fn of(item: &'a Item<'_>) -> Self {
        Self { name: text(item.name.as_ref()), arguments: text(item.arguments.as_ref()) }
    }
}

fn text<'a>(text: Option<&'a Text<'_>>) -> &'a str {
    text.map(|text| &**text).unwrap_or_default()
}
