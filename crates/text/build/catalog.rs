//! Reads messages, in the inlang message format.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The messages of one language.
pub(crate) struct Catalog {
    /// The language's name in `Language`.
    pub(crate) language: &'static str,
    pub(crate) plurals: &'static [&'static str],
    pub(crate) messages: BTreeMap<String, Message>,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    Text(String),
    /// One text for each plural form of the number that the parameter `count` is.
    Plural {
        count: String,
        forms: BTreeMap<String, String>,
    },
}

impl Message {
    /// Returns each text.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::Plural { forms, .. } => forms.values().map(String::as_str).collect(),
        }
    }

    /// Returns the parameter that chooses the plural form.
    pub(crate) fn count(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Plural { count, .. } => Some(count),
        }
    }

    /// Returns the parameters of its texts in their order, without the one that chooses the plural form.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for name in self.texts().into_iter().flat_map(parameters) {
            if Some(name) != self.count() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Returns whether it has the same parameters, in any order.
    pub(crate) fn has_parameters_of(&self, other: &Self) -> bool {
        let names = |message: &Self| -> BTreeSet<String> {
            message.parameters().into_iter().map(str::to_owned).collect()
        };
        self.count() == other.count() && names(self) == names(other)
    }
}

/// Reads the messages of `file` whose keys are needed.
pub(crate) fn read(
    file: &Path,
    is_needed: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Message>, Box<dyn Error>> {
    let all: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(file)?)?;
    all.into_iter()
        .filter(|(key, _)| !key.starts_with('$') && is_needed(key))
        .map(|(key, value)| {
            let message = match value {
                Value::String(text) => Some(Message::Text(text)),
                Value::Array(variants) => plural(&variants),
                _ => None,
            };
            let message = message.ok_or_else(|| {
                format!("{}: {key} is neither a text nor one text for each plural form", file.display())
            })?;
            Ok((key, message))
        })
        .collect()
}

/// Returns the message of `[{ "declarations": ["input count", "local plural = count: plural"], … }]`.
fn plural(variants: &[Value]) -> Option<Message> {
    let [variant] = variants else { return None };
    let is_selector = variant.get("selectors")?.as_array()?.as_slice() == ["plural"];
    let mut locals = variant
        .get("declarations")?
        .as_array()?
        .iter()
        .filter_map(|one| one.as_str()?.strip_prefix("local "));
    let count = locals.next()?.strip_prefix("plural = ")?.strip_suffix(": plural")?.to_owned();
    if !is_selector || locals.next().is_some() {
        return None;
    }
    let form = |(name, text): (&String, &Value)| {
        Some((name.strip_prefix("plural=")?.to_owned(), text.as_str()?.to_owned()))
    };
    let forms = variant.get("match")?.as_object()?.iter().map(form).collect::<Option<_>>()?;
    Some(Message::Plural { count, forms })
}

/// Returns the parameters of a text, as in `{name} is in use`.
fn parameters(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}
