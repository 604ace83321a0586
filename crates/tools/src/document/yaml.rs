//! YAML, by the positions that `saphyr-parser` has of values.
//!
//! Programs write far more kinds of YAML than they read; what is changed here is what tools have: keys of block mappings,
//! and items of lists. Anything else is refused by the comparison that follows each change.

use std::ops::Range;

use super::splice::{Splice, append_lines, end_of_line, line_end, line_start, whole_lines};
use super::{Document, EditError};
use crate::document::key_path::{KeyPath, Step};
use crate::document::value::Value;

mod nodes;

use self::nodes::{Kind, Node, parsed};

pub(super) struct Yaml;

impl Document for Yaml {
    fn parse(&self, text: &str) -> Result<Value, EditError> {
        Ok(parsed(text)?.map_or(Value::Table(Vec::new()), |node| node.meaning()))
    }

    fn locate(&self, text: &str, path: &KeyPath) -> Result<Option<Range<usize>>, EditError> {
        let root = parsed(text)?;
        let found = root.as_ref().and_then(|root| path.steps().iter().try_fold(root, Node::find));
        Ok(found.map(|node| node.span.start..node.end(text)))
    }

    fn set(&self, text: &str, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, EditError> {
        let wrong_type = || EditError::WrongType(path.to_string());
        let Some(root) = parsed(text)? else {
            return Ok(vec![append_lines(text, &block(path.steps(), value, 0).ok_or_else(wrong_type)?)]);
        };
        let (mut inner, mut steps) = (&root, path.steps());
        // The key of an empty value: what is put there replaces it.
        let mut key_of_empty = None;
        while let Some((first, rest)) = steps.split_first() {
            let Some((key, next)) = inner.entry(first) else { break };
            if next.is_missing() {
                key_of_empty = key.map(|key| key.span.clone());
            }
            (inner, steps) = (next, rest);
        }
        if let Some(key) = key_of_empty {
            let indent = key.start - line_start(text, key.start);
            let colon = text[key.end..].find(':').map(|at| key.end + at + 1).ok_or_else(wrong_type)?;
            let value = after_colon(steps, value, indent).ok_or_else(wrong_type)?;
            return Ok(vec![Splice::insertion(colon, value.replace('\n', line_end(text)))]);
        }
        let Some((first, rest)) = steps.split_first() else {
            let range = inner.span.start..inner.end(text);
            return Ok(vec![Splice::replacement(text, range, flow(value, &[]).ok_or_else(wrong_type)?)]);
        };
        if inner.is_flow(text) {
            return Ok(vec![into_flow(text, inner, first, rest, value).ok_or_else(wrong_type)?]);
        }
        let (column, end) = match (&inner.kind, first) {
            (Kind::Mapping(entries), Step::Key(_)) => {
                let (key, _) = entries.first().ok_or_else(wrong_type)?;
                (key.span.start - line_start(text, key.span.start), inner.end(text))
            }
            (Kind::Sequence(items), Step::Item { .. }) => {
                let first = items.first().ok_or_else(wrong_type)?;
                let dash = dash_of(text, first).ok_or_else(wrong_type)?;
                (dash - line_start(text, dash), inner.end(text))
            }
            _ => return Err(wrong_type()),
        };
        let lines = block(steps, value, column).ok_or_else(wrong_type)?;
        if std::ptr::eq(inner, &raw const root) {
            return Ok(vec![append_lines(text, &lines)]);
        }
        let inserted = format!("\n{lines}").replace('\n', line_end(text));
        Ok(vec![Splice::insertion(end_of_line(text, end), inserted)])
    }

    fn remove(&self, text: &str, path: &KeyPath) -> Result<Vec<Splice>, EditError> {
        let missing = || EditError::WrongType(path.to_string());
        let root = parsed(text)?.ok_or_else(missing)?;
        let (last, parents) = path.steps().split_last().ok_or_else(missing)?;
        let parent = parents.iter().try_fold(&root, Node::find).ok_or_else(missing)?;
        let (key, value) = parent.entry(last).ok_or_else(missing)?;
        if parent.is_flow(text) {
            return Ok(vec![Splice::removal(text, entry_of_flow(text, parent, key.unwrap_or(value), value))]);
        }
        let start = match key {
            Some(key) => key.span.start,
            None => dash_of(text, value).ok_or_else(missing)?,
        };
        if !text[line_start(text, start)..start].trim().is_empty() {
            return Err(EditError::Unsupported(format!("{path} does not begin its line")));
        }
        let end = if value.is_missing() { key.map_or(start, |key| key.span.end) } else { value.end(text) };
        let lines = whole_lines(text, start..end_of_line(text, end));
        let is_only = match &parent.kind {
            Kind::Sequence(items) => items.len() == 1,
            Kind::Mapping(entries) => entries.len() == 1,
            Kind::Scalar(_) => false,
        };
        if is_only && !(parents.is_empty() && key.is_some()) {
            let empty = if key.is_some() { "{}" } else { "[]" };
            let indent = &text[line_start(text, start)..start];
            return Ok(vec![Splice::replacement(
                text,
                line_start(text, start)..end,
                format!("{indent}{empty}"),
            )]);
        }
        Ok(vec![Splice::removal(text, lines)])
    }
}

/// Returns where the dash of an item of a block list is.
fn dash_of(text: &str, item: &Node) -> Option<usize> {
    let before = text[..item.span.start].trim_end();
    before.ends_with('-').then(|| before.len() - 1)
}

/// Returns the insertion of an entry into a list or mapping in brackets.
fn into_flow(text: &str, node: &Node, first: &Step, rest: &[Step], value: &Value) -> Option<Splice> {
    let value = flow(value, rest)?;
    let (entry, last) = match (&node.kind, first) {
        (Kind::Mapping(entries), Step::Key(key)) => {
            (format!("{}: {value}", quoted(key)), entries.last().map(|(_, value)| value))
        }
        (Kind::Sequence(items), Step::Item { .. }) => (value, items.last()),
        _ => return None,
    };
    Some(match last {
        Some(last) => Splice::insertion(last.end(text), format!(", {entry}")),
        None => Splice::insertion(node.span.start + 1, entry),
    })
}

/// Returns the range of an entry in brackets with the comma that separates it.
fn entry_of_flow(text: &str, parent: &Node, first: &Node, value: &Node) -> Range<usize> {
    let entries: Vec<Range<usize>> = match &parent.kind {
        Kind::Mapping(entries) => {
            entries.iter().map(|(key, value)| key.span.start..value.end(text)).collect()
        }
        Kind::Sequence(items) => items.iter().map(|item| item.span.start..item.end(text)).collect(),
        Kind::Scalar(_) => Vec::new(),
    };
    let own = first.span.start..value.end(text);
    let at = entries.iter().position(|entry| entry.start == own.start).unwrap_or_default();
    match (at.checked_sub(1).and_then(|before| entries.get(before)), entries.get(at + 1)) {
        (Some(before), _) => before.end..own.end,
        (None, Some(next)) => own.start..next.start,
        (None, None) => own,
    }
}

/// Writes the lines of an entry at a column, without the line end of the last one.
fn block(steps: &[Step], value: &Value, column: usize) -> Option<String> {
    let (first, rest) = steps.split_first()?;
    let indent = " ".repeat(column);
    Some(match first {
        Step::Key(key) => format!("{indent}{}:{}", plain_or_quoted(key), after_colon(rest, value, column)?),
        Step::Item { .. } => {
            let Value::Table(_) = value else { return None };
            let lines = after_colon(rest, value, column)?;
            // The first key follows the dash.
            format!("{indent}- {}", lines.trim_start())
        }
    })
}

/// Writes what follows a colon or a dash.
fn after_colon(rest: &[Step], value: &Value, column: usize) -> Option<String> {
    if !rest.is_empty() {
        return Some(format!("\n{}", block(rest, value, column + 2)?));
    }
    let indent = " ".repeat(column + 2);
    Some(match value {
        Value::Table(entries) if !entries.is_empty() => {
            let entry = |(key, value): &(String, Value)| {
                let value = after_colon(&[], value, column + 2)?;
                Some(format!("\n{indent}{}:{value}", plain_or_quoted(key)))
            };
            entries.iter().map(entry).collect::<Option<Vec<_>>>()?.concat()
        }
        Value::List(_) | Value::Table(_) => format!(" {}", flow(value, &[])?),
        Value::Text(text) => format!(" {}", plain_or_quoted(text)),
        value => format!(" {}", flow(value, &[])?),
    })
}

/// Writes a value on one line.
fn flow(value: &Value, rest: &[Step]) -> Option<String> {
    if let Some((first, rest)) = rest.split_first() {
        let inner = flow(value, rest)?;
        return Some(match first {
            Step::Key(key) => format!("{{{}: {inner}}}", quoted(key)),
            Step::Item { .. } => format!("[{inner}]"),
        });
    }
    let joined = |parts: Option<Vec<String>>| parts.map(|parts| parts.join(", "));
    Some(match value {
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => format!("[{}]", joined(items.iter().map(|item| flow(item, &[])).collect())?),
        Value::Table(entries) => {
            let entry =
                |(key, value): &(String, Value)| Some(format!("{}: {}", quoted(key), flow(value, &[])?));
            format!("{{{}}}", joined(entries.iter().map(entry).collect())?)
        }
        Value::Other(text) => text.clone(),
    })
}

/// A string of JSON is one of YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Returns a text without quotes where no parser can take it for anything but this text.
fn plain_or_quoted(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    let is_address = text.strip_prefix("http://").is_some_and(|rest| {
        !rest.ends_with(':')
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte))
    });
    if is_plain || is_address { text.to_owned() } else { quoted(text) }
}
