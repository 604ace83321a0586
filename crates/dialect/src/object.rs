//! A request read object by object and field by field: a mistake is named by its path, values are carried byte for
//! byte, and what nobody took is known in the end.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::crossing::BadRequest;
use crate::json::Text;
use crate::members::Members;

/// Most characters of a caller's own word that is repeated in `x-usher-dropped`.
const LONGEST_NAME: usize = 64;

/// Most names that are told: a header has to stay a header, whatever the caller invents.
const MOST_NAMES: usize = 64;

/// Most fields of an object that is taken apart here; each is looked for among all.
const MOST_FIELDS: usize = 1000;

/// Where a value stands in the request. A list of borrowed steps: its text is made for a mistake only.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    /// The request itself.
    Root,
    /// A field of an object.
    Field(&'p Path<'p>, &'p str),
    /// An element of a list.
    At(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// A field of this object.
    pub(crate) fn field(&'p self, name: &'p str) -> Self {
        Self::Field(self, name)
    }

    /// An element of this list.
    pub(crate) fn at(&'p self, index: usize) -> Self {
        Self::At(self, index)
    }

    /// That what stands here will not do.
    pub(crate) fn bad(&self, message: impl Into<String>) -> BadRequest {
        match self {
            Self::Root => BadRequest::whole(message),
            Self::Field(..) | Self::At(..) => BadRequest::at(self.to_string(), message),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::At(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

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
                let mut fields = Vec::with_capacity(8);
                while let Some(field) = map.next_entry()? {
                    if fields.len() == MOST_FIELDS {
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
    /// A request.
    pub(crate) fn of(request: &'a Members<'_>) -> Self {
        Self { fields: request.iter().map(|(name, value)| (name.into(), value.as_value())).collect() }
    }

    /// An object with one field.
    pub(crate) fn one(name: &'static str, value: &'a RawValue) -> Self {
        Self { fields: vec![(name.into(), value)] }
    }

    /// The object that `raw` is.
    pub(crate) fn read(raw: &'a RawValue, path: &Path<'_>) -> Result<Self, BadRequest> {
        serde_json::from_str(raw.get()).map_err(|_| path.bad("This must be an object."))
    }

    /// Takes a field out; `null` is as good as absent, and a field that is there twice counts once.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let mut found = None;
        while let Some(place) = self.fields.iter().rposition(|(field, _)| **field == *name) {
            // The last one counts, as it does in `Members`.
            found = found.or(Some(self.fields.remove(place).1));
        }
        found.filter(|raw| raw.get() != "null")
    }

    /// Whether a field is this plain word, which stays where it is.
    pub(crate) fn is(&self, name: &str, word: &str) -> bool {
        let quoted = |raw: &RawValue| {
            raw.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(word)
        };
        self.fields.iter().any(|(field, raw)| **field == *name && quoted(raw))
    }

    /// A string, still in its quotes and escapes.
    pub(crate) fn string(&mut self, name: &str, path: &Path<'_>) -> Result<Option<&'a RawValue>, BadRequest> {
        self.checked(name, path, is_string, "This must be a string.")
    }

    /// A string, read.
    pub(crate) fn text(&mut self, name: &str, path: &Path<'_>) -> Result<Option<Text<'a>>, BadRequest> {
        self.take(name).map(|raw| text(raw, &path.field(name))).transpose()
    }

    /// A string that has to be there.
    pub(crate) fn required(&mut self, name: &str, path: &Path<'_>) -> Result<&'a RawValue, BadRequest> {
        self.string(name, path)?.ok_or_else(|| path.field(name).bad("This is required."))
    }

    /// A number, as it stands.
    pub(crate) fn number(&mut self, name: &str, path: &Path<'_>) -> Result<Option<&'a RawValue>, BadRequest> {
        let is_number = |raw: &RawValue| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        self.checked(name, path, is_number, "This must be a number.")
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str, path: &Path<'_>) -> Result<Option<bool>, BadRequest> {
        let read = |raw: &RawValue| match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(path.field(name).bad("This must be true or false.")),
        };
        self.take(name).map(read).transpose()
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str, path: &Path<'_>) -> Result<Option<Self>, BadRequest> {
        self.take(name).map(|raw| Self::read(raw, &path.field(name))).transpose()
    }

    /// A list of objects; an empty one when there is none.
    pub(crate) fn objects(&mut self, name: &str, path: &Path<'_>) -> Result<Vec<Self>, BadRequest> {
        let list = self.take(name).map(|raw| objects(raw, &path.field(name))).transpose()?;
        Ok(list.unwrap_or_default())
    }

    /// The fields that nobody took and that say something.
    pub(crate) fn rest(self) -> impl Iterator<Item = (Text<'a>, &'a RawValue)> {
        self.fields.into_iter().filter(|(_, raw)| raw.get() != "null")
    }

    fn checked(
        &mut self,
        name: &str,
        path: &Path<'_>,
        right: impl Fn(&RawValue) -> bool,
        complaint: &str,
    ) -> Result<Option<&'a RawValue>, BadRequest> {
        match self.take(name) {
            Some(raw) if !right(raw) => Err(path.field(name).bad(complaint)),
            taken => Ok(taken),
        }
    }
}

/// Whether the value is a string.
pub(crate) fn is_string(raw: &RawValue) -> bool {
    raw.get().starts_with('"')
}

/// The string that `raw` is.
pub(crate) fn text<'a>(raw: &'a RawValue, path: &Path<'_>) -> Result<Text<'a>, BadRequest> {
    serde_json::from_str(raw.get()).map_err(|_| path.bad("This must be a string."))
}

/// The objects that `raw` is a list of. Which element is none is looked for only when one is.
pub(crate) fn objects<'a>(raw: &'a RawValue, path: &Path<'_>) -> Result<Vec<Object<'a>>, BadRequest> {
    serde_json::from_str(raw.get()).map_err(|_| match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(elements) => {
            let wrong = elements.iter().position(|element| !element.get().starts_with('{'));
            path.at(wrong.unwrap_or_default()).bad("This must be an object.")
        }
        Err(_) => path.bad("This must be a list of objects."),
    })
}

/// Names of what could not be carried.
#[derive(Default)]
pub(crate) struct Dropped(BTreeSet<Cow<'static, str>>);

impl Dropped {
    /// Something that has a name of its own.
    pub(crate) fn name(&mut self, name: &'static str) {
        self.0.insert(Cow::Borrowed(name));
    }

    /// A word of the caller's, after `prefix`. Told only where it is a word: it goes into a header.
    pub(crate) fn word(&mut self, prefix: &str, word: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let told = !word.is_empty() && word.len() <= LONGEST_NAME && word.chars().all(plain);
        if self.0.len() < MOST_NAMES {
            self.0.insert(format!("{prefix}{}", if told { word } else { "?" }).into());
        }
    }

    /// All fields that are left over in `object`.
    pub(crate) fn rest_of(&mut self, prefix: &str, object: Object<'_>) {
        for (name, _) in object.rest() {
            self.word(prefix, &name);
        }
    }

    /// Sorted, each once.
    pub(crate) fn into_names(self) -> Vec<Cow<'static, str>> {
        self.0.into_iter().collect()
    }
}
