//! A caller's Chat Completions request as a Responses request.

mod content;
mod input;
mod input_item;
mod tools;
pub(crate) mod translate;
