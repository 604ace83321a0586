//! A Responses request as a Chat Completions request, for providers that have nothing else.

mod content;
mod message;
mod messages;
mod results;
mod tools;
pub(crate) mod translate;
