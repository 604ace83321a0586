//! Translates the tools of a Chat Completions request into tools of a Responses request.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;
use crate::json::{Raw, Text};
use crate::tool_schema;
use crate::translate::Recipient;

/// The tools, in the caller's order.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Tools<'a>(Vec<Tool<'a>>);

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool<'a> {
    Function {
        name: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a RawValue>,
        parameters: Raw<'a>,
        /// Always sent: a Responses function is strict by default, one of Chat Completions is not.
        strict: bool,
    },
    Custom {
        name: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        format: Option<Format<'a>>,
    },
    WebSearch(WebSearch<'a>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Text {},
    Grammar { syntax: &'a RawValue, definition: &'a RawValue },
}

/// The backend's own web search.
#[derive(Default, Serialize)]
pub(crate) struct WebSearch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    search_context_size: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'a RawValue>,
}

impl<'a> WebSearch<'a> {
    /// Reads `web_search_options`.
    ///
    /// Rejected if the backend cannot search: the caller requested a response from the web, and one from the model's
    /// memory looks the same.
    pub(crate) fn read(
        request: &mut Object<'a>,
        recipient: &Recipient<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<Option<Self>, BadRequest> {
        let path = JsonPath::Root.field("web_search_options");
        let Some(mut options) = request.object("web_search_options", &JsonPath::Root)? else {
            return Ok(None);
        };
        if !recipient.web_search {
            return Err(path.error("This model has no web search."));
        }
        let search = Self {
            search_context_size: options.string("search_context_size", &path)?,
            user_location: Location::read(&mut options, &path)?,
        };
        dropped.add_remaining("web_search_options.", options);
        Ok(Some(search))
    }
}

impl<'a> Location<'a> {
    fn read(options: &mut Object<'a>, path: &JsonPath<'_>) -> Result<Option<Self>, BadRequest> {
        let Some(mut location) = options.object("user_location", path)? else { return Ok(None) };
        let path = path.field("user_location");
        let at = path.field("approximate");
        let mut place =
            location.object("approximate", &path)?.ok_or_else(|| at.error("This is required."))?;
        Ok(Some(Self {
            kind: "approximate",
            city: place.string("city", &at)?,
            country: place.string("country", &at)?,
            region: place.string("region", &at)?,
            timezone: place.string("timezone", &at)?,
        }))
    }
}

impl<'a> Tools<'a> {
    /// Reads `tools`, or the legacy `functions`, and adds the search. Returns whether they were the legacy ones.
    pub(crate) fn read(
        request: &mut Object<'a>,
        search: Option<WebSearch<'a>>,
        recipient: &Recipient<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(Self, bool), BadRequest> {
        let mut tools = Self::default();
        let path = JsonPath::Root.field("tools");
        for (index, tool) in request.objects("tools", &JsonPath::Root)?.into_iter().enumerate() {
            tools.add(tool, &path.index(index), recipient, dropped)?;
        }
        let path = JsonPath::Root.field("functions");
        let functions = request.objects("functions", &JsonPath::Root)?;
        let legacy = !functions.is_empty();
        if legacy && !tools.is_empty() {
            return Err(path.error("Send tools or functions, not both."));
        }
        for (index, function) in functions.into_iter().enumerate() {
            tools.0.push(Tool::function(function, &path.index(index), "functions[].", dropped)?);
        }
        tools.0.extend(search.map(Tool::WebSearch));
        Ok((tools, legacy))
    }

    /// Returns whether there are no tools.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a tool. The provider's own tools are optional for the model: those that it lacks are listed and left
    /// out.
    fn add(
        &mut self,
        mut tool: Object<'a>,
        path: &JsonPath<'_>,
        recipient: &Recipient<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let missing = |name: &str| path.field(name).error("This is required.");
        match &*tool.text("type", path)?.ok_or_else(|| missing("type"))? {
            "function" => {
                let function = tool.object("function", path)?.ok_or_else(|| missing("function"))?;
                let at = path.field("function");
                self.0.push(Tool::function(function, &at, "tools[].function.", dropped)?);
            }
            "custom" => {
                let custom = tool.object("custom", path)?.ok_or_else(|| missing("custom"))?;
                self.0.push(Tool::custom(custom, &path.field("custom"), dropped)?);
            }
            "web_search" | "web_search_preview" if recipient.web_search => {
                let search_context_size = tool.string("search_context_size", path)?;
                self.0.push(Tool::WebSearch(WebSearch { search_context_size, ..WebSearch::default() }));
            }
            other => {
                dropped.add_with_prefix("tools.", other);
                return Ok(());
            }
        }
        dropped.add_remaining("tools[].", tool);
        Ok(())
    }
}

impl<'a> Tool<'a> {
    fn function(
        mut function: Object<'a>,
        path: &JsonPath<'_>,
        prefix: &str,
        dropped: &mut DroppedFields,
    ) -> Result<Self, BadRequest> {
        let tool = Self::Function {
            name: function.required("name", path)?,
            description: function.string("description", path)?,
            parameters: tool_schema::parameters(function.take("parameters")),
            strict: function.flag("strict", path)?.unwrap_or(false),
        };
        dropped.add_remaining(prefix, function);
        Ok(tool)
    }

