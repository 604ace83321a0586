//! TOML, by the positions that `toml_edit` has of keys, values and headers.
//!
//! Its own editing is not used: it writes every line end as LF, and a comment may go with the key below it.

use std::ops::Range;

use toml_edit::{InlineTable, Item, Table, TableLike, Value as TomlValue};

use super::splice::{Splice, append_lines, end_of_line, line_end, line_start, whole_lines};
use super::{Document, EditError};
use crate::document::key_path::{KeyPath, Step};
use crate::document::value::Value;

pub(super) struct Toml;

type Parsed<'t> = toml_edit::Document<&'t str>;

impl Document for Toml {
    fn parse(&self, text: &str) -> Result<Value, EditError> {
        Ok(table_value(parsed(text)?.as_table()))
    }

    fn locate(&self, text: &str, path: &KeyPath) -> Result<Option<Range<usize>>, EditError> {
        let document = parsed(text)?;
        Ok(find(document.as_item(), &keys(path)?).and_then(Item::as_value).and_then(TomlValue::span))
    }

    fn set(&self, text: &str, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, EditError> {
        let document = parsed(text)?;
        let keys = keys(path)?;
        let wrong_type = || EditError::WrongType(path.to_string());
        if let Some(item) = find(document.as_item(), &keys) {
            let span = item.as_value().and_then(TomlValue::span).ok_or_else(wrong_type)?;
            return Ok(vec![Splice::replacement(text, span, written(value))]);
        }
        let (mut inner, mut depth) = (document.as_item(), 0);
        // The table whose lines a dotted key is among.
        let (mut owner, mut owner_depth) = (document.as_table(), 0);
        while depth + 1 < keys.len() {
            let Some(next) = inner.as_table_like().ok_or_else(wrong_type)?.get(keys[depth]) else { break };
            (inner, depth) = (next, depth + 1);
            if let Item::Table(table) = inner
                && !table.is_dotted()
            {
                (owner, owner_depth) = (table, depth);
            }
        }
        let rest = &keys[depth..];
        Ok(vec![match inner {
            Item::Value(TomlValue::InlineTable(table)) => {
                into_inline(text, table, rest, value).ok_or_else(wrong_type)?
            }
            Item::Table(table) if table.is_dotted() => add_line(text, owner, &keys[owner_depth..], value),
            Item::Table(table) if rest.len() == 1 && (depth == 0 || !table.is_implicit()) => {
                add_line(text, table, rest, value)
            }
            Item::Table(_) => {
                let (last, table) = keys.split_last().ok_or_else(wrong_type)?;
                let blank = if text.is_empty() { "" } else { "\n" };
                append_lines(
                    text,
                    &format!("{blank}[{}]\n{} = {}", dotted(table), bare(last), written(value)),
                )
            }
            _ => return Err(wrong_type()),
        }])
    }

    fn remove(&self, text: &str, path: &KeyPath) -> Result<Vec<Splice>, EditError> {
        let document = parsed(text)?;
        let keys = keys(path)?;
        let missing = || EditError::WrongType(path.to_string());
        let (last, parents) = keys.split_last().ok_or_else(missing)?;
        let parent = find(document.as_item(), parents).ok_or_else(missing)?;
        let (key, item) =
            parent.as_table_like().and_then(|table| table.get_key_value(last)).ok_or_else(missing)?;
        Ok(vec![match (parent, item) {
            (Item::Table(_), Item::Value(value)) => {
                let (start, end) = key
                    .span()
                    .zip(value.span())
                    .map(|(key, value)| (key.start, value.end))
                    .ok_or_else(missing)?;
                Splice::removal(text, whole_lines(text, start..end_of_line(text, end)))
            }
            (Item::Table(_), Item::Table(table)) => {
                let header = table.span().ok_or_else(missing)?;
                let mut lines = whole_lines(text, header.start..end_of_line(text, header.end));
                let before = line_start(text, lines.start.saturating_sub(1));
                if before < lines.start && text[before..lines.start].trim().is_empty() {
                    lines.start = before;
                }
                Splice::removal(text, lines)
            }
            (Item::Value(TomlValue::InlineTable(table)), Item::Value(_)) => {
                Splice::removal(text, entry_of_inline(table, last).ok_or_else(missing)?)
            }
            _ => return Err(missing()),
        }])
    }
}

fn parsed(text: &str) -> Result<Parsed<'_>, EditError> {
    toml_edit::Document::parse(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        EditError::at(text, error.span().map_or(0, |span| span.start), message)
    })
}

