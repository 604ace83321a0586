//! Translates the tools of a request and the choice between them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parse::{self, text_or_list};
use super::types::{Block, Content, Fields, Message, Scalar, TextOrList, Tool, read};
use super::{schema, tool_names};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{Raw, Text};
use crate::tool_schema::object_schema;
use crate::translate::{Recipient, ToolNames};

/// The prefix of every version of the service's own web search: `web_search_20250305`, `_20260209`, `_20260318`.
const WEB_SEARCH: &str = "web_search_";

/// The prefix of the service's own tool search: `tool_search_tool_regex_20251119`, `tool_search_tool_bm25`.
const TOOL_SEARCH: &str = "tool_search_tool_";

/// The translated `tools` and `tool_choice`.
#[derive(Debug, Default)]
pub(crate) struct TranslatedTools {
    /// The tools, in the Responses API's format.
    pub(crate) tools: Vec<ResponsesTool>,
    /// `auto`, `none`, `required`, or one tool.
    pub(crate) choice: Option<Value>,
    /// Whether several tools may be called at once; `None` without tools.
    pub(crate) parallel: Option<bool>,
    /// The limit on calls of the backend's own tools.
    pub(crate) max_calls: Option<u64>,
}

/// A tool of the Responses API (`openai` 6.49.0, `FunctionTool` and `WebSearchTool`).
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ResponsesTool {
    /// The caller's own.
    Function {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        parameters: Raw<'static>,
        /// Always tools: the default is `true`, and the model would then have to fill every optional argument.
        strict: bool,
    },
    /// The backend's own.
    WebSearch {
        #[serde(skip_serializing_if = "Option::is_none")]
        filters: Option<Filters>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_location: Option<Raw<'static>>,
    },
}

/// The domains that web search may use.
#[derive(Debug, Serialize)]
pub(crate) struct Filters {
    allowed_domains: Raw<'static>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    #[serde(rename = "type", borrow)]
    kind: Scalar<'a>,
    #[serde(borrow)]
    name: Scalar<'a>,
    #[serde(borrow)]
    disable_parallel_tool_use: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Addition<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
    #[serde(borrow)]
    definition: Option<Raw<'a>>,
}

/// Translates the tools of the request, those that its messages add, and the choice between them.
///
/// The model learns of a tool with `defer_loading` only once something names it ("If true, tool will not be
/// included in initial system prompt. Only loaded when returned via `tool_reference` from tool search", types of
/// `@anthropic-ai/sdk` 1.11.0). Claude Code sends those that it found, and one that the model must never call.
pub(crate) fn tools(
    fields: &Fields<'_>,
    messages: &[Message<'_>],
    recipient: &Recipient<'_>,
    names: &mut ToolNames,
    dropped: &mut DroppedFields,
) -> Result<TranslatedTools, BadRequest> {
    let at = JsonPath::root("tools");
    let tools = match text_or_list::<Tool<'_>>(fields.get("tools"), &at)? {
        TextOrList::Absent => Vec::new(),
        TextOrList::List(tools) => tools,
        TextOrList::Text(_) | TextOrList::Other => return Err(at.error_with_path("should be a list")),
    };
    // The service's own tool search is not available, so the tools it would find must be known from the start.
    let searched =
        tools.iter().any(|tool| tool.kind.text().is_some_and(|kind| kind.starts_with(TOOL_SEARCH)));
    let (deferred, known): (Vec<_>, Vec<_>) =
        tools.iter().enumerate().partition(|(_, tool)| tool.defer_loading.is_true() && !searched);
    // By name; of two with the same name the first wins.
    let deferred = deferred.into_iter().rev();
    let mut deferred: BTreeMap<&str, (usize, &Tool<'_>)> =
        deferred.filter_map(|(index, tool)| Some((tool.name.text()?, (index, tool)))).collect();
    let mut all = TranslatedTools::default();
    for (index, tool) in known {
        all.add(tool, recipient, names, dropped, &at.index(index))?;
    }
    for (message, added) in added_tools(messages) {
        match added {
            AddedTool::Named(name) => {
                if let Some((index, tool)) = deferred.remove(name.as_str()) {
                    all.add(tool, recipient, names, dropped, &at.index(index))?;
                }
            }
            AddedTool::Defined(tool) => {
                let at = JsonPath::root("messages");
                let at = at.index(message);
                all.add(&parse::object(&tool, &at)?, recipient, names, dropped, &at)?;
            }
        }
    }
    all.choose(fields, dropped)?;
    Ok(all)
}

impl TranslatedTools {
    fn add(
        &mut self,
        tool: &Tool<'_>,
        recipient: &Recipient<'_>,
        names: &mut ToolNames,
        dropped: &mut DroppedFields,
        at: &JsonPath<'_>,
    ) -> Result<(), BadRequest> {
        match tool.kind.text() {
            None | Some("custom") => self.tools.push(function(tool, names, dropped, at)?),
            Some(kind) if kind.starts_with(WEB_SEARCH) && recipient.web_search => {
                if tool.blocked_domains.is_some() {
                    dropped.add("blocked_domains");
                }
                // The Responses API limits all of its own tools together; there is no other one here.
                self.max_calls = tool.max_uses.as_ref().and_then(Raw::read);
                self.tools.push(web_search(tool));
            }
            // Run by Anthropic, or by the caller after a schema that only Claude knows (`bash_20250124`).
            Some(kind) => dropped.add_caller_name(kind),
        }
        Ok(())
    }

    /// Reads `tool_choice`. The Responses API rejects a choice without tools, so it is tools only with some.
    fn choose(&mut self, fields: &Fields<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
        let at = JsonPath::root("tool_choice");
        let choice: Choice<'_> = match fields.get("tool_choice") {
            Some(raw) => read(raw, &at)?,
            None => Choice { kind: Scalar::Text("auto".into()), ..Choice::default() },
        };
        let choice_value = match choice.kind.required(&at.field("type"))? {
            "auto" => Some(Value::from("auto")),
            "none" => Some(Value::from("none")),
            "any" => Some(Value::from("required")),
            "tool" => self.named_choice(choice.name.required(&at.field("name"))?),
            _ => return Err(at.field("type").error_with_path("should be auto, any, tool or none")),
        };
        if self.tools.is_empty() {
            if matches!(choice.kind.text(), Some("any" | "tool")) {
                dropped.add("tool_choice");
            }
            return Ok(());
        }
        if choice_value.is_none() {
            dropped.add("tool_choice");
        }
        self.choice = choice_value;
        self.parallel = Some(!choice.disable_parallel_tool_use.is_true());
        Ok(())
    }

    /// Returns the choice of the tool `name`; `None` if it is not among those that are tools.
    fn named_choice(&self, name: &str) -> Option<Value> {
        let name = tool_names::sanitize_name(name);
        self.tools.iter().find_map(|tool| match tool {
            ResponsesTool::Function { name: of_tool, .. } if *of_tool == *name => {
                Some(serde_json::json!({ "type": "function", "name": name }))
            }
            ResponsesTool::WebSearch { .. } if name == "web_search" => {
                Some(serde_json::json!({ "type": "web_search" }))
            }
            ResponsesTool::Function { .. } | ResponsesTool::WebSearch { .. } => None,
        })
    }

    /// Returns whether the backend is asked to search the web.
    pub(crate) fn has_web_search(&self) -> bool {
        self.tools.iter().any(|tool| matches!(tool, ResponsesTool::WebSearch { .. }))
    }
}