    fn custom(
        mut custom: Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<Self, BadRequest> {
        let tool = Self::Custom {
            name: custom.required("name", path)?,
            description: custom.string("description", path)?,
            format: Format::read(&mut custom, path)?,
        };
        dropped.add_remaining("tools[].custom.", custom);
        Ok(tool)
    }
}

impl<'a> Format<'a> {
    /// Reads a format. The grammar is an object of its own in Chat Completions and beside the type in the Responses
    /// API.
    fn read(custom: &mut Object<'a>, path: &JsonPath<'_>) -> Result<Option<Self>, BadRequest> {
        let Some(mut format) = custom.object("format", path)? else { return Ok(None) };
        let path = path.field("format");
        Ok(Some(match &*format.text("type", &path)?.unwrap_or_default() {
            "text" => Self::Text {},
            "grammar" => {
                let at = path.field("grammar");
                let grammar = format.object("grammar", &path)?;
                let mut grammar = grammar.ok_or_else(|| at.error("This is required."))?;
                Self::Grammar {
                    syntax: grammar.required("syntax", &at)?,
                    definition: grammar.required("definition", &at)?,
                }
            }
            _ => return Err(path.field("type").error("This must be text or grammar.")),
        }))
    }
}

/// The tool that must be called.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Choice<'a> {
    Mode(&'static str),
    Named(Named<'a>),
    Allowed {
        #[serde(rename = "type")]
        kind: &'static str,
        mode: &'static str,
        tools: Vec<Named<'a>>,
    },
}

/// One tool.
#[derive(Serialize)]
pub(crate) struct Named<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a RawValue,
}

impl<'a> Choice<'a> {
    /// Reads `tool_choice`, or the legacy `function_call`.
    pub(crate) fn read(request: &mut Object<'a>) -> Result<Option<Self>, BadRequest> {
        if let Some(raw) = request.take("function_call") {
            let path = JsonPath::Root.field("function_call");
            if object::is_string(raw) {
                return Self::mode(raw, &path).map(Some);
            }
            let name = Object::read(raw, &path)?.required("name", &path)?;
            return Ok(Some(Self::Named(Named { kind: "function", name })));
        }
        let path = JsonPath::Root.field("tool_choice");
        match request.take("tool_choice") {
            None => Ok(None),
            Some(raw) if object::is_string(raw) => Self::mode(raw, &path).map(Some),
            Some(raw) => Self::tool(Object::read(raw, &path)?, &path).map(Some),
        }
    }

    fn mode(raw: &'a RawValue, path: &JsonPath<'_>) -> Result<Self, BadRequest> {
        Ok(Self::Mode(mode(&object::text(raw, path)?, path)?))
    }

    fn tool(mut choice: Object<'a>, path: &JsonPath<'_>) -> Result<Self, BadRequest> {
        if choice.text("type", path)?.as_deref() != Some("allowed_tools") {
            return Named::read(choice, path).map(Self::Named);
        }
        let at = path.field("allowed_tools");
        let mut allowed =
            choice.object("allowed_tools", path)?.ok_or_else(|| at.error("This is required."))?;
        let how = allowed.text("mode", &at)?.unwrap_or_default();
        let list = at.field("tools");
        let tools = allowed.objects("tools", &at)?.into_iter().enumerate();
        Ok(Self::Allowed {
            kind: "allowed_tools",
            mode: mode(&how, &at.field("mode"))?,
            tools: tools
                .map(|(index, tool)| Named::read(tool, &list.index(index)))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> Named<'a> {
    /// Reads a tool's type and name; the name is in an object that is called like the type.
    fn read(mut tool: Object<'a>, path: &JsonPath<'_>) -> Result<Self, BadRequest> {
        let kind = ["function", "custom"].into_iter().find_map(|kind| Some((kind, tool.take(kind)?)));
        let (kind, raw) = kind.ok_or_else(|| path.error("This must name a function or a custom tool."))?;
        let at = path.field(kind);
        Ok(Self { kind, name: Object::read(raw, &at)?.required("name", &at)? })
    }
}

fn mode(mode: &Text<'_>, path: &JsonPath<'_>) -> Result<&'static str, BadRequest> {
    match &**mode {
        "auto" => Ok("auto"),
        "none" => Ok("none"),
        "required" => Ok("required"),
        _ => Err(path.error("This must be auto, none or required.")),
    }
}
