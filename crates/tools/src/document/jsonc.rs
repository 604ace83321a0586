//! JSON with comments and trailing commas, by the positions that `jsonc-parser` has of values.
//!
//! The editing of its syntax tree is not used: it writes an object of one line on several lines, and so the text of other
//! keys, which may be secrets, would be part of the change and of the ledger.

use std::fmt::Write as _;
use std::ops::Range;

use jsonc_parser::ast::{self, Object, ObjectProp};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::splice::{Splice, append_lines, end_of_line, line_end, line_start, whole_lines};
use super::{Document, EditError};
use crate::document::key_path::{KeyPath, Step};
use crate::document::value::Value;

pub(super) struct Jsonc;

impl Document for Jsonc {
    fn parse(&self, text: &str) -> Result<Value, EditError> {
        Ok(parsed(text)?.map_or(Value::Table(Vec::new()), |value| meaning(&value)))
    }

    fn locate(&self, text: &str, path: &KeyPath) -> Result<Option<Range<usize>>, EditError> {
        let root = parsed(text)?;
        let found = root.as_ref().and_then(|root| path.steps().iter().try_fold(root, find));
        Ok(found.map(|value| range(value)))
    }

    fn set(&self, text: &str, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, EditError> {
        let wrong_type = || EditError::WrongType(path.to_string());
        let layout = Layout::of(text);
        let Some(root) = parsed(text)? else {
            let nested = nest(path.steps(), value).ok_or_else(wrong_type)?;
            return Ok(vec![append_lines(text, &layout.lines(&nested, ""))]);
        };
        let (mut inner, mut steps) = (&root, path.steps());
        while let Some((first, rest)) = steps.split_first() {
            let Some(next) = find(inner, first) else { break };
            (inner, steps) = (next, rest);
        }
        let Some((first, rest)) = steps.split_first() else {
            let indent = layout.indent_at(text, line_start(text, range(inner).start));
            return Ok(vec![Splice::replacement(
                text,
                range(inner),
                layout.lines_or_line(value, &indent, text, range(inner)),
            )]);
        };
        let value = nest(rest, value).ok_or_else(wrong_type)?;
        match (inner, first) {
            (ast::Value::Object(object), Step::Key(key)) => {
                let entries = object.properties.iter().map(|entry| entry.range.start..entry.range.end);
                Ok(layout.insert(text, range(inner), &entries.collect::<Vec<_>>(), Some(key), &value))
            }
            (ast::Value::Array(array), Step::Item { field, is }) => {
                let is_same = matches!(&value, Value::Table(entries) if entries.contains(&(field.clone(), Value::Text(is.clone()))));
                if !is_same {
                    return Err(wrong_type());
                }
                let items: Vec<_> = array.elements.iter().map(range).collect();
                Ok(layout.insert(text, range(inner), &items, None, &value))
            }
            _ => Err(wrong_type()),
        }
    }

    fn remove(&self, text: &str, path: &KeyPath) -> Result<Vec<Splice>, EditError> {
        let missing = || EditError::WrongType(path.to_string());
        let root = parsed(text)?.ok_or_else(missing)?;
        let (last, parents) = path.steps().split_last().ok_or_else(missing)?;
        let parent = parents.iter().try_fold(&root, find).ok_or_else(missing)?;
        let (entries, at): (Vec<Range<usize>>, Option<usize>) = match (parent, last) {
            (ast::Value::Object(object), Step::Key(key)) => (
                object.properties.iter().map(|entry| entry.range.start..entry.range.end).collect(),
                object.properties.iter().position(|entry| entry.name.as_str() == key),
            ),
            (ast::Value::Array(array), step @ Step::Item { .. }) => (
                array.elements.iter().map(range).collect(),
                array.elements.iter().position(|item| step.find(&Value::List(vec![meaning(item)])).is_some()),
            ),
            _ => return Err(missing()),
        };
        Ok(remove_entry(text, &entries, at.ok_or_else(missing)?))
    }
}

/// Returns the root, or `None` for a text of nothing but comments.
fn parsed(text: &str) -> Result<Option<ast::Value<'_>>, EditError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let result = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| EditError::at(text, error.range().start, error.kind().to_string()))?;
    Ok(result.value)
}

fn range(value: &ast::Value<'_>) -> Range<usize> {
    value.start()..value.end()
}

