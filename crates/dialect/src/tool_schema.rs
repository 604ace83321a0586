//! The schema of a tool's arguments in the form that the APIs of `OpenAI` accept.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::{Raw, RawObject};

/// The schema of a tool without parameters.
const NO_PARAMETERS: &str = r#"{"type":"object","properties":{}}"#;

/// Returns the schema of a tool's arguments, byte for byte if possible.
///
/// The APIs reject a schema of another type than `object`, and one without `properties` ("object schema missing
/// properties"); callers and MCP servers leave both out, or send `null`.
pub(crate) fn object_schema(schema: Option<&RawValue>) -> Cow<'_, str> {
    let Some(json) = schema.map(RawValue::get) else { return Cow::Borrowed(NO_PARAMETERS) };
    let Ok(mut fields) = RawObject::parse(json.as_bytes()) else { return Cow::Borrowed(json) };
    let (no_type, no_properties) = (is_no_type(&fields), is_no_properties(&fields));
    let no_required = fields.raw("required").is_some_and(|value| value.get() == "null");
    let is_named =
        no_required || fields.raw("properties").is_some() || fields.raw("type").is_some() && no_type;
    if fields.names().next().is_none() {
        return Cow::Borrowed(NO_PARAMETERS);
    }
    if no_properties && !no_type && !is_named {
        let rest = json.trim_start().strip_prefix('{').unwrap_or_default();
        return Cow::Owned(format!(r#"{{"properties":{{}},{rest}"#));
    }
    if no_type {
        fields.set("type", Raw::from_value(&"object"));
    }
    if no_properties {
        fields.set("properties", Raw::from_value(&serde_json::Map::new()));
    }
    if no_required {
        fields.remove("required");
    }
    if !no_type && !no_properties && !no_required {
        return Cow::Borrowed(json);
    }
    Cow::Owned(serde_json::to_string(&fields).expect("JSON is text"))
}

/// Returns whether the type is missing, null, or a list that allows an object.
fn is_no_type(fields: &RawObject<'_>) -> bool {
    fields.raw("type").is_none_or(|kind| {
        let kind = kind.get();
        kind == "null" || kind.starts_with('[') && kind.contains("\"object\"")
    })
}

/// Returns whether the properties are missing, null, or the list that PHP writes for none.
fn is_no_properties(fields: &RawObject<'_>) -> bool {
    fields.raw("properties").is_none_or(|properties| !properties.get().starts_with('{'))
}

/// Returns the schema of a tool's arguments for a caller of `OpenAI`'s own APIs: byte for byte, unless it is empty or has
/// no type or `null` where these APIs reject it.
pub(crate) fn parameters(schema: Option<&RawValue>) -> Raw<'_> {
    let is_broken = |fields: &RawObject<'_>| {
        let refers = ["$ref", "anyOf", "oneOf", "allOf"].iter().any(|name| fields.raw(name).is_some());
        is_no_type(fields) && !refers
            || fields.raw("properties").is_some() && is_no_properties(fields)
            || fields.raw("required").is_some_and(|value| value.get() == "null")
    };
    let fields = schema.and_then(|schema| RawObject::parse(schema.get().as_bytes()).ok());
    match schema {
        Some(schema) if !fields.as_ref().is_some_and(is_broken) => Raw::Borrowed(schema),
        schema => {
            let json = object_schema(schema).into_owned();
            Raw::Owned(RawValue::from_string(json).expect("a schema is JSON"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_is_kept_byte_for_byte_unless_something_is_missing() {
        let rows = [
            (r#"{"type" : "object","properties":{ }}"#, r#"{"type" : "object","properties":{ }}"#),
            (r#"{"type":"object"}"#, r#"{"properties":{},"type":"object"}"#),
            (r#"{"type":"object","properties":null}"#, r#"{"type":"object","properties":{}}"#),
            (r#"{"type":null,"required":[]}"#, r#"{"type":"object","required":[],"properties":{}}"#),
            (r#"{"properties":{"a":{}}}"#, r#"{"properties":{"a":{}},"type":"object"}"#),
            (r#"{"type":["object","null"],"properties":{}}"#, r#"{"type":"object","properties":{}}"#),
            (r#"{"type":"object","properties":[]}"#, r#"{"type":"object","properties":{}}"#),
            (r#"{"type":"object","properties":{},"required":null}"#, r#"{"type":"object","properties":{}}"#),
            ("{ }", NO_PARAMETERS),
            ("true", "true"),
        ];
        for (schema, sent) in rows {
            let raw: &RawValue = serde_json::from_str(schema).unwrap();
            assert_eq!(object_schema(Some(raw)), sent);
        }
        assert_eq!(object_schema(None), NO_PARAMETERS);
        for (schema, sent) in [
            (r#"{"type":"object"}"#, r#"{"type":"object"}"#),
            (r##"{"$ref":"#/$defs/a"}"##, r##"{"$ref":"#/$defs/a"}"##),
            (r#"{"title":"a"}"#, r#"{"title":"a","type":"object","properties":{}}"#),
            ("{}", NO_PARAMETERS),
        ] {
            let raw: &RawValue = serde_json::from_str(schema).unwrap();
            assert_eq!(parameters(Some(raw)).get(), sent);
        }
    }
}
