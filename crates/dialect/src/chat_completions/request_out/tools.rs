//! Translates the tools of a Responses request into functions, the only tools of services with nothing but Chat
//! Completions.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;
use crate::tool_schema;
use crate::translate::{CallerTool, ToolNames};

/// Most characters of a function's name in the reference of Chat Completions.
const MAX_NAME_LENGTH: usize = 64;

/// The description of a custom tool's input for the model.
const ANY_TEXT: &str = "The text for the tool, as it is.";

/// Maps the caller's tools to function names.
///
/// A name in a namespace is joined to it by two underscores; one that would be too long, has other characters, or
/// is taken gets a hash that depends on the tool alone, so it is the same in each turn.
#[derive(Default)]
pub(crate) struct NameMap {
    flat: BTreeMap<(String, String), String>,
    taken: BTreeSet<String>,
    names: ToolNames,
}

impl NameMap {
    /// Returns the function name of a tool.
    pub(crate) fn flat(&mut self, namespace: Option<&str>, name: &str, custom: bool) -> String {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let key = (namespace.unwrap_or_default().to_owned(), name.to_owned());
        if let Some(flat) = self.flat.get(&key) {
            return flat.clone();
        }
        let joined = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}__{name}"));
        let flat =
            if allowed(&joined) && !self.taken.contains(&joined) { joined } else { hashed(&joined, &key) };
        if flat != name || custom {
            let namespace = namespace.map(ToOwned::to_owned);
            self.names.insert(flat.clone(), CallerTool { name: name.to_owned(), namespace, custom });
        }
        self.taken.insert(flat.clone());
        self.flat.insert(key, flat.clone());
        flat
    }

    pub(crate) fn into_names(self) -> ToolNames {
        self.names
    }
}

fn allowed(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=MAX_NAME_LENGTH).contains(&name.len()) && name.chars().all(plain)
}

/// Returns as much of the name as there is room for beside the hash.
fn hashed(joined: &str, (namespace, name): &(String, String)) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let beginning: String = joined.chars().map(plain).take(MAX_NAME_LENGTH - 9).collect();
    let bytes = namespace.bytes().chain([0]).chain(name.bytes());
    // FNV-1a: the same on each computer and in each version.
    let hash_suffix =
        bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{beginning}_{hash_suffix:08x}")
}

/// A function.
#[derive(Serialize)]
pub(crate) struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    parameters: Raw<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

/// The tools that a request offers.
#[derive(Default)]
pub(crate) struct OfferedTools<'a> {
    tools: Vec<Tool<'a>>,
}

impl<'a> OfferedTools<'a> {
    /// Reads `tools`, and those in the input: that Codex adds, and that a search found.
    pub(crate) fn read(
        request: &mut Object<'a>,
        items: &mut [Object<'a>],
        names: &mut NameMap,
        dropped: &mut DroppedFields,
    ) -> Result<Self, BadRequest> {
        let mut offered = Self::default();
        let path = JsonPath::Root.field("tools");
        offered.add_all(request.objects("tools", &JsonPath::Root)?, &path, None, names, dropped)?;
        let input = JsonPath::Root.field("input");
        for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| has_tools(item)) {
            let at = input.index(index);
            let tools = item.objects("tools", &at)?;
            offered.add_all(tools, &at.field("tools"), None, names, dropped)?;
        }
        offered.remove_duplicates();
        Ok(offered)
    }

    /// Keeps the first of several tools with one name: a search may find a tool again.
    fn remove_duplicates(&mut self) {
        let mut seen = BTreeSet::new();
        self.tools.retain(|tool| seen.insert(tool.function.name.clone()));
    }

    fn add_all(
        &mut self,
        tools: Vec<Object<'a>>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        names: &mut NameMap,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        for (index, tool) in tools.into_iter().enumerate() {
            self.add(tool, &path.index(index), namespace, names, dropped)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        mut tool: Object<'a>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        names: &mut NameMap,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let kind = tool.text("type", path)?.ok_or_else(|| path.field("type").error("This is required."))?;
        match &*kind {
            "function" => self.add_function(&mut tool, path, namespace, names)?,
            "custom" => self.add_custom(&mut tool, path, namespace, names)?,
            "namespace" if namespace.is_none() => {
                let name = tool.text("name", path)?.unwrap_or_default();
                let tools = tool.objects("tools", path)?;
                self.add_all(tools, &path.field("tools"), Some(&name), names, dropped)?;
                // There is no place for the description of a namespace.
                if tool.string("description", path)?.is_some_and(|text| text.get() != "\"\"") {
                    dropped.add("tools[].description");
                }
            }
            // The provider's own tools are optional for the model.
            other => {
                dropped.add_with_prefix("tools.", other);
                return Ok(());
            }
        }
        dropped.add_remaining("tools[].", tool);
        Ok(())
    }

