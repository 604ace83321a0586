//! What a request asks for, whichever of the two public dialects it is written in.

use serde_json::Value;

/// A request as the "model" sees it.
#[derive(Default)]
pub(crate) struct Prompt {
    /// What the person said last; empty when only tools have answered since the last answer.
    pub(super) text: String,
    /// What tools have answered since the last answer.
    pub(super) outputs: Vec<String>,
    /// Pictures and files that came since the last answer, in tools' answers as well.
    pub(super) images: usize,
    pub(super) files: usize,
    pub(super) tools: Vec<Tool>,
    /// Only one call at a time.
    pub(super) single_call: bool,
    /// The JSON schema that the answer must be of.
    pub(super) schema: Option<Value>,
    /// Reasoning is summed up.
    pub(super) summary: bool,
    /// Reasoning is given sealed (protocol §8.2, `include`).
    pub(super) encrypted: bool,
    /// About four characters a token; only growth with the input matters.
    pub(super) tokens: usize,
}

/// A tool that may be called.
pub(super) struct Tool {
    pub(super) name: String,
    /// Codex groups its tools (`codex-exec-provider-envkey.json`).
    pub(super) namespace: Option<String>,
    /// Its input is text, not JSON.
    pub(super) custom: bool,
}

impl Prompt {
    /// Reads a body of the Responses API.
    pub(crate) fn from_responses(body: &Value) -> Self {
        let mut asked = Self::message_text(&body["input"]);
        let inside =
            body["input"].as_array().into_iter().flatten().filter_map(|item| item["tools"].as_array());
        asked.tools =
            body["tools"].as_array().into_iter().chain(inside).flat_map(|tools| read(tools)).collect();
        asked.single_call = body["parallel_tool_calls"] == false;
        asked.schema = body["text"]["format"].get("schema").cloned();
        asked.summary = body["reasoning"]["summary"].is_string();
        asked.encrypted = body["include"]
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name == "reasoning.encrypted_content"));
        asked
    }

    /// Reads a body of Chat Completions.
    pub(crate) fn from_chat(body: &Value) -> Self {
        let mut asked = Self::message_text(&body["messages"]);
        asked.tools = body["tools"].as_array().map(|tools| read(tools)).unwrap_or_default();
        asked.single_call = body["parallel_tool_calls"] == false;
        asked.schema = body["response_format"]["json_schema"].get("schema").cloned();
        asked
    }

    /// What was said since the last answer: in a string, or in a list of items or messages.
    fn message_text(input: &Value) -> Self {
        let mut asked = Self { tokens: input.to_string().len() / 4 + 1, ..Self::default() };
        if let Value::String(text) = input {
            asked.text.clone_from(text);
        }
        let items = input.as_array().map(Vec::as_slice).unwrap_or_default();
        let first = items.iter().rposition(is_assistant).map_or(0, |last| last + 1);
        for item in &items[first..] {
            let output = is_output(item);
            let content = if item["output"].is_null() { &item["content"] } else { &item["output"] };
            asked.images += parts_of(content, &["input_image", "image_url"]);
            asked.files += parts_of(content, &["input_file", "file"]);
            let text = text(content);
            if output {
                asked.outputs.push(text);
            } else if item["role"] == "user" && !text.is_empty() {
                asked.text = text;
            }
        }
        asked
    }

    /// The tool that is called by `name`, alone or behind its namespace and a dot.
    pub(super) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| {
            let namespaced = || name.strip_suffix(&tool.name)?.strip_suffix('.');
            tool.name == name || (tool.namespace.is_some() && namespaced() == tool.namespace.as_deref())
        })
    }
}

/// Whether the model said it.
fn is_assistant(item: &Value) -> bool {
    let kind = item["type"].as_str().unwrap_or_default();
    item["role"] == "assistant" || matches!(kind, "reasoning" | "function_call" | "custom_tool_call")
}

fn is_output(item: &Value) -> bool {
    let kind = item["type"].as_str().unwrap_or_default();
    item["role"] == "tool" || matches!(kind, "function_call_output" | "custom_tool_call_output")
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn parts_of(content: &Value, kinds: &[&str]) -> usize {
    let parts = content.as_array().into_iter().flatten();
    parts.filter(|part| kinds.iter().any(|kind| part["type"] == *kind)).count()
}

/// The tools of a list, those in namespaces as well. Chat Completions puts a tool into a member called like its type.
fn read(tools: &[Value]) -> Vec<Tool> {
    let mut all = Vec::new();
    for tool in tools {
        let kind = tool["type"].as_str().unwrap_or_default();
        let name = tool["name"].as_str().or_else(|| tool[kind]["name"].as_str()).unwrap_or_default();
        if let Some(inside) = tool["tools"].as_array() {
            all.extend(
                read(inside).into_iter().map(|tool| Tool { namespace: Some(name.to_owned()), ..tool }),
            );
        } else if matches!(kind, "function" | "custom") {
            all.push(Tool { name: name.to_owned(), namespace: None, custom: kind == "custom" });
        }
    }
    all
}
