//! A Messages request as a Responses request.

mod content;
mod dropped;
mod input;
pub(crate) mod parse;
mod reasoning;
mod schema;
pub(crate) mod tool_names;
mod tools;
pub(crate) mod translate;
pub(crate) mod types;