/// Returns the value of a step. Of a key that stands there twice, the last one is what programs read.
fn find<'a, 't>(value: &'a ast::Value<'t>, step: &Step) -> Option<&'a ast::Value<'t>> {
    match (value, step) {
        (ast::Value::Object(object), Step::Key(key)) => last_of(object, key).map(|entry| &entry.value),
        (ast::Value::Array(array), Step::Item { .. }) => {
            array.elements.iter().find(|item| step.find(&Value::List(vec![meaning(item)])).is_some())
        }
        _ => None,
    }
}

fn last_of<'a, 't>(object: &'a Object<'t>, key: &str) -> Option<&'a ObjectProp<'t>> {
    object.properties.iter().rev().find(|entry| entry.name.as_str() == key)
}

fn meaning(value: &ast::Value<'_>) -> Value {
    match value {
        ast::Value::StringLit(text) => Value::text(text.value.clone()),
        ast::Value::NumberLit(number) => {
            number.value.parse().map_or_else(|_| Value::Other(number.value.to_owned()), Value::Number)
        }
        ast::Value::BooleanLit(flag) => Value::Flag(flag.value),
        ast::Value::NullKeyword(_) => Value::Other("null".to_owned()),
        ast::Value::Array(array) => Value::List(array.elements.iter().map(meaning).collect()),
        ast::Value::Object(object) => Value::Table(
            object
                .properties
                .iter()
                .map(|entry| (entry.name.as_str().to_owned(), meaning(&entry.value)))
                .collect(),
        ),
    }
}

/// Returns the value of the first of these steps, of which the last one has `value`.
fn nest(steps: &[Step], value: &Value) -> Option<Value> {
    steps.iter().rev().try_fold(value.clone(), |value, step| match step {
        Step::Key(key) => Some(Value::Table(vec![(key.clone(), value)])),
        Step::Item { .. } => Some(Value::List(vec![value])),
    })
}

/// How a text is laid out.
struct Layout {
    /// One level of indentation.
    unit: String,
    /// The end of a line.
    end: &'static str,
}

impl Layout {
    fn of(text: &str) -> Self {
        let indented =
            text.lines().find(|line| line.starts_with([' ', '\t']) && line.trim_start().starts_with('"'));
        let unit = indented.map_or("  ", |line| &line[..line.len() - line.trim_start().len()]);
        Self { unit: unit.to_owned(), end: line_end(text) }
    }

    fn indent_at(&self, text: &str, start: usize) -> String {
        let line = &text[start..end_of_line(text, start)];
        let _ = self;
        line[..line.len() - line.trim_start_matches([' ', '\t']).len()].to_owned()
    }

    /// Returns the insertion of an entry behind the last one of what is at `container`.
    fn insert(
        &self,
        text: &str,
        container: Range<usize>,
        entries: &[Range<usize>],
        key: Option<&str>,
        value: &Value,
    ) -> Vec<Splice> {
        let name = key.map_or_else(String::new, |key| format!("{}: ", quoted(key)));
        let close = container.end - 1;
        let Some(last) = entries.last() else {
            let base = self.indent_at(text, line_start(text, container.start));
            let indent = format!("{base}{}", self.unit);
            let entry = format!("{indent}{name}{}", self.lines(value, &indent));
            let start_of_close = text[..close].trim_end_matches([' ', '\t']).len();
            return vec![if text[..start_of_close].ends_with('\n') {
                Splice::insertion(start_of_close, format!("{entry}{}", self.end))
            } else {
                Splice::insertion(close, format!("{0}{entry}{0}{base}", self.end))
            }];
        };
        let Tail { comma, end } = Tail::after(text, last.end, close);
        let start = line_start(text, last.start);
        let is_first_of_line = text[start..last.start].trim().is_empty();
        if !is_first_of_line || end == close {
            let entry = format!("{name}{}", one_line(value));
            return vec![match comma {
                Some(comma) => Splice::insertion(comma + 1, format!(" {entry},")),
                None => Splice::insertion(last.end, format!(", {entry}")),
            }];
        }
        let indent = text[start..last.start].to_owned();
        let own_comma = if comma.is_some() { "," } else { "" };
        let line = format!("{}{indent}{name}{}{own_comma}", self.end, self.lines(value, &indent));
        let mut splices = vec![Splice::insertion(end, line)];
        if comma.is_none() {
            splices.push(Splice::insertion(last.end, ","));
        }
        splices
    }

