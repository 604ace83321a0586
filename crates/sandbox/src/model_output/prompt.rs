//! What a request contains, in either public API.

use serde_json::Value;

/// A request as the "model" sees it.
#[derive(Default)]
pub(crate) struct Prompt {
    /// The user's last text; empty when only tool outputs came since the last response.
    pub(super) text: String,
    /// Tool outputs since the last response.
    pub(super) outputs: Vec<String>,
    /// Images and files since the last response, in tool outputs as well.
    pub(super) images: usize,
    pub(super) files: usize,
    pub(super) tools: Vec<Tool>,
    /// Whether only one tool call at a time is allowed.
    pub(super) single_call: bool,
    /// The JSON schema that the output must match.
    pub(super) schema: Option<Value>,
    /// Whether a summary of the reasoning is requested.
    pub(super) summary: bool,
    /// Whether encrypted reasoning is requested (protocol §8.2, `include`).
    pub(super) encrypted: bool,
    /// About one token for four characters; it only has to grow with the input.
    pub(super) tokens: usize,
}

/// A tool that may be called.
pub(super) struct Tool {
    pub(super) name: String,
    /// Codex groups its tools (`codex-exec-provider-envkey.json`).
    pub(super) namespace: Option<String>,
    /// Whether its input is text, not JSON.
    pub(super) custom: bool,
}

impl Prompt {
    /// Reads a body of the Responses API.
    pub(crate) fn from_responses(body: &Value) -> Self {
        let mut prompt = Self::from_input(&body["input"]);
        let nested =
            body["input"].as_array().into_iter().flatten().filter_map(|item| item["tools"].as_array());
        prompt.tools =
            body["tools"].as_array().into_iter().chain(nested).flat_map(|tools| tools_in(tools)).collect();
        prompt.single_call = body["parallel_tool_calls"] == false;
        prompt.schema = body["text"]["format"].get("schema").cloned();
        prompt.summary = body["reasoning"]["summary"].is_string();
        prompt.encrypted = body["include"]
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name == "reasoning.encrypted_content"));
        prompt
    }

    /// Reads a body of Chat Completions.
    pub(crate) fn from_chat(body: &Value) -> Self {
        let mut prompt = Self::from_input(&body["messages"]);
        prompt.tools = body["tools"].as_array().map(|tools| tools_in(tools)).unwrap_or_default();
        prompt.single_call = body["parallel_tool_calls"] == false;
        prompt.schema = body["response_format"]["json_schema"].get("schema").cloned();
        prompt
    }

    /// Reads the input since the last response, from a string or from a list of items or messages.
    fn from_input(input: &Value) -> Self {
        let mut prompt = Self { tokens: input.to_string().len() / 4 + 1, ..Self::default() };
        if let Value::String(text) = input {
            prompt.text.clone_from(text);
        }
        let items = input.as_array().map(Vec::as_slice).unwrap_or_default();
        let first = items.iter().rposition(is_assistant).map_or(0, |last| last + 1);
        for item in &items[first..] {
            let output = is_output(item);
            let content = if item["output"].is_null() { &item["content"] } else { &item["output"] };
            prompt.images += parts_of(content, &["input_image", "image_url"]);
            prompt.files += parts_of(content, &["input_file", "file"]);
            let text = text(content);
            if output {
                prompt.outputs.push(text);
            } else if item["role"] == "user" && !text.is_empty() {
                prompt.text = text;
            }
        }
        prompt
    }

    /// Returns whether a comment comes before the answer, so that messages need a phase.
    pub(super) fn is_commented(&self) -> bool {
        self.outputs.is_empty() && self.text.to_lowercase().contains("comment first")
    }

    /// Returns the tool with this name, alone or behind its namespace and a dot.
    pub(super) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| {
            let namespaced = || name.strip_suffix(&tool.name)?.strip_suffix('.');
            tool.name == name || (tool.namespace.is_some() && namespaced() == tool.namespace.as_deref())
        })
    }
}

/// Returns whether the model made this item.
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

/// Returns the tools of a list, those in namespaces as well. In Chat Completions a tool is in the field named like its type.
fn tools_in(tools: &[Value]) -> Vec<Tool> {
    let mut all = Vec::new();
    for tool in tools {
        let kind = tool["type"].as_str().unwrap_or_default();
        let name = tool["name"].as_str().or_else(|| tool[kind]["name"].as_str()).unwrap_or_default();
        if let Some(nested) = tool["tools"].as_array() {
            all.extend(
                tools_in(nested).into_iter().map(|tool| Tool { namespace: Some(name.to_owned()), ..tool }),
            );
        } else if matches!(kind, "function" | "custom") {
            all.push(Tool { name: name.to_owned(), namespace: None, custom: kind == "custom" });
        }
    }
    all
}