    fn add_function(
        &mut self,
        tool: &mut Object<'a>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        names: &mut NameMap,
    ) -> Result<(), BadRequest> {
        let name = object::text(tool.required("name", path)?, &path.field("name"))?;
        self.tools.push(Tool::new(Function {
            name: names.flat(namespace, &name, false),
            description: tool.string("description", path)?,
            parameters: tool_schema::parameters(tool.take("parameters")),
            strict: tool.flag("strict", path)?,
        }));
        Ok(())
    }

    /// Adds a custom tool as a function with one string argument. Its grammar goes into the description: nothing
    /// else enforces it.
    fn add_custom(
        &mut self,
        tool: &mut Object<'a>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        names: &mut NameMap,
    ) -> Result<(), BadRequest> {
        let name = object::text(tool.required("name", path)?, &path.field("name"))?;
        let input_description = match tool.object("format", path)? {
            Some(format) if format.is("type", "grammar") => grammar(format, &path.field("format"))?,
            _ => ANY_TEXT.to_owned(),
        };
        self.tools.push(Tool::new(Function {
            name: names.flat(namespace, &name, true),
            description: tool.string("description", path)?,
            parameters: Raw::from_value(&input_schema(&input_description)),
            strict: None,
        }));
        Ok(())
    }

    /// Returns the tools and the tool choice.
    ///
    /// If only some tools are allowed, the others are left out: not every service supports `allowed_tools`, and the
    /// response is the same.
    pub(crate) fn chosen(
        mut self,
        request: &mut Object<'a>,
        names: &mut NameMap,
    ) -> Result<(Vec<Tool<'a>>, Option<Choice>), BadRequest> {
        let path = JsonPath::Root.field("tool_choice");
        let choice = match request.take("tool_choice") {
            None => None,
            Some(raw) if object::is_string(raw) => Some(Choice::Mode(mode(raw, &path)?)),
            Some(raw) => Some(self.choose(Object::read(raw, &path)?, &path, names)?),
        };
        match choice {
            // Without tools, services reject a tool choice.
            Some(Choice::Mode("auto" | "none")) if self.tools.is_empty() => Ok((self.tools, None)),
            Some(_) if self.tools.is_empty() => Err(path.error("There is no tool that could be called.")),
            choice => Ok((self.tools, choice)),
        }
    }

    fn choose(
        &mut self,
        mut choice: Object<'_>,
        path: &JsonPath<'_>,
        names: &mut NameMap,
    ) -> Result<Choice, BadRequest> {
        if choice.is("type", "allowed_tools") {
            let how = choice.required("mode", path)?;
            let mut allowed = BTreeSet::new();
            let list = path.field("tools");
            for (index, mut tool) in choice.objects("tools", path)?.into_iter().enumerate() {
                allowed.extend(named(&mut tool, &list.index(index), names)?);
            }
            self.tools.retain(|tool| allowed.contains(&tool.function.name));
            return Ok(Choice::Mode(mode(how, &path.field("mode"))?));
        }
        let name = named(&mut choice, path, names)?;
        let offered = name.filter(|name| self.tools.iter().any(|tool| tool.function.name == *name));
        let name = offered.ok_or_else(|| path.error("This is no tool that could be called."))?;
        Ok(Choice::Named { kind: "function", function: Named { name } })
    }
}

/// Returns whether an item of the input brings tools.
fn has_tools(item: &Object<'_>) -> bool {
    item.is("type", "additional_tools") || item.is("type", "tool_search_output")
}

impl<'a> Tool<'a> {
    fn new(function: Function<'a>) -> Self {
        Self { kind: "function", function }
    }
}

/// Returns the function name of the chosen tool; `None` for one of the provider's own.
fn named(
    tool: &mut Object<'_>,
    path: &JsonPath<'_>,
    names: &mut NameMap,
) -> Result<Option<String>, BadRequest> {
    if !tool.is("type", "function") && !tool.is("type", "custom") {
        return Ok(None);
    }
    let custom = tool.is("type", "custom");
    let namespace = tool.text("namespace", path)?;
    let name = object::text(tool.required("name", path)?, &path.field("name"))?;
    Ok(Some(names.flat(namespace.as_deref(), &name, custom)))
}

fn grammar(mut format: Object<'_>, path: &JsonPath<'_>) -> Result<String, BadRequest> {
    let syntax = format.text("syntax", path)?.unwrap_or_default();
    let definition = format.text("definition", path)?.unwrap_or_default();
    Ok(format!("{ANY_TEXT} It has to follow this grammar ({}):\n{}", &*syntax, &*definition))
}

fn input_schema(input_description: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "input": { "type": "string", "description": input_description } },
        "required": ["input"],
        "additionalProperties": false,
    })
}

/// The tool that must be called.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Choice {
    Mode(&'static str),
    Named {
        #[serde(rename = "type")]
        kind: &'static str,
        function: Named,
    },
}

#[derive(Serialize)]
pub(crate) struct Named {
    name: String,
}

fn mode(raw: &RawValue, path: &JsonPath<'_>) -> Result<&'static str, BadRequest> {
    match &*object::text(raw, path)? {
        "auto" => Ok("auto"),
        "none" => Ok("none"),
        "required" => Ok("required"),
        _ => Err(path.error("This must be auto, none or required.")),
    }
}
