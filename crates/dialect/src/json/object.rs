//! Reads a request object by object and field by field.
//!
//! Errors name the path, values are carried byte for byte, and the fields that nothing took are known at the end.

use std::fmt;

use super::path::JsonPath;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{RawObject, Text, visit_elements};
use crate::error::BadRequest;

/// Most fields of an object that is read field by field; each lookup searches all of them.
const MAX_FIELDS: usize = 1000;

/// An object whose fields are taken out one by one.
pub(crate) struct Object<'a> {
    fields: Vec<(Text<'a>, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    if fields.len() == MAX_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                    fields.push(field);
                }
                Ok(Object { fields })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

impl<'a> Object<'a> {
    /// Returns the object of a request.
    pub(crate) fn of(request: &'a RawObject<'_>) -> Self {
        Self { fields: request.iter().map(|(name, value)| (name.into(), value.as_value())).collect() }
    }

    /// Returns an object with one field.
    pub(crate) fn one(name: &'static str, value: &'a RawValue) -> Self {
        Self { fields: vec![(name.into(), value)] }
    }

    /// Parses `raw` as an object.
    pub(crate) fn read(raw: &'a RawValue, path: &JsonPath<'_>) -> Result<Self, BadRequest> {
        serde_json::from_str(raw.get()).map_err(|_| path.error("This must be an object."))
    }

    /// Takes a field out; `null` counts as missing, and of a duplicate name the last value wins.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let mut found = None;
        while let Some(place) = self.fields.iter().rposition(|(field, _)| **field == *name) {
            // The last value wins, as in `RawObject`.
            found = found.or(Some(self.fields.remove(place).1));
        }
        found.filter(|raw| raw.get() != "null")
    }

    /// Returns whether a field is exactly the string `word`, without taking it out.
    pub(crate) fn is(&self, name: &str, word: &str) -> bool {
        let quoted = |raw: &RawValue| {
            raw.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(word)
        };
        self.fields.iter().any(|(field, raw)| **field == *name && quoted(raw))
    }

    /// Returns a string, decoded, without taking it out; `None` if it is missing or not a string.
    pub(crate) fn peek(&self, name: &str) -> Option<Text<'a>> {
        let (_, raw) = self.fields.iter().rfind(|(field, _)| **field == *name)?;
        text(raw, &JsonPath::Root).ok()
    }

    /// Takes a string out, still quoted and escaped.
    pub(crate) fn string(
        &mut self,
        name: &str,
        path: &JsonPath<'_>,
    ) -> Result<Option<&'a RawValue>, BadRequest> {
        self.checked(name, path, is_string, "This must be a string.")
    }

    /// Takes a string out, decoded.
    pub(crate) fn text(&mut self, name: &str, path: &JsonPath<'_>) -> Result<Option<Text<'a>>, BadRequest> {
        self.take(name).map(|raw| text(raw, &path.field(name))).transpose()
    }

    /// Takes a string out that must be there.
    pub(crate) fn required(&mut self, name: &str, path: &JsonPath<'_>) -> Result<&'a RawValue, BadRequest> {
        self.string(name, path)?.ok_or_else(|| path.field(name).error("This is required."))
    }

    /// Takes a number out, as it is.
    pub(crate) fn number(
        &mut self,
        name: &str,
        path: &JsonPath<'_>,
    ) -> Result<Option<&'a RawValue>, BadRequest> {
        let is_number = |raw: &RawValue| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        self.checked(name, path, is_number, "This must be a number.")
    }

    /// Takes `true` or `false` out.
    pub(crate) fn flag(&mut self, name: &str, path: &JsonPath<'_>) -> Result<Option<bool>, BadRequest> {
        let read = |raw: &RawValue| match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(path.field(name).error("This must be true or false.")),
        };
        self.take(name).map(read).transpose()
    }

    /// Takes an object out.
    pub(crate) fn object(&mut self, name: &str, path: &JsonPath<'_>) -> Result<Option<Self>, BadRequest> {
        self.take(name).map(|raw| Self::read(raw, &path.field(name))).transpose()
    }

    /// Takes a list of objects out; empty if there is none.
    pub(crate) fn objects(&mut self, name: &str, path: &JsonPath<'_>) -> Result<Vec<Self>, BadRequest> {
        let list = self.take(name).map(|raw| objects(raw, &path.field(name))).transpose()?;
        Ok(list.unwrap_or_default())
    }

    /// Returns the names of the fields that were not taken and are not `null`.
    pub(crate) fn into_remaining_names(self) -> impl Iterator<Item = Text<'a>> {
        self.fields.into_iter().filter(|(_, raw)| raw.get() != "null").map(|(name, _)| name)
    }

    fn checked(
        &mut self,
        name: &str,
        path: &JsonPath<'_>,
        right: impl Fn(&RawValue) -> bool,
        complaint: &str,
    ) -> Result<Option<&'a RawValue>, BadRequest> {
        match self.take(name) {
            Some(raw) if !right(raw) => Err(path.field(name).error(complaint)),
            taken => Ok(taken),
        }
    }
}

/// Returns whether the value is a string.
pub(crate) fn is_string(raw: &RawValue) -> bool {
    raw.get().starts_with('"')
}

/// Decodes the string `raw`.
pub(crate) fn text<'a>(raw: &'a RawValue, path: &JsonPath<'_>) -> Result<Text<'a>, BadRequest> {
    serde_json::from_str(raw.get()).map_err(|_| path.error("This must be a string."))
}

/// Parses `raw` as a list of objects. Only when that fails, the element that is not an object is searched for.
pub(crate) fn objects<'a>(raw: &'a RawValue, path: &JsonPath<'_>) -> Result<Vec<Object<'a>>, BadRequest> {
    serde_json::from_str(raw.get()).map_err(|_| {
        let (mut index, mut wrong) = (0, None);
        let listed = visit_elements(raw.get(), |element| {
            if wrong.is_none() && !element.get().starts_with('{') {
                wrong = Some(index);
            }
            index += 1;
        });
        match listed {
            Ok(()) => path.index(wrong.unwrap_or_default()).error("This must be an object."),
            Err(_) => path.error("This must be a list of objects."),
        }
    })
}
