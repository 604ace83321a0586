//! A Responses request as a Chat Completions request, for providers that have nothing else.

mod content;
mod messages;
mod tools;
pub(crate) mod translate;
