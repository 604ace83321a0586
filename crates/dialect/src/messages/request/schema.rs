//! JSON Schemas in the form that the Responses API accepts.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::types::Fields;
use crate::json::Raw;

/// The keywords that a strict schema may have; with any other the API would reject the request (`OpenAI`'s guide on
/// structured outputs, "supported schemas"; only those that are certain).
const STRICT: &[&str] = &[
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "description",
    "title",
];

/// Returns the parameters of a function: `schema`, byte for byte if possible.
///
/// The Responses API rejects an object schema without `properties` ("object schema missing properties"); the Messages
/// API does not.
pub(crate) fn parameters<'b>(schema: Option<&'b Raw<'_>>) -> Cow<'b, str> {
    const NONE: &str = r#"{"type":"object","properties":{}}"#;
    let Some(schema) = schema else { return Cow::Borrowed(NONE) };
    let Some(fields) = schema.read::<Fields<'_>>() else {
        return Cow::Borrowed(schema.get());
    };
    if fields.get("properties").is_some() {
        return Cow::Borrowed(schema.get());
    }
    let rest = schema.get().strip_prefix('{').unwrap_or_default();
    let comma = if fields.iter().next().is_none() { "" } else { "," };
    Cow::Owned(format!(r#"{{"properties":{{}}{comma}{rest}"#))
}

/// Returns whether the API can enforce `schema`: each object is closed, and all of its properties are required.
pub(crate) fn can_be_strict(schema: &Raw<'_>) -> bool {
    schema.read().is_some_and(|schema: Value| is_strict(&schema))
}

fn is_strict(schema: &Value) -> bool {
    let Some(fields) = schema.as_object() else { return false };
    if !fields.keys().all(|key| STRICT.contains(&key.as_str())) {
        return false;
    }
    let inner = fields
        .get("items")
        .into_iter()
        .chain(fields.get("anyOf").and_then(Value::as_array).into_iter().flatten());
    let properties = fields.get("properties").and_then(Value::as_object);
    let required = fields.get("required").and_then(Value::as_array).into_iter().flatten();
    let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
    let closed = properties.is_none() && fields.get("type").is_none_or(|kind| kind != "object")
        || fields.get("additionalProperties") == Some(&Value::Bool(false));
    closed
        && properties
            .into_iter()
            .flatten()
            .all(|(name, schema)| required.contains(name.as_str()) && is_strict(schema))
        && inner.into_iter().all(is_strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Raw<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_schema_is_kept_byte_for_byte_unless_it_lacks_properties() {
        let rows = [
            (r#"{"type" : "object","properties":{ }}"#, r#"{"type" : "object","properties":{ }}"#),
            (r#"{"type":"object"}"#, r#"{"properties":{},"type":"object"}"#),
            ("{ }", r#"{"properties":{} }"#),
            ("true", "true"),
        ];
        for (schema, sent) in rows {
            assert_eq!(parameters(Some(&raw(schema))), sent);
            serde_json::from_str::<Value>(&parameters(Some(&raw(schema)))).unwrap();
        }
        assert_eq!(parameters(None), r#"{"type":"object","properties":{}}"#);
    }

    #[test]
    fn strict_only_where_nothing_is_open() {
        let rows = [
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
                true,
            ),
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}"#,
                false,
            ),
            (r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#, false),
            (r#"{"type":"object"}"#, false),
            (r#"{"type":"array","items":{"type":"object","properties":{}}}"#, false),
            (r#"{"type":"array","items":{"type":"string"}}"#, true),
            (r#"{"type":"string","pattern":"a"}"#, false),
            ("5", false),
        ];
        for (schema, strict) in rows {
            assert_eq!(can_be_strict(&raw(schema)), strict, "{schema}");
        }
    }
}
