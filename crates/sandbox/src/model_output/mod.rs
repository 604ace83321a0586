//! The output of the sandbox "model". Words in the request decide; README.md lists them.

mod content;
pub(crate) mod encrypted_reasoning;
mod item;
mod output;
mod prompt;

pub(crate) use content::Content;
pub(crate) use output::{EventFormat, ModelOutput, sse_event};
pub(crate) use prompt::Prompt;
