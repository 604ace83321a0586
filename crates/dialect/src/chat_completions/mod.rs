//! The Chat Completions API: what asking one question needs, and the crossings to the hub and from it.

mod answer;
mod call;
mod chunk;
mod effort;
mod fields;
mod reply;
mod request;
mod stop;
mod to_input;
mod to_parts;
mod to_responses;
mod to_tools;
mod whole;
mod writer;

pub use reply::ReplyReader;
pub use request::Question;
pub use to_responses::to_responses;
pub use whole::whole;
pub use writer::Writer;

pub use crate::responses::openai_error;