    /// Writes a value that replaces another one: on one line, where that was on one.
    fn lines_or_line(&self, value: &Value, indent: &str, text: &str, old: Range<usize>) -> String {
        let was_long = text[old.clone()].contains('\n') || !text[old].starts_with(['{', '[']);
        if was_long { self.lines(value, indent) } else { one_line(value) }
    }

    /// Writes a value on as many lines as people would take, which do not begin with the first one's indentation.
    fn lines(&self, value: &Value, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        let is_short = |item: &Value| !matches!(item, Value::List(_) | Value::Table(_)) || item.is_empty();
        let block = |open: char, lines: Vec<String>, close: char| {
            let body = lines.join(&format!(",{}{inner}", self.end));
            format!("{open}{0}{inner}{body}{0}{indent}{close}", self.end)
        };
        match value {
            Value::List(items) if !items.iter().all(is_short) => {
                block('[', items.iter().map(|item| self.lines(item, &inner)).collect(), ']')
            }
            Value::Table(entries) if !entries.is_empty() => {
                let entry = |(key, value): &(String, Value)| {
                    format!("{}: {}", quoted(key), self.lines(value, &inner))
                };
                block('{', entries.iter().map(entry).collect(), '}')
            }
            value => one_line(value),
        }
    }
}

/// What follows a value on its line.
struct Tail {
    /// Where the comma is.
    comma: Option<usize>,
    /// Where the line ends, behind its comments, or the closing bracket.
    end: usize,
}

impl Tail {
    fn after(text: &str, mut at: usize, close: usize) -> Self {
        let mut comma = None;
        while at < close {
            let rest = &text[at..close];
            if rest.starts_with("//") || rest.starts_with('\n') || rest.starts_with("\r\n") {
                // A comma on a later line belongs to this value as well.
                let end = end_of_line(text, at).min(close);
                let later = if comma.is_none() { next_token(text, end, close) } else { None };
                if let Some(found) = later.filter(|found| text[*found..].starts_with(',')) {
                    (comma, at) = (Some(found), found + 1);
                    continue;
                }
                return Self { comma, end };
            }
            at += if let Some(comment) = rest.strip_prefix("/*") {
                comment.find("*/").map_or(rest.len(), |length| length + 4)
            } else {
                if rest.starts_with(',') {
                    comma = Some(at);
                }
                rest.chars().next().map_or(1, char::len_utf8)
            };
        }
        Self { comma, end: close }
    }
}

/// Returns where the next thing is that is no space and no comment.
fn next_token(text: &str, mut at: usize, close: usize) -> Option<usize> {
    while at < close {
        let rest = &text[at..close];
        if rest.starts_with("//") {
            at = end_of_line(text, at);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            at += comment.find("*/")? + 4;
        } else {
            let first = rest.chars().next()?;
            if !first.is_whitespace() {
                return Some(at);
            }
            at += first.len_utf8();
        }
    }
    None
}

/// Returns the removal of an entry, with the comma that separates it from the others.
fn remove_entry(text: &str, entries: &[Range<usize>], at: usize) -> Vec<Splice> {
    let entry = entries[at].clone();
    let before = at.checked_sub(1).map(|before| entries[before].end);
    let comma = next_token(text, entry.end, text.len()).filter(|found| text[*found..].starts_with(','));
    let end = comma.map_or(entry.end, |comma| comma + 1);
    let start = line_start(text, entry.start);
    let rest = text[end..end_of_line(text, end)].trim();
    let is_alone = text[start..entry.start].trim().is_empty() && (rest.is_empty() || rest.starts_with("//"));
    if is_alone {
        let lines = whole_lines(text, entry.start..end_of_line(text, end));
        let mut splices = vec![Splice::removal(text, lines)];
        // Without a comma it was the last one, and the one before is the last one now.
        if let (None, Some(before)) = (comma, before) {
            let separator =
                next_token(text, before, entry.start).filter(|found| text[*found..].starts_with(','));
            splices.extend(separator.map(|comma| Splice::removal(text, comma..comma + 1)));
        }
        return splices;
    }
    let range = match (comma, entries.get(at + 1), before) {
        (Some(_), Some(next), _) => entry.start..next.start,
        (_, _, Some(before)) => before..entry.end,
        _ => entry.start..end,
    };
    vec![Splice::removal(text, range)]
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Table(entries) => {
            let mut text = String::from("{ ");
            for (index, (key, value)) in entries.iter().enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(text, "{comma}{}: {}", quoted(key), one_line(value))
                    .expect("writing to a String never fails");
            }
            text + " }"
        }
        Value::Other(text) => text.clone(),
    }
}
