//! The tools of a Responses request as functions, which are all that services with nothing but Chat Completions have.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;
use crate::translate::{CallerTool, ToolNames};

/// Most characters of a function's name in the reference of Chat Completions.
const LONGEST_NAME: usize = 64;

/// What is said to a model about the text that a custom tool takes.
const ANY_TEXT: &str = "The text for the tool, as it is.";

/// Names of tools on the other side. A name in a namespace is joined to it by two underscores; one that would be too
/// long, has other characters, or is taken gets a mark that depends on nothing but the tool, so it is the same in each
/// turn.
#[derive(Default)]
pub(crate) struct Naming {
    flat: BTreeMap<(String, String), String>,
    taken: BTreeSet<String>,
    names: ToolNames,
}

impl Naming {
    /// The name on the other side.
    pub(crate) fn flat(&mut self, namespace: Option<&str>, name: &str, custom: bool) -> String {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let key = (namespace.unwrap_or_default().to_owned(), name.to_owned());
        if let Some(flat) = self.flat.get(&key) {
            return flat.clone();
        }
        let joined = namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}__{name}"));
        let flat =
            if allowed(&joined) && !self.taken.contains(&joined) { joined } else { marked(&joined, &key) };
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
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain)
}

/// As much of the name as has room beside the mark.
fn marked(joined: &str, (namespace, name): &(String, String)) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let beginning: String = joined.chars().map(plain).take(LONGEST_NAME - 9).collect();
    let bytes = namespace.bytes().chain([0]).chain(name.bytes());
    // FNV-1a: the same on each computer and in each version.
    let mark = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{beginning}_{mark:08x}")
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
pub(crate) struct Offered<'a> {
    tools: Vec<Tool<'a>>,
}

