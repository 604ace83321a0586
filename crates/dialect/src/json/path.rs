//! The path of a value in a request, for error messages.

use std::fmt;

use crate::error::BadRequest;

/// The path of a value in a request, such as `messages[2].content[0]`.
///
/// A chain of borrowed steps on the stack: its text is made for an error only.
#[derive(Debug, Clone, Copy)]
pub(crate) enum JsonPath<'p> {
    /// The request itself.
    Root,
    /// A field of an object.
    Field(&'p JsonPath<'p>, &'p str),
    /// An element of a list.
    Index(&'p JsonPath<'p>, usize),
}

impl<'p> JsonPath<'p> {
    /// Returns the path of a field of the request itself.
    pub(crate) fn root(name: &'p str) -> Self {
        Self::Field(&JsonPath::Root, name)
    }

    /// Returns the path of a field of this object.
    pub(crate) fn field(&'p self, name: &'p str) -> Self {
        Self::Field(self, name)
    }

    /// Returns the path of an element of this list.
    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// Returns an error about this value. The path is its `param`, as in `OpenAI`'s errors.
    pub(crate) fn error(&self, message: impl Into<String>) -> BadRequest {
        match self {
            Self::Root => BadRequest::new(message),
            Self::Field(..) | Self::Index(..) => BadRequest::at(self.to_string(), message),
        }
    }

    /// Returns an error whose message begins with the path, as in Anthropic's errors, which have no `param`.
    pub(crate) fn error_with_path(&self, message: &str) -> BadRequest {
        BadRequest::at(self.to_string(), format!("{self}: {message}"))
    }
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(JsonPath::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