fn keys(path: &KeyPath) -> Result<Vec<&str>, EditError> {
    let keys = path.steps().iter().map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Item { .. } => None,
    });
    let keys: Option<Vec<&str>> = keys.collect();
    keys.ok_or_else(|| EditError::Unsupported(format!("{path} is in a list")))
}

fn find<'i>(root: &'i Item, keys: &[&str]) -> Option<&'i Item> {
    keys.iter().try_fold(root, |item, key| item.as_table_like()?.get(key))
}

/// Returns the insertion of a line after the last line of `table`.
fn add_line(text: &str, table: &Table, keys: &[&str], value: &Value) -> Splice {
    let line = format!("{} = {}", dotted(keys), written(value));
    let header = table.span().filter(|_| !table.is_implicit() && table.position().is_some());
    match last_value(table).or(header.filter(|span| !span.is_empty()).map(|span| span.end)) {
        Some(end) => Splice::insertion(end_of_line(text, end), format!("{}{line}", line_end(text))),
        // The root, in front of the first table.
        None if text.contains('[') => Splice::insertion(0, format!("{line}{0}{0}", line_end(text))),
        None => append_lines(text, &line),
    }
}

/// Returns where the last value of a table's own lines ends.
fn last_value(table: &Table) -> Option<usize> {
    let ends = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(inner) if inner.is_dotted() => last_value(inner),
        _ => None,
    });
    ends.max()
}

fn into_inline(text: &str, table: &InlineTable, keys: &[&str], value: &Value) -> Option<Splice> {
    let (first, inner) = keys.split_first()?;
    let nested =
        inner.iter().rev().fold(written(value), |value, key| format!("{{ {} = {value} }}", bare(key)));
    let entry = format!("{} = {nested}", bare(first));
    if let Some(end) = table.iter().filter_map(|(_, value)| value.span()).map(|span| span.end).max() {
        return Some(Splice::insertion(end, format!(", {entry}")));
    }
    let span = table.span()?;
    let space = if text[span.clone()].starts_with("{ ") { "" } else { " " };
    Some(Splice::insertion(span.start + 1, format!(" {entry}{space}")))
}

/// Returns the range of an entry of an inline table with the comma that separates it.
fn entry_of_inline(table: &InlineTable, key: &str) -> Option<Range<usize>> {
    let (found, value) = table.get_key_value(key)?;
    let (start, end) = (found.span()?.start, value.as_value()?.span()?.end);
    let others = || table.iter().filter(|(name, _)| *name != key).filter_map(|(_, value)| value.span());
    if let Some(before) = others().map(|span| span.end).filter(|before| *before <= start).max() {
        return Some(before..end);
    }
    let next = table.iter().filter(|(name, _)| *name != key).filter_map(|(name, _)| table.key(name)?.span());
    Some(start..next.map(|span| span.start).min().unwrap_or(end))
}

fn dotted(keys: &[&str]) -> String {
    keys.iter().map(|key| bare(key)).collect::<Vec<_>>().join(".")
}

/// Returns a key, in quotes where it needs them.
fn bare(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { key.to_owned() } else { quoted(key) }
}

/// A string of JSON is one of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn written(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => format!("[{}]", list(items.iter().map(written).collect())),
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{} = {}", bare(key), written(value)));
            format!("{{ {} }}", list(entries.collect()))
        }
        Value::Other(text) => text.clone(),
    }
}

fn table_value(table: &dyn TableLike) -> Value {
    Value::Table(table.iter().map(|(key, item)| (key.to_owned(), item_value(item))).collect())
}

fn item_value(item: &Item) -> Value {
    match item {
        Item::None => Value::Other(String::new()),
        Item::Value(value) => scalar(value),
        Item::Table(table) => table_value(table),
        Item::ArrayOfTables(tables) => Value::List(tables.iter().map(|table| table_value(table)).collect()),
    }
}

fn scalar(value: &TomlValue) -> Value {
    match value {
        TomlValue::String(text) => Value::Text(text.value().clone()),
        TomlValue::Integer(number) => Value::Number(*number.value()),
        TomlValue::Boolean(flag) => Value::Flag(*flag.value()),
        TomlValue::Float(number) => Value::Other(number.value().to_string()),
        TomlValue::Datetime(time) => Value::Other(time.value().to_string()),
        TomlValue::Array(items) => Value::List(items.iter().map(scalar).collect()),
        TomlValue::InlineTable(table) => table_value(table),
    }
}