impl<'a> Offered<'a> {
    /// `tools`, and those that Codex puts into the input.
    pub(crate) fn read(
        request: &mut Object<'a>,
        items: &mut [Object<'a>],
        naming: &mut Naming,
        dropped: &mut DroppedFields,
    ) -> Result<Self, BadRequest> {
        let mut offered = Self::default();
        let path = JsonPath::Root.field("tools");
        offered.add_all(request.objects("tools", &JsonPath::Root)?, &path, None, naming, dropped)?;
        let input = JsonPath::Root.field("input");
        for (index, item) in
            items.iter_mut().enumerate().filter(|(_, item)| item.is("type", "additional_tools"))
        {
            let at = input.index(index);
            let tools = item.objects("tools", &at)?;
            offered.add_all(tools, &at.field("tools"), None, naming, dropped)?;
        }
        Ok(offered)
    }

    fn add_all(
        &mut self,
        tools: Vec<Object<'a>>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        naming: &mut Naming,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        for (index, tool) in tools.into_iter().enumerate() {
            self.add(tool, &path.index(index), namespace, naming, dropped)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        mut tool: Object<'a>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        naming: &mut Naming,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let kind = tool.text("type", path)?.ok_or_else(|| path.field("type").error("This is required."))?;
        match &*kind {
            "function" => self.add_function(&mut tool, path, namespace, naming)?,
            "custom" => self.add_custom(&mut tool, path, namespace, naming)?,
            "namespace" if namespace.is_none() => {
                let name = tool.text("name", path)?.unwrap_or_default();
                let tools = tool.objects("tools", path)?;
                self.add_all(tools, &path.field("tools"), Some(&name), naming, dropped)?;
                // There is no place for what it says about all of its tools.
                if tool.string("description", path)?.is_some_and(|said| said.get() != "\"\"") {
                    dropped.add("tools[].description");
                }
            }
            // Tools of the provider's own are offered, not asked for.
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
        naming: &mut Naming,
    ) -> Result<(), BadRequest> {
        let name = object::text(tool.required("name", path)?, &path.field("name"))?;
        let nothing = || Raw::from_value(&json!({ "type": "object", "properties": {} }));
        self.tools.push(Tool::new(Function {
            name: naming.flat(namespace, &name, false),
            description: tool.string("description", path)?,
            parameters: tool.take("parameters").map_or_else(nothing, Raw::Borrowed),
            strict: tool.flag("strict", path)?,
        }));
        Ok(())
    }

    /// A tool that takes text becomes a function with one argument. A grammar is told in words: nothing else enforces
    /// it.
    fn add_custom(
        &mut self,
        tool: &mut Object<'a>,
        path: &JsonPath<'_>,
        namespace: Option<&str>,
        naming: &mut Naming,
    ) -> Result<(), BadRequest> {
        let name = object::text(tool.required("name", path)?, &path.field("name"))?;
        let told = match tool.object("format", path)? {
            Some(format) if format.is("type", "grammar") => grammar(format, &path.field("format"))?,
            _ => ANY_TEXT.to_owned(),
        };
        self.tools.push(Tool::new(Function {
            name: naming.flat(namespace, &name, true),
            description: tool.string("description", path)?,
            parameters: Raw::from_value(&wrapping(&told)),
            strict: None,
        }));
        Ok(())
    }

    /// The tools and which of them is to be called. Where only some are allowed, the others are left out: not every
    /// service knows `allowed_tools`, and without them the answer is the same.
    pub(crate) fn chosen(
        mut self,
        request: &mut Object<'a>,
        naming: &mut Naming,
    ) -> Result<(Vec<Tool<'a>>, Option<Choice>), BadRequest> {
        let path = JsonPath::Root.field("tool_choice");
        let choice = match request.take("tool_choice") {
            None => None,
            Some(raw) if object::is_string(raw) => Some(Choice::Mode(mode(raw, &path)?)),
            Some(raw) => Some(self.choose(Object::read(raw, &path)?, &path, naming)?),
        };
        match choice {
            // Without tools, services refuse a word about them.
            Some(Choice::Mode("auto" | "none")) if self.tools.is_empty() => Ok((self.tools, None)),
            Some(_) if self.tools.is_empty() => Err(path.error("There is no tool that could be called.")),
            choice => Ok((self.tools, choice)),
        }
    }

    fn choose(
        &mut self,
        mut choice: Object<'_>,
        path: &JsonPath<'_>,
        naming: &mut Naming,
    ) -> Result<Choice, BadRequest> {
        if choice.is("type", "allowed_tools") {
            let how = choice.required("mode", path)?;
            let mut allowed = BTreeSet::new();
            let list = path.field("tools");
            for (index, mut tool) in choice.objects("tools", path)?.into_iter().enumerate() {
                allowed.extend(named(&mut tool, &list.index(index), naming)?);
            }
            self.tools.retain(|tool| allowed.contains(&tool.function.name));
            return Ok(Choice::Mode(mode(how, &path.field("mode"))?));
        }
        let name = named(&mut choice, path, naming)?;
        let offered = name.filter(|name| self.tools.iter().any(|tool| tool.function.name == *name));
        let name = offered.ok_or_else(|| path.error("This is no tool that could be called."))?;
        Ok(Choice::Named { kind: "function", function: Named { name } })
    }
}

impl<'a> Tool<'a> {
    fn new(function: Function<'a>) -> Self {
        Self { kind: "function", function }
    }
}

/// The name on the other side of a tool that is chosen; nothing for one of the provider's own.
fn named(
    tool: &mut Object<'_>,
    path: &JsonPath<'_>,
    naming: &mut Naming,
) -> Result<Option<String>, BadRequest> {
    if !tool.is("type", "function") && !tool.is("type", "custom") {
        return Ok(None);
    }
    let custom = tool.is("type", "custom");
    let namespace = tool.text("namespace", path)?;
    let name = object::text(tool.required("name", path)?, &path.field("name"))?;
    Ok(Some(naming.flat(namespace.as_deref(), &name, custom)))
}

fn grammar(mut format: Object<'_>, path: &JsonPath<'_>) -> Result<String, BadRequest> {
    let syntax = format.text("syntax", path)?.unwrap_or_default();
    let definition = format.text("definition", path)?.unwrap_or_default();
    Ok(format!("{ANY_TEXT} It has to follow this grammar ({}):\n{}", &*syntax, &*definition))
}

fn wrapping(told: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "input": { "type": "string", "description": told } },
        "required": ["input"],
        "additionalProperties": false,
    })
}

/// Which tool is to be called.
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