/// Translates a function. `allowed_callers`, `input_examples`, `eager_input_streaming` and `cache_control` are not
/// carried: the model can do the same without them.
fn function(
    tool: &Tool<'_>,
    names: &mut ToolNames,
    dropped: &mut DroppedFields,
    at: &JsonPath<'_>,
) -> Result<ResponsesTool, BadRequest> {
    let name = tool.name.required(&at.field("name"))?;
    if name.is_empty() {
        return Err(at.field("name").error_with_path("should not be empty"));
    }
    let schema = tool.input_schema.as_ref();
    if schema.is_some_and(|schema| !schema.get().starts_with('{')) {
        return Err(at.field("input_schema").error_with_path("should be an object"));
    }
    let strict = tool.strict.is_true() && schema.is_some_and(schema::can_be_strict);
    if tool.strict.is_true() && !strict {
        dropped.add("strict");
    }
    Ok(ResponsesTool::Function {
        name: tool_names::sanitize_and_record(name, names).into_owned(),
        description: tool.description.text().map(str::to_owned),
        parameters: raw(&object_schema(schema.map(Raw::as_value))),
        strict,
    })
}

fn web_search(tool: &Tool<'_>) -> ResponsesTool {
    let filters = tool.allowed_domains.clone();
    ResponsesTool::WebSearch {
        filters: filters.map(|domains| Filters { allowed_domains: domains.into_owned() }),
        // The fields have the same names, `type: "approximate"` included.
        user_location: tool.user_location.clone().map(Raw::into_owned),
    }
}

fn raw(json: &str) -> Raw<'static> {
    let text: Text<'_> = json.into();
    let raw = serde_json::value::RawValue::from_string(text.0.into_owned());
    Raw::Owned(raw.expect("it came out of a document, and an object at its beginning changes nothing"))
}

/// A tool that is added during a conversation.
enum AddedTool {
    /// A tool of the request, by name.
    Named(String),
    /// A tool that is defined in the message.
    Defined(Raw<'static>),
}

/// Returns the tools that messages add, each with the index of its message.
///
/// A tool is added by a search result (`tool_reference`, from Claude Code's `ToolSearch`) or by a `tool_addition`,
/// which names or defines one (beta `inline-tools-2026-09-15`). They follow the others in this order, so that each
/// new one comes last: tools precede the conversation, and an insertion would invalidate the backend's cache of
/// everything after it.
fn added_tools(messages: &[Message<'_>]) -> Vec<(usize, AddedTool)> {
    let mut added = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        for block in blocks(&message.content) {
            let found = blocks(&block.content).iter().filter_map(|inner| inner.tool_name.text());
            added.extend(found.map(|name| (index, AddedTool::Named(name.to_owned()))));
            added.extend(addition(block).map(|tool| (index, tool)));
        }
    }
    added
}

fn blocks<'m, 'a>(content: &'m Content<'a>) -> &'m [Block<'a>] {
    match content {
        TextOrList::List(blocks) => blocks,
        TextOrList::Absent | TextOrList::Text(_) | TextOrList::Other => &[],
    }
}

fn addition(block: &Block<'_>) -> Option<AddedTool> {
    if block.kind.text() != Some("tool_addition") {
        return None;
    }
    let addition: Addition<'_> = block.tool.as_ref()?.read()?;
    let named = addition.name.text().map(|name| AddedTool::Named(name.to_owned()));
    addition.definition.map(|tool| AddedTool::Defined(tool.into_owned())).or(named)
}
