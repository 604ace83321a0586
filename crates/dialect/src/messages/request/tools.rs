//! Tools, and which of them the model has to use.

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
use crate::translate::{Target, ToolNames};

/// What every version of the service's own web search begins with: `web_search_20250305`, `_20260209`, `_20260318`.
const WEB_SEARCH: &str = "web_search_";

/// What the service's own searches for tools begin with: `tool_search_tool_regex_20251119`, `tool_search_tool_bm25`.
const TOOL_SEARCH: &str = "tool_search_tool_";

/// What `tools` and `tool_choice` come to.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    /// For the Responses API.
    pub(crate) sent: Vec<Sent>,
    /// `auto`, `none`, `required`, or one tool.
    pub(crate) choice: Option<Value>,
    /// Whether several tools may be called at once; absent without tools.
    pub(crate) parallel: Option<bool>,
    /// Most calls of the backend's own tools.
    pub(crate) max_calls: Option<u64>,
}

/// A tool of the Responses API (`openai` 6.49.0, `FunctionTool` and `WebSearchTool`).
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Sent {
    /// The caller's own.
    Function {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        parameters: Raw<'static>,
        /// Always said: it is `true` where a request leaves it out, and the model would then have to fill every
        /// optional argument.
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

/// Where web search may look.
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

/// Reads the tools of the request, those that its messages add, and the choice between them.
///
/// A tool with `defer_loading` is known to the model only once something names it ("If true, tool will not be included
/// in initial system prompt. Only loaded when returned via `tool_reference` from tool search", types of
/// `@anthropic-ai/sdk` 1.11.0). Claude Code sends those it has found, and one that is never to be called.
pub(crate) fn tools(
    fields: &Fields<'_>,
    messages: &[Message<'_>],
    target: &Target<'_>,
    names: &mut ToolNames,
    dropped: &mut DroppedFields,
) -> Result<Tools, BadRequest> {
    let at = JsonPath::root("tools");
    let tools = match text_or_list::<Tool<'_>>(fields.get("tools"), &at)? {
        TextOrList::Absent => Vec::new(),
        TextOrList::List(tools) => tools,
        TextOrList::Text(_) | TextOrList::Other => return Err(at.error_with_path("should be a list")),
    };
    // The service's own search cannot be had, so what it would find has to be known from the start.
    let searched =
        tools.iter().any(|tool| tool.kind.text().is_some_and(|kind| kind.starts_with(TOOL_SEARCH)));
    let (deferred, known): (Vec<_>, Vec<_>) =
        tools.iter().enumerate().partition(|(_, tool)| tool.defer_loading.is_true() && !searched);
    // By name; of two with one name the first counts.
    let deferred = deferred.into_iter().rev();
    let mut deferred: BTreeMap<&str, (usize, &Tool<'_>)> =
        deferred.filter_map(|(index, tool)| Some((tool.name.text()?, (index, tool)))).collect();
    let mut all = Tools::default();
    for (index, tool) in known {
        all.add(tool, target, names, dropped, &at.index(index))?;
    }
    for (message, late) in late(messages) {
        match late {
            Late::Named(name) => {
                if let Some((index, tool)) = deferred.remove(name.as_str()) {
                    all.add(tool, target, names, dropped, &at.index(index))?;
                }
            }
            Late::Defined(tool) => {
                let at = JsonPath::root("messages");
                let at = at.index(message);
                all.add(&parse::object(&tool, &at)?, target, names, dropped, &at)?;
            }
        }
    }
    all.choose(fields, dropped)?;
    Ok(all)
}

impl Tools {
    fn add(
        &mut self,
        tool: &Tool<'_>,
        target: &Target<'_>,
        names: &mut ToolNames,
        dropped: &mut DroppedFields,
        at: &JsonPath<'_>,
    ) -> Result<(), BadRequest> {
        match tool.kind.text() {
            None | Some("custom") => self.sent.push(function(tool, names, dropped, at)?),
            Some(kind) if kind.starts_with(WEB_SEARCH) && target.web_search => {
                if tool.blocked_domains.is_some() {
                    dropped.add("blocked_domains");
                }
                // The limit of the Responses API is on all of its tools together; there is no other here.
                self.max_calls = tool.max_uses.as_ref().and_then(Raw::read);
                self.sent.push(web_search(tool));
            }
            // Run by Anthropic, or by the caller after a schema that only Claude knows (`bash_20250124`).
            Some(kind) => dropped.add_caller_name(kind),
        }
        Ok(())
    }

    /// A choice without tools is refused by the Responses API, so it is read only where there are some.
    fn choose(&mut self, fields: &Fields<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
        let at = JsonPath::root("tool_choice");
        let choice: Choice<'_> = match fields.get("tool_choice") {
            Some(raw) => read(raw, &at)?,
            None => Choice { kind: Scalar::Text("auto".into()), ..Choice::default() },
        };
        let options = match choice.kind.required(&at.field("type"))? {
            "auto" => Some(Value::from("auto")),
            "none" => Some(Value::from("none")),
            "any" => Some(Value::from("required")),
            "tool" => self.one(choice.name.required(&at.field("name"))?),
            _ => return Err(at.field("type").error_with_path("should be auto, any, tool or none")),
        };
        if self.sent.is_empty() {
            if matches!(choice.kind.text(), Some("any" | "tool")) {
                dropped.add("tool_choice");
            }
            return Ok(());
        }
        if options.is_none() {
            dropped.add("tool_choice");
        }
        self.choice = options;
        self.parallel = Some(!choice.disable_parallel_tool_use.is_true());
        Ok(())
    }

    /// The choice of the tool `name`; nothing when it is none of those that are sent.
    fn one(&self, name: &str) -> Option<Value> {
        let name = tool_names::sanitize_name(name);
        self.sent.iter().find_map(|tool| match tool {
            Sent::Function { name: of_tool, .. } if *of_tool == *name => {
                Some(serde_json::json!({ "type": "function", "name": name }))
            }
            Sent::WebSearch { .. } if name == "web_search" => {
                Some(serde_json::json!({ "type": "web_search" }))
            }
            Sent::Function { .. } | Sent::WebSearch { .. } => None,
        })
    }

    /// Whether the backend is asked to search the web.
    pub(crate) fn search_the_web(&self) -> bool {
        self.sent.iter().any(|tool| matches!(tool, Sent::WebSearch { .. }))
    }
}

/// `allowed_callers`, `input_examples`, `eager_input_streaming` and `cache_control` do not cross: they take nothing away
/// from what the model can do.
fn function(
    tool: &Tool<'_>,
    names: &mut ToolNames,
    dropped: &mut DroppedFields,
    at: &JsonPath<'_>,
) -> Result<Sent, BadRequest> {
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
    Ok(Sent::Function {
        name: tool_names::sanitize_and_record(name, names).into_owned(),
        description: tool.description.text().map(str::to_owned),
        parameters: raw(&schema::parameters(schema)),
        strict,
    })
}

fn web_search(tool: &Tool<'_>) -> Sent {
    let filters = tool.allowed_domains.clone();
    Sent::WebSearch {
        filters: filters.map(|domains| Filters { allowed_domains: domains.into_owned() }),
        // The same fields by the same names, `type: "approximate"` among them.
        user_location: tool.user_location.clone().map(Raw::into_owned),
    }
}

fn raw(json: &str) -> Raw<'static> {
    let text: Text<'_> = json.into();
    let raw = serde_json::value::RawValue::from_string(text.0.into_owned());
    Raw::Owned(raw.expect("it came out of a document, and an object at its beginning changes nothing"))
}

/// A tool that the model comes to know in the middle of a conversation.
enum Late {
    /// One of the request's, by its name.
    Named(String),
    /// One that is defined there.
    Defined(Raw<'static>),
}

/// The tools that messages make known, each with the message it stands in: by a result of a search
/// (`tool_reference`, as Claude Code's `ToolSearch` gives it) or by a `tool_addition`, which names or defines one (beta
/// `inline-tools-2026-09-15`). In this order they follow the others, so that each new one stands last: tools come
/// before the conversation, and what is put in between would take the backend's cache from all that follows.
fn late(messages: &[Message<'_>]) -> Vec<(usize, Late)> {
    let mut late = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        for block in blocks(&message.content) {
            let found = blocks(&block.content).iter().filter_map(|inner| inner.tool_name.text());
            late.extend(found.map(|name| (index, Late::Named(name.to_owned()))));
            late.extend(addition(block).map(|tool| (index, tool)));
        }
    }
    late
}

fn blocks<'m, 'a>(content: &'m Content<'a>) -> &'m [Block<'a>] {
    match content {
        TextOrList::List(blocks) => blocks,
        TextOrList::Absent | TextOrList::Text(_) | TextOrList::Other => &[],
    }
}

fn addition(block: &Block<'_>) -> Option<Late> {
    if block.kind.text() != Some("tool_addition") {
        return None;
    }
    let addition: Addition<'_> = block.tool.as_ref()?.read()?;
    let named = addition.name.text().map(|name| Late::Named(name.to_owned()));
    addition.definition.map(|tool| Late::Defined(tool.into_owned())).or(named)
}
