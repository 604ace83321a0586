//! Changes the body of a request by the rows of a [table](super::body_tables).

use std::borrow::Cow;

use serde_json::Value;
use usher_dialect::error::BadRequest;
use usher_dialect::json::{Raw, RawObject, Text, map_elements, visit_elements};

use crate::request::endpoint::ForwardEndpoint;

/// What a rule does to its field.
#[derive(Clone, Copy)]
pub(crate) enum Treatment {
    /// Removed, and reported as dropped where the caller had set it.
    Drop,
    /// Removed unless it has one of these values (JSON).
    AllowOnly(&'static [&'static str]),
    /// Removed, and reported as dropped unless it had one of these values (JSON).
    DropUnless(&'static [&'static str]),
    /// Set to this value (JSON), whatever the caller set. Not reported: the response is made to fit in another way.
    Always(&'static str),
    /// Set to this value (JSON) where the caller set none.
    Default(&'static str),
    /// An error: without the field the request would mean something else.
    Refuse(&'static str),
    /// A text becomes one message of the user, and the role `system` becomes `developer`.
    ToMessages,
    /// Set to this text where the request has no instructions: neither this field nor a developer message.
    DefaultInstructions(&'static str),
    /// Removes the nested field of this name, at any depth.
    RemoveNested(&'static str),
    /// An error for a list with an element of one of these types, or with such a tool inside of one.
    RefuseTypes(&'static [&'static str]),
}

/// Which requests a rule applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppliesTo {
    All,
    /// Those that create a response.
    Responses,
    /// Those that make a history shorter: a JSON object with `model`, `input` and `instructions` (protocol §8.4).
    Compaction,
}

/// A rule: one row of a table.
pub(crate) struct FieldRule {
    pub(crate) field: &'static str,
    pub(crate) treatment: Treatment,
    pub(crate) applies_to: AppliesTo,
    #[expect(dead_code, reason = "for whoever reads the table")]
    pub(crate) source: &'static str,
}

pub(crate) const fn row(field: &'static str, treatment: Treatment, source: &'static str) -> FieldRule {
    FieldRule { field, treatment, applies_to: AppliesTo::All, source }
}

impl FieldRule {
    pub(crate) const fn applies_to(self, applies_to: AppliesTo) -> Self {
        Self { applies_to, ..self }
    }
}

/// Applies those of `rules` that are for `endpoint` to the body of a request.
///
/// Returns the names of dropped fields that the caller had set.
pub(crate) fn apply(
    rules: &'static [FieldRule],
    endpoint: ForwardEndpoint,
    body: &mut RawObject<'_>,
) -> Result<Vec<Cow<'static, str>>, BadRequest> {
    let mut dropped = Vec::new();
    let request_kind =
        if endpoint == ForwardEndpoint::Compact { AppliesTo::Compaction } else { AppliesTo::Responses };
    for rule in
        rules.iter().filter(|rule| rule.applies_to == AppliesTo::All || rule.applies_to == request_kind)
    {
        let field = rule.field;
        let value = body.raw(field).map(Raw::get).filter(|value| *value != "null");
        match change(rule, value, body)? {
            Change::None => {}
            Change::Set(new) => body.set(field, new),
            Change::Remove { was_set } => {
                body.remove(field);
                dropped.extend(was_set.then_some(field.into()));
            }
            Change::RemoveNested(name, rest) => {
                body.set(field, rest);
                dropped.push(name.into());
            }
        }
    }
    Ok(dropped)
}

/// What a rule does to a field.
enum Change {
    None,
    Set(Raw<'static>),
    /// `was_set`: the caller had set the field.
    Remove {
        was_set: bool,
    },
    /// The field without a nested one of this name.
    RemoveNested(&'static str, Raw<'static>),
}

/// Returns what `rule` does to its field, whose value is `value`.
fn change(rule: &FieldRule, value: Option<&str>, body: &RawObject<'_>) -> Result<Change, BadRequest> {
    Ok(match (rule.treatment, value) {
        (Treatment::Always(fixed), value) if value != Some(fixed) => Change::Set(json(fixed)),
        (Treatment::Default(default), None) => Change::Set(json(default)),
        (Treatment::Drop, value) => Change::Remove { was_set: value.is_some() },
        (Treatment::DropUnless(values), value) => {
            Change::Remove { was_set: value.is_some_and(|value| !values.contains(&value)) }
        }
        (Treatment::AllowOnly(values), Some(value)) if !values.contains(&value) => {
            Change::Remove { was_set: true }
        }
        (Treatment::Refuse(why), Some(_)) => return Err(BadRequest::at(rule.field, why)),
        (Treatment::ToMessages, Some(value)) => to_messages(value).map_or(Change::None, Change::Set),
        (Treatment::DefaultInstructions(text), None | Some(r#""""#)) => {
            if has_developer_message(body) {
                Change::Remove { was_set: false }
            } else {
                Change::Set(Raw::from_value(&text))
            }
        }
        (Treatment::RefuseTypes(kinds), Some(value)) => match type_within(kinds, value) {
            Some(kind) => {
                return Err(BadRequest::at(
                    rule.field,
                    format!("requests that a ChatGPT plan pays for cannot have {kind}"),
                ));
            }
            None => Change::None,
        },
        (Treatment::RemoveNested(name), Some(value)) if contains(value, name) => {
            remove_nested(name, value).map_or(Change::None, |rest| Change::RemoveNested(name, rest))
        }
        _ => Change::None,
    })
}

/// Returns whether `word` is anywhere in a text that may be megabytes.
fn contains(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

/// Returns `input` as messages with roles that the backend knows; `None` when it needs no change.
fn to_messages(input: &str) -> Option<Raw<'static>> {
    if input.starts_with('"') {
        return Some(json(&format!(r#"[{{"type":"message","role":"user","content":{input}}}]"#)));
    }
    // Searched for before parsing: most inputs are long and do not have it.
    if !contains(input, r#""system""#) {
        return None;
    }
    map_elements(input, |element| {
        let Ok(mut item) = RawObject::parse(element.as_bytes()) else { return Some(element.into()) };
        if item.get::<Text<'_>>("role").is_none_or(|role| *role != *"system") {
            return Some(element.into());
        }
        item.set("role", Raw::from_value(&"developer"));
        Some(String::from_utf8(item.to_bytes()).expect("JSON is text").into())
    })
}

/// Returns whether the input has a developer message.
fn has_developer_message(body: &RawObject<'_>) -> bool {
    let input = body.raw("input").map(Raw::get).unwrap_or_default();
    let mut found = false;
    if contains(input, r#""developer""#) {
        // What is no list has no message.
        let _ = visit_elements(input, |element| {
            let item = RawObject::parse(element.get().as_bytes()).unwrap_or_default();
            found |= item.get::<Text<'_>>("role").is_some_and(|role| *role == *"developer");
        });
    }
    found
}

/// Returns which of `kinds` an element of a list has as its type, or a tool that an element holds.
fn type_within<'a>(kinds: &[&'a str], list: &str) -> Option<&'a str> {
    fn find<'a>(list: &Value, kinds: &[&'a str]) -> Option<&'a str> {
        list.as_array()?.iter().find_map(|element| {
            let own = kinds.iter().find(|kind| element["type"] == **kind).copied();
            own.or_else(|| find(&element["tools"], kinds))
        })
    }

    // Searched for before parsing: nearly all lists have none.
    if !kinds.iter().any(|kind| contains(list, kind)) {
        return None;
    }
    find(&serde_json::from_str(list).ok()?, kinds)
}

/// Returns `json` without the nested field `name`; `None` when there is no such field.
fn remove_nested(name: &str, json: &str) -> Option<Raw<'static>> {
    fn remove(value: &mut Value, name: &str, found: &mut bool) {
        match value {
            Value::Object(fields) => {
                *found |= fields.remove(name).is_some();
                fields.values_mut().for_each(|value| remove(value, name, found));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| remove(item, name, found)),
            _ => {}
        }
    }

    let mut value: Value = serde_json::from_str(json).ok()?;
    let mut found = false;
    remove(&mut value, name, &mut found);
    found.then(|| Raw::from_value(&value))
}

fn json(text: &str) -> Raw<'static> {
    let raw = serde_json::value::RawValue::from_string(text.to_owned());
    Raw::Owned(raw.expect("the tables hold JSON, and what is wrapped came as JSON"))
}
