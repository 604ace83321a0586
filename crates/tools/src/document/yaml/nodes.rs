//! The values of a YAML text, with their positions.

use std::collections::HashSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::super::EditError;
use super::super::splice::end_of_line;
use crate::document::key_path::Step;
use crate::document::value::Value;

/// A value and where it is, in bytes.
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Scalar(Value),
    Mapping(Vec<(Node, Node)>),
    Sequence(Vec<Node>),
}

impl Node {
    pub(super) fn find(&self, step: &Step) -> Option<&Self> {
        self.entry(step).map(|(_, value)| value)
    }

    /// Returns the value of a step, and the key of it in a mapping.
    pub(super) fn entry(&self, step: &Step) -> Option<(Option<&Self>, &Self)> {
        match (&self.kind, step) {
            (Kind::Mapping(entries), Step::Key(name)) => {
                let found = entries.iter().find(|(key, _)| key.name().as_ref() == Some(name));
                found.map(|(key, value)| (Some(key), value))
            }
            (Kind::Sequence(items), Step::Item { .. }) => {
                let found = items.iter().find(|item| step.find(&Value::List(vec![item.meaning()])).is_some());
                found.map(|item| (None, item))
            }
            _ => None,
        }
    }

    /// Returns where a key is that its mapping has twice, which most programs refuse.
    fn repeated_key(&self) -> Option<usize> {
        match &self.kind {
            Kind::Scalar(_) => None,
            Kind::Sequence(items) => items.iter().find_map(Self::repeated_key),
            Kind::Mapping(entries) => {
                let mut names = HashSet::new();
                let own = entries.iter().find(|(key, _)| key.name().is_some_and(|name| !names.insert(name)));
                own.map(|(key, _)| key.span.start)
                    .or_else(|| entries.iter().find_map(|(_, value)| value.repeated_key()))
            }
        }
    }

    fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Scalar(Value::Number(number)) => Some(number.to_string()),
            Kind::Scalar(Value::Flag(flag)) => Some(flag.to_string()),
            Kind::Scalar(Value::Text(text) | Value::Other(text)) => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn meaning(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::Sequence(items) => Value::List(items.iter().map(Self::meaning).collect()),
            Kind::Mapping(entries) => Value::Table(
                entries
                    .iter()
                    .map(|(key, value)| (key.name().unwrap_or_default(), value.meaning()))
                    .collect(),
            ),
        }
    }

    /// Returns whether there is a key and no value.
    pub(super) fn is_missing(&self) -> bool {
        self.span.is_empty()
    }

    /// Returns whether it is in brackets.
    pub(super) fn is_flow(&self, text: &str) -> bool {
        !matches!(self.kind, Kind::Scalar(_)) && text[self.span.clone()].starts_with(['{', '['])
    }

    /// Returns where its last character is, without comments and empty lines behind it.
    pub(super) fn end(&self, text: &str) -> usize {
        match &self.kind {
            Kind::Scalar(_) => self.span.start + text[self.span.clone()].trim_end().len(),
            _ if self.is_flow(text) => self.span.end,
            Kind::Sequence(items) => items.last().map_or(self.span.start, |item| item.end(text)),
            Kind::Mapping(entries) => entries.last().map_or(self.span.start, |(key, value)| {
                if value.is_missing() { end_of_line(text, key.span.end) } else { value.end(text) }
            }),
        }
    }
}

/// Returns the root, or `None` for a text of nothing but comments.
pub(super) fn parsed(text: &str) -> Result<Option<Node>, EditError> {
    // The parser counts characters.
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |at: usize| offsets.get(at).copied().unwrap_or(text.len());
    let mut events = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event
            .map_err(|error| EditError::at(text, byte(error.marker().index()), error.info().to_owned()))?;
        documents += usize::from(matches!(event, Event::DocumentStart(_)));
        events.push((event, byte_span(span, byte)));
    }
    if documents > 1 {
        return Err(EditError::Unsupported("it has more than one document".to_owned()));
    }
    let mut events = events.into_iter().filter(|(event, _)| {
        !matches!(
            event,
            Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd
        )
    });
    let root = match events.next() {
        None => None,
        Some(first) => compose(first, &mut events),
    };
    // A text of nothing has one value, which is missing.
    let root = root.filter(|node| !node.is_missing());
    match root.as_ref().and_then(Node::repeated_key) {
        Some(at) => Err(EditError::at(text, at, "the key is there twice")),
        None => Ok(root),
    }
}

fn byte_span(span: Span, byte: impl Fn(usize) -> usize) -> Range<usize> {
    byte(span.start.index())..byte(span.end.index())
}

/// Puts events together. The nesting is limited before, by the brackets and the indentation of the text.
fn compose<'t>(
    (event, span): (Event<'t>, Range<usize>),
    events: &mut impl Iterator<Item = (Event<'t>, Range<usize>)>,
) -> Option<Node> {
    let start = span.start;
    Some(match event {
        Event::Scalar(text, style, _, tag) => {
            let value = match tag {
                Some(tag) => Value::Other(format!("{tag} {text}")),
                None => scalar(&text, style),
            };
            Node { span, kind: Kind::Scalar(value) }
        }
        Event::Alias(number) => Node { span, kind: Kind::Scalar(Value::Other(format!("*{number}"))) },
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next()? {
                    (Event::SequenceEnd, end) => {
                        return Some(Node { span: start..end.end.max(start), kind: Kind::Sequence(items) });
                    }
                    next => items.push(compose(next, events)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Vec::new();
            loop {
                match events.next()? {
                    (Event::MappingEnd, end) => {
                        return Some(Node { span: start..end.end.max(start), kind: Kind::Mapping(entries) });
                    }
                    key => {
                        let key = compose(key, events)?;
                        let value = events.next()?;
                        entries.push((key, compose(value, events)?));
                    }
                }
            }
        }
        _ => return None,
    })
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::text(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Other("null".to_owned()),
        "true" | "True" | "TRUE" => Value::Flag(true),
        "false" | "False" | "FALSE" => Value::Flag(false),
        text => text.parse().map_or_else(|_| Value::text(text), Value::Number),
    }
}
