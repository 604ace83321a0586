//! Finds out which JSON Schemas the Responses API can enforce.

use std::collections::BTreeSet;

use serde_json::Value;

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
